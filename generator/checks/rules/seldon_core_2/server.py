"""What a Model refers to: its Server, its Secret, and the Model or Pipeline that it explains."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.seldon_core_2.spec import (
    GOOD_MODEL,
    MODEL,
    SERVER,
    SERVER_CONFIG,
    V2_9,
    by_name,
    models,
    pipelines,
    source,
)
from generator.checks.subject import integer, mapping, may_be_in, text
from generator.outcome.seldon_core_2.landing import CAPABILITIES
from generator.reading.documents import Document, read
from generator.reading.kind import Kind
from generator.schemas.kinds import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject

MAKES_SECRETS = (Kind("external-secrets.io", "ExternalSecret"), Kind("bitnami.com", "SealedSecret"))
SECRETS = source("scheduler/pkg/agent/k8s/secrets.go")

ON_SERVER = GOOD_MODEL + "  server: mlserver-big\n  replicas: 2\n"
_SERVER = """---
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {name: mlserver-big}
spec: {serverConfig: mlserver, replicas: 2}
"""
WITH_SECRET = GOOD_MODEL + "  secretName: store\n"
_STORE = """---
apiVersion: v1
kind: Secret
metadata: {name: store}
stringData:
  s3: |
    type: s3
    name: s3
    parameters: {provider: Minio, endpoint: http://minio:9000}
"""
EXPLAINS = GOOD_MODEL.replace("[sklearn]", "[alibi-explain]").replace("name: digits", "name: why") + (
    "  explainer: {type: anchor_tabular, modelRef: digits}\n"
)


def servers(index: Index) -> Mapping[str, list[Document]]:
    """The Servers of the set, by their names."""
    return by_name(SERVER, index)


def configs(index: Index) -> Mapping[str, list[Document]]:
    """The ServerConfigs of the set, by their names."""
    return by_name(SERVER_CONFIG, index)


def secrets(index: Index) -> Mapping[str, list[Document]]:
    """The Secrets of the set, by their names, and what makes Secrets of these names."""
    found = {name: list(held) for name, held in by_name(SECRET, index).items()}
    for maker in (one for kind in MAKES_SECRETS for one in index.by_kind.get(kind, ())):
        found.setdefault(text(maker.data, "spec", "target", "name") or maker.name, []).append(maker)
    return found


@rule(
    id="SC2124",
    name="more-replicas-than-the-server",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"server"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{wanted} replicas of the Model, and the Server {server} has {most}: a replica of it holds one",
    fix="Lower replicas, or raise those of the Server.",
    source=source("scheduler/pkg/scheduler/filters/serverreplicas.go"),
    bad=ON_SERVER + _SERVER.replace("replicas: 2", "replicas: 1"),
    good=ON_SERVER + _SERVER,
)
def more_replicas_than_the_server(subject: Subject) -> Iterator[Hit]:
    """The Model isn't scheduled at all; from 2.9 on it is, where the Server has room for minReplicas."""
    name = text(subject.data, "spec", "server")
    replicas, least = integer(subject.data, "spec", "replicas"), integer(subject.data, "spec", "minReplicas") or 0
    partly = least > 0 and subject.release is not None and subject.release >= V2_9
    wanted = least if partly or replicas is None else replicas
    for server in subject.index.derive(servers).get(name or "", ()):
        spec = mapping(server.data, "spec")
        most = max(integer(spec, field) or 0 for field in ("replicas", "minReplicas", "maxReplicas")) or 1
        if server.namespace == subject.document.namespace and wanted > most:
            path = ("spec", "minReplicas" if (wanted == least and replicas is None) or partly else "replicas")
            yield Hit(path, {"wanted": wanted, "server": name, "most": most})


@rule(
    id="SC2112",
    name="secret-of-another-form",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"secretName"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the agent can't use the Secret {secret}: {reason}",
    fix="Give it one key, whose value is YAML or JSON with type, name: {scheme} and parameters.",
    source=SECRETS,
    bad=WITH_SECRET + _STORE.replace("    name: s3\n", "    name: minio\n"),
    good=WITH_SECRET + _STORE,
)
def secret_of_another_form(subject: Subject) -> Iterator[Hit]:
    """The Secret holds one rclone remote, whose name is the scheme of storageUri.

    A Secret of AWS keys, or of Seldon Core 1's RCLONE_CONFIG variables, is no such thing: the download fails.
    """
    name = text(subject.data, "spec", "secretName")
    scheme = (text(subject.data, "spec", "storageUri") or "").partition(":")[0]
    for secret in subject.index.derive(secrets).get(name or "", ()):
        reason = _unusable(secret, scheme)
        if reason and may_be_in([secret.namespace], subject.document.namespace):
            yield hit("spec", "secretName", secret=name, reason=reason, scheme=scheme)


def _unusable(secret: Document, scheme: str) -> str | None:
    """Why the agent can't use a Secret; None where it can, or where what it holds isn't known."""
    plain, coded = mapping(secret.data, "stringData"), mapping(secret.data, "data")
    keys = {*plain, *coded}
    if not keys:
        return None
    if len(keys) > 1:
        return f"it has {len(keys)} keys, {', '.join(sorted(keys))}"
    (key,) = keys
    try:
        content = text(plain, key) or base64.b64decode(text(coded, key) or "", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    remote = next((entry.data for entry in read(content, key) if isinstance(entry, Document)), {})
    if not text(remote, "type") or not text(remote, "name"):
        return f"what stands under {key} has no type or no name"
    if text(remote, "name") != scheme:
        return f"its remote is named '{text(remote, 'name')}', and the scheme of storageUri is '{scheme}'"
    return None


@rule(
    id="SC2210",
    name="model-secret-not-in-the-set",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"secretName"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no Secret {name} in the given files",
    fix="Check the files together with it, or mend the name; it belongs into the namespace of the Server.",
    source=SECRETS,
    bad=WITH_SECRET,
    good=WITH_SECRET + _STORE,
)
def model_secret_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """The agent looks for it where the server runs, and the download fails without it."""
    name = text(subject.data, "spec", "secretName")
    if name and name not in subject.index.derive(secrets):
        yield hit("spec", "secretName", name=name)


@rule(
    id="SC2211",
    name="explained-not-in-the-set",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"explainer", "llm"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no {kind} {name} in the given files",
    fix="Check the files together with it, or mend the name.",
    source=source("operator/apis/mlops/v1alpha1/model_types.go"),
    bad=EXPLAINS,
    good=f"{GOOD_MODEL}---{EXPLAINS}",
)
def explained_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """The explainer is loaded all the same, and each of its requests fails."""
    for field in ("explainer", "llm"):
        for reference, make, kind in (("modelRef", models, "Model"), ("pipelineRef", pipelines, "Pipeline")):
            name = text(subject.data, "spec", field, reference)
            found = subject.index.derive(make).get(name or "", ())
            if name and not may_be_in([one.namespace for one in found], subject.document.namespace):
                yield hit("spec", field, reference, kind=kind, name=name)


@rule(
    id="SC2212",
    name="server-not-in-the-set",
    product="seldon-core-2",
    kinds=(MODEL,),
    when=frozenset({"server"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no Server {name} in the given files, and the chart makes mlserver and triton only",
    fix="Check the files together with it, or mend the name.",
    source=source("scheduler/pkg/scheduler/filters/sharing.go"),
    bad=ON_SERVER,
    good=ON_SERVER + _SERVER,
)
def server_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """A Model that names its server waits for that one."""
    name = text(subject.data, "spec", "server")
    namespaces = [one.namespace for one in subject.index.derive(servers).get(name or "", ())]
    if name and name not in CAPABILITIES and not may_be_in(namespaces, subject.document.namespace):
        yield hit("spec", "server", name=name)


@rule(
    id="SC2213",
    name="server-config-not-in-the-set",
    product="seldon-core-2",
    kinds=(SERVER,),
    when=frozenset({"serverConfig"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no ServerConfig {name} in the given files, and the chart makes mlserver and triton only",
    fix="Check the files together with it, or mend the name; it belongs into the operator's namespace.",
    source=source("operator/apis/mlops/v1alpha1/server_types.go"),
    bad=_SERVER.removeprefix("---").replace("serverConfig: mlserver", "serverConfig: mlserver-gpu"),
    good=_SERVER.removeprefix("---"),
)
def server_config_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """The Server gets no pods, and says so in its condition only."""
    name = text(subject.data, "spec", "serverConfig")
    if name and name not in CAPABILITIES and name not in subject.index.derive(configs):
        yield hit("spec", "serverConfig", name=name)
