"""Seldon Core 2: what is rendered passes every check there is, for every release."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
import yaml
from core2 import CASES, RELEASES, lock_for, service

import oracles
from generator import platforms
from generator.checks.api import Options, check
from generator.checks.finding import Severity
from generator.checks.structure.defaults import prepared
from generator.errors import InputError
from generator.loading.load import load as load_service
from generator.plan import lock
from generator.platforms.base import Level
from generator.rendering.render import render
from generator.schemas import load, resolve
from kit import ROOT, fitting

SHARED = Path(__file__).resolve().parents[3] / "shared"
CRDS = {"2.6": "2.6.0", "2.7": "2.7.0-rc1", "2.8": "2.8.5", "2.9": "2.9.1", "2.10": "2.10.2"}
beside = pytest.mark.skipif(
    not (SHARED / "crds").is_dir(), reason="the real CRDs lie beside the project only where it is developed"
)
REFUSED_BEFORE = {
    "rolling-keda": ("2.6", "2.7"),
    "rolling-own-server": ("2.6", "2.7", "2.8"),
}
"""Cases that older releases can't do, and say so."""


def made(case, release):
    text = CASES[case]
    asked = service(text, sets=[f"platform.version={release}"])
    return render(asked, fitting(asked, lock_for(text))).text


PAIRS = [(case, release) for case in CASES for release in RELEASES if release not in REFUSED_BEFORE.get(case, ())]


@pytest.mark.parametrize("case", REFUSED_BEFORE)
def test_what_a_release_lacks_is_refused_for_it(case):
    for release in REFUSED_BEFORE[case]:
        with pytest.raises(InputError, match=r"2\.8|2\.9"):
            made(case, release)


@pytest.mark.parametrize(("case", "release"), PAIRS)
def test_our_own_checks_find_nothing(case, release):
    report = check(made(case, release), options=Options(strict=True), file="rendered.yaml")
    heavy = [each for each in report.findings if each.severity is not Severity.NOTE]
    assert not heavy
    assert report.summary.skipped == 0


def strict():
    """The reading of the CRDs that isn't ours."""
    os.environ.setdefault("SHARED", str(SHARED))
    spec = importlib.util.spec_from_file_location("strict", SHARED / "checks/lib/strict.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("case", "release"), PAIRS)
def test_the_api_server_has_nothing_to_fill_in(case, release):
    """DESIGN.md, decision 9: what is rendered comes back as it was."""
    text = made(case, release)
    header = text.splitlines()[0].removeprefix("# serinus: platform ")
    packs = [load(target.product, target.version) for target in map(resolve, header.split())]
    for document in yaml.safe_load_all(text):
        group, _, version = document["apiVersion"].rpartition("/")
        for kind in filter(None, (pack.kind(group, version, document["kind"]) for pack in packs)):
            assert prepared(document, kind) == document


@beside
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("release", RELEASES)
def test_an_independent_reading_of_the_crds_takes_it(release):
    reader = strict()
    wrong = []
    reader.load({"seldon-core-2": CRDS[release]}, experimental=True)
    for case, each in PAIRS:
        for document in yaml.safe_load_all(made(case, release)) if each == release else ():
            wrong += [f"{case}: {document['kind']} {error}" for error in reader.errors(document) or ()]
    assert not wrong


@pytest.mark.oracle
@beside
def test_the_api_servers_own_packages_take_it():
    with oracles.structure() as ask:
        for case, release in PAIRS:
            for document in yaml.safe_load_all(made(case, release)):
                if document["apiVersion"].startswith("mlops.seldon.io/"):
                    verdict, why = ask(SHARED / "crds/seldon-core-2" / CRDS[release], document)
                    assert verdict == "valid", f"{case} for {release}: {why}"


EXAMPLES = sorted(ROOT.glob("examples/seldon-core-2-*/serinus.yaml"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_an_example_renders_from_a_fresh_clone_and_nothing_is_found(file):
    pins = lock.read(file.parent / lock.FILE)
    for environment in (None, *yaml.safe_load(file.read_text()).get("environments", ())):
        text = render(load_service(file, environment=environment), pins).text
        findings = check(text, options=Options(strict=True), file=file.name).findings
        assert not [each for each in findings if each.severity is not Severity.NOTE]


def test_every_strategy_that_it_can_do_has_an_example():
    platform = platforms.platforms()["seldon-core-2"]
    shown = {row for file in EXAMPLES for row in load_service(file).strategy.chosen.features()}
    able = {cell.feature for cell in platform.cells if cell.level is not Level.NO}
    assert shown == able
