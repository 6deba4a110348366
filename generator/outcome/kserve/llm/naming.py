"""The names and labels of what KServe makes of an LLMInferenceService.

knative.dev/pkg, kmeta/names.go (``ChildName``); kserve/kserve v0.20.0, pkg/constants/constants.go and
pkg/controller/v1alpha2/llmisvc; the same since v0.16.0.
"""

from __future__ import annotations

import hashlib
import re

_LONGEST, _HASH = 63, 32
_HEAD = _LONGEST - _HASH

COMPONENT, NAME, PART_OF = "app.kubernetes.io/component", "app.kubernetes.io/name", "app.kubernetes.io/part-of"
WORKLOAD, ROLE = "kserve.io/component", "llm-d.ai/role"
OURS = "llminferenceservice"

MAIN, PREFILL = "-kserve", "-kserve-prefill"
NODES, PREFILL_NODES = "-kserve-mn", "-kserve-mn-prefill"
SERVICE, CERTIFICATES, ROUTE = "-kserve-workload-svc", "-kserve-self-signed-certs", "-kserve-route"
SCHEDULER, SCHEDULER_SERVICE, SCHEDULER_ACCOUNT = "-kserve-router-scheduler", "-epp-service", "-epp-sa"
POOL, MODEL, TOKENIZER = "-inference-pool", "-inference-model", "-tokenizer"


def child_name(parent: str, suffix: str) -> str:
    """The name of a child: the parent's and a suffix, shortened by a hash where Kubernetes has no room for it."""
    if len(parent) <= _LONGEST - len(suffix):
        return parent + suffix
    if len(suffix) < _HEAD:
        return parent[: _HEAD - len(suffix)] + _md5(parent) + suffix
    found = parent[:_HEAD] + _md5(parent + suffix)
    found += suffix[: _LONGEST - len(found)]
    return re.sub(r"[^a-zA-Z0-9]+\Z", "", found)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def labels(name: str, component: str) -> dict[str, str]:
    """The labels of a child, by which its part of the service is found.

    Args:
        name: The LLMInferenceService's.
        component: Such as ``workload``.
    """
    return {COMPONENT: f"{OURS}-{component}", NAME: name, PART_OF: OURS}


def serving(name: str) -> dict[str, str]:
    """The labels of the pods that answer requests, by which the Service and the InferencePool find them."""
    return {PART_OF: OURS, NAME: name, WORKLOAD: "workload"}
