"""``serinus validate`` of a folder: a repository holds charts, patches, packages and values beside its manifests."""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING

import pytest

from kit import ROOT

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: iris
  namespace: models
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    serviceAccountName: reader
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/iris/1
      resources: {requests: {cpu: "1", memory: 1Gi}, limits: {cpu: "1", memory: 1Gi}}
"""
PATCH = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: iris}
spec: {predictor: {minReplicas: 3}}
"""
TEMPLATE = """\
{{- if .Values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ .Release.Name }}
{{- end }}
"""
REPOSITORY = {
    "base/iris.yaml": MANIFEST,
    "base/other.yaml": MANIFEST.replace("iris", "wine"),
    "base/kustomization.yaml": "resources: [iris.yaml, other.yaml]\n",
    "overlays/prod/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../../base]\n"
        "patches: [{path: replicas.yaml}, {patch: '[]', target: {kind: Service}}]\n"
        "patchesStrategicMerge: [more/memory.yaml]\n"
        "patchesJson6902: [{target: {kind: InferenceService, name: iris, version: v1beta1}, path: ops.json}]\n"
    ),
    "overlays/prod/replicas.yaml": PATCH,
    "overlays/prod/more/memory.yaml": PATCH,
    "overlays/prod/ops.json": '[{"op": "remove", "path": "/metadata/labels"}]',
    "charts/iris/Chart.yaml": "apiVersion: v2\nname: iris\nversion: 0.1.0\n",
    "charts/iris/values.yaml": "replicaCount: 1\nkind: Deployment\n",
    "charts/iris/templates/hpa.yaml": TEMPLATE,
    "charts/iris/templates/sub/service.yaml": 'apiVersion: v1\nkind: Service\nmetadata: {name: "{{ .Release.Name }}"}\n',
    "package.json": '{"name": "web", "version": "1.0.0"}',
    "tsconfig.json": '{\n  // strict\n  "compilerOptions": {"strict": true},\n}',
    "docker-compose.yml": "services: {db: {image: 'postgres:16'}}\n",
    "mkdocs.yml": "site_name: a\nemoji: !!python/name:material.extensions.emoji.twemoji\n",
    ".github/workflows/ci.yaml": "on: push\n",
    "serinus.yaml": "apiVersion: serinus/v1\nkind: ModelService\nmetadata: {}\n",
    "store/iris/1/release.json": '{"schemaVersion": 1, "service": "iris"}',
    "store/iris/1/abc/mlserver/model-settings.json": '{"name": "iris"}',
    "node_modules/thing/broken.yaml": "apiVersion: v1\nkind: [",
    "build/old.yaml": "apiVersion: v1\nkind: [",
    ".gitignore": "build/\n",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def documents(out: str) -> int:
    return json.loads(out)["summary"]["documents"]


def test_two_manifests_among_much_else_are_judged_and_the_rest_is_said_in_a_line_each_kind(run, repository) -> None:
    write(repository, REPOSITORY)
    ended = run("validate", ".", "--fail-on", "warning")
    assert ended.out == "2 documents: 2 valid; 2 notes (--notes shows them)\n"
    assert ended.code == 0
    assert ended.err == (
        "note: ./charts/iris is a Helm chart; 2 templates skipped. "
        "Render it first: helm template ./charts/iris | serinus validate -\n"
        "note: 5 files of kustomize skipped (./base/kustomization.yaml, ./overlays/prod/kustomization.yaml, "
        "./overlays/prod/more/memory.yaml, …). Check what it builds of each of 2 folders, such as ./base: "
        "kustomize build ./base | serinus validate -\n"
        "note: 1 service file skipped (./serinus.yaml). "
        "Check what it renders: serinus render ./serinus.yaml | serinus validate -\n"
        "note: 8 files without a Kubernetes object (apiVersion and kind) skipped (./charts/iris/Chart.yaml, "
        "./charts/iris/values.yaml, ./docker-compose.yml, …).\n"
    )


def test_on_all_cores_it_is_the_same(run, repository, monkeypatch: pytest.MonkeyPatch) -> None:
    from generator.checks.judging import run as runs

    write(repository, REPOSITORY)
    alone = run("validate", ".")
    monkeypatch.setattr(runs, "FILES_A_PROCESS", 5)
    monkeypatch.setattr(runs, "cores", lambda: 2)
    assert run("validate", ".") == alone


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("package.json", "K8S002"),
        ("charts/iris/Chart.yaml", "K8S002"),
        ("charts/iris/templates/hpa.yaml", "K8S001"),
        ("overlays/prod/replicas.yaml", "KSV001"),
        ("build/old.yaml", "K8S001"),
    ],
)
def test_what_is_named_is_judged_all_the_same(run, repository, name: str, rule: str) -> None:
    write(repository, REPOSITORY)
    ended = run("validate", name, "--format", "json")
    assert documents(ended.out) == 1
    if rule != "KSV001":
        assert (ended.code, rule in ended.out) == (1, True)


@pytest.mark.parametrize("name", [name for name in REPOSITORY if name.startswith(("over", "charts", "pack", "ts"))])
def test_a_hook_skips_what_it_names_as_a_folder_does(run, repository, name: str) -> None:
    write(repository, REPOSITORY)
    (repository / ".git").mkdir()
    ended = run("validate", "--skip-foreign", name)
    assert (ended.code, ended.out) == (0, "0 documents\n")
    assert "skipped" in ended.err


def test_a_hook_judges_what_is_a_manifest(run, repository) -> None:
    write(repository, {"a.yaml": MANIFEST, "b.yaml": MANIFEST.replace("storageUri", "storageURI")})
    assert run("validate", "--skip-foreign", "a.yaml").out.startswith("1 document: 1 valid")
    assert run("validate", "--skip-foreign", "a.yaml", "b.yaml").code == 1


def test_strict_skips_nothing(run, repository) -> None:
    write(repository, REPOSITORY)
    ended = run("validate", ".", "--strict", "--format", "json")
    told = {one["file"] for one in json.loads(ended.out)["findings"] if one["severity"] == "error"}
    assert {"./package.json", "./charts/iris/templates/hpa.yaml", "./overlays/prod/ops.json"} <= told
    assert not [name for name in told if "node_modules" in name or "build" in name or "kustomization" in name]
    assert ended.code == 1


@pytest.mark.parametrize(
    "files",
    [
        {"kustomization.yaml": "resources: []\n"},
        {"serinus.yaml": "apiVersion: serinus/v1\nkind: ModelService\n"},
        {"values.yaml": "replicaCount: 1\n"},
        {"Chart.yaml": "apiVersion: v2\nname: a\n", "templates/a.yaml": TEMPLATE},
    ],
)
def test_nothing_but_what_is_known_as_something_else_is_no_mistake(run, repository, files: dict[str, str]) -> None:
    write(repository, files)
    ended = run("validate", ".")
    assert (ended.code, ended.out) == (0, "0 documents\n")
    assert ended.err.endswith("note: there is no manifest in .; all that was found is named above.\n")


@pytest.mark.parametrize("name", ["kustomization.yaml", "serinus.yaml"])
def test_a_tools_own_file_that_is_named_is_no_mistake_either(run, repository, name: str) -> None:
    write(repository, {name: "apiVersion: serinus/v1\nkind: ModelService\n"})
    assert run("validate", name).code == 0


@pytest.mark.parametrize(
    "last", ["kustomize.config.k8s.io/v1beta1\nkind: Kustomization", "serinus/v1\nkind: ModelService"]
)
def test_manifests_that_lost_the_line_between_them_dont_pass_for_the_last_one(run, repository, last: str) -> None:
    """What ``cat *.yaml`` makes of files without ``---``: nothing of them would be applied, and nothing was judged."""
    write(repository, {"all.yaml": f"{MANIFEST}apiVersion: {last}\n"})
    ended = run("validate", "all.yaml")
    assert ended.code == 1
    assert "the key 'kind' stands twice" in ended.out


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", "file of kustomize"),
        ("apiVersion: serinus/v1\nkind: ModelService\n", "service file"),
    ],
)
def test_of_standard_input_no_command_is_told_that_names_it(
    run, repository, monkeypatch: pytest.MonkeyPatch, content: str, what: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    ended = run("validate", "-")
    assert (ended.code, ended.err.splitlines()[0]) == (0, f"note: 1 {what} skipped (standard input).")


def test_2_where_there_is_no_file_at_all(run, repository) -> None:
    (repository / "empty").mkdir()
    assert run("validate", "empty").code == 2


@pytest.mark.parametrize(
    ("content", "judged"),
    [
        pytest.param("apiVersion: v1\nkind: [\n", True, id="half a manifest"),
        pytest.param('{"apiVersion": "v1", "kind": "Pod", ', True, id="half a manifest in JSON"),
        pytest.param("{", True, id="an opened brace"),
        pytest.param("apiVersion: v1\nmetadata: {name: a}\n", True, id="a manifest without its kind"),
        pytest.param("kind: Pod\nmetadata: {generateName: a-}\n", True, id="a manifest without its version"),
        pytest.param(f"a: 1\n---\n{MANIFEST}", True, id="a manifest beside something else"),
        pytest.param(
            MANIFEST.replace("iris", "'{{.Name}}'", 1) + "  b: [\n", True, id="a slip in a manifest with an argument"
        ),
        pytest.param(TEMPLATE, False, id="a template outside a chart"),
        pytest.param("{{/* iris */}}\napiVersion: v1\nkind: Pod\n", False, id="a template that begins with a comment"),
        pytest.param("{% if a %}\napiVersion: v1\nkind: Pod\n{% endif %}\n", False, id="a template of Jinja"),
        pytest.param("[1, 2]", False, id="a list"),
        pytest.param("- a: 1\n- b: 2\n", False, id="a list of mappings"),
        pytest.param("a: 1\n a: [\n", False, id="something else that can't be read"),
        pytest.param("apiVersion: v1\nkind: Config\nclusters: []\nusers: []\n", False, id="a kubeconfig"),
        pytest.param("openapi: 3.1.0\ncomponents: {schemas: {Pod: {properties: {kind: {}}}}}\n", False, id="a schema"),
    ],
)
def test_what_a_file_in_a_folder_is(run, repository, content: str, judged: bool) -> None:
    write(repository, {"a.yaml": MANIFEST, "b.yaml": content})
    assert documents(run("validate", ".", "--format", "json").out) > 1 if judged else True
    if not judged:
        assert documents(run("validate", ".", "--format", "json").out) == 1


def test_utf_16_is_told_not_passed_over(run, repository) -> None:
    (repository / "a.yaml").write_text(MANIFEST, encoding="utf-16")
    assert "the file is saved as UTF-16" in run("validate", ".").out


class TestAround:
    """What a folder is depends on what lies above it in the repository."""

    def test_an_ignored_folder_that_is_named_is_read(self, run, repository) -> None:
        write(repository, {".gitignore": "build/\n*.tmp.yaml\n", "build/out/a.yaml": MANIFEST})
        (repository / ".git").mkdir()
        assert documents(run("validate", "build/out", "--format", "json").out) == 1
        assert documents(run("validate", "build", "--format", "json").out) == 1

    def test_what_the_root_ignores_is_left_out_of_a_folder_below(self, run, repository) -> None:
        write(repository, {".gitignore": "*.tmp.yaml\n", "a/b/a.yaml": MANIFEST, "a/b/b.tmp.yaml": MANIFEST})
        (repository / ".git").mkdir()
        assert documents(run("validate", "a/b", "--format", "json").out) == 1

    def test_above_no_repository_nothing_holds(self, run, repository) -> None:
        write(repository, {".gitignore": "*\n", "a/a.yaml": MANIFEST})
        assert documents(run("validate", "a", "--format", "json").out) == 1

    def test_an_overlays_patches_in_a_folder_of_their_own(self, run, repository) -> None:
        write(repository, {"o/kustomization.yaml": "patches: [{path: p/a.yaml}]\n", "o/p/a.yaml": PATCH})
        (repository / ".git").mkdir()
        assert "of kustomize skipped" in run("validate", "o/p").err

    @pytest.mark.parametrize("place", ["o", "o/p"])
    def test_so_it_is_from_inside(self, run, repository, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
        write(repository, {"o/kustomization.yaml": "patches: [{path: p/a.yaml}]\n", "o/p/a.yaml": PATCH})
        (repository / ".git").mkdir()
        monkeypatch.chdir(repository / place)
        assert "of kustomize skipped" in run("validate", ".").err

    def test_a_chart_from_inside(self, run, repository, monkeypatch: pytest.MonkeyPatch) -> None:
        write(repository, {name: text for name, text in REPOSITORY.items() if name.startswith("charts")})
        monkeypatch.chdir(repository / "charts/iris/templates")
        assert "note: .. is a Helm chart; 2 templates skipped" in run("validate", ".").err

    @pytest.mark.parametrize("name", [".gitignore", "kustomization.yaml"])
    def test_a_pipe_is_not_waited_for(self, run, repository, name: str) -> None:
        write(repository, {"a.yaml": MANIFEST})
        os.mkfifo(repository / name)
        assert run("validate", ".").out.startswith("1 document: 1 valid")

    def test_a_charts_templates_by_themselves(self, run, repository) -> None:
        write(repository, {name: text for name, text in REPOSITORY.items() if name.startswith("charts")})
        assert "charts/iris is a Helm chart; 2 templates skipped" in run("validate", "charts/iris/templates").err

    def test_a_patch_that_is_a_resource_elsewhere_in_its_kustomization_is_whole(self, run, repository) -> None:
        write(
            repository, {"kustomization.yaml": "resources: [a.yaml]\npatches: [{path: ./a.yaml}]\n", "a.yaml": MANIFEST}
        )
        assert documents(run("validate", ".", "--format", "json").out) == 1

    @pytest.mark.parametrize("content", ["patches: 3\n", "patches: [3, {path: 4}]\nresources: {}\n", "[", "- 1\n"])
    def test_a_kustomization_that_says_nonsense_ends_nothing(self, run, repository, content: str) -> None:
        write(repository, {"kustomization.yaml": content, "a.yaml": MANIFEST})
        assert documents(run("validate", "a.yaml", ".", "--format", "json").out) >= 1


def test_what_comes_with_the_project_is_skipped_too(run) -> None:
    """The action's own description, the hooks and the tests' settings are YAML as well."""
    assert run("validate", ROOT / "action.yml", "--skip-foreign").code == 0
