"""What the person who renders for KServe should know: what the cluster has to have, and keys that are for others."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from generator.plan.traffic import HUNDRED
from generator.platforms import routes, stores
from generator.platforms.access import pulls
from generator.platforms.base import GRAPH
from generator.platforms.kserve import names, predictor, resources, storage
from generator.platforms.kserve.servers import Named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.plan.plan import Plan
    from generator.platforms.kserve.setting import Setting


def of(setting: Setting, plan: Plan) -> Iterator[str]:
    """A sentence each."""
    service = setting.service
    yield from _canaries(setting, plan)
    for sentence in (
        *_cluster(setting),
        *_store(setting),
        *storage.notes(setting, names.made(plan)),
        *_others(setting),
        *_models(setting, plan),
        *_resources(setting, plan),
    ):
        yield f"{service.name}: {sentence}"


def _canaries(setting: Setting, plan: Plan) -> Iterator[str]:
    """What nobody waits for, and what doesn't grow; a Route of Knative moves no request to what isn't ready."""
    service, beside = setting.service, plan.shares[1:]
    if setting.splits_itself and beside:
        yield (
            f"{service.name}: KServe's own HTTPRoutes split between the predictors where its ConfigMap "
            "inferenceservice-config has enableGatewayApi: true, which platform.gatewayApi says and nothing here sees; "
            "elsewhere the canary gets no traffic."
        )
    elif setting.standard or setting.way == GRAPH:
        yield from routes.notes(plan, (names.predictor_service(setting, share) for share in beside))
    if setting.standard and setting.way != GRAPH:
        yield from routes.alone(plan)
    yield from _renamed(setting, plan)
    # components/predictor.go, ``buildCanaryPredictor``: no maxReplicas, which the HPA takes for minReplicas.
    most = service.replicas.max or 0
    fixed = [
        f"'{share.variant}' keeps its number of pods ({share.replicas})" for share in beside if share.replicas < most
    ]
    if setting.canaries_inside and fixed:
        yield (
            f"{service.name}: KServe {setting.release} doesn't scale a canary: {', '.join(fixed)} at every step, also "
            "at the last one. strategy.canary.replicas says how many."
        )


def _renamed(setting: Setting, plan: Plan) -> Iterator[str]:
    """What the names of predictors mean to what is on the cluster already, which nothing here sees.

    A new ``predictor.name`` wants another model (pkg/apis/serving/v1beta1/inference_service_validation.go), and the
    Deployment of another name is ended at once (components/predictor.go, ``reconcileCanaryDeployments``).
    """
    service, canary = setting.service, setting.service.strategy.canary
    if canary is None or not setting.canaries_inside:
        return
    if canary.step == 0 or len(plan.shares) == 1:
        yield (
            f"{service.name}: where the strategy rolling served this model until now, KServe refuses this "
            "InferenceService, since its predictor gets a name, and a route of the same apply leads to nothing. Go in "
            "steps: 1. strategy.canary.by: gateway; apply the InferenceServices alone. 2. When they are ready, the "
            f"route. 3. Remove the InferenceService {service.name}."
        )
    if plan.promoted and canary.percent < HUNDRED:
        yield (
            f"{service.name}: where '{canary.variant}' had {canary.percent} % until now, promote from the last step: "
            f"1. the other release as '{canary.stable}' once more, with step: {len(canary.steps)}. 2. What is rendered "
            "here, the route before the InferenceService: KServe ends the other pods at once."
        )


def _cluster(setting: Setting) -> Iterator[str]:
    if not setting.standard and setting.release == "0.19":
        yield (
            "KServe 0.19 refuses its own changes of a new service that names the mode Knative, so the annotation isn't "
            "written: the cluster's default mode has to be Knative."
        )
    if setting.service.explainer and setting.service.gateway and (setting.many or setting.standard):
        yield "the route leads to the model; the explainer answers at its own Service inside the cluster."


def _store(setting: Setting) -> Iterator[str]:
    """What KServe reads from the Secret and not from any manifest of ours."""
    store, access = setting.service.store, setting.service.access
    if store and store.endpoint and stores.kind_of(store.url) is not stores.Kind.S3:
        yield "store.endpoint is for publishing alone: KServe tells pods an endpoint only for s3://."
    elif store and store.endpoint and not pulls(setting.service):
        address = urlsplit(store.endpoint)
        yield (
            f"KServe reads the store's endpoint from the Secret with its credentials: annotate that with "
            f"serving.kserve.io/s3-endpoint: {address.netloc}"
            + (' and serving.kserve.io/s3-usehttps: "0".' if address.scheme == "http" else ".")
        )
    if access.secret and setting.service.service_account and not access.identity and not pulls(setting.service):
        yield (
            f"KServe finds the Secret {access.secret} by the secrets of the ServiceAccount "
            f"{setting.service.service_account}, which is yours: add it there."
        )


def _resources(setting: Setting, plan: Plan) -> Iterator[str]:
    """What is written beside what the user wrote, so that the pods can start."""
    for share in names.made(plan):
        merged = predictor.server(setting, share).merged
        added = resources.added(share.resources.mapping, merged)
        if added:
            yield (
                f"{' and '.join(added)} of '{share.variant}' are written, equal to the other half: without them KServe "
                f"lays in what the runtime has, {merged['cpu']} CPU and {merged['memory']}, and no pod could be made. "
                "Say them under resources to have others."
            )


def _others(setting: Setting) -> Iterator[str]:
    """Keys that other platforms read."""
    service = setting.service
    if service.model.requirements or service.model.memory or service.server.name or service.server.config:
        yield "model.requirements, model.memory and server are for Seldon Core 2 and have no effect on KServe."
    if service.store and service.store.fetch:
        yield "store.fetch is for plain Kubernetes; KServe fetches the model itself."


def _models(setting: Setting, plan: Plan) -> Iterator[str]:
    """Names that the user's own servers have to answer to."""
    wanted = setting.service.model_name
    for share in names.made(plan):
        found = predictor.server(setting, share)
        if storage.foreign(setting, share.files.base):
            scheme = storage.scheme_of(share.files.base)
            whole = setting.service.releases.url if share.files.version is not None else share.files.base
            mend = stores.instead(setting.platform, whole)
            yield (
                f"KServe itself doesn't read {scheme}://, from which '{share.variant}' comes: a "
                f"ClusterStorageContainer on the cluster has to.{f' {mend}' if mend else ''}"
            )
        if share.model_format:
            spoken = f" over {setting.service.model.protocol}" if setting.service.model.protocol else ""
            yield (
                f"'{share.variant}' needs a ServingRuntime on the cluster that takes the format {share.model_format}"
                f"{spoken}: {found.runtime or 'KServe chooses one'}."
            )
        if found.named is Named.UNKNOWN and names.service_of(setting, share) != wanted:
            yield (
                f"the container of '{share.variant}' has to answer to the model's name {wanted}, though its "
                f"InferenceService is {names.service_of(setting, share)}."
            )
        if found.named is Named.FOLDER and share.files.layouts is None and share.files.base:
            yield (
                f"{found.runtime} takes the model's name from its files: those of '{share.variant}' have to hold it as "
                f"{wanted}."
            )
