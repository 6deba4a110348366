"""What an object does otherwise after the upgrade of KServe from 0.20 to 0.21: servers, storage, new fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Meaning, Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.changed_in_0_21 import MASTER
from generator.checks.rules.kserve.llm import GOOD as LLM
from generator.checks.rules.kserve.llm import LLM_SERVICE
from generator.checks.rules.kserve.runtimes import RUNTIMES
from generator.checks.rules.kserve.spec import V0_21, addresses, components, every_container
from generator.checks.subject import mapping
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

CERTIFICATE, KEY = "KSERVE_TLS_CERT_FILE", "KSERVE_TLS_KEY_FILE"

BUNDLES = frozenset(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))
WHEELS = Source("kserve/kserve", "v0.21.0", "python/kserve/kserve/model_server.py")

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
  transformer:
    containers:
      - name: kserve-container
        image: example/prepare:1
"""
SECURE = (
    GOOD
    + """\
        ports: [{containerPort: 8443}]
        env:
          - {name: KSERVE_TLS_CERT_FILE, value: /certs/tls.crt}
          - {name: KSERVE_TLS_KEY_FILE, value: /certs/tls.key}
"""
)


@rule(
    id="KSV474",
    name="server-begins-to-speak-tls",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"env"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="the variables are ignored, and the server speaks HTTP on port 8080",
        after="a server made with KServe's SDK of 0.21 speaks HTTPS on port 8443",
    ),
    message="with an image of the new release KSERVE_TLS_CERT_FILE and KSERVE_TLS_KEY_FILE take effect",
    fix="Declare ports: [{{containerPort: 8443}}] on the container with the new image, or remove the variables.",
    source=WHEELS,
    bad=SECURE,
    good=GOOD,
)
def server_begins_to_speak_tls(subject: Subject) -> Iterator[Hit]:
    """It goes with the image: a server of an older SDK goes on as before. The controller knows nothing of it."""
    for container in every_container(subject):
        places = {name: path for path, name, _ in container.env()}
        if CERTIFICATE in places and KEY in places:
            yield Hit((*places[CERTIFICATE], "name"))


@rule(
    id="KSV475",
    name="transformer-begins-to-use-a-ca-bundle",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"env"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="calls of the transformer to its predictor ignore {variable}",
        after="they trust what {variable} names, and nothing else",
    ),
    message="with an image of the new release the transformer verifies its predictor by {variable}",
    fix="See that the bundle holds the authority of the predictor's certificate, or remove the variable.",
    source=Source("kserve/kserve", "v0.21.0", "python/kserve/kserve/model.py"),
    bad=GOOD + "        env: [{name: REQUESTS_CA_BUNDLE, value: /certs/ca.crt}]\n",
    good=GOOD,
)
def transformer_begins_to_use_a_ca_bundle(subject: Subject) -> Iterator[Hit]:
    """It matters where the predictor is called over TLS."""
    for component in components(subject):
        places = (one for one in every_container(subject) if one.path[:2] == component.path)
        for container in places if component.name == "transformer" else ():
            for path, name, _ in container.env():
                if name in BUNDLES:
                    yield Hit((*path, "name"), {"variable": name})


FETCHED = {
    "oci+fetch": "an init container pulls the image and unpacks its layers below models/",
    "modelscope": "the model is downloaded from ModelScope, where the release's ClusterStorageContainer is installed",
}


@rule(
    id="KSV476",
    name="storage-scheme-begins-to-be-read",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUri", "storageUris", "env"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(before="the controller refuses {scheme}://, and no pod comes up", after="{outcome}"),
    message="with the upgrade KServe reads {scheme}://",
    fix="Remove what waits in the cluster and shouldn't start; else nothing is to be done.",
    source=Source("kserve/kserve", MASTER, "pkg/controller/v1beta1/inferenceservice/utils/utils.go"),
    bad=GOOD.replace("s3://models/digits/1", "oci+fetch://registry.example.com/digits:1"),
    good=GOOD,
)
def storage_scheme_begins_to_be_read(subject: Subject) -> Iterator[Hit]:
    """A service that has waited for its model since long is started by the upgrade."""
    for _, path, uri, _ in addresses(subject):
        scheme = uri.partition("://")[0]
        if scheme in FETCHED:
            yield Hit(path, {"scheme": scheme, "outcome": FETCHED[scheme]})


@rule(
    id="KSV477",
    name="field-begins-to-have-an-effect",
    product="kserve",
    kinds=(INFERENCE_SERVICE, *RUNTIMES),
    when=frozenset({"tracing", "schedulingGroup", "resourceClaims"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(before="strict decoding refuses {field}, and any other drops it without a word", after="{outcome}"),
    message="the next apply after the upgrade gives {field} its effect",
    fix="Keep it if it's meant; a tool that applied without strict decoding has hidden that it did nothing.",
    source=Source("kserve/kserve", MASTER, "config/crd/full/serving.kserve.io_inferenceservices.yaml"),
    bad=GOOD + "  tracing: {exporterEndpoint: 'http://collector:4317'}\n",
    good=GOOD,
)
def field_begins_to_have_an_effect(subject: Subject) -> Iterator[Hit]:
    """New fields of the CRDs of 0.21; what stands there from before was never stored."""
    spec = mapping(subject.data, "spec")
    places: list[tuple[Path, str]] = []
    if subject.document.kind == INFERENCE_SERVICE.kind:
        places.append(
            (("spec", "tracing"), "the webhook fills in its defaults, and the spans' settings reach the pods")
        )
        places += [((*one.path, "schedulingGroup"), "the pods are scheduled as a group") for one in components(subject)]
    else:
        places.append((("spec", "resourceClaims"), "the pods get the claimed devices"))
        places.append((("spec", "workerSpec", "resourceClaims"), "the workers get the claimed devices"))
    for path, outcome in places:
        if path[-1] in mapping(spec, *path[1:-1]):
            yield hit(*path, on_key=True, field=path[-1], outcome=outcome)


SCORER = "precise-prefix-cache-scorer"
WITH_SCORER = (
    LLM
    + """\
  router:
    route: {}
    scheduler:
      config:
        inline:
          apiVersion: inference.networking.x-k8s.io/v1alpha1
          kind: EndpointPickerConfig
          plugins: [{type: precise-prefix-cache-scorer}]
"""
)


@rule(
    id="KSV478",
    name="tokenizer-becomes-a-deployment",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"scheduler"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="a sidecar of the scheduler's pod tokenizes for {plugin}",
        after="a Deployment and a Service of their own do, which ask for 1 CPU and 4Gi",
    ),
    message="with the upgrade the tokenizer of the scheduler becomes a Deployment of its own",
    fix="See that quotas and nodes have room for it, and wait for the condition TokenizerReady.",
    source=Source("kserve/kserve", MASTER, "pkg/controller/v1alpha2/llmisvc/scheduler.go"),
    bad=WITH_SCORER,
    good=LLM,
)
def tokenizer_becomes_a_deployment(subject: Subject) -> Iterator[Hit]:
    """The scheduler's configuration is migrated too, which an event tells."""
    path = ("spec", "router", "scheduler", "config", "inline")
    for number, plugin in enumerate(_plugins(subject)):
        if plugin in (SCORER, "token-producer"):
            yield hit(*path, "plugins", number, plugin=plugin)


def _plugins(subject: Subject) -> list[object]:
    inline = mapping(subject.data, "spec", "router", "scheduler", "config", "inline")
    found = inline.get("plugins")
    return [mapping(one).get("type") for one in found] if isinstance(found, list) else []
