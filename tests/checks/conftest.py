"""What the tests of the checks share: the sample CRD in a pack folder of its own, and one way to check text."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.checks.api import check
from generator.schemas.importer import import_crds

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def sample_packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's pack folder with the sample kind."""
    folder = tmp_path_factory.mktemp("packs")
    import_crds([DATA / "sample-crd.yaml"], name="samples@1.0", folder=folder)
    return folder


@pytest.fixture
def samples(sample_packs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample kind is known."""
    monkeypatch.setenv("SERINUS_SCHEMAS", str(sample_packs))


@pytest.fixture
def rules_of():
    """The ids of the rules that fire in a text, notes left out."""

    def call(text: str, *platforms: str) -> list[str]:
        return [finding.rule for finding in check(text, platforms=platforms).findings if finding.severity > 1]

    return call
