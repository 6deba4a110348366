"""Mode knative: revisions, and where several InferenceServices share the traffic, a Route of Knative in front of them.

A Route may share out to the latest revisions of several Configurations (knative/serving, pkg/apis/serving/v1/
route_types.go; pkg/reconciler/route/table_test.go, "traffic split becomes ready"), and the Configuration of each
InferenceService has the name of its Knative Service. It moves no request to what isn't ready, it scales to zero, and
any ingress of Knative's does it. A Gateway leads to Knative's local gateway and has to say another host name there.
Sharing out in an HTTPRoute would need another host name for each backend of one rule: Istio refuses such a route
(pilot/pkg/config/kube/gateway/conversion.go, "unsupported filter type"), Envoy Gateway takes it from 1.7 on (PR #7826).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from generator.outcome.kserve.entry import PORT
from generator.outcome.kserve.hosts import within
from generator.plan.plan import Role
from generator.plan.traffic import HUNDRED, apportion
from generator.platforms import routes
from generator.platforms.backends import Backend
from generator.platforms.base import Composition, Sheet
from generator.platforms.kserve import names, predictor
from generator.platforms.kserve.manifest import inference_service, metadata

if TYPE_CHECKING:
    from generator.plan.plan import Plan, Share
    from generator.platforms.kserve.setting import Setting

KNATIVE_SERVING = "1.23"
"""The release of Knative Serving whose Route is rendered (serving.knative.dev/v1)."""
LOCAL_GATEWAY = Backend("knative-local-gateway", 80, namespace="istio-system")
"""What KServe's own ConfigMap names ``localGatewayService`` (kserve/kserve v0.15.0 to v0.20.0,
config/configmap/inferenceservice.yaml)."""
SPLIT = ""
"""Stands for the Route of Knative where the traffic names a variant; no variant has an empty name."""


def compose(setting: Setting, plan: Plan) -> Composition:
    """One InferenceService, or one a variant with the Route, and the way in where a Gateway is named."""
    return _several(setting, plan) if setting.many else _one(setting, plan)


def _one(setting: Setting, plan: Plan) -> Composition:
    """The stable variant alone, or the canary, beside which the cluster remembers the stable one."""
    service, canary = setting.service, plan.canary
    live = predictor.scaled(setting, replace(canary or plan.stable, replicas=plan.stable.replicas))
    notes = []
    if canary:
        live = predictor.ordered({**live, "canaryTrafficPercent": int(canary.percent)})
        stable = plan.stable.files
        told = f"release {stable.version}" if stable.version is not None else f"the variant '{plan.stable.variant}'"
        notes.append(
            f"{service.name}: {told} must already be rolled out on the cluster: in mode "
            "knative the rest of the traffic goes to the revision that the cluster remembers, which no manifest names."
        )
        # Without a percentage all goes to the latest revision that is ready, and the stable one as rendered anew isn't
        # yet (kserve/kserve v0.20.0, reconcilers/knative/ksvc_reconciler.go, ``createKnativeService``).
        notes.append(
            f"{service.name}: to take the canary back, set strategy.canary.step to 0 and leave it there until the next "
            "canary: the stable release rendered alone sends all requests to the canary until its own pods are ready."
        )
        if service.strategy.canary and service.strategy.canary.replicas is not None:
            notes.append(
                f"{service.name}: strategy.canary.replicas has no effect in mode knative, which scales each revision."
            )
    if service.gateway:
        notes.append(f"{service.name}: gateway isn't used in mode knative, which splits the traffic itself.")
    return Composition((inference_service(setting, plan.stable, live, hidden=False),), (), tuple(notes))


def _several(setting: Setting, plan: Plan) -> Composition:
    hidden = setting.service.gateway is not None
    made = Composition(tuple(_service(setting, share, hidden=hidden) for share in plan.shares))
    if plan.shadow:
        told = f"the shadow runs in mode standard and never scales to none (pods: {plan.shadow.replicas})"
        made += Composition((), (), (f"{setting.service.name}: {told}.",))
    shared = len(plan.traffic.split) > 1
    if shared:
        made += Composition((_route(setting, plan, hidden=hidden),), (("knative-serving", KNATIVE_SERVING),))
    if not setting.service.gateway:
        told = f"{setting.service.name}: clients ask the host of the Knative Route {names.split_of(setting)}."
        return made + Composition((), (), (told,))
    return made + way_in(setting, _seen(plan) if shared else plan, _backends(setting, plan))


def _service(setting: Setting, share: Share, *, hidden: bool) -> Sheet:
    """The InferenceService of a variant; a shadow's is in mode standard, where its Service takes any host name.

    A copy keeps the host name of what it is copied from, with ``-shadow`` behind it, and by that name Knative's gateway
    would find the stable variant or nothing (envoyproxy/envoy, source/common/router/shadow_writer_impl.cc).
    """
    if share.role is Role.SHADOW:
        setting = setting.for_shadow(share.replicas)
    return inference_service(setting, share, predictor.scaled(setting, share), hidden=hidden)


def _route(setting: Setting, plan: Plan, *, hidden: bool) -> Sheet:
    """The Route of Knative that shares the traffic out, its webhook's defaults written out."""
    name = names.split_of(setting)
    shares = apportion(list(plan.traffic.split.values()), HUNDRED)
    traffic = [
        {
            "configurationName": names.entry_of(setting, plan.share(variant)),
            "latestRevision": True,
            "percent": percent,
        }
        for variant, percent in zip(plan.traffic.split, shares, strict=True)
    ]
    context = {**metadata(setting, name, hidden=hidden), "traffic": traffic}
    return Sheet("kserve/knativeroute.yaml.j2", "Route", name, setting.service.namespace, context)


def _seen(plan: Plan) -> Plan:
    """The plan as the way in sees it: what is shared out lies behind one name."""
    return replace(plan, traffic=replace(plan.traffic, split={SPLIT: Fraction(HUNDRED)}))


def _backends(setting: Setting, plan: Plan) -> dict[str, Backend]:
    backends = {share.variant: local(setting, names.entry_of(setting, share)) for share in plan.shares}
    if plan.shadow:
        backends[plan.shadow.variant] = Backend(names.entry_of(setting, plan.shadow), PORT)
    return {**backends, SPLIT: local(setting, names.split_of(setting))}


def local(setting: Setting, name: str) -> Backend:
    """Knative's local gateway, asked for a Knative Service or Route."""
    return replace(LOCAL_GATEWAY, hostname=within(name, str(setting.service.namespace)))


def way_in(setting: Setting, plan: Plan, backends: dict[str, Backend]) -> Composition:
    """The route to Knative's local gateway; in another namespace Gateway API wants to be allowed there."""
    service = setting.service
    made = routes.compose(plan, backends)
    if service.gateway is None or service.gateway.api != "gateway-api":
        return made
    told = (
        f"{service.name}: the HTTPRoute leads to the Service {LOCAL_GATEWAY.service} in the namespace "
        f"{LOCAL_GATEWAY.namespace}. A ReferenceGrant there has to allow that to HTTPRoutes of the namespace "
        f"{service.namespace}; it is needed once, and not rendered."
    )
    return made + Composition((), (), (told,))
