"""Seldon Core 2: what is rendered, held against golden files and against what the scheduler makes of it."""

from __future__ import annotations

import itertools

import pytest
from core2 import (
    AROUND,
    CANARY,
    CASES,
    GATEWAY,
    GRAPH,
    ISTIO,
    KEDA,
    ONE,
    ONNX,
    OWN,
    RELEASES,
    ROLLING,
    ROUTED,
    SECRET,
    SHADOW,
    SKLEARN,
    documents,
    lock_for,
    of_kind,
    release,
    rendered,
)

from generator import platforms
from generator.platforms.base import FEATURES
from generator.platforms.seldon_core_2.servers import SERVERS
from goldens import golden
from kit import locked


@pytest.mark.parametrize("case", CASES)
def test_golden(case):
    golden(f"seldon-core-2/{case}.yaml", rendered(CASES[case]).text)


def weights(text, **options):
    (experiment,) = of_kind("Experiment", text, **options)
    return {each["name"]: each["weight"] for each in experiment["spec"]["candidates"]}


def names(kind, *args, **options):
    return [each["metadata"]["name"] for each in of_kind(kind, *args, **options)]


class TestTheStableAddress:
    """Clients call /v2/models/digits/infer, whatever is rolled out."""

    @pytest.mark.parametrize("step", range(5))
    def test_the_experiment_splits_the_models_own_endpoint(self, step):
        (experiment,) = of_kind("Experiment", sets=[f"strategy.canary.step={step}"])
        assert experiment["spec"]["default"] == "digits"
        assert "digits" in names("Model", sets=[f"strategy.canary.step={step}"])

    def test_a_new_release_changes_the_files_of_the_model_and_not_its_name(self):
        one, two = (of_kind("Model", ROLLING, locked(stable=release("latest", number)))[0]["spec"] for number in (1, 2))
        assert one.pop("storageUri") != two.pop("storageUri")
        assert one == two

    def test_a_canary_begins_without_a_change_to_the_stable_model(self):
        before = of_kind("Model", ONNX + ONE + SECRET, locked(stable=release("latest", 1)))[0]
        after = of_kind("Model", CANARY)[0]
        assert before == after

    def test_another_canary_is_another_model_and_the_stable_one_stays(self):
        first = of_kind("Model", CANARY)
        second = of_kind("Model", CANARY, locked(stable=release("1", 1), canary=release("latest", 3)))
        assert first[0] == second[0]
        assert [each["metadata"]["name"] for each in (first[1], second[1])] == ["digits-r2", "digits-r3"]

    def test_the_name_in_the_url_is_the_models(self):
        assert names("Model", CANARY, sets=["model.name=numbers"]) == ["numbers", "numbers-r2"]


class TestPromotion:
    """The winner's Model serves until the stable one has loaded the same release: no request meets the old one again."""

    LOCK = locked(stable=release("2", 2), canary=release("latest", 2))
    TEXT = CANARY.replace("release: '1'", "release: '2'")

    def test_the_first_commit_changes_nothing_but_the_stable_models_files(self):
        before = documents(CANARY, sets=["strategy.canary.step=4"])
        after = documents(self.TEXT, self.LOCK, sets=["strategy.canary.step=4"])
        assert after[0]["spec"]["storageUri"] == before[1]["spec"]["storageUri"]
        assert before[1:] == after[1:]

    @pytest.mark.parametrize("step", range(1, 5))
    def test_whatever_the_step_the_loaded_model_gets_all(self, step):
        given = weights(self.TEXT, lock=self.LOCK, sets=[f"strategy.canary.step={step}"])
        assert given == {"digits": 0, "digits-r2": 100}

    def test_step_0_takes_the_loaded_one_away(self):
        made = documents(self.TEXT, self.LOCK, sets=["strategy.canary.step=0"])
        assert [(each["kind"], each["metadata"]["name"]) for each in made] == [("Model", "digits")]

    def test_it_is_said(self):
        (note,) = rendered(self.TEXT, self.LOCK).notes
        assert "digits-r2 has it loaded" in note
        assert "strategy.canary.step to 0" in note

    def test_behind_a_gateway_it_is_the_route_that_waits(self):
        text = ROUTED.replace("release: '1'", "release: '2'")
        (route,) = of_kind("HTTPRoute", text, self.LOCK)
        given = [each["weight"] for each in route["spec"]["rules"][0]["backendRefs"]]
        assert given == [0, 100]
        assert names("Model", text, self.LOCK) == ["digits", "digits-canary"]


class TestShares:
    @pytest.mark.parametrize("step", range(5))
    def test_the_share_asked_for_is_the_share_that_flows(self, step):
        percent = [0, 5, 25, 50, 100][step]
        assert weights(CANARY, sets=[f"strategy.canary.step={step}"]) == {
            "digits": 100 - percent,
            "digits-r2": percent,
        }

    @pytest.mark.parametrize("text", [CANARY, CANARY + GATEWAY, ROUTED, ROUTED.replace(GATEWAY, ISTIO)])
    def test_a_step_changes_nothing_but_weights(self, text):
        for before, after in itertools.pairwise(range(5)):
            old, new = (rendered(text, sets=[f"strategy.canary.step={at}"]).text.splitlines() for at in (before, after))
            changed = [line.strip().split(":")[0] for line, other in zip(old, new, strict=True) if line != other]
            assert changed == ["weight", "weight"]

    def test_fractions_of_a_percent_are_exact(self):
        assert weights(CASES["ab-fractions"]) == {"digits": 9875, "digits-r2": 100, "digits-r3": 25}

    def test_a_switch_of_blue_and_green_changes_two_numbers_alone(self):
        blue, green = (rendered(CASES[case]).text.splitlines() for case in ("blue-green", "blue-green-switched"))
        changed = [line.strip().split(":")[0] for line, other in zip(blue, green, strict=True) if line != other]
        assert changed == ["weight", "weight"]
        assert weights(CASES["blue-green"]) == {"digits": 100, "digits-r2": 0}
        assert weights(CASES["blue-green-switched"]) == {"digits": 0, "digits-r2": 100}

    def test_a_shadow_gets_copies_of_what_the_stable_one_answers(self):
        (experiment,) = of_kind("Experiment", SHADOW)
        assert experiment["spec"]["candidates"] == [{"name": "digits", "weight": 100}]
        assert experiment["spec"]["mirror"] == {"name": "digits-r2", "percent": 20}

    def test_two_arms_of_one_release_are_two_models(self):
        pins = {"a": release("1", 1), "b": release("2", 2), "c": release("3", 2)}
        found = names("Model", CASES["ab"], locked(**pins))
        assert found == ["digits", "digits-r2-b", "digits-r2-c"]


class TestTheWayIn:
    def test_where_the_experiment_splits_the_route_leads_to_the_stable_address(self):
        (route,) = of_kind("HTTPRoute", CASES["canary-behind-a-gateway"])
        (rule,) = route["spec"]["rules"]
        assert rule["filters"][0]["requestHeaderModifier"]["set"] == [{"name": "seldon-model", "value": "digits"}]
        assert [(each["name"], each["port"]) for each in rule["backendRefs"]] == [("seldon-mesh", 80)]

    def test_a_pipeline_is_named_in_the_header(self):
        (route,) = of_kind("HTTPRoute", CASES["chain"])
        (header,) = route["spec"]["rules"][0]["filters"][0]["requestHeaderModifier"]["set"]
        assert header == {"name": "seldon-model", "value": "digits.pipeline"}

    def test_behind_a_gateway_a_new_release_of_the_canary_keeps_the_models_name(self):
        """Nobody steps in for a Model that isn't there yet, so the one that is there is replaced."""
        found = [
            names("Model", ROUTED, locked(stable=release("1", 1), canary=release("latest", number)))
            for number in (2, 3)
        ]
        assert found == [["digits", "digits-canary"]] * 2

    def test_the_first_step_behind_a_gateway_comes_with_advice(self):
        assert any("apply step 0 first" in note for note in rendered(ROUTED).notes)
        assert not rendered(ROUTED, sets=["strategy.canary.step=2"]).notes
        assert not rendered(CANARY).notes

    def test_a_preview_is_reached_whichever_is_active(self):
        main, preview = of_kind("HTTPRoute", CASES["blue-green-preview-host"])
        headers = [
            each["spec"]["rules"][0]["filters"][0]["requestHeaderModifier"]["set"][0]["value"]
            for each in (preview, main)
        ]
        assert preview["spec"]["hostnames"] == ["next.example.com"]
        assert headers[0] == "digits"
        assert not of_kind("Experiment", CASES["blue-green-preview-host"])

    def test_without_a_gateway_there_is_no_route(self):
        assert {each["kind"] for each in documents(CANARY)} == {"Model", "Experiment"}


class TestFiles:
    """What storageUri points to."""

    def test_triton_gets_the_models_own_folder(self):
        assert of_kind("Model", ROLLING)[0]["spec"]["storageUri"] == f"s3://models/digits/1/{'a' * 16}/triton/digits"

    def test_the_folder_is_that_of_the_service_whose_release_it_is(self):
        text = ROLLING.replace("release: latest", "release: latest, service: letters")
        assert of_kind("Model", text)[0]["spec"]["storageUri"].endswith("/triton/letters")

    def test_mlserver_gets_the_folder_with_its_settings(self):
        assert of_kind("Model", SKLEARN + ONE)[0]["spec"]["storageUri"] == f"s3://models/digits/1/{'a' * 16}/mlserver"

    def test_a_uri_is_taken_as_it_stands(self):
        assert of_kind("Model", CASES["rolling-uri"])[0]["spec"]["storageUri"] == "gs://models/public/digits"

    def test_the_secret_is_named_on_every_model(self):
        assert [each["spec"]["secretName"] for each in of_kind("Model", CANARY)] == ["models-s3"] * 2


class TestReplicas:
    def test_bounds_switch_the_autoscaling_on_and_a_canary_keeps_its_number(self):
        stable, *canaries = of_kind("Model", CASES["canary-several"])
        assert {key: stable["spec"][key] for key in ("replicas", "minReplicas", "maxReplicas")} == {
            "replicas": 2,
            "minReplicas": 2,
            "maxReplicas": 4,
        }
        assert [each["spec"]["replicas"] for each in canaries] == [3, 2]
        assert not any("maxReplicas" in each["spec"] for each in canaries)

    def test_only_one_scales_where_prometheus_says_how_many(self):
        (model,) = of_kind("Model", ROLLING + KEDA)
        (scaled,) = of_kind("ScaledObject", ROLLING + KEDA)
        assert (model["spec"]["replicas"], "maxReplicas" in model["spec"]) == (2, False)
        assert scaled["spec"]["scaleTargetRef"] == {
            "apiVersion": "mlops.seldon.io/v1alpha1",
            "kind": "Model",
            "name": "digits",
        }
        assert any("leave that field out" in note for note in rendered(ROLLING + KEDA).notes)

    def test_a_server_of_the_cluster_needs_room_and_it_is_said(self):
        (note,) = rendered(ROLLING + "replicas: {min: 2}\n").notes
        assert "2 replicas of a Model need a Server of as many" in note

    def test_servers_scale_from_2_9_on(self):
        new, old = (
            of_kind("Server", CASES[case])[0]["spec"] for case in ("rolling-own-server", "rolling-own-server-2-8")
        )
        assert (new["replicas"], new["minReplicas"], new["maxReplicas"]) == (2, 2, 4)
        assert old["replicas"] == 4
        assert "maxReplicas" not in old


class TestOwnServer:
    def test_what_belongs_to_pods_stands_on_the_server(self):
        (server,) = of_kind("Server", CASES["rolling-own-server"])
        pod = server["spec"]["podSpec"]
        (container,) = pod["containers"]
        assert (container["name"], container["image"]) == ("mlserver", "docker.io/seldonio/mlserver:1.7.1")
        assert container["resources"]["limits"] == {"memory": "4Gi"}
        assert container["env"] == [{"name": "MLSERVER_PARALLEL_WORKERS", "value": "2"}]
        assert (pod["nodeSelector"], pod["priorityClassName"]) == ({"pool": "models"}, "serving")
        assert (pod["serviceAccountName"], server["metadata"]["labels"]["azure.workload.identity/use"]) == (
            "digits",
            "true",
        )

    def test_its_models_are_pinned_to_it(self):
        assert of_kind("Model", CASES["rolling-own-server"])[0]["spec"]["server"] == "digits"

    def test_nothing_of_a_release_reaches_its_pods(self):
        text = SKLEARN + ONE + OWN
        one, two = (of_kind("Server", text, locked(stable=release("latest", number))) for number in (1, 2))
        assert one == two

    def test_more_capabilities_come_on_top_of_the_configurations_own(self):
        (server,) = of_kind("Server", CASES["rolling-own-server"])
        assert server["spec"]["extraCapabilities"] == ["digits-only"]
        assert "capabilities" not in server["spec"]

    def test_a_budget_keeps_pods_of_the_server(self):
        (budget,) = of_kind("PodDisruptionBudget", CASES["rolling-own-server"])
        assert budget["spec"] == {"minAvailable": 1, "selector": {"matchLabels": {"seldon-server-name": "digits"}}}

    def test_an_account_of_ones_own_needs_rights_and_it_is_said(self):
        assert any("bind it to the same Role" in note for note in rendered(CASES["rolling-own-server"]).notes)

    def test_a_configuration_that_nobody_knows_may_call_its_container_otherwise(self):
        text = SKLEARN + ONE + OWN.replace("config: mlserver", "config: mlserver-gpu")
        assert any("container.name" in note for note in rendered(text).notes)
        named = text.replace("container: {env", "container: {name: server, env")
        assert not any("container.name" in note for note in rendered(named).notes)
        assert of_kind("Server", named)[0]["spec"]["podSpec"]["containers"][0]["name"] == "server"


class TestDeployed:
    """Models that are on the cluster already."""

    def test_an_experiment_splits_the_endpoint_that_is_there(self):
        (experiment,) = of_kind("Experiment", CASES["canary-of-deployed"])
        assert experiment["spec"]["default"] == "iris"
        assert len(of_kind("Model", CASES["canary-of-deployed"])) == 1

    def test_a_route_leads_to_it(self):
        (route,) = of_kind("HTTPRoute", CASES["canary-of-deployed"] + GATEWAY)
        assert route["spec"]["rules"][0]["filters"][0]["requestHeaderModifier"]["set"][0]["value"] == "iris"


class TestGraphs:
    def test_steps_are_named_after_variants_so_a_release_leaves_the_pipeline_as_it_is(self):
        later = lock_for(GRAPH).with_section("digits", {**lock_for(GRAPH).services["digits"], "a": release("1", 4)})
        before, after = (of_kind("Pipeline", CASES["chain"], lock) for lock in (None, later))
        assert before == after

    def test_each_step_of_a_chain_gets_the_answer_before_it_under_its_own_names(self):
        (pipeline,) = of_kind("Pipeline", CASES["chain"])
        first, second, third = pipeline["spec"]["steps"]
        assert "inputs" not in first
        assert second["inputs"] == ["digits-a.outputs"]
        assert second["tensorMap"] == {"digits-a.outputs.embedding": "input_1"}
        assert "tensorMap" not in third
        assert pipeline["spec"]["output"] == {
            "steps": ["digits-c.outputs"],
            "stepsJoin": "inner",
            "tensorMap": {"digits-c.outputs.scores": "probabilities"},
        }

    def test_an_ensemble_joins_all_answers(self):
        (pipeline,) = of_kind("Pipeline", CASES["ensemble"])
        assert pipeline["spec"]["output"]["steps"] == [f"digits-{arm}.outputs" for arm in "abc"]
        assert pipeline["spec"]["output"]["tensorMap"]["digits-b.outputs.scores"] == "scores_b"

    def test_every_join_is_written_since_the_api_server_would_write_it(self):
        (pipeline,) = of_kind("Pipeline", CASES["chain-as-they-are"])
        assert {step["inputsJoinType"] for step in pipeline["spec"]["steps"]} == {"inner"}
        assert pipeline["spec"]["output"]["stepsJoin"] == "inner"

    def test_tensors_that_keep_their_names_are_told(self):
        assert "strategy.chain.tensors" in rendered(CASES["chain-as-they-are"]).notes[0]
        assert not rendered(CASES["chain"]).notes
        alike = GRAPH + "strategy: {ensemble: {variants: [a, b]}}\n"
        alike = alike.replace(", {name: c, release: '3'}", "")
        assert "strategy.ensemble.tensors" in rendered(alike).notes[0]
        assert not rendered(CASES["ensemble"]).notes

    def test_a_graph_in_core_2s_own_words_keeps_its_names(self):
        (pipeline,) = of_kind("Pipeline", CASES["graph"])
        assert [step["name"] for step in pipeline["spec"]["steps"]] == ["chooser", "small", "large"]
        assert names("Model", CASES["graph"]) == ["chooser", "large"]
        assert {step["inputsJoinType"] for step in pipeline["spec"]["steps"]} == {"inner"}
        assert pipeline["spec"]["output"]["stepsJoin"] == "any"

    def test_an_explainer_explains_the_address_that_clients_call(self):
        text = SKLEARN + ONE + AROUND
        assert of_kind("Model", text)[1]["spec"]["explainer"] == {"type": "anchor_tabular", "modelRef": "digits"}
        graph = CASES["chain"] + AROUND
        assert of_kind("Model", graph)[-1]["spec"]["explainer"] == {"type": "anchor_tabular", "pipelineRef": "digits"}


@pytest.mark.parametrize("version", RELEASES)
def test_every_row_of_the_table_is_answered_for_every_release(version):
    platform = platforms.platforms()["seldon-core-2"]
    for feature in FEATURES:
        cells = platform.ways(feature, "standard", version)
        assert all(cell in platform.cells for cell in cells), feature
        assert all(cell.instead for cell in cells if cell.level.value == "no"), feature
        assert all(cell.sentence.endswith(".") for cell in cells)


def test_the_words_of_a_server_are_those_of_one_shipped_server_alone():
    from generator.checks.rules.seldon_core_2.spec import CAPABILITIES

    for model_format, servers in SERVERS.items():
        if model_format == "custom":
            continue
        for name, server in servers.items():
            able = [shipped for shipped, words in CAPABILITIES.items() if set(server.capabilities) <= words]
            assert able == [name], model_format
