"""The engine: the cluster's order, whose release judges, what is skipped, silenced, counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generator.checks.api import Options, check
from generator.checks.finding import Severity, Summary
from generator.checks.judging.judges import Panel, panel
from generator.checks.judging.merging import merged
from generator.checks.platforms import asked
from generator.errors import InputError
from generator.reading.documents import Document, read
from generator.schemas import user_folder

SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: https://models.example.com/digits/1/model.tar.gz
      resources: {requests: {cpu: 500m, memory: 1Gi}}
"""
CUSTOM = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    containers:
      - image: registry.example.com/digits:1
        resources: {requests: {cpu: 0.1}}
"""
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: digits}
spec:
  rules: [{backendRefs: [{name: digits-predictor, port: 80}]}]
"""
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"


def found(text: str, *platforms: str, **options: bool) -> list[tuple[str, str, int]]:
    """Rule, path and line of all errors and warnings."""
    report = check(text, platforms=platforms, options=Options(**options))
    return [(one.rule, one.path, one.line) for one in report.findings if one.severity > Severity.NOTE]


class TestOrderOfTheCluster:
    def test_strict_decoding_looks_at_what_was_written(self) -> None:
        text = SERVICE.replace(
            "    model:\n      modelFormat: {name: sklearn}\n", "    sklearn:\n      runtime: mine\n"
        )
        assert found(text) == [("K8S010", "spec.predictor.sklearn.runtime", 10)]

    def test_the_webhook_mends_what_the_schema_refuses(self) -> None:
        assert found(CUSTOM) == []

    def test_a_bare_cluster_refuses_it(self) -> None:
        assert found(CUSTOM, webhooks=False) == [
            ("K8S014", "spec.predictor.containers[0].name", 9),
            ("K8S012", "spec.predictor.containers[0].resources.requests.cpu", 10),
        ]

    def test_a_list_that_is_required_stays_required(self) -> None:
        affinity = "    affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {}}}\n"
        text = SERVICE.replace("    model:\n", f"{affinity}    model:\n")
        path = "spec.predictor.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
        assert found(text) == [("K8S014", path, 9)]

    def test_rules_see_the_mode_that_the_webhook_wrote(self) -> None:
        text = SERVICE.replace("Standard", "RawDeployment").replace(
            "    model:", "    deploymentStrategy: {type: Recreate}\n    model:"
        )
        assert found(text, "kserve@0.17") == []
        assert found(text, "kserve@0.16") == [
            ("KSV117", 'metadata.annotations["serving.kserve.io/deploymentMode"]', 6),
            ("KSV034", "spec.predictor.deploymentStrategy", 9),
        ]

    def test_what_the_webhook_moved_is_found_where_it_was_written(self) -> None:
        text = SERVICE.replace("model:\n      modelFormat: {name: sklearn}", "sklearn:\n      name: x")
        assert found(text) == [("KSV003", "spec.predictor.sklearn.name", 10)]

    def test_a_place_that_the_schema_refuses_gets_no_second_finding(self) -> None:
        text = SERVICE.replace("    model:\n", "    minReplicas: 3\n    maxReplicas: two\n    model:\n")
        assert found(text) == [("K8S012", "spec.predictor.maxReplicas", 10)]

    def test_duplicates_are_refused(self) -> None:
        assert found(SERVICE + "    minReplicas: 1\n    minReplicas: 2\n") == [
            ("K8S011", "spec.predictor.minReplicas", 14)
        ]


class TestWhoJudges:
    def test_the_newest_release_by_default(self) -> None:
        text = SERVICE.replace("spec:\n", "spec:\n  canary: []\n")
        assert found(text) == []
        assert found(text, "kserve@0.19") == [("K8S010", "spec.canary", 8)]

    def test_the_files_own_comment(self) -> None:
        text = SERVICE.replace("spec:\n", "spec:\n  canary: []\n")
        assert found(f"# serinus: platform kserve@0.19\n{text}") == [("K8S010", "spec.canary", 9)]

    def test_the_command_before_the_comment(self) -> None:
        text = "# serinus: platform kserve@0.19\n" + SERVICE.replace("spec:\n", "spec:\n  canary: []\n")
        assert found(text, "kserve@0.20") == []

    def test_a_product_that_is_not_named_is_judged_as_if_nothing_was_named(self) -> None:
        assert found(ROUTE.replace("backendRefs", "backendRef"), "kserve@0.20") == [
            ("K8S010", "spec.rules[0].backendRef", 5)
        ]

    def test_two_releases_of_one_product_give_both_verdicts(self) -> None:
        text = SERVICE.replace("spec:\n", "spec:\n  canary: []\n  unknown: 1\n")
        report = check(text, platforms=["kserve@0.19", "kserve@0.20"])
        assert [(one.path, one.message) for one in report.findings] == [
            ("spec.canary", "unknown field 'canary'; kserve has it since 0.20 (kserve@0.19.0)"),
            ("spec.unknown", "unknown field 'unknown'"),
        ]
        assert report.summary.errors == 2

    def test_a_patch_that_nobody_has_is_judged_by_its_minor_and_said_so(self) -> None:
        report = check(SERVICE, platforms=["kserve@0.20.7"])
        assert report.remarks == ("there is no schema pack for kserve@0.20.7; kserve@0.20.0 stands in for it.",)

    @pytest.mark.parametrize("platform", ["kserves", "kserve@0.9", "kserve@newest"])
    def test_an_unknown_release_is_an_error_of_the_command(self, platform: str) -> None:
        with pytest.raises(InputError, match=r"kserve@0\.20\.0|Known products"):
            check(SERVICE, platforms=[platform])

    def test_the_experimental_channel_replaces_the_standard_one(self) -> None:
        text = ROUTE.replace("v1\nkind: HTTPRoute", "v1alpha2\nkind: TCPRoute")
        assert found(text, "gateway-api@1.5") == [("K8S003", "apiVersion", 1)]
        assert found(text, "gateway-api-experimental@1.5") == []

    def test_a_kind_that_the_release_lacks_says_who_has_it(self) -> None:
        text = SERVICE.replace("v1beta1\nkind: InferenceService", "v1alpha1\nkind: LLMInferenceService")
        (one,) = check(text, platforms=["kserve@0.15"]).findings
        assert (one.rule, one.message) == (
            "K8S003",
            "kserve@0.15.2 serves no LLMInferenceService in serving.kserve.io/v1alpha1",
        )
        assert one.fix.startswith("It is served by kserve@0.16.0,")

    @pytest.mark.parametrize(
        ("change", "fix"),
        [
            (("v1beta1", "v1"), "Write apiVersion: serving.kserve.io/v1beta1."),
            (("kind: InferenceService", "kind: InferenceServices"), "Write kind: InferenceService."),
        ],
    )
    def test_a_wrong_version_or_kind_says_the_right_one(self, change: tuple[str, str], fix: str) -> None:
        (one,) = check(SERVICE.replace(*change)).findings
        assert (one.rule, one.fix) == ("K8S003", fix)


class TestWhatIsChecked:
    def test_kinds_that_no_pack_knows_are_skipped_and_said_so(self) -> None:
        text = "apiVersion: example.com/v1\nkind: Canary\nmetadata: {name: a}\n"
        report = check(text)
        assert [(one.rule, one.severity) for one in report.findings] == [("K8S004", Severity.NOTE)]
        assert (report.summary.skipped, report.summary.valid, report.summary.invalid) == (1, 0, 0)

    def test_strict_makes_that_an_error(self) -> None:
        text = "apiVersion: example.com/v1\nkind: Canary\nmetadata: {name: a}\n"
        report = check(text, options=Options(strict=True))
        assert [(one.rule, one.severity) for one in report.findings] == [("K8S004", Severity.ERROR)]
        assert (report.summary.skipped, report.summary.invalid) == (0, 1)

    @pytest.mark.parametrize(
        "text",
        [
            "apiVersion: serinus/v1\nkind: ModelService\nname: digits\n",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
        ],
    )
    def test_files_for_tools_are_neither_checked_nor_counted(self, text: str) -> None:
        assert check(text).summary.documents == 0

    def test_a_kustomization_without_a_kind_is_known_by_its_name(self) -> None:
        assert check("resources: [a.yaml]\n", file="deploy/kustomization.yaml").summary.documents == 0
        assert check("resources: [a.yaml]\n", file="deploy/values.yaml").summary.invalid == 1

    def test_broken_text_is_a_finding_and_the_rest_is_checked(self) -> None:
        report = check(f"a: [1, 2\n---\n{SERVICE}")
        assert [one.rule for one in report.findings] == ["K8S001"]
        expected = Summary(documents=2, valid=1, invalid=1, skipped=0, errors=1, warnings=0, notes=0)
        assert replace(report.summary, made=None, refused=None, makers=()) == expected

    def test_items_of_a_list_are_documents(self) -> None:
        indented = "\n".join(f"    {line}" for line in SERVICE.splitlines())
        report = check(f"apiVersion: v1\nkind: List\nitems:\n  -\n{indented}\n".replace("storageUri", "storageURI"))
        assert [(one.rule, one.line) for one in report.findings if one.severity > Severity.WARNING] == [("K8S010", 15)]

    def test_documents_are_counted_from_zero_within_their_file(self) -> None:
        (one,) = [
            one for one in check(f"{ROUTE}---\n{SERVICE.replace('digits', 'Digits', 1)}").findings if one.severity > 1
        ][:1]
        assert (one.document, one.kind, one.name) == (1, "InferenceService", "Digits")


class TestSilence:
    def test_an_object_silences_rules_by_its_annotation(self) -> None:
        loud = SERVICE.replace("Standard", "standard")
        quiet = loud.replace("  annotations:\n", '  annotations:\n    serinus.dev/ignore: "KSV100, POL999"\n')
        assert [one.rule for one in check(loud).findings] == ["KSV100"]
        assert [one.rule for one in check(quiet).findings] == ["POL001"]

    def test_only_that_object(self) -> None:
        quiet = SERVICE.replace("Standard", "standard\n    serinus.dev/ignore: KSV100")
        loud = SERVICE.replace("Standard", "standard").replace("digits", "other", 1)
        assert [(one.rule, one.name) for one in check(f"{quiet}---\n{loud}").findings] == [("KSV100", "other")]

    def test_a_silenced_error_leaves_the_document_valid(self) -> None:
        text = SERVICE.replace("Standard", "Standard\n    serinus.dev/ignore: K8S010") + "  extra: 1\n"
        assert check(text).summary.valid == 1


class TestCompleteness:
    def test_a_reference_into_nothing_is_a_note(self) -> None:
        assert [(one.rule, one.severity) for one in check(ROUTE).findings] == [("REF003", Severity.NOTE)]

    def test_it_is_a_warning_where_the_set_is_complete(self) -> None:
        found = check(ROUTE, options=Options(complete=True)).findings
        assert [(one.rule, one.severity) for one in found] == [("REF003", Severity.WARNING)]

    @pytest.mark.parametrize(
        "other",
        [
            SERVICE,
            "apiVersion: v1\nkind: Service\nmetadata: {name: digits-predictor}\nspec: {ports: [{port: 80}]}\n",
        ],
    )
    def test_the_set_satisfies_it(self, other: str) -> None:
        found = check(f"{ROUTE}---\n{other}", options=Options(complete=True)).findings
        assert [one.rule for one in found if one.severity > Severity.NOTE] == []


def test_findings_come_in_the_order_of_file_line_column_rule() -> None:
    text = SERVICE.replace(
        "    model:\n", "    minReplicas: 3\n    maxReplicas: 2\n    scaleTarget: x\n    model:\n      name: a\n"
    )
    report = check(f"{text}---\n{ROUTE.replace('weight', 'x')}")
    keys = [(one.file, one.line, one.column, one.rule) for one in report.findings]
    assert keys == sorted(keys)


def test_notes_never_fail_a_run() -> None:
    report = check(ROUTE)
    assert report.findings
    assert not report.failed(Severity.WARNING)


def test_where_the_lanes_of_reading_differ_the_exact_one_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the fast lane had taken a text that kubectl refuses: the first place that is asked for tells."""
    from generator.reading import fast

    text = SERVICE.replace("{name: sklearn}", "{name: :x, a}")
    monkeypatch.setattr(fast, "_guarded", lambda *_: True)
    report = check(text)
    assert [(one.rule, one.line) for one in report.findings] == [("K8S001", 10)]
    assert report.summary.invalid == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n", "it lacks apiVersion and kind"),
        ("apiVersion: v1\n", "it lacks kind"),
        ("apiVersion: 1\nkind: [x]\n", "it lacks the text of apiVersion and the text of kind"),
        ("apiVersion: v1\nkind: List\nitems: 7\n", "items of this List is no list"),
    ],
)
def test_what_is_no_object_says_why(text: str, message: str) -> None:
    (found,) = check(text).findings
    assert message in found.message


def test_what_two_releases_say_of_different_weight_is_told_with_the_heavier() -> None:
    document = read(SERVICE, "f")[0]
    assert isinstance(document, Document)
    judges = [judge for release in ("0.19", "0.20") for judge in _panel(release).judges(document)]
    light = next(one for one in check(CUSTOM).findings if one.severity < Severity.ERROR)
    heavy = replace(light, severity=Severity.ERROR)
    for order in ((light, heavy), (heavy, light)):
        (told,) = merged([(judge, [one]) for judge, one in zip(judges, order, strict=True)])
        assert told.severity == Severity.ERROR


def _panel(release: str) -> Panel:
    return panel(asked([f"kserve@{release}"]).targets, webhooks=True, fallback=(), folder=user_folder())
