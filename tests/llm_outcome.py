"""LLMInferenceServices as the tests of what becomes of them write and read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from generator.outcome.kserve.llm_inference_service import MAKER
from generator.outcome.part import Part
from generator.reading.documents import Document
from generator.schemas.kinds import LLM_CONFIG as CONFIG
from outcome_components import V0_20

if TYPE_CHECKING:
    from generator.outcome.child import Child, Outcome
    from generator.outcome.given import Given
    from generator.schemas.versions import Version

MODEL = "model: {uri: hf://a/b, name: a/b}"
SCHEDULED = f"{MODEL}, router: {{scheduler: {{}}, route: {{}}}}"


def outcome(spec: str, release: Version = V0_20, given: Given | None = None, **metadata: Any) -> Outcome:
    """What becomes of a service ``chat`` in ``models``."""
    fields = {"name": "chat", "namespace": "models", **metadata}
    document = Document({"metadata": fields, "spec": yaml.safe_load(f"{{{spec}}}")}, "llm.yaml")
    return MAKER.make(Part.of(document), given or {}, release)


def configs(**specs: str) -> Given:
    """A set of LLMInferenceServiceConfigs."""
    every = {name.replace("_", "-"): yaml.safe_load(f"{{{text}}}") for name, text in specs.items()}
    return {
        CONFIG: [
            Document({"metadata": {"name": name, "namespace": "models"}, "spec": spec}, f"{name}.yaml")
            for name, spec in every.items()
        ]
    }


def one(found: Outcome, kind: str, name: str | None = None) -> Child:
    """The one child of a kind, or of a kind and a name."""
    (child,) = [each for each in found.children if each.kind.kind == kind and name in (None, each.name)]
    return child


def pod(found: Outcome, name: str = "chat-kserve") -> dict[str, Any]:
    """The pods of a Deployment."""
    return one(found, "Deployment", name).data["spec"]["template"]["spec"]


def container(of: dict[str, Any], name: str = "main", kind: str = "containers") -> dict[str, Any]:
    """The one container of a name."""
    (found,) = [each for each in of[kind] if each["name"] == name]
    return found
