"""Which manifests make one service: each alone, but Models that exactly one Experiment or Pipeline names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator import platforms
from generator.convert import kserve, kserve_graph, seldon_core_1, seldon_core_2
from generator.convert.draft import Draft
from generator.convert.parts import Source
from generator.convert.target import OWN, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from generator.convert.parts import Part
    from generator.reading.documents import Document, Path

READABLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "InferenceService": ("serving.kserve.io/v1beta1", "serving.kubeflow.org/v1beta1"),
        "InferenceGraph": ("serving.kserve.io/v1alpha1",),
        "SeldonDeployment": tuple(f"machinelearning.seldon.io/{each}" for each in ("v1", "v1alpha2", "v1alpha3")),
        "Model": ("mlops.seldon.io/v1alpha1",),
        "Experiment": ("mlops.seldon.io/v1alpha1",),
        "Pipeline": ("mlops.seldon.io/v1alpha1",),
    }
)
"""Kinds that are services, and the versions that are read."""


def convertible(document: Document) -> bool:
    """Whether a document is a service that can be read."""
    return document.api_version in READABLE.get(document.kind, ())


@dataclass(frozen=True)
class Group:
    """Manifests that make one service.

    Attributes:
        main: That which gives the name.
        models: Models that become its variants, by name.
    """

    main: Document
    models: Mapping[str, Document]

    @property
    def documents(self) -> tuple[Document, ...]:
        """All of them."""
        return (self.main, *self.models.values())

    def draft(self, target: Target) -> Draft:
        """What the manifests say."""
        main = Source(self.main)
        models = {name: Source(document) for name, document in self.models.items()}
        draft = Draft((main, *models.values()))
        draft.put(("apiVersion",), "serinus/v1")
        draft.put(("kind",), "ModelService")
        draft.put(("platform", "kind"), target.kind)
        draft.put(("platform", "version"), target.version or None)
        self._read(draft, main.root, lambda name: models[name].root if name in models else None)
        if target.kind != OWN[self.main.kind]:
            _elsewhere(draft, target.kind)
        return draft

    def _read(self, draft: Draft, root: Part, find: Callable[[str], Part | None]) -> None:
        match self.main.kind:
            case "InferenceService":
                kserve.read(draft, root)
            case "InferenceGraph":
                kserve_graph.read(draft, root)
            case "SeldonDeployment":
                seldon_core_1.read(draft, root)
            case "Model":
                seldon_core_2.read_model(draft, root)
            case "Experiment":
                seldon_core_2.read_experiment(draft, root, find)
            case _:
                seldon_core_2.read_pipeline(draft, root, find)


def _elsewhere(draft: Draft, kind: str) -> None:
    """What holds for the manifest's own platform alone goes out where the file is for another one.

    A server's release does, where the manifest leaves it to its platform or the other one runs another server. Whether
    the other one has the server and speaks the protocol, it says itself (``settle``).
    """
    draft.comments.clear()
    platform = draft.data["platform"]
    modes = platforms.platforms()[kind].modes
    platform.pop("mode", None)
    if len(modes) > 1:
        platform["mode"] = modes[0]
    for at in [("model",), *(("variants", index) for index in range(len(draft.data.get("variants", []))))]:
        if draft.get(*at, "modelFormat") is not None:
            for key in ("modelFormat", "runtime"):
                if draft.get(*at, key) is not None:
                    draft.lose((*at, key), "it is a server of the platform's own cluster, by that one's name")
        if draft.get(*at, "runtimeVersion") is not None and not _runs_there(draft, at, kind):
            draft.lose((*at, "runtimeVersion"), "it is the release that the other platform runs")


def _runs_there(draft: Draft, at: Path, kind: str) -> bool:
    """Whether a release that the manifest asks for is one of a server that another platform runs too, by its image."""
    asked = any(part.key == "runtimeVersion" and part.there for part in draft.origins.get((*at, "runtimeVersion"), ()))
    model_format, runtime = (draft.get(*at, key) or draft.get("model", key) for key in ("format", "runtime"))
    server = platforms.platforms()[kind].servers.get(str(model_format), {}).get(str(runtime))
    return asked and server is not None and bool(server.newest)


def groups(documents: Sequence[Document]) -> Iterator[Group]:
    """The services, in the order of the documents."""
    mine = [document for document in documents if convertible(document)]
    models = _unique([document for document in mine if document.kind == "Model"])
    users = [document for document in mine if document.kind in ("Experiment", "Pipeline")]
    named = Counter((user.namespace, name) for user in users for name in _names(user))
    absorbed: set[int] = set()
    members: dict[int, dict[str, Document]] = {}
    for user in users:
        names = _names(user)
        found = {name: models[user.namespace, name] for name in names if (user.namespace, name) in models}
        alone = all(named[user.namespace, name] == 1 for name in names)
        if names and len(found) == len(names) and alone:
            members[id(user)] = found
            absorbed |= {id(document) for document in found.values()}
    for document in mine:
        if id(document) not in absorbed:
            yield Group(document, members.get(id(document), {}))


def _unique(models: Sequence[Document]) -> dict[tuple[str, str], Document]:
    """Models by namespace and name, without those of which there are several."""
    count = Counter((model.namespace, model.name) for model in models)
    return {(model.namespace, model.name): model for model in models if count[model.namespace, model.name] == 1}


def _names(user: Document) -> tuple[str, ...]:
    """The Models that an Experiment or a Pipeline names."""
    spec = user.data.get("spec")
    if not isinstance(spec, dict) or spec.get("resourceType") == "pipeline":
        return ()
    listed: Any = spec.get("candidates") if user.kind == "Experiment" else spec.get("steps")
    entries = [*(listed if isinstance(listed, list) else ()), spec.get("mirror") if user.kind == "Experiment" else None]
    names = [entry.get("name") for entry in entries if isinstance(entry, dict)]
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))
