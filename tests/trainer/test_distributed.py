"""Several workers fit one network: what the engine's environment may say, and two processes on loopback."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from trainer_kit import arrays, run, service_file

from generator.errors import InputError
from trainer.distributed.member import Member, member

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

A, B, C = "job-chief-0.ns.svc:2222", "job-worker-0.ns.svc:2222", "job-worker-1.ns.svc:2222"


def said(cluster: Any, kind: Any = "worker", index: Any = 0) -> dict[str, str]:
    config = {"cluster": cluster, "task": {"type": kind, "index": index}, "environment": "cloud"}
    return {"TF_CONFIG": json.dumps(config)}


class TestMember:
    @pytest.mark.parametrize(
        "environment, expected",
        [
            ({}, None),
            ({"TF_CONFIG": ""}, None),
            ({"TF_CONFIG": "{}"}, None),
            (said({"worker": [B]}), None),
            (said({"chief": [A]}, "chief"), None),
            (said({"worker": [B, C]}), Member((B, C), 0)),
            (said({"worker": [B, C]}, index=1), Member((B, C), 1)),
            (said({"chief": [A], "worker": [B, C]}, "chief"), Member((A, B, C), 0)),
            (said({"worker": [B, C], "chief": [A]}, index=1), Member((A, B, C), 2)),
            (said({"master": [A], "worker": [B]}), Member((A, B), 1)),
            (said({"worker": [B, C], "ps": [], "evaluator": None}), Member((B, C), 0)),
            (said({"worker": ["[::1]:2222", "10.0.0.1:2222"]}), Member(("[::1]:2222", "10.0.0.1:2222"), 0)),
        ],
    )
    def test_who_the_workers_are(self, environment: dict[str, str], expected: Member | None) -> None:
        assert member(environment) == expected

    @pytest.mark.parametrize(
        "environment, message",
        [
            ({"TF_CONFIG": "{"}, "is no JSON"),
            ({"TF_CONFIG": "[" * 100_000}, "is no JSON"),
            ({"TF_CONFIG": "[]"}, "is no mapping"),
            ({"TF_CONFIG": '{"cluster": []}'}, "has no mapping 'cluster'"),
            ({"TF_CONFIG": json.dumps({"cluster": {"worker": [B, C]}})}, "this is None None"),
            (said({"worker": [B, C]}, index=2), "this is worker 2"),
            (said({"worker": [B, C]}, index="0"), "this is worker 0"),
            (said({"worker": [B, C]}, index=True), "this is worker True"),
            (said({"worker": [B, C]}, "chief"), "this is chief 0"),
            (said({"worker": "b:1"}), "has no list of host:port as 'worker'"),
            (said({"worker": [B, 7]}), "has no list of host:port as 'worker'"),
            (said({"worker": [B, "host"]}), "has no list of host:port as 'worker'"),
            (said({"worker": [B, "http://host:1"]}), "has no list of host:port as 'worker'"),
            (said({"worker": {"0": B}}), "enableDynamicWorker"),
            (said({"worker": [B, B]}), "names an address twice"),
            (said({"chief": [A], "master": [B], "worker": [C]}), "more than one chief"),
            (said({"worker": [B], "ps": [C]}), "replicas of the type 'ps'"),
            (said({"worker": [B], "evaluator": [C]}), "replicas of the type 'evaluator'"),
        ],
    )
    def test_what_cant_be_is_told_with_the_variables_name(self, environment: dict[str, str], message: str) -> None:
        with pytest.raises(InputError, match=re.escape(message)) as caught:
            member(environment)
        assert "TF_CONFIG" in str(caught.value)
        assert caught.value.fix

    @pytest.mark.parametrize("command", ["train", "release"])
    def test_a_command_ends_with_one_paragraph(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
    ) -> None:
        service_file(tmp_path)
        monkeypatch.setenv("TF_CONFIG", "{")
        done = run(tmp_path, command, "serinus.yaml")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("serinus: the environment variable TF_CONFIG is no JSON")
        assert done.stderr.count("\n") == 1
        assert not (tmp_path / "build").exists()


FAST = """\
from trainer.distributed import workers
from trainer.fitting import checkpoints, steps
from generator.cli.main import run
import sys
checkpoints.SECONDS, steps.CALL_SECONDS, workers.JOIN_SECONDS = 0.2, 0.1, 60.0
run(sys.argv[1:])
"""


class Pair:
    """Two workers on loopback, in a folder each."""

    def __init__(self, folders: list[Path], *arguments: str, code: str = FAST) -> None:
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in folders]
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
        for each in sockets:
            each.close()
        self.processes = []
        for rank, folder in enumerate(folders):
            kind = ("chief", 0) if rank == 0 else ("worker", rank - 1)
            config = said({"chief": addresses[:1], "worker": addresses[1:]}, *kind)
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-c", code, *(arguments or ("train", "serinus.yaml"))],
                    cwd=folder,
                    env={**__import__("os").environ, **config},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )

    def ends(self, seconds: float = 180) -> list[tuple[int, str, str]]:
        """Exit code, standard output and standard error of each."""
        found = []
        for process in self.processes:
            out, err = process.communicate(timeout=seconds)
            found.append((process.returncode, out, err))
        return found


@pytest.mark.tensorflow
class TestTwoWorkers:
    @pytest.fixture
    def folders(self, tmp_path: Path) -> Iterator[list[Path]]:
        self.pairs: list[Pair] = []
        folders = [tmp_path / name for name in ("chief", "worker", "alone")]
        content = arrays(images=1201)
        # Something to learn: an image is dark where its class is.
        for part in ("train", "test"):
            for label in range(3):
                content[f"x_{part}"][content[f"y_{part}"] == label, label] //= 3
        for folder in folders:
            path = service_file(folder)
            np.savez(folder / "mine.npz", **content)
            text = path.read_text().replace("data: digits, epochs: 2", "data: mine.npz, epochs: 4")
            path.write_text(text.replace(">= 0.5", ">= 0.3"))
        yield folders
        for pair in self.pairs:
            for process in pair.processes:
                process.kill()

    def pair(self, folders: list[Path], *arguments: str) -> Pair:
        self.pairs.append(Pair(folders, *arguments))
        return self.pairs[-1]

    @pytest.mark.parametrize(
        "sets, apart",
        [
            (["model.train.hidden="], 1e-5),  # nothing of chance but the order: rounding alone
            (["model.train.hidden=", "model.train.batchSize=600"], 1e-5),  # the last batch has one example for two
            ([], 0.05),  # dropout leaves out other units
        ],
        ids=["linear", "few", "dropout"],
    )
    def test_they_reach_the_single_workers_result(self, folders: list[Path], sets: list[str], apart: float) -> None:
        if sets:
            for folder in folders:
                path = folder / "serinus.yaml"
                path.write_text(path.read_text().replace("epochs: 4", "epochs: 4, hidden: []"))
        more = [part for text in sets[1:] for part in ("--set", text)]
        alone = run(folders[2], "train", "serinus.yaml", *more)
        (code, out, err), follower = self.pair(folders[:2], "train", "serinus.yaml", *more).ends()
        assert alone.returncode == 0, alone.stderr
        assert (code, out) == (0, "build/digits/artifact\n"), err
        assert follower[:2] == (0, ""), follower[2]
        assert follower[2].splitlines()[-1] == "The chief has all there is to show."
        ours, theirs = (
            json.loads((folder / "build/digits/artifact/artifact.json").read_text())
            for folder in (folders[0], folders[2])
        )
        assert ours["training_key"] == theirs["training_key"]
        assert ours["trained_with"]["workers"] == 2
        assert "workers" not in theirs["trained_with"]
        assert ours["metrics"]["loss"] == pytest.approx(theirs["metrics"]["loss"], rel=apart)
        assert ours["metrics"]["accuracy"] == pytest.approx(theirs["metrics"]["accuracy"], abs=apart)
        assert ours["trained_with"]["history"]["loss"] == pytest.approx(
            theirs["trained_with"]["history"]["loss"], rel=apart
        )
        assert not (folders[1] / "build").exists()

    @pytest.mark.parametrize("dies", [0, 1])
    def test_where_one_dies_the_other_says_so_and_the_job_goes_on_where_it_was(
        self, folders: list[Path], dies: int
    ) -> None:
        sets = ("--set", "model.train.epochs=100", "--set", "model.train.batchSize=8")
        pair = self.pair(folders[:2], "train", "serinus.yaml", *sets)
        deadline = time.monotonic() + 120
        checkpoints = folders[0] / "build/digits/checkpoints"
        while not list(checkpoints.glob("*.checkpoint")) and time.monotonic() < deadline:
            assert all(process.poll() is None for process in pair.processes)
            time.sleep(0.05)
        pair.processes[dies].kill()
        started = time.monotonic()
        code, out, err = pair.ends()[1 - dies]
        assert time.monotonic() - started < 90
        assert (code, out) == (3, "")
        last = err.splitlines()[-1]
        assert last.startswith("serinus: another of the 2 workers has ended or can't be reached")
        assert "Traceback" not in err
        if dies == 0:
            return
        (code, _, err), follower = self.pair(folders[:2], "train", "serinus.yaml", *sets).ends(300)
        assert (code, follower[0]) == (0, 0), err
        assert "Going on in epoch " in err

    def test_other_data_are_told_by_the_worker_that_has_them(self, folders: list[Path]) -> None:
        np.savez(folders[1] / "mine.npz", **arrays(images=77))
        chief, (code, _, err) = self.pair(folders[:2]).ends()
        assert code == 2
        assert err.splitlines()[-1].startswith("serinus: worker 2 would train something else than the chief")
        assert chief[0] == 3

    def test_what_is_done_is_not_done_again_by_any(self, folders: list[Path]) -> None:
        assert run(folders[0], "train", "serinus.yaml").returncode == 0
        chief, follower = self.pair(folders[:2]).ends()
        assert (chief[0], follower[0]) == (0, 0)
        assert "Nothing to train" in chief[2]

    def test_a_release_is_the_chiefs(self, folders: list[Path]) -> None:
        chief, follower = self.pair(folders[:2], "release", "serinus.yaml").ends()
        assert chief[0] == 0, chief[2]
        assert follower[:2] == (0, ""), follower[2]
        assert (folders[0] / "build/store/digits/1/release.json").is_file()
        assert sorted(item.name for item in folders[1].iterdir()) == ["mine.npz", "serinus.yaml"]

    def test_one_that_waits_in_vain_ends_within_its_time(self, folders: list[Path]) -> None:
        code = FAST.replace("60.0", "5.0")
        pair = Pair(folders[:2], code=code)
        self.pairs.append(pair)
        pair.processes[0].kill()
        _, (code_, out, err) = pair.ends()
        assert (code_, out) == (3, "")
        assert err.splitlines()[-1].startswith("serinus: of 2 workers 1 didn't come within 5 s: 127.0.0.1:")
