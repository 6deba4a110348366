"""The service file's part on who may reach the pods over the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from generator.decoding.shapes import Bounds, Fragment
from generator.service.types import BrokenRules  # noqa: TC001 (the decoder reads the types of the fields)

PEERS = frozenset(("ipBlock", "namespaceSelector", "podSelector"))


@dataclass(frozen=True, kw_only=True)
class Network:
    """A NetworkPolicy: only the server's ports can be reached. What the pods themselves may reach stays open."""

    callers: Annotated[
        tuple[Fragment, ...],
        "Who may call, as NetworkPolicyPeers in Kubernetes' own words; without it anyone. The gateway's proxies and "
        "Prometheus are callers too.",
    ] = ()
    ports: Annotated[
        tuple[Annotated[int, Bounds(1, 65_535)], ...],
        "More ports that anyone may reach, such as 15008 for Istio's ambient mesh and 15020 for its metrics.",
    ] = ()

    def broken_rules(self) -> BrokenRules:
        """A caller that says nothing would be nobody."""
        for index, caller in enumerate(self.callers):
            if not PEERS & caller.keys():
                yield (
                    ("callers", index),
                    "this names nobody.",
                    "Write for example namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateways}}.",
                )
