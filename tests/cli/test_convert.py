"""``serinus convert``: what goes in and out, what is told, and how it ends."""

from __future__ import annotations

import io
import json
import sys

import pytest

from generator.cli.main import run
from generator.loading.load import load

ISVC = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  namespace: models
spec:
  predictor:
    timeoutSeconds: 7
    tensorflow:
      storageUri: s3://models/digits
      runtimeVersion: 2.20.0
      resources: {limits: {cpu: 1, memory: 2Gi}}
"""
MODEL = """\
apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata: {name: iris}
spec: {storageUri: "gs://models/iris", requirements: [sklearn]}
"""
SERVER = (
    "apiVersion: mlops.seldon.io/v1alpha1\nkind: Server\nmetadata: {name: mlserver}\nspec: {serverConfig: mlserver}\n"
)


def called(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        run(["convert", *arguments])
    return left.value.code or 0


@pytest.fixture
def manifest(tmp_path):
    path = tmp_path / "isvc.yaml"
    path.write_text(ISVC)
    return path


def test_a_service_file_goes_to_standard_output_and_loads(manifest, tmp_path, capsys):
    assert called(str(manifest)) == 0
    written = tmp_path / "serinus.yaml"
    written.write_text(capsys.readouterr().out)
    service = load(written)
    assert (service.name, service.namespace, service.platform.kind) == ("digits", "models", "kserve")
    assert (service.model.format, service.model.runtime_version) == ("savedmodel", "2.20.0")
    assert service.variants[0].uri == "s3://models/digits"
    assert service.resources.limits == {"cpu": "1", "memory": "2Gi"}


def test_what_is_lost_stands_in_the_file_and_on_standard_error(manifest, capsys):
    called(str(manifest), "--to", "kserve")
    out, err = capsys.readouterr()
    assert "timeoutSeconds: 7" in out  # the same platform: a patch
    called(str(manifest), "--quiet")
    assert capsys.readouterr().err == ""
    assert "not carried over" not in err


def test_the_list_of_what_is_lost(tmp_path, capsys):
    path = tmp_path / "a.yaml"
    path.write_text(ISVC.replace("digits\n", "digits\n  ownerReferences: [{name: a}]\n", 1))
    called(str(path))
    out, err = capsys.readouterr()
    line = f"{path}:5:20: metadata.ownerReferences: [{{'name': 'a'}}]: it belongs to the object on the cluster."
    assert f"not carried over: {line}" in err
    assert f"# Not carried over:\n#   {line}" in out


def test_standard_input_a_list_and_json(monkeypatch, capsys):
    import yaml

    listed = {"apiVersion": "v1", "kind": "List", "items": [yaml.safe_load(ISVC)]}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(listed).encode())))
    assert called("-") == 0
    assert "name: digits" in capsys.readouterr().out


def test_several_services_need_a_folder(tmp_path, capsys):
    path = tmp_path / "all.yaml"
    path.write_text(f"{ISVC}---\n{MODEL}---\n{MODEL}---\n{SERVER}")
    assert called(str(path)) == 2
    assert "3 services" in capsys.readouterr().err
    assert called(str(path), "-o", str(tmp_path / "out")) == 0
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["digits.yaml", "iris-2.yaml", "iris.yaml"]
    err = capsys.readouterr().err
    assert "mlops.seldon.io/v1alpha1 Server (1) left alone" in err
    assert "3 service files written" in err


def test_a_file_that_is_there_is_not_written_over(manifest, tmp_path, capsys):
    (tmp_path / "digits.yaml").write_text("mine\n")
    assert called(str(manifest), "-o", str(tmp_path)) == 2
    assert (tmp_path / "digits.yaml").read_text() == "mine\n"
    assert called(str(manifest), "-o", str(tmp_path), "--force") == 0
    assert "kind: ModelService" in (tmp_path / "digits.yaml").read_text()


REFUSED = {
    "nothing to convert": (SERVER, [], "nothing to convert"),
    "no documents": ("", [], "nothing to convert"),
    "broken YAML": ("a: [\n", [], "couldn't be converted"),
    "no model": (MODEL.replace("gs://models/iris", ""), [], "it names no model"),
    "an unknown platform": (MODEL, ["--to", "kserv"], "Did you mean 'kserve'?"),
    "an unknown release": (MODEL, ["--to", "kserve@9.9"], "kserve@0.20"),
    "force without a folder": (MODEL, ["--force"], "no effect"),
    "another version": (ISVC.replace("v1beta1", "v1alpha2"), [], "v1alpha2 InferenceService (1) left alone"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_ends_with_2(name, tmp_path, capsys):
    text, options, message = REFUSED[name]
    path = tmp_path / "a.yaml"
    path.write_text(text)
    assert called(str(path), *options) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert out == ""


def test_what_can_be_converted_is_written_though_something_else_is_broken(manifest, tmp_path, capsys):
    (tmp_path / "broken.yaml").write_text("apiVersion: v1\nkind: [\n")
    assert called(str(tmp_path), "-o", str(tmp_path / "out")) == 2
    assert (tmp_path / "out" / "digits.yaml").exists()
    assert "The others were." in capsys.readouterr().err


def test_a_missing_file_is_wrong_input(tmp_path):
    assert called(str(tmp_path / "nothing.yaml")) == 2


PATCH = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: digits}\nspec: {predictor: {minReplicas: 3}}\n"


def test_in_a_folder_what_is_no_manifest_is_skipped_with_a_word_each(manifest, tmp_path, capsys):
    (tmp_path / "kustomization.yaml").write_text("resources: [isvc.yaml]\npatches: [{path: more.yaml}]\n")
    (tmp_path / "more.yaml").write_text(PATCH)
    (tmp_path / "values.yaml").write_text("replicaCount: 1\n")
    out = tmp_path / "out"
    assert called(str(tmp_path), "-o", str(out)) == 0
    assert [path.name for path in out.iterdir()] == ["digits.yaml"]
    told = capsys.readouterr().err
    assert "2 files of kustomize skipped" in told
    assert f"kustomize build {tmp_path} | serinus convert -" in told
    assert "1 file without a Kubernetes object (apiVersion and kind) skipped" in told


def test_a_folder_without_any_manifest_is_no_mistake(tmp_path, capsys):
    (tmp_path / "package.json").write_text('{"name": "x"}')
    assert called(str(tmp_path)) == 0
    assert "there is no manifest in" in capsys.readouterr().err


def test_what_is_otherwise_once_rendered_is_told_and_stands_in_the_file(tmp_path, capsys):
    manifest = tmp_path / "isvc.yaml"
    manifest.write_text(
        ISVC.replace(
            "  predictor:\n",
            "  transformer: {containers: [{image: a/b:1}]}\n  predictor:\n    serviceAccountName: reader\n",
        )
    )
    assert called(str(manifest)) == 0
    written = capsys.readouterr()
    line = f"{manifest}:7:3: spec.transformer.serviceAccountName: nothing: 'reader' is rendered."
    assert f"otherwise: {line}" in written.err
    assert f"# Otherwise once it is rendered:\n#   {line}" in written.out
