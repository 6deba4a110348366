"""How an InferenceService is run: by Deployments, by Knative, or by ModelMesh.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/utils/utils.go, ``GetDeploymentMode``.
"""

from __future__ import annotations

ANNOTATION = "serving.kserve.io/deploymentMode"
STANDARD, KNATIVE, MODELMESH = "Standard", "Knative", "ModelMesh"
NEW_NAMES = {"RawDeployment": STANDARD, "Serverless": KNATIVE}
"""The modes' names up to 0.15 and what they became; every release knows these."""


def said(value: object) -> str | None:
    """The mode that an annotation names, by its new name; None where it names none, so that the ConfigMap decides.

    Names are case-sensitive, and what isn't one is as good as nothing.
    """
    if not isinstance(value, str):
        return None
    found = NEW_NAMES.get(value, value)
    return found if found in (STANDARD, KNATIVE, MODELMESH) else None
