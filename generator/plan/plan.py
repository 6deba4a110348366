"""Service + lock + environment -> Plan: which model gets which share of the traffic, told without any platform."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.plan import lock
from generator.plan.traffic import Rule, Traffic
from generator.service import AB, Bandit, BlueGreen, Canary, Chain, Ensemble, Graph, Rolling, Shadow, Switch
from generator.service.splits import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.plan.lock import Lock, Pin
    from generator.service import Resources, Service, Variant
    from generator.service.strategy import Kind


class Role(Enum):
    """What a variant is to its strategy."""

    STABLE = "stable"
    CANARY = "canary"
    ARM = "arm"
    SHADOW = "shadow"
    ACTIVE = "active"
    PREVIEW = "preview"
    NODE = "node"


@dataclass(frozen=True)
class Files:
    """Where a variant's model lies, and what is known of it.

    Attributes:
        id: Short and of its content: ``r3`` for release 3, ``u`` and 8 digits of a hash for a uri; it goes into names.
        base: The URL of the release's folder, which holds one folder per layout; for a uri the uri itself; empty where
            the container brings the model.
        version: The release's number; None for what is no release.
        digest: The release's, ``sha256:…``; None as before.
        layouts: The layouts that the release holds, each with the format in it; None where nobody knows.
        runtimes: The oldest release of a server that loads the files, by layout.
        written_by: What wrote the files, library to version, as far as the lock file says it.
        golden: By layout, the files with which its model is asked and warmed up, from the layout's folder.
        name: The name under which the layout holds the model (the folder of a Triton repository).
        deployed: The object that serves it already, so that nothing is rendered for it; empty for most.
        images: Layout to its image by digest, ``oci://…``, where pods shall have that instead of the files.
    """

    id: str
    base: str
    version: int | None = None
    digest: str | None = None
    layouts: Mapping[str, str] | None = None
    runtimes: Mapping[str, str] = field(default_factory=dict)
    written_by: Mapping[str, str] = field(default_factory=dict)
    golden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    name: str = ""
    deployed: str = ""
    images: Mapping[str, str] = field(default_factory=dict)

    def uri(self, layout: str) -> str:
        """What pods read for a layout."""
        files = f"{self.base}/{layout}" if self.layouts is not None else self.base
        return self.images.get(layout, files)


@dataclass(frozen=True)
class Share:
    """A variant, its model, and the traffic that reaches it.

    Attributes:
        variant: The variant's name in the service file.
        role: What it is to the strategy.
        files: Its model.
        percent: Its share of what no rule takes; those of a plan sum to 100, but in a graph of models.
        replicas: Pods that always run for it.
        format: The model's format.
        runtime: The model server that is asked for, None for the platform's own.
        runtime_version: Its release, None for the newest known.
        resources: What its container asks for.
        container: Fields of its container, in Kubernetes' own words.
        pod: Fields of its pods, likewise.
        model_format: The format as a runtime of the cluster's own calls it, whose name ``runtime`` is then; None for
            the runtimes that the platform brings.
        object: The name that its predictor or Model has to have, None for the platform's own.
    """

    variant: str
    role: Role
    files: Files
    percent: Fraction
    replicas: int
    format: str
    runtime: str | None
    runtime_version: str | None
    resources: Resources
    container: Mapping[str, Any]
    pod: Mapping[str, Any]
    model_format: str | None = None
    object: str | None = None


@dataclass(frozen=True)
class Plan:
    """What is to be served, and how traffic is shared.

    Attributes:
        service: The service, with its environment applied.
        shares: One a variant, the stable or active one first, else in the strategy's order.
        traffic: Who gets which requests.
        notes: What the person who renders should know, a sentence each.
        promoted: The canary whose release the stable one has now too, so that there is nothing to split. Its model is
            loaded already: a platform that loads the stable one anew can let it serve meanwhile. At step 0 it is gone.
    """

    service: Service
    shares: tuple[Share, ...]
    traffic: Traffic
    notes: tuple[str, ...] = ()
    promoted: Share | None = None

    @property
    def stable(self) -> Share:
        """The variant that serves today."""
        return self.shares[0]

    @property
    def canary(self) -> Share | None:
        """The variant that is tried, if one is."""
        return next((share for share in self.shares if share.role is Role.CANARY), None)

    @property
    def shadow(self) -> Share | None:
        """The variant that gets copies, if one does."""
        return next((share for share in self.shares if share.role is Role.SHADOW), None)

    def share(self, variant: str) -> Share:
        """A variant's share."""
        return next(share for share in self.shares if share.variant == variant)


def plan(service: Service, locked: Lock) -> Plan:
    """Resolve a service's variants and shares.

    Args:
        service: The service.
        locked: The lock file's content.

    Raises:
        InputError: A variant isn't pinned.
    """
    chosen = service.strategy.chosen
    return _PLANS[type(chosen)](_Maker(service, lock.pins_of(service, locked)), chosen)


@dataclass(frozen=True)
class _Maker:
    """Makes the shares of one service."""

    service: Service
    pins: Mapping[str, Pin]

    def files(self, variant: Variant) -> Files:
        """A variant's model."""
        pin = self.pins.get(variant.name)
        if pin is None:
            seed = variant.uri or variant.deployed or _seed(variant)
            digits = hashlib.sha256(seed.encode()).hexdigest()[:8]
            name = self.service.model_name
            return Files(f"u{digits}", variant.uri or "", name=name, deployed=variant.deployed or "")
        return Files(
            f"r{pin.version}",
            f"{self.service.releases.url.rstrip('/')}/{pin.path}",
            version=pin.version,
            digest=pin.digest,
            layouts={layout: pin.formats.get(layout, pin.format) for layout in pin.layouts},
            runtimes=pin.runtimes,
            written_by=pin.written_by,
            golden=pin.golden,
            name=variant.service or self.service.model_name,
            images=self.service.releases.images(pin.owner, pin.images),
        )

    def share(self, name: str, role: Role, percent: Fraction | int, replicas: int | None = None) -> Share:
        """A variant's share; without ``replicas`` it gets the service's."""
        variant, model = self.service.variant(name), self.service.model
        other = variant.format or variant.model_format  # what runs the model's format doesn't run this one
        return Share(
            variant=name,
            role=role,
            files=self.files(variant),
            percent=Fraction(percent),
            replicas=self.service.replicas.min if replicas is None else replicas,
            format=variant.format or model.format,
            runtime=variant.runtime or (model.runtime if not other else None),
            runtime_version=variant.runtime_version or (None if variant.runtime or other else model.runtime_version),
            resources=variant.resources or self.service.resources,
            container={**self.service.container, **variant.container},
            pod={**self.service.pod, **variant.pod},
            model_format=variant.model_format or (None if variant.format else model.model_format),
            object=variant.object,
        )

    def beside(self, wanted: int | None) -> int:
        """Pods of a variant beside the stable one: at least one, or there is nothing to try."""
        return wanted if wanted is not None else max(self.service.replicas.min, 1)

    def alone(self, name: str, role: Role, *notes: str) -> Plan:
        """All traffic to one variant."""
        only = self.share(name, role, WHOLE)
        return Plan(self.service, (only,), Traffic({name: only.percent}), notes)


def _seed(variant: Variant) -> str:
    """What tells a model without an address from others."""
    image = f"{variant.name} {variant.container.get('image')}"
    return f"{image} {variant.storage.mapping}" if variant.storage else image


def _rolling(make: _Maker, rolling: Rolling) -> Plan:
    return make.alone(rolling.variant or make.service.variants[0].name, Role.STABLE)


def _canary(make: _Maker, canary: Canary) -> Plan:
    one, other = make.service.variant(canary.stable), make.service.variant(canary.variant)
    stable = make.files(one)
    by_address = one.uri and dataclasses.replace(one, name=other.name) == other
    if by_address or (stable.digest and stable.digest == make.files(other).digest):
        what = f"release {stable.version}" if stable.digest else f"of {one.uri}"
        note = (
            f"{make.service.name}: '{canary.stable}' and '{canary.variant}' are both {what}, "
            "so there is nothing to split: the stable one is rendered alone."
        )
        promoted = make.share(canary.variant, Role.CANARY, WHOLE, make.beside(canary.replicas))
        alone = make.alone(canary.stable, Role.STABLE, note)
        return dataclasses.replace(alone, promoted=promoted if canary.step else None)
    beside = sum(each.percent for each in canary.alongside)
    shares = (
        make.share(canary.stable, Role.STABLE, WHOLE - canary.percent - beside),
        make.share(canary.variant, Role.CANARY, canary.percent, make.beside(canary.replicas)),
        *(make.share(each.variant, Role.CANARY, each.percent, make.beside(each.replicas)) for each in canary.alongside),
    )
    return Plan(make.service, shares, Traffic({share.variant: share.percent for share in shares}))


def _ab(make: _Maker, test: AB) -> Plan:
    total = sum(test.split.values(), Fraction())
    split = {name: percent * WHOLE / total for name, percent in test.split.items()}
    if test.default:
        split = {test.default: Fraction(WHOLE)}
    names = dict.fromkeys([*split, *(each.variant for each in test.match)])
    shares = tuple(
        make.share(name, Role.ARM, split.get(name, Fraction()), make.beside(None) if index else None)
        for index, name in enumerate(names)
    )
    rules = tuple(Rule(each.variant, each.headers, each.cookies) for each in test.match)
    return Plan(make.service, shares, Traffic(split, rules, sticky=test.sticky))


def _shadow(make: _Maker, shadow: Shadow) -> Plan:
    shares = (
        make.share(shadow.stable, Role.STABLE, WHOLE),
        make.share(shadow.variant, Role.SHADOW, 0, make.beside(shadow.replicas)),
    )
    traffic = Traffic({shadow.stable: Fraction(WHOLE)}, mirror=(shadow.variant, shadow.percent))
    return Plan(make.service, shares, traffic)


def _blue_green(make: _Maker, pair: BlueGreen) -> Plan:
    shares = (make.share(pair.active, Role.ACTIVE, WHOLE), make.share(pair.preview, Role.PREVIEW, 0))
    preview = (pair.host, pair.preview) if pair.host else None
    return Plan(make.service, shares, Traffic({pair.active: Fraction(WHOLE)}, preview=preview))


def _graph(make: _Maker, graph: Kind) -> Plan:
    """Every variant is a node; the graph itself shares nothing out."""
    names = dict.fromkeys(name for _, name in graph.names())
    return Plan(make.service, tuple(make.share(name, Role.NODE, 0) for name in names), Traffic({}))


_PLANS: Mapping[type, Callable[[_Maker, Any], Plan]] = MappingProxyType(
    {
        Rolling: _rolling,
        Canary: _canary,
        AB: _ab,
        Shadow: _shadow,
        BlueGreen: _blue_green,
        Bandit: _graph,
        Ensemble: _graph,
        Chain: _graph,
        Switch: _graph,
        Graph: _graph,
    }
)
