"""What changes between two states, and what an apply risks on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.checks.platforms import chosen
from generator.reading.documents import Document, iterate
from generator.rollout.changes import changes
from generator.rollout.dangers import dangers
from generator.rollout.world import world
from generator.schemas import resolve

if TYPE_CHECKING:
    from collections.abc import Sequence

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: n}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  strategy: {{type: {strategy}}}
  template:
    metadata: {{labels: {{app: {name}, service: s}}}}
    spec: {{containers: [{{name: c, image: "{image}"}}]}}
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: n}}
spec: {{selector: {{{label}}}, ports: [{{port: 80}}]}}
"""
ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: r, namespace: n}}
spec: {{rules: [{{backendRefs: [{backends}]}}]}}
"""
ISTIO = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: r, namespace: n}}
spec: {{http: [{{route: [{backends}]}}]}}
"""


def deployment(name: str, replicas: int = 2, image: str = "i:1", strategy: str = "RollingUpdate") -> str:
    """A Deployment whose pods carry their own name."""
    return DEPLOYMENT.format(name=name, replicas=replicas, image=image, strategy=strategy)


def service(name: str, label: str = "") -> str:
    """A Service of the Deployment of its name."""
    return SERVICE.format(name=name, label=label or f"app: {name}")


def route(**shares: int) -> str:
    """An HTTPRoute."""
    return ROUTE.format(backends=", ".join(f"{{name: {name}, port: 80, weight: {w}}}" for name, w in shares.items()))


def istio(**shares: int) -> str:
    """A VirtualService."""
    backends = (f"{{destination: {{host: {name}.n.svc.cluster.local}}, weight: {w}}}" for name, w in shares.items())
    return ISTIO.format(backends=", ".join(backends))


def read(*texts: str) -> list[Document]:
    """The documents of a state, in the order of their apply."""
    return [one for one in iterate("---".join(texts).encode(), "f.yaml") if isinstance(one, Document)]


A, B = (deployment("a"), service("a")), (deployment("b"), service("b"))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((*A, *B, route(a=95, b=5)), (*A, *B, route(a=75, b=25)), ["HTTPRoute r: a 95 % → 75 %, b 5 % → 25 %"]),
        ((*A, *B, istio(a=95, b=5)), (*A, *B, istio(a=75, b=25)), ["VirtualService r: a 95 % → 75 %, b 5 % → 25 %"]),
        ((*A, route(a=1)), (*A, route(a=7)), []),
        ((*A,), (*A, *B), ["Deployment b: new, 2 pods", "Service b: new"]),
        ((*A, *B), (*A,), ["Deployment b: gone with its pods", "Service b: gone"]),
        (
            (deployment("a"),),
            (deployment("a", image="i:2"),),
            ["Deployment a: its pods restart: spec.containers[0].image of the template"],
        ),
        ((deployment("a"),), (deployment("a", replicas=1),), ["Deployment a: 2 pods → 1 pod"]),
        (
            (deployment("a"), deployment("b"), service("s", "app: a")),
            (deployment("a"), deployment("b"), service("s", "app: b")),
            ["Service s: leads to b, before to a"],
        ),
    ],
)
def test_what_changes_is_told_the_traffic_first(before: Sequence[str], after: Sequence[str], told: list[str]) -> None:
    targets = chosen((), None)
    assert list(changes(world(read(*before), targets), world(read(*after), targets))) == told


NOT_READY = "HTTPRoute r gives {} to {}, whose pods aren't ready yet"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((*A, *B, route(a=95, b=5)), (*A, *B, route(a=0, b=100)), []),
        (
            (*A, route(a=100)),
            (*A, *B, route(a=95, b=5)),
            [f"once HTTPRoute r is applied, {NOT_READY.format('5 %', 'b')}"],
        ),
        ((*A, route(a=100)), (*A, *B, route(a=100, b=0)), []),
        (
            (*A, route(a=100)),
            (*A, route(b=100), *B),
            [
                "once HTTPRoute r is applied, HTTPRoute r gives 100 % to the Service b, which isn't there",
            ],
        ),
        ((deployment("a"), service("a")), (deployment("a", image="i:2"), service("a")), []),
        (
            (deployment("a", strategy="Recreate"), service("a")),
            (deployment("a", strategy="Recreate", image="i:2"), service("a")),
            ["once Deployment a is applied, Service a has no pod that is ready"],
        ),
        (
            (deployment("a"), service("s", "app: a")),
            (service("s", "app: b"), deployment("b")),
            ["once Service s is applied, Service s has no pod that is ready"],
        ),
        ((*A, route(somewhere=100)), (*A, route(somewhere=100)), []),
        ((*A, *B, route(a=100)), (*A, route(b=100)), ["HTTPRoute r gives 100 % to the Service b, which isn't there"]),
    ],
    ids=[
        "both run",
        "the canary is new",
        "the canary is new and gets nothing",
        "the route comes first",
        "pods are replaced one by one",
        "pods are replaced at once",
        "the selector moves first",
        "a Service of somebody else",
        "what the route names is pruned",
    ],
)
def test_what_an_apply_risks_is_told(before: Sequence[str], after: Sequence[str], told: list[str]) -> None:
    assert [str(one) for one in dangers(read(*before), read(*after), chosen((), None))] == told


REMEMBERED = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: a, namespace: models, annotations: {{serving.kserve.io/deploymentMode: Knative}}}}
spec:
  predictor: {{{share}model: {{modelFormat: {{name: sklearn}}, storageUri: "s3://b/a"}}}}
"""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("", "canaryTrafficPercent: 0, ", ["the newest revision 100 % → 0 %, the revision before it 0 % → 100 %"]),
        (
            "canaryTrafficPercent: 5, ",
            "canaryTrafficPercent: 25, ",
            ["the newest revision 5 % → 25 %, the revision before it 95 % → 75 %"],
        ),
        ("canaryTrafficPercent: 100, ", "", []),
    ],
)
def test_knative_splits_between_revisions_that_no_object_names(before: str, after: str, told: list[str]) -> None:
    targets = (resolve("kserve@0.20"),)
    was, is_now = (world(read(REMEMBERED.format(share=one)), targets) for one in (before, after))
    assert list(changes(was, is_now)) == [f"InferenceService a: {one}" for one in told]
    assert "InferenceService a: new" in changes(world([], targets), is_now)  # a new one splits between nothing
