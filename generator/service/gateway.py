"""The service file's part on the way in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from generator.decoding.shapes import Choices, Pattern
from generator.service.types import BrokenRules, DnsLabel, Host  # noqa: TC001 (the decoder reads the types of the fields)

APIS = ("gateway-api", "istio")
CHANNELS = ("standard", "experimental")
NEWEST = "1.5"
"""The release of Gateway API where none is named: what KServe 0.20 is built against."""


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """The Gateway that leads to the service."""

    name: Annotated[DnsLabel, "The Gateway."]
    namespace: Annotated[DnsLabel | None, "Its namespace; without it the service's."] = None
    host: Annotated[Host, "The host name that clients call."]
    version: Annotated[
        str,
        "The release of Gateway API on the cluster, in quotes.",
        Pattern(r"[0-9]+\.[0-9]+(\.[0-9]+)?", "release, such as 1.5"),
    ] = NEWEST
    api: Annotated[str, "Whose route is rendered: an HTTPRoute, or Istio's VirtualService.", Choices(APIS)] = APIS[0]
    channel: Annotated[
        str, "Gateway API's channel on the cluster; some fields are in the experimental one only.", Choices(CHANNELS)
    ] = CHANNELS[0]
    path: Annotated[
        str | None,
        "The path below which clients call, such as /churn; it is taken off before a model server sees it.",
        Pattern(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]{1,63}){1,16}", "path, such as /churn, without a slash at its end"),
    ] = None
    timeout: Annotated[
        str | None, "How long a request may take, such as 60s.", Pattern(r"([0-9]{1,5}(h|m|s|ms)){1,4}", "duration")
    ] = None

    def broken_rules(self) -> BrokenRules:
        """Istio has no channel."""
        if self.api == "istio" and self.channel != CHANNELS[0]:
            yield ("channel",), "channel has no effect with api: istio.", "Leave it out."
