"""Make the facts that ship: ``python tests/packs/facts.py``.

What a release of KServe brings is in the manifests that it is installed by; the module of 0.20.0 holds those of all
releases since 0.15.2 (Apache-2.0). Of 0.21 there is no module: its presets are those of the last commit before it that
can be had (``COMMIT``), for the rest 0.20's facts stand in.
Of Seldon Core 1 the operator's own module holds its ConfigMap (1.16.0, Apache-2.0). Equal input gives equal bytes.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from generator.text.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator

INTO = Path(__file__).resolve().parents[2] / "generator" / "outcome" / "facts"
KSERVE = ("github.com/kserve/kserve", "v0.20.0")
RELEASES = ("0.15.2", "0.16.0", "0.17.0", "0.18.0", "0.19.0", "0.20.0")
COMMIT = ("0.21.0", "aaac4e294dae2c7b1aa1886447793f3aa1c30912")
"""A release's presets and the commit whose ``config/llmisvcconfig`` they are; 0.20.0's are those of its branch."""
SELDON = ("github.com/seldonio/seldon-core/operator", "v1.16.0")
PARTS = {
    "runtimes": "ClusterServingRuntime",
    "presets": "LLMInferenceServiceConfig",
    "storage": "ClusterStorageContainer",
}


def git(here: str, *arguments: str) -> str:
    """What git says in a folder.

    Raises:
        subprocess.CalledProcessError: It fails.
    """
    return subprocess.run(["git", "-C", here, *arguments], capture_output=True, text=True, check=True).stdout


def files_at(commit: str, folder: str) -> list[str]:
    """The texts of a folder of KServe's repository: of the clone that KSERVE_REPOSITORY names, or of GitHub.

    Raises:
        subprocess.CalledProcessError: The commit can't be had.
    """
    with tempfile.TemporaryDirectory() as fresh:
        here = os.environ.get("KSERVE_REPOSITORY", fresh)
        if here == fresh:
            git(here, "init", "--quiet")
            git(here, "fetch", "--quiet", "--depth=1", "https://github.com/kserve/kserve", commit)
        names = git(here, "ls-tree", "--name-only", commit, f"{folder}/").splitlines()
        return [git(here, "show", f"{commit}:{name}") for name in names]


def of_commit() -> Iterator[tuple[str, str, str, bytes]]:
    """As ``every``, of what no module has."""
    release, commit = COMMIT
    texts = files_at(commit, "config/llmisvcconfig")
    found = [one for text in texts for one in yaml.load_all(text, yaml.CSafeLoader) if one]
    presets = [one for one in found if one["kind"] == PARTS["presets"]]
    for one in presets:
        one["metadata"]["namespace"] = "kserve"  # As its kustomization.yaml says.
    ordered = sorted(presets, key=lambda one: str(one["metadata"]["name"]))
    yield "kserve", release, "presets", _text({one["metadata"]["name"]: _bare(one) for one in ordered})


def _text(value: dict[str, Any]) -> bytes:
    return f"{json.dumps(value, indent=1, ensure_ascii=False)}\n".encode()


def module(path: str, version: str) -> Path:
    """The folder of a Go module, fetched where it isn't there.

    Raises:
        subprocess.CalledProcessError: It can't be had.
    """
    done = subprocess.run(
        ["go", "mod", "download", "-json", f"{path}@{version}"], capture_output=True, text=True, check=True
    )
    return Path(json.loads(done.stdout)["Dir"])


def objects(*files: Path) -> list[dict[str, Any]]:
    """The objects of manifests, without CustomResourceDefinitions, which take a minute to read and are packs already."""
    texts = [
        text
        for file in files
        for text in file.read_text(encoding="utf-8").split("\n---\n")
        if "\nkind: CustomResourceDefinition\n" not in text
    ]
    return [one for text in texts for one in yaml.load_all(text, yaml.CSafeLoader) if one]


def of_kserve(folder: Path) -> dict[str, Any]:
    """The facts of a release of KServe, by part."""
    there = [file for file in (folder / "kserve.yaml", folder / "kserve-cluster-resources.yaml") if file.is_file()]
    every = objects(*there)
    parts: dict[str, Any] = {
        part: {
            one["metadata"]["name"]: _bare(one)
            for one in sorted(every, key=lambda one: str(one["metadata"].get("name")))
            if one["kind"] == kind
        }
        for part, kind in PARTS.items()
    }
    (config,) = [
        one for one in every if one["kind"] == "ConfigMap" and one["metadata"]["name"] == "inferenceservice-config"
    ]
    parts["config"] = {
        name: json.loads(text) for name, text in sorted(config["data"].items()) if not name.startswith("_")
    }
    return {part: value for part, value in parts.items() if value}


def _bare(one: dict[str, Any]) -> dict[str, Any]:
    return {key: one[key] for key in ("apiVersion", "kind", "metadata", "spec") if key in one}


def of_seldon_core_1(folder: Path) -> dict[str, Any]:
    """The facts of a release of Seldon Core 1, by part: its ConfigMap, and the environment that its operator runs in."""
    (config,) = objects(folder / "configmap.yaml")
    (manager,) = [one for one in objects(folder / "manager.yaml") if one["kind"] == "Deployment"]
    (container,) = manager["spec"]["template"]["spec"]["containers"]
    return {
        "config": {name: json.loads(text) for name, text in sorted(config["data"].items())},
        "manager": {each["name"]: each["value"] for each in container["env"] if of_children(each)},
    }


def of_children(variable: dict[str, Any]) -> bool:
    """Whether a variable says how children are made, and isn't about the operator itself."""
    return "value" in variable and not variable["name"].startswith("MANAGER_")


def every() -> Iterator[tuple[str, str, str, bytes]]:
    """Product, release, part and text of each file.

    Raises:
        subprocess.CalledProcessError: A module can't be had.
    """
    install = module(*KSERVE) / "install"
    releases = {("kserve", release): of_kserve(install / f"v{release}") for release in RELEASES}
    releases["seldon-core-1", "1.16.0"] = of_seldon_core_1(module(*SELDON) / "config" / "manager")
    for (product, release), parts in releases.items():
        for part, value in parts.items():
            yield product, release, part, _text(value)


def main() -> None:
    """Write them all."""
    for product, release, part, text in (*every(), *of_commit()):
        write_atomically(INTO / product / release / f"{part}.json", text)


if __name__ == "__main__":
    main()
