"""The service file's part on access: whose identity the pods have, and how they may read the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from generator.decoding.shapes import Choices, KeyPattern, Pattern
from generator.service.types import BrokenRules, DnsName  # noqa: TC001 (the decoder reads the types of the fields)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The cloud's identity that the ServiceAccount stands for; Serinus then renders the ServiceAccount."""

    aws: Annotated[
        str | None,
        "The role's ARN (IAM roles for service accounts).",
        Pattern(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,512}", "ARN of a role"),
    ] = None
    gcp: Annotated[
        str | None,
        "The Google service account (Workload Identity).",
        Pattern(r"[a-z][-a-z0-9]{4,28}[a-z0-9]@[a-z0-9.-]+\.iam\.gserviceaccount\.com", "Google service account"),
    ] = None
    azure: Annotated[
        str | None,
        "The client id (Azure Workload Identity).",
        Pattern(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "client id"),
    ] = None

    def broken_rules(self) -> BrokenRules:
        """One cloud."""
        if sum(each is not None for each in (self.aws, self.gcp, self.azure)) != 1:
            yield (), "an identity is of one cloud: aws, gcp or azure.", "Keep one of them."


@dataclass(frozen=True, kw_only=True)
class External:
    """The ExternalSecret that makes the Secret, from a store of the External Secrets operator."""

    store: Annotated[DnsName, "The SecretStore."]
    kind: Annotated[str, "Its kind.", Choices(("SecretStore", "ClusterSecretStore"))] = "SecretStore"
    refresh: Annotated[
        str, "How often it is read.", Pattern(r"([0-9]+(\.[0-9]+)?(ms|h|m|s))+", "duration, such as 1h")
    ] = "1h"
    keys: Annotated[
        dict[str, str],
        "Key of the Secret to what the store calls it, as NAME or NAME#PROPERTY.",
        KeyPattern(r"[-._a-zA-Z0-9]{1,253}", "key of a Secret"),
    ] = field(default_factory=dict)

    def broken_rules(self) -> BrokenRules:
        """Something to fetch."""
        if not self.keys:
            yield ("keys",), "no key is fetched.", "Write for example keys: {AWS_ACCESS_KEY_ID: models/s3#id}."


@dataclass(frozen=True, kw_only=True)
class Access:
    """How the pods may read the store. Secrets are named, never written: no credential reaches a manifest."""

    identity: Annotated[Identity | None, "The cloud's identity of the ServiceAccount."] = None
    secret: Annotated[DnsName | None, "The Secret with the store's credentials, in the platform's own form."] = None
    external: Annotated[External | None, "The ExternalSecret that makes that Secret."] = None

    def broken_rules(self) -> BrokenRules:
        """An ExternalSecret makes a Secret that is named."""
        if self.external and not self.secret:
            yield ("external",), "the Secret that is made has no name.", "Add secret: with its name."
