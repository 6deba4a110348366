"""The two libraries that make the common case fast may be missing: the verdicts are the same, and a note says so."""

from __future__ import annotations

import subprocess
import sys

import pytest

from generator.checks.structure.fast import FEW
from generator.plan import lock
from kit import SERVICE, locked

MANIFESTS = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: Digits, namespace: models}
spec:
  predictor:
    minReplicas: "1"
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/m/1}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: digits, namespace: models}
spec:
  hostnames: [UPPER.example.com]
  rules: [{backendRefs: [{name: digits, port: 80, weight: 1}]}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: fine, namespace: models}
data: {a: b}
"""


def ended(folder, hidden: str, *argv: str):
    """A run of the program in a process that can't import some modules."""
    code = f"import sys\nfor name in {hidden.split()!r}: sys.modules[name] = None\nfrom generator.cli.main import run\nrun({list(argv)!r})"
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def files(tmp_path):
    """Manifests of which there are so many that the libraries would make it fast, and a service file."""
    (tmp_path / "manifests.yaml").write_text("---\n".join([MANIFESTS] * (FEW + 1)))
    (tmp_path / "serinus.yaml").write_text(SERVICE)
    lock.write(tmp_path / lock.FILE, locked())
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("hidden", ["yaml_rs", "jsonschema_rs", "yaml_rs jsonschema_rs"])
def test_the_verdicts_are_the_same_and_a_note_says_what_is_missing(files, hidden):
    whole = ended(files, "", "validate", "manifests.yaml", "--format", "json")
    without = ended(files, hidden, "validate", "manifests.yaml", "--format", "json")
    assert '"errors": 0' not in whole.stdout
    assert (without.returncode, without.stdout) == (whole.returncode, whole.stdout)
    assert whole.stderr == ""
    notes = without.stderr.splitlines()
    assert [note.split(" isn't installed")[0] for note in notes] == [
        f"note: {name.replace('_', '-')}" for name in hidden.split()
    ]


def test_a_library_that_a_small_run_does_not_need_is_not_missed(tmp_path):
    (tmp_path / "one.yaml").write_text(MANIFESTS)
    ran = ended(tmp_path, "jsonschema_rs", "validate", "one.yaml")
    assert (ran.returncode, ran.stderr) == (1, "")


def test_so_is_what_is_rendered(files):
    whole = ended(files, "", "render", "serinus.yaml")
    without = ended(files, "yaml_rs jsonschema_rs", "render", "serinus.yaml")
    assert whole.returncode == 0
    assert (without.returncode, without.stdout) == (0, whole.stdout)
