"""``serinus diff``, as a user types it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from generator.plan import lock
from kit import ROLLING, ROOT, locked, pin

EXAMPLES = sorted(file.parent.name for file in (ROOT / "examples").glob("*/serinus.yaml"))
STEP_2 = ("--set", "strategy.canary.step=2")


@pytest.fixture
def rendered(run, folder):
    """A service file, and the folder that it was rendered into."""
    assert run("render", folder / "serinus.yaml", "-o", folder / "out").code == 0
    return folder / "serinus.yaml", folder / "out"


@pytest.fixture
def repository(folder):
    """The same folder as a git repository with one commit."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def git(folder, *words: str) -> str:
    mine = ("-c", "user.name=tests", "-c", "user.email=tests@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", "-C", folder, *mine, *words], check=True, capture_output=True, text=True).stdout


def commit(folder) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "a state")


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_changes_against_what_was_just_rendered(run, tmp_path, name):
    file = ROOT / "examples" / name / "serinus.yaml"
    assert run("render", file, "-o", tmp_path / "out").code == 0
    ended = run("diff", file, "--against", tmp_path / "out")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith(": nothing changes\n")


def test_a_canarys_step_is_told_by_its_traffic_and_by_its_fields(run, rendered):
    file, into = rendered
    ended = run("diff", file, "--against", into, *STEP_2)
    assert ended.code == 1
    assert ended.out == (
        "digits: 2 changed\n"
        "  HTTPRoute digits-split: digits-r1-predictor 95 % → 75 %, digits-r2-predictor 5 % → 25 %\n"
        "  no pod restarts\n"
        "  ~ InferenceService digits\n"
        "      spec.canary[0].trafficPercent: 5 → 25\n"
        "  ~ HTTPRoute digits-split\n"
        "      spec.rules[0].backendRefs[0].weight: 95 → 75\n"
        "      spec.rules[0].backendRefs[1].weight: 5 → 25\n"
    )


def test_another_release_is_told_by_its_number_and_restarts_pods(run, folder):
    file = folder / "serinus.yaml"
    file.write_text(ROLLING)
    run("render", file, "-o", folder / "out")
    file.write_text(ROLLING.replace('release: "1"', 'release: "3"'))
    lock.write(folder / lock.FILE, locked(stable=pin("3", 3, "c")))
    ended = run("diff", file, "--against", folder / "out")
    assert "  InferenceService digits: release 1 → 3\n" in ended.out
    assert "  Deployment digits-predictor: its pods restart: " in ended.out
    assert "no pod restarts" not in ended.out


def test_a_change_that_loses_requests_is_told(run, folder):
    file = folder / "serinus.yaml"
    canary = file.read_text()
    file.write_text(ROLLING)
    run("render", file, "-o", folder / "out")
    file.write_text(canary)
    ended = run("diff", file, "--against", folder / "out", "--set", "strategy.canary.by=gateway")
    assert "  danger: once HTTPRoute digits-split is applied, HTTPRoute digits-split gives " in ended.out


def test_nothing_is_written(run, rendered):
    file, into = rendered
    before = {each.name: each.read_bytes() for each in into.iterdir()}
    run("diff", file, "--against", into, *STEP_2)
    assert {each.name: each.read_bytes() for each in into.iterdir()} == before


def test_other_comments_are_a_change_that_is_none_of_the_objects(run, rendered):
    file, into = rendered
    one = next(into.glob("inferenceservice-*.yaml"))
    one.write_text(one.read_text().replace("Rendered by serinus", "Rendered by an older serinus"))
    ended = run("diff", file, "--against", into)
    assert (ended.code, ended.out) == (1, f"digits: 1 with other comments\n  {one.name}: comments alone\n")


def test_a_kustomization_that_lists_other_files_is_a_change(run, rendered):
    file, into = rendered
    listed = into / "kustomization.yaml"
    listed.write_text(listed.read_text().replace("httproute", "other"))
    ended = run("diff", file, "--against", into)
    assert (ended.code, ended.out) == (1, "digits: nothing changes\n")
    assert "kustomization.yaml would be written anew" in ended.err
    assert json.loads(run("diff", file, "--against", into, "--format", "json").out)["changed"] is True


def test_programs_get_the_fields_with_their_values(run, rendered):
    file, into = rendered
    ended = run("diff", file, "--against", into, *STEP_2, "--format", "json")
    told = json.loads(ended.out)
    assert told["changed"] is True
    (service,) = told["services"]
    assert [(one["kind"], one["state"]) for one in service["objects"]] == [
        ("InferenceService", "changed"),
        ("HTTPRoute", "changed"),
    ]
    assert service["objects"][0]["fields"] == [{"path": "spec.canary[0].trafficPercent", "before": 5, "after": 25}]


def test_a_pull_request_gets_markdown_in_which_values_are_inert(run, rendered):
    file, into = rendered
    ended = run(
        "diff", file, "--against", into, "--set", "annotations.owner=@everyone <b>[x](y)", "--format", "markdown"
    )
    assert ended.out.startswith("### digits: 2 changed\n\n- Deployment digits-r1-predictor: its pods restart: ")
    assert "@everyone" not in ended.out
    assert "\\<b\\>\\[x\\](y)" in ended.out


REFUSED = {
    "a folder nobody rendered into": (("--against", "nowhere"), "nowhere: nothing was rendered here."),
    "another environment's folder": (("--against", "out", "-e", "prod"), "this folder holds digits for no environment"),
    "no revision": (("--against", "git:"), "--against git: names no revision."),
    "a format that isn't": (("--against", "out", "--format", "xml"), "Known: text, markdown, json."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_refused(run, rendered, monkeypatch, case):
    file, _ = rendered
    monkeypatch.chdir(file.parent)
    words, said = REFUSED[case]
    ended = run("diff", file, *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


class TestAgainstARevision:
    def test_nothing_changes_against_the_files_as_they_are(self, run, repository):
        ended = run("diff", repository / "serinus.yaml", "--against", "git:HEAD")
        assert (ended.code, ended.out) == (0, "digits: nothing changes\n")

    def test_an_edit_is_told(self, run, repository):
        file = repository / "serinus.yaml"
        file.write_text(file.read_text().replace("step: 1", "step: 3"))
        ended = run("diff", file, "--against", "git:HEAD")
        assert ended.code == 1
        assert "digits-r1-predictor 95 % → 50 %, digits-r2-predictor 5 % → 50 %" in ended.out
        commit(repository)
        assert run("diff", file, "--against", "git:HEAD").code == 0
        assert run("diff", file, "--against", "git:HEAD~1").out == ended.out

    def test_set_holds_for_what_would_be_rendered_alone(self, run, repository):
        ended = run("diff", repository / "serinus.yaml", "--against", "git:HEAD", *STEP_2)
        assert "5 % → 25 %" in ended.out

    def test_the_lock_is_that_of_the_revision(self, run, repository):
        lock.write(repository / lock.FILE, locked(stable=pin("1", 1, "a"), canary=pin("latest", 9, "9")))
        ended = run("diff", repository / "serinus.yaml", "--against", "git:HEAD")
        assert "release 2 → 9" in ended.out

    def test_defaults_and_templates_are_those_of_the_revision(self, run, repository):
        toml, own = repository / "serinus.toml", repository / "own"
        toml.write_text('[service]\nlabels = {team = "vision"}\n[render]\ntemplates = "own"\n')
        assert run("templates", "eject", "kserve/inferenceservice.yaml.j2", "-o", own).code == 0
        commit(repository)
        toml.write_text('[service]\nlabels = {team = "speech"}\n[render]\ntemplates = "own"\n')
        ended = run("diff", repository / "serinus.yaml", "--against", "git:HEAD")
        assert 'metadata.labels.team: "vision" → "speech"' in ended.out

    def test_defaults_of_a_folder_above_hold_there_too(self, run, repository):
        below = repository / "models" / "digits"
        below.mkdir(parents=True)
        for name in ("serinus.yaml", lock.FILE):
            (repository / name).rename(below / name)
        (repository / "serinus.toml").write_text('[service]\nlabels = {team = "vision"}\n')
        commit(repository)
        ended = run("diff", below / "serinus.yaml", "--against", "git:HEAD")
        assert (ended.code, ended.out) == (0, "digits: nothing changes\n")

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("strategy: {canary", "strategy: {shadow: {stable: stable, variant: canary}}\n#"),
            ("replicas: {min: 2", "replicas: {min: 3"),
        ],
    )
    def test_it_says_the_same_as_against_the_folder_that_was_rendered_then(self, run, repository, old, new):
        file, into = repository / "serinus.yaml", repository / "out"
        kubernetes = file.read_text().replace('kind: kserve, version: "0.20", mode: standard', "kind: kubernetes")
        kubernetes = kubernetes.replace("{stable: stable, variant: canary,", "{stable: canary, variant: stable,")
        file.write_text(kubernetes)
        assert run("render", file, "-o", into).code == 0
        commit(repository)
        file.write_text(kubernetes.replace(old, new))
        here, there = (run("diff", file, "--against", where) for where in (into, "git:HEAD"))
        assert here.code == 1
        assert here.out == there.out

    def test_a_service_that_is_new_is_all_new(self, run, repository):
        git(repository, "rm", "--quiet", "--cached", "serinus.yaml")
        git(repository, "commit", "--quiet", "--message", "without it")
        ended = run("diff", repository / "serinus.yaml", "--against", "git:HEAD")
        assert ended.out.startswith("digits: 2 new\n")
        assert "danger" not in ended.out
        assert "no pod restarts" not in ended.out

    def test_neither_the_work_tree_nor_the_index_is_touched(self, run, repository):
        (repository / "serinus.yaml").write_text((repository / "serinus.yaml").read_text() + "# more\n")
        before = (repository / ".git" / "index").read_bytes()
        os.utime(repository / "serinus.yaml", (1, 1))  # a git that refreshes its index would write it
        run("diff", repository / "serinus.yaml", "--against", "git:HEAD")
        assert (repository / ".git" / "index").read_bytes() == before

    def test_what_was_wrong_then_is_told_as_git_names_it(self, run, repository):
        file = repository / "serinus.yaml"
        good = file.read_text()
        file.write_text(good.replace("replicas:", "replicsa:"))
        commit(repository)
        file.write_text(good)
        ended = run("diff", file, "--against", "git:HEAD")
        assert ended.code == 2
        assert ended.err.startswith("serinus: HEAD:serinus.yaml:20:33: unknown key")

    def test_a_link_at_the_revision_is_refused(self, run, repository):
        (repository / "elsewhere.toml").write_text('[service]\nlabels = {team = "vision"}\n')
        (repository / "serinus.toml").symlink_to("elsewhere.toml")
        commit(repository)
        ended = run("diff", repository / "serinus.yaml", "--against", "git:HEAD")
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == "serinus: HEAD:serinus.toml: this is a link there, which isn't followed.\n"

    def test_a_hook_of_another_repository_may_ask(self, run, repository, monkeypatch):
        monkeypatch.setenv("GIT_DIR", str(repository / "nowhere"))
        assert run("diff", repository / "serinus.yaml", "--against", "git:HEAD").code == 0

    def test_an_unknown_revision_is_refused(self, run, repository):
        ended = run("diff", repository / "serinus.yaml", "--against", "git:--since=1")
        assert (ended.code, ended.err) == (2, "serinus: git knows no revision --since=1 here.\n")

    def test_a_folder_outside_every_repository_is_refused(self, run, folder, monkeypatch):
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
        ended = run("diff", folder / "serinus.yaml", "--against", "git:HEAD")
        assert ended.code == 2
        assert "lies in no git repository" in ended.err

    def test_without_git_it_says_so(self, run, folder, monkeypatch):
        monkeypatch.setenv("PATH", str(folder))
        ended = run("diff", folder / "serinus.yaml", "--against", "git:HEAD")
        assert ended.code == 3
        assert "there is no git on the path" in ended.err


class TestRenderCheck:
    def test_a_folder_in_step_is_left_alone(self, run, rendered):
        file, into = rendered
        ended = run("render", file, "-o", into, "--check")
        assert ended.code == 0
        assert ended.err.endswith(f"{into}: 0 to be written, 0 to be removed, 3 unchanged\n")

    def test_each_file_out_of_step_is_named_and_none_is_written(self, run, rendered):
        file, into = rendered
        before = {each.name: each.read_bytes() for each in into.iterdir()}
        ended = run("render", file, "-o", into, "--check", *STEP_2)
        assert ended.code == 1
        assert f"{into / 'httproute-digits-split.yaml'}: to be written\n" in ended.err
        assert {each.name: each.read_bytes() for each in into.iterdir()} == before

    def test_what_is_rendered_no_more_is_to_be_removed(self, run, rendered):
        file, into = rendered
        file.write_text(ROLLING.replace("gateway: {name: models, namespace: gateways, host: digits.example.com}\n", ""))
        ended = run("render", file, "-o", into, "--check")
        assert f"{into / 'httproute-digits-split.yaml'}: to be removed\n" in ended.err
        assert (into / "httproute-digits-split.yaml").exists()

    def test_a_folder_that_isnt_there_is_no_folder_in_step(self, run, folder):
        ended = run("render", folder / "serinus.yaml", "-o", folder / "new", "--check")
        assert ended.code == 1
        assert not (folder / "new").exists()

    def test_without_a_folder_there_is_nothing_to_check(self, run, folder):
        ended = run("render", folder / "serinus.yaml", "--check")
        assert (ended.code, ended.err) == (2, "serinus: --check has no effect without -o DIR.\n")
