"""How children are held against one another, with an API server that gives no defaults and refuses what is called bad."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from asking import Answer, Resource
from compared import Difference, Key, bare, compare


class Server:
    """What ``compare`` asks of an API server."""

    def serves(self, api_version: str, kind: str) -> Resource:
        return Resource("/apis/apps/v1", "deployments", namespaced=True)

    def path_of(self, data: dict[str, Any]) -> str:
        return "/apis/apps/v1/namespaces/x/deployments"

    def ask(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        refused = body["metadata"]["name"] == "bad"
        return Answer(422, {"message": "it is bad"}) if refused else Answer(201, body)


LAB: Any = SimpleNamespace(objects=Server())


def deployment(name: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


A = Key("Deployment.apps", "a")


@pytest.mark.parametrize(
    ("computed", "made", "differences"),
    [
        ([deployment("a", replicas=1)], [deployment("a", replicas=1)], ()),
        (
            [deployment("a", replicas=1)],
            [deployment("a", replicas=2)],
            (Difference(A, ("spec", "replicas"), 1, 2),),
        ),
        ([deployment("a", list=[1])], [deployment("a", list=[1, 2])], (Difference(A, ("spec", "list", 1), None, 2),)),
        ([deployment("a", empty=None)], [deployment("a")], (Difference(A, ("spec",), None, {}),)),
        ([], [deployment("a")], (Difference(A, (), None, "there"),)),
        ([deployment("a")], [], (Difference(A, (), "there", None),)),
        ([deployment("a", limits={"cpu": 0.5})], [deployment("a", limits={"cpu": "500m"})], ()),
        # The controller's object was refused as ours is, and it went no further.
        ([deployment("a"), deployment("bad")], [], ()),
        (
            [deployment("bad")],
            [deployment("bad")],
            (Difference(Key("Deployment.apps", "bad"), (), "refused: it is bad", "there"),),
        ),
    ],
)
def test_where_computed_and_made_differ(computed, made, differences):
    assert compare(LAB, computed, made).differences == differences


def test_what_kubernetes_own_controllers_make_is_left_out():
    owned = {**deployment("a-1"), "kind": "ReplicaSet"}
    found = compare(LAB, [deployment("a", replicas=1)], [deployment("a", replicas=1), owned])
    assert (found.children, found.differences) == (1, ())


def test_an_object_is_bare_without_what_the_server_writes():
    written = {"uid": "1", "resourceVersion": "2", "managedFields": [], "namespace": "n", "labels": {"a": "b"}}
    stored = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "s", **written, "annotations": {"deployment.kubernetes.io/revision": "1"}},
        "spec": {"clusterIP": "10.0.0.1", "ports": []},
        "status": {"loadBalancer": {}},
    }
    assert bare(stored) == {"kind": "Service", "metadata": {"name": "s", "labels": {"a": "b"}}, "spec": {"ports": []}}
