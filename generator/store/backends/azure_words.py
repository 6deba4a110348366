"""Who asks an Azure Blob Storage, in words, and what its servers and Microsoft Entra answer.

Sources: Azure Storage REST API reference, "Blob Storage error codes" and "Common REST API error codes".
"""

from __future__ import annotations

from generator.store.failures import Reason, Way, reason


def _way(what: str, mend: str) -> Way:
    return Way(what[0].upper() + what[1:], what, f"other credentials than {what}", mend)


BY_KEY = _way("the account's key", "Set AZURE_STORAGE_ACCOUNT_KEY to a key of the account that the URL names.")
BY_SIGNATURE = _way(
    "the shared access signature", "Make a new one (read, add, create, write, delete, list) that hasn't expired."
)
BY_PRINCIPAL = _way(
    "the service principal of AZURE_CLIENT_ID", "Check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET."
)
BY_WORKLOAD = _way(
    "the workload identity of AZURE_CLIENT_ID",
    "Check AZURE_TENANT_ID, AZURE_CLIENT_ID and the federated credential for this pod's service account.",
)
BY_LOGIN = _way("the login of the az command", "Log in again: az login.")
BY_MACHINE = Way(
    "No credentials are set, so this machine's own identity was used: it",
    "this machine's own identity, which was used since no credentials are set",
    "credentials, and none are set",
    "Set AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN, or log in: az login.",
)

REASONS: tuple[Reason, ...] = (
    reason("<Code>ContainerNotFound</Code>", "the container doesn't exist", "Create it, or mend the store's URL."),
    reason("<Code>ContainerBeingDeleted</Code>", "the container is being deleted", "Create it again in a minute."),
    reason("<Code>ContainerDisabled</Code>|<Code>AccountIsDisabled</Code>", "it is disabled", "Enable it again."),
    reason(
        "AADSTS(?P<code>\\d+)",
        "Microsoft Entra gives no token for {which} (AADSTS{code})",
        "{mend}",
    ),
    reason("az login|azure-cli|AzureCli|Azure Cli", "the az command gives no token", "Log in: az login."),
    reason(
        "/metadata/identity|169\\.254\\.169\\.254|Error performing token request|TokenRequest",
        "there are no credentials, or none for {which}",
        "{mend}",
    ),
    reason(
        "<Code>(?P<code>AuthenticationFailed|InvalidAuthenticationInfo|NoAuthenticationInformation)</Code>",
        "the server doesn't know {which} ({code})",
        "{mend}",
    ),
    reason(
        "<Code>(?P<code>Authorization(Permission|Service|ResourceType|Protocol|SourceIP|)Mismatch|AuthorizationFailure"
        "|InsufficientAccountPermissions|PublicAccessNotPermitted|KeyBasedAuthenticationNotPermitted)</Code>",
        "access is denied ({code})",
        "{whose} must be allowed to list the container and to read, write and remove blobs in it (Storage Blob Data "
        "Contributor), from this network.",
    ),
    reason(
        "403 Forbidden|lacked the necessary privileges",
        "access is denied",
        "{whose} must be allowed to list the container and to read, write and remove blobs in it (Storage Blob Data "
        "Contributor).",
    ),
    reason(
        "<Code>(?P<code>FeatureNotYetSupportedForHierarchicalNamespaceAccounts|UnsupportedHeader)</Code>",
        "the server can't do what a store needs ({code})",
        "Use an account of the kind StorageV2.",
    ),
)
