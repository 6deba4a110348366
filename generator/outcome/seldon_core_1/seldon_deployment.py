"""What becomes of a SeldonDeployment: Deployments, Services, what scales them, and Istio's routes.

seldondeployment_controller.go, ``createComponents``. Its operator gives up a SeldonDeployment that its webhook would
refuse; of such a one that is told which can be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome import Child, Gap, Maker, Outcome, Part
from generator.outcome.seldon_core_1 import container, executor, explainer, names, prepacked, routes, scaling
from generator.outcome.seldon_core_1.deployment import deployment, explained, label, label_by, secure, type_labels
from generator.outcome.seldon_core_1.predictor import Pods, Predictor, predictors, separate
from generator.outcome.seldon_core_1.settings import settings as settings_of
from generator.outcome.seldon_core_1.values import name_of
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome import Given
    from generator.outcome.part import Tree
    from generator.outcome.seldon_core_1.routes import Ports
    from generator.outcome.seldon_core_1.settings import Settings
    from generator.schemas.versions import Version

NO_ENGINE, HEADLESS = "seldon.io/no-engine", "seldon.io/headless-svc"
ISTIO = (
    "whether the operator writes Istio's routes is a setting of its own (istio.enabled of its chart); they are shown "
    "as if it did"
)
ACCOUNT = "the Secrets of the ServiceAccount, which the model initializer gets too, aren't followed"


def make(root: Part, given: Given, release: Version) -> Outcome:
    """The children of a SeldonDeployment."""
    settings = settings_of(given, release)
    maker = f"Seldon Core {release}"
    trees: list[Tree] = []
    reached: list[tuple[Predictor, Ports]] = []
    for predictor in predictors(root, settings):
        one = _Predictor(root, predictor, settings)
        trees += one.made()
        reached.append((predictor, one.ports))
    trees += routes.made(root, reached, settings)
    gaps = [Gap((), ISTIO), *_accounts([predictor for predictor, _ in reached])]
    return Outcome(tuple(Child.of(tree, maker) for tree in trees), tuple(gaps))


def _accounts(every: list[Predictor]) -> Iterator[Gap]:
    """The units whose credentials come by way of a ServiceAccount."""
    for predictor in every:
        for unit in predictor.units:
            account = unit.part.get("serviceAccountName")
            if account is not None and account.value:
                yield Gap(account.origin.path, ACCOUNT)


class _Predictor:
    """The children of one predictor, in the order in which the operator makes them."""

    def __init__(self, root: Part, predictor: Predictor, settings: Settings) -> None:
        self._root, self._predictor, self._settings = root, predictor, settings
        self._service = names.predictor(root.text("metadata", "name"), predictor.part)
        self._bare = predictor.part.text("annotations", NO_ENGINE).lower() == "true"
        self._services: list[Tree] = []
        self._deployments: list[Tree] = []
        self.ports: Ports = (executor.http_port(settings), executor.GRPC)

    def made(self) -> list[Tree]:
        """All of them."""
        root, predictor, settings = self._root, self._predictor, self._settings
        others: list[Tree] = []
        if separate(root) and not self._bare:
            self._deployments.append(executor.alone(root, predictor, settings))
            secure(self._deployments[-1], predictor)
        for number, pods in enumerate(predictor.pods):
            if pods.containers:
                others += self._pods(number, pods)
        for unit in predictor.units:
            found = next((each for each in self._deployments if self._holds(each, unit.name)), None)
            if unit.prepackaged and found is not None:
                prepacked.complete(root, unit, found, settings)
        if not self._bare:
            self._join()
            for made in self._deployments[separate(root) :]:
                if self._holds(made, predictor.graph):
                    secure(made, predictor)
            self._services.append(self._entry(self._service, self.ports))
        if explained(predictor):
            others += self._explained()
        return [*self._deployments, *self._services, *others]

    def _pods(self, number: int, pods: Pods) -> Iterator[Tree]:
        root, predictor, settings = self._root, self._predictor, self._settings
        named = pods.part.text("metadata", "name") if pods.part else ""
        of = named or [str(name_of(each) or "") for each in pods.containers]
        name = names.workload(root.text("metadata", "name"), predictor.name, number, of)
        made = deployment(root, predictor, settings, name, pods.part, pods.containers)
        made["spec"]["replicas"] = scaling.replicas(root, predictor, pods.part)
        self._deployments.append(made)
        for each in pods.containers:
            unit = predictor.unit(name_of(each))
            label_by(made, unit, predictor)
            if unit is None or unit.name in (executor.NAME, prepacked.PROXIED):
                continue
            self._services.append(container.service(root, predictor, unit, made))
            container.complete(root, predictor, unit, each, settings)
            if self._bare:
                label(made, {names.APP_LABEL: self._service}, selector=True)
                self.ports = unit.http, unit.grpc
                entry = self._entry(self._service, self.ports)
                entry["metadata"]["labels"].update(type_labels(unit, predictor))
                self._services.append(entry)
        return scaling.made(root, pods.part, name)

    def _holds(self, made: Tree, name: str) -> bool:
        return any(name_of(each) == name for each in made["spec"]["template"]["spec"]["containers"])

    def _join(self) -> None:
        """Put the executor beside the first unit of the graph whose pods are the first ones."""
        local = next((unit for unit in self._predictor.units if unit.local), None)
        if separate(self._root) or local is None:
            return
        held = [each for each in self._deployments if self._holds(each, local.name)]
        if held:
            executor.join(self._root, self._predictor, held[-1], self._settings)

    def _entry(self, name: str, ports: Ports) -> Tree:
        """The Service by which a predictor, or its explainer, is reached."""
        root = self._root
        headless = executor.annotation(root, HEADLESS)
        numbers = [container.port(word, number) for word, number in zip(("http", "grpc"), ports, strict=True) if number]
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {
                "name": name,
                "namespace": root.get("metadata", "namespace"),
                "labels": {
                    names.APP_LABEL: self._service,
                    names.ID_LABEL: names.fitting(root.text("metadata", "name")),
                    **names.MANAGED,
                },
                "annotations": dict(self._predictor.part.fields("annotations")),
            },
            "spec": {
                "clusterIP": "None" if headless is not None and headless.value != "false" else None,
                "selector": {names.APP_LABEL: name},
                "sessionAffinity": "None",
                "type": "ClusterIP",
                "ports": numbers,
            },
        }

    def _explained(self) -> Iterator[Tree]:
        root, predictor, settings = self._root, self._predictor, self._settings
        host = f"{self._service}.{root.text('metadata', 'namespace')}"
        endpoint = f"{host}:{self.ports[0]}", f"{host}:{self.ports[1]}"
        made, port = explainer.explainer(root, predictor, endpoint, settings)
        self._deployments.append(made)
        service = self._entry(names.explainer(root.text("metadata", "name"), predictor.name), (port, 0))
        service["metadata"]["labels"].update(type_labels(None, predictor))
        self._services.append(service)
        return routes.of_explainer(root, predictor, port, settings)


MAKER = Maker(product="seldon-core-1", kind=SELDON_DEPLOYMENT, make=make)
