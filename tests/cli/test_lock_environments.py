"""``serinus lock``: what it pins for a file and its environments, what it leaves alone, and ``--check``."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from generator.plan import lock

if TYPE_CHECKING:
    from pathlib import Path

FILE = """\
apiVersion: serinus/v1
kind: ModelService
name: envl
platform: {{kind: kserve, version: "0.20", mode: standard}}
store: {{url: s3://models, publish: ./store}}
model: {{format: pmml}}
serviceAccount: reader
variants: [{{name: stable, release: {base}}}]
environments:
  staging: {{variants: [{{name: stable, release: {staging}}}]}}
  prod: ~
"""


def service(folder: Path, base: str = '"1"', staging: str = '"2"') -> Path:
    file = folder / "serinus.yaml"
    file.write_text(FILE.format(base=base, staging=staging))
    return file


@pytest.fixture
def publish(run, tmp_path: Path):
    """Publish one more release."""
    count = iter(range(1, 9))

    def more(store: str = "./store") -> None:
        number = next(count)
        model = tmp_path / f"m{number}.pmml"
        model.write_text(PMML.format(number=number))
        assert run("publish", tmp_path / "serinus.yaml", "--model", model, "--set", f"store.publish={store}").code == 0

    return more


PMML = (
    '<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header description="{number}"/><DataDictionary>'
    '<DataField name="x" optype="continuous" dataType="double"/><DataField name="y" optype="continuous" '
    'dataType="double"/></DataDictionary><RegressionModel functionName="regression"><MiningSchema>'
    '<MiningField name="x"/><MiningField name="y" usageType="target"/></MiningSchema><RegressionTable '
    'intercept="{number}"/></RegressionModel></PMML>'
)


def pinned(folder: Path) -> dict[str, int]:
    """The release of the one variant, by environment; an empty name is the file as it stands."""
    locked = lock.read(folder / lock.FILE)
    return {
        name or "": section["stable"].version
        for name in (None, "staging", "prod")
        if "stable" in (section := locked.section("envl", name))
    }


def own(folder: Path) -> list[str]:
    """The environments that have a section."""
    return sorted(lock.read(folder / lock.FILE).environments)


def test_all_environments_are_pinned_and_each_renders_its_own(run, tmp_path: Path, publish) -> None:
    file = service(tmp_path)
    publish()
    publish()
    assert run("lock", file).code == 0
    assert (pinned(tmp_path), own(tmp_path)) == ({"": 1, "staging": 2, "prod": 1}, ["staging"])
    assert [f"/{number}/" in run("render", file, *env).out for number, env in ((1, ()), (2, ("-e", "staging")), (1, ("-e", "prod")))] == [True] * 3  # fmt: skip


def test_what_render_advises_ends_the_matter(run, tmp_path: Path, publish) -> None:
    file = service(tmp_path)
    publish()
    publish()
    for environment in ((), ("-e", "staging"), ("-e", "prod")):
        refused = run("render", file, *environment)
        if refused.code:
            assert f"serinus lock {file}{' ' if environment else ''}{' '.join(environment)}" in refused.err
            assert run("lock", file, *environment).code == 0
    assert [run("render", file, *environment).code for environment in ((), ("-e", "staging"), ("-e", "prod"))] == [
        0,
        0,
        0,
    ]


def test_one_environment_is_moved_and_the_others_stay(run, tmp_path: Path, publish) -> None:
    file = service(tmp_path, "latest", "latest")
    publish()
    run("lock", file)
    publish()
    assert run("lock", file, "-e", "staging", "--upgrade").code == 0
    assert (pinned(tmp_path), own(tmp_path)) == ({"": 1, "staging": 2, "prod": 1}, ["staging"])
    assert run("lock", file).code == 0, "what is pinned stays"
    assert pinned(tmp_path) == {"": 1, "staging": 2, "prod": 1}
    assert run("lock", file, "--upgrade").code == 0
    assert (pinned(tmp_path), own(tmp_path)) == ({"": 2, "staging": 2, "prod": 2}, [])


def released(file: Path, environment: str | None = None) -> dict[str, int]:
    """What `serinus release` does to the lock file."""
    from generator.cli.lock import store_of
    from generator.loading.load import load
    from generator.loading.outline import outlines
    from generator.store.pins import relock

    path = file.parent / lock.FILE
    service = load(file, environment=environment)
    lock.write(path, relock({environment: service}, outlines(file), lock.read(path), store_of, upgrade=True))
    return pinned(file.parent)


def test_an_environment_follows_the_file_until_it_is_pinned_otherwise(tmp_path: Path, publish, run) -> None:
    file = service(tmp_path, "latest", "latest")
    publish()
    assert released(file) == {"": 1, "staging": 1, "prod": 1}
    publish()
    assert released(file, "staging") == {"": 1, "staging": 2, "prod": 1}
    assert released(file) == {"": 2, "staging": 2, "prod": 2}
    publish()
    assert released(file) == {"": 3, "staging": 2, "prod": 3}, "staging has a pin of its own since then"
    assert run("lock", file, "-e", "staging", "--upgrade").code == 0
    publish()
    assert released(file) == {"": 4, "staging": 3, "prod": 4}, "also where it was the same for a while"
    assert run("lock", file, "--upgrade").code == 0
    assert (pinned(tmp_path), own(tmp_path)) == ({"": 4, "staging": 4, "prod": 4}, [])


def test_check_writes_nothing_and_answers(run, tmp_path: Path, publish) -> None:
    file = service(tmp_path)
    publish()
    publish()
    missing = run("lock", file, "--check")
    assert (missing.code, (tmp_path / lock.FILE).exists()) == (1, False)
    assert f"serinus lock {file}" in missing.err
    run("lock", file)
    assert run("lock", file, "--check").code == 0
    service(tmp_path, staging='"1"')
    before = (tmp_path / lock.FILE).read_bytes()
    assert run("lock", file, "--check").code == 1
    assert (tmp_path / lock.FILE).read_bytes() == before


def test_check_with_upgrade_answers_whether_latest_has_moved(run, tmp_path: Path, publish) -> None:
    file = service(tmp_path, "latest", "latest")
    publish()
    run("lock", file)
    assert run("lock", file, "--check", "--upgrade").code == 0
    publish()
    assert run("lock", file, "--check").code == 0
    assert run("lock", file, "--check", "--upgrade").code == 1


@pytest.mark.parametrize(("base", "words"), [("latest", "--upgrade takes it"), ('"1"', "no variant asks for it")])
def test_a_newer_release_is_told(run, tmp_path: Path, publish, base: str, words: str) -> None:
    file = service(tmp_path, base, base)
    publish()
    assert "is newer than" not in run("lock", file).err
    publish()
    told = f"release 2 of envl is newer than all that is pinned; {words}"
    assert run("lock", file).err.count(told) == 1


def test_a_release_that_an_environment_asks_for_is_not_told_as_nobodys(run, tmp_path: Path, publish) -> None:
    file = service(tmp_path, '"1"', '"2"')
    publish()
    publish()
    assert "is newer than" not in run("lock", file).err
    publish()
    assert "release 3 of envl is newer than all that is pinned; no variant asks for it" in run("lock", file).err


def test_a_store_of_its_own_is_pinned_by_its_own_content(run, tmp_path: Path, publish) -> None:
    file = service(tmp_path, '"1"', '"1"')
    file.write_text(file.read_text().replace("  prod: ~", "  prod: {store: {publish: ./other}}"))
    publish()
    publish("./other")
    assert run("lock", file).code == 0
    locked = lock.read(tmp_path / lock.FILE)
    assert locked.section("envl")["stable"].digest != locked.section("envl", "prod")["stable"].digest
    assert run("lock", file, "--check").code == 0


def test_a_pin_of_the_file_says_nothing_of_another_store(run, tmp_path: Path, publish) -> None:
    file = service(tmp_path, '"1"', '"1"')
    publish()
    run("lock", file)
    publish("./other")
    file.write_text(file.read_text().replace("  prod: ~", "  prod: {store: {publish: ./other}}"))
    assert run("lock", file, "-e", "prod").code == 0
    assert own(tmp_path) == ["prod"]


def test_other_content_in_the_same_store_is_refused_for_an_environment_too(run, tmp_path: Path, publish) -> None:
    file = service(tmp_path, '"1"', '"1"')
    publish()
    run("lock", file)
    shutil.rmtree(tmp_path / "store")
    publish()
    refused = run("lock", file, "-e", "staging")
    assert refused.code == 1
    assert "another store" in refused.err


def test_an_environment_that_is_gone_leaves_nothing_behind(run, tmp_path: Path, publish) -> None:
    file = service(tmp_path)
    publish()
    publish()
    run("lock", file)
    file.write_text(file.read_text().split("environments:")[0])
    run("lock", file)
    assert own(tmp_path) == []


def test_several_files_share_a_lock(run, tmp_path: Path, publish) -> None:
    file = service(tmp_path)
    publish()
    publish()
    other = tmp_path / "other.yaml"
    other.write_text(file.read_text().replace("name: envl", "name: second"))
    model = tmp_path / "m.pmml"
    model.write_text(PMML.format(number=7))
    for _ in range(2):
        assert run("publish", other, "--model", model).code == 0
        model.write_text(PMML.format(number=8))
    assert run("lock", file, other).code == 0
    locked = lock.read(tmp_path / lock.FILE)
    assert sorted(locked.services) == ["envl", "second"]
    assert sorted(locked.environments["staging"]) == ["envl", "second"]


def test_a_lock_file_without_environments_is_read_as_before(tmp_path: Path, run, publish) -> None:
    file = service(tmp_path, '"1"', '"1"')
    publish()
    run("lock", file)
    assert "environments" not in (tmp_path / lock.FILE).read_text()
    assert run("render", file, "-e", "prod").code == 0


def test_an_environment_that_is_not_asked_for_need_not_stand_alone(run, tmp_path: Path, publish) -> None:
    file = service(tmp_path, '"1"', '"1"')
    publish()
    file.write_text(file.read_text().replace("  prod: ~", "  prod: {replicas: {min: 9, max: 2}}"))
    assert run("lock", file, "-e", "staging").code == 0
    refused = run("lock", file)
    assert refused.code == 2
    assert "max 2 is below min 9" in refused.err


def test_an_unknown_environment_is_refused_before_anything_is_asked(run, tmp_path: Path) -> None:
    refused = run("lock", service(tmp_path), "-e", "stagin")
    assert refused.code == 2
    assert "no environment 'stagin'. Did you mean 'staging'?" in refused.err


def test_a_variant_that_now_names_another_service_is_pinned_anew(run, tmp_path: Path, publish) -> None:
    file = service(tmp_path, base="latest", staging="latest")
    publish()
    assert run("lock", file).code == 0
    other = file.read_text()
    file.write_text(other.replace("name: envl", "name: other"))
    publish()
    file.write_text(other.replace("release: latest", "release: latest, service: other"))
    ended = run("render", file)
    assert ended.code == 2
    assert "is pinned to a release of envl, and the service file asks for one of other" in ended.err
    assert run("lock", file).code == 0
    assert {pin.owner for pin in lock.read(tmp_path / lock.FILE).section("envl", None).values()} == {"other"}
    assert run("render", file).code == 0
