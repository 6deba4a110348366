"""The facts of releases: what each brings, and whose stand in where a release has none."""

from __future__ import annotations

import pytest

from generator.outcome.facts import facts, known
from generator.schemas import Version


@pytest.mark.parametrize(
    ("release", "part", "of"),
    [
        (Version(0, 15, 2), "runtimes", "0.15.2"),
        (Version(0, 17, 1), "runtimes", "0.17.0"),
        (Version(0, 18, 1), "presets", "0.18.0"),
        (Version(0, 20), "runtimes", "0.20.0"),
        (Version(0, 20), "presets", "0.20.0"),
        # Of 0.21 only the presets are known.
        (Version(0, 21), "presets", "0.21.0"),
        (Version(0, 21), "runtimes", "0.20.0"),
        (Version(0, 21), "config", "0.20.0"),
        (Version(0, 14), "runtimes", "0.15.2"),
    ],
)
def test_a_release_has_its_own_facts_or_its_older_neighbours(release: Version, part: str, of: str) -> None:
    assert str(facts("kserve", release).of(part)) == of


@pytest.mark.parametrize("release", [Version(0, 14), Version(0, 15)])
def test_what_came_later_stands_in_for_nothing(release: Version) -> None:
    with pytest.raises(FileNotFoundError):
        facts("kserve", release).part("presets")


WHOLE = [one for one in known("kserve") if facts("kserve", one).of("runtimes") == one]


@pytest.mark.parametrize("release", WHOLE, ids=str)
def test_every_runtime_of_kserve_has_a_container_with_an_image_of_its_release(release: Version) -> None:
    runtimes = facts("kserve", release).part("runtimes")
    assert "kserve-sklearnserver" in runtimes
    for name, runtime in runtimes.items():
        assert runtime["metadata"]["name"] == name
        assert all(container["image"] for container in runtime["spec"]["containers"])
    (container,) = runtimes["kserve-sklearnserver"]["spec"]["containers"]
    assert container["image"] == f"kserve/sklearnserver:v{release}"


@pytest.mark.parametrize("release", WHOLE, ids=str)
def test_the_configuration_says_the_mode_that_kserve_takes_where_nobody_says_one(release: Version) -> None:
    mode = facts("kserve", release).part("config")["deploy"]["defaultDeploymentMode"]
    assert mode in ("Serverless", "Knative")


def test_what_brings_nothing_has_no_facts() -> None:
    with pytest.raises(LookupError):
        facts("kubernetes", Version(1, 37))
