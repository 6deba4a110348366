"""The hosts and paths under which KServe's routes answer, by the templates of its ConfigMap.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/reconcilers/ingress: domain.go, path.go; the defaults of
pkg/apis/serving/v1beta1/configmap.go (``NewIngressConfig``); the same since v0.15.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.gotemplate import TemplateError, filled
from generator.outcome.kserve.values import words
from generator.outcome.part import Part, plain

if TYPE_CHECKING:
    from typing import Any

    from generator.outcome.kserve.config import Settings
    from generator.outcome.part import Tree

SECTION = "ingress"
CLUSTER_DOMAIN = "svc.cluster.local"
UNSAID_NAMESPACE = "default"
"""What stands in a host where the set leaves open where the service lands: kubectl's own default."""
_DOMAIN = "example.com"
_TEMPLATE = "{{ .Name }}-{{ .Namespace }}.{{ .IngressDomain }}"


def domain(settings: Settings) -> str:
    """The domain of hosts that are reached from outside."""
    return settings.text(SECTION, "ingressDomain") or _DOMAIN


def namespace_of(root: Part) -> str:
    """The namespace as it stands in hosts."""
    return root.text("metadata", "namespace") or UNSAID_NAMESPACE


def host(name: str, root: Part, settings: Settings) -> Part | None:
    """The host of a Service or an InferenceService; None where the ConfigMap's template makes none.

    Args:
        name: The name that the template takes.
        root: The InferenceService, whose namespace, labels and annotations it takes too.
        settings: Where the template stands.
    """
    template = settings.text(SECTION, "domainTemplate") or _TEMPLATE

    def lookup(names: tuple[str, ...]) -> Any:
        first, *rest = names
        value: Any = {
            "Name": name,
            "Namespace": namespace_of(root),
            "IngressDomain": domain(settings),
            "Annotations": root.get("metadata", "annotations"),
            "Labels": root.get("metadata", "labels"),
        }[first]
        value = plain(value) or {} if first in ("Annotations", "Labels") else value
        for step in rest:
            value = value.get(step)
        return value

    try:
        return Part(filled(template, lookup), settings.here(SECTION))
    except (TemplateError, AttributeError):
        return None


def path(root: Part, settings: Settings) -> str:
    """The path under which the service answers on the domain itself, without a last slash; empty for none."""
    template = settings.text(SECTION, "pathTemplate")
    values = {"Name": root.text("metadata", "name"), "Namespace": namespace_of(root)}
    try:
        return filled(template, lambda names: values[".".join(names)]).removesuffix("/")
    except TemplateError:
        return ""


def additional(top: Part, settings: Settings) -> list[Part]:
    """The same host under each of ``additionalIngressDomains``, each once."""
    more = settings.value(SECTION, "additionalIngressDomains")
    first = words(top).removesuffix(domain(settings))
    if not isinstance(more, list) or not first or first == words(top):
        return []
    found = dict.fromkeys(first + each for each in more if isinstance(each, str))
    return [Part(each, top.origin) for each in found if each != words(top)]


def inside(name: str, root: Part) -> str:
    """The name of a Service within the cluster."""
    return within(name, namespace_of(root))


def within(name: str, namespace: str) -> str:
    """The same where the namespace is known."""
    return f"{name}.{namespace}.{CLUSTER_DOMAIN}"


def setting(settings: Settings, name: str) -> Tree:
    """One of the ingress settings with its origin; None where it isn't said."""
    return settings.part(SECTION, name)
