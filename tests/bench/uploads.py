"""Publishing into a real S3 server on loopback, beside `aws s3 cp --recursive` and s5cmd with the same files.

Each round has a server of its own and begins with another of the three; what counts is the median of a round's ratios.
``serinus publish`` does more than a copy: it looks at the model, hashes it, and each file is proven to be there.
The peers come from the registries into the machine's cache; where one can't be had, the row says so.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "store")]

from savedmodel_bytes import saved_model  # noqa: E402
from store_kit import write_service  # noqa: E402

import object_servers  # noqa: E402 (the tests' own servers)
import oracles  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

AWSCLI = "1.46.3"
S5CMD = "v2.3.0"
ROUNDS = 3
MIB = 2**20


class Load(NamedTuple):
    """A model: one large file, and many small ones."""

    what: str
    large: int
    small: int
    count: int


GIB = Load("1 GiB: one large and 2,000 small files", 2**30 - 2000 * 100 * 1024, 100 * 1024, 2000)
LESS = Load("400 MB: one large and 500 small files", 350_000_000, 100_000, 500)


def rows(scratch: Path) -> list[tuple[str, str, str]]:
    """What was measured, the figure, and the goal."""
    found = [_into_server(scratch, GIB, "versitygw"), _into_server(scratch, LESS, "moto")]
    return [*found, _into_folder(scratch, LESS)]


def _into_server(scratch: Path, load: Load, server: str) -> tuple[str, str, str]:
    what, goal = f"publish {load.what}, to {server}", "≤ 1 ×"
    peers = {name: program for name, program in (("aws s3 cp", _aws()), ("s5cmd", _s5cmd(scratch))) if program}
    taken: dict[str, list[float]] = {"ours": [], **{name: [] for name in peers}}
    with _model(scratch, load) as model:
        for turn in range(ROUNDS):
            try:
                with object_servers.SERVERS[server](scratch / f"{server}-{turn}") as served:
                    commands = _commands(scratch / f"publish-{turn}", model, served, peers)
                    environment = _environment(served, scratch)
                    order = list(commands)
                    for name in order[turn % len(order) :] + order[: turn % len(order)]:
                        taken[name].append(_seconds(commands[name], environment))
            except pytest.skip.Exception as reason:
                return what, f"no {server} here: {reason}", goal
            finally:
                shutil.rmtree(scratch / f"{server}-{turn}", ignore_errors=True)
    return what, _figure(taken), goal


def _into_folder(scratch: Path, load: Load) -> tuple[str, str, str]:
    taken: dict[str, list[float]] = {"ours": [], "cp -r, each file synced": []}
    with _model(scratch, load) as model:
        for turn in range(ROUNDS):
            file = write_service(scratch / f"folder-{turn}", str(scratch / f"folder-{turn}/store"))
            copy = scratch / f"folder-{turn}/copy"
            taken["ours"].append(_seconds(_publish(file, model), dict(os.environ)))
            script = f"cp -r '{model}' '{copy}' && find '{copy}' -type f -print0 | xargs -0 sync"
            taken["cp -r, each file synced"].append(_seconds(["sh", "-c", script], dict(os.environ)))
            shutil.rmtree(file.parent)
    return f"publish {load.what}, to a folder", _figure(taken), "–"


def _figure(taken: Mapping[str, list[float]]) -> str:
    """The median ratio to each peer, and the median times."""
    peers = [name for name in taken if name != "ours"]
    ratios = [
        f"{statistics.median(one / other for one, other in zip(taken['ours'], taken[name], strict=True)):.2f} × {name}"
        for name in peers
    ]
    absent = [f"no {name} here" for name in ("aws s3 cp", "s5cmd") if name not in peers and len(peers) < len(taken)]
    times = " / ".join(f"{statistics.median(each):.1f}" for each in taken.values())
    return f"{', '.join(ratios or absent)} ({times} s)"


@contextlib.contextmanager
def _model(scratch: Path, load: Load) -> Iterator[Path]:
    """A SavedModel with such files; random ones, for nothing to be saved on them."""
    model = scratch / "model"
    (model / "assets").mkdir(parents=True)
    (model / "saved_model.pb").write_bytes(saved_model())
    with (model / "assets/large").open("wb") as file:
        for start in range(0, load.large, 16 * MIB):
            file.write(os.urandom(min(16 * MIB, load.large - start)))
    for number in range(load.count):
        (model / f"assets/f{number}").write_bytes(os.urandom(load.small))
    try:
        yield model
    finally:
        shutil.rmtree(model)


def _commands(
    folder: Path, model: Path, served: object_servers.Served, peers: Mapping[str, Path]
) -> dict[str, list[str]]:
    file = write_service(folder, f"{served.url}/ours", served.endpoint)
    copies = {
        "aws s3 cp": ["s3", "cp", "--recursive", f"{model}", f"{served.url}/aws"],
        "s5cmd": ["cp", f"{model}/", f"{served.url}/s5cmd/"],
    }
    return {"ours": _publish(file, model), **{name: [str(peers[name]), *copies[name]] for name in peers}}


def _publish(file: Path, model: Path) -> list[str]:
    return [str(Path(sys.executable).parent / "serinus"), "publish", str(file), "--model", str(model)]


def _environment(served: object_servers.Served, scratch: Path) -> dict[str, str]:
    """Access to the server, by the variables of all three, and nobody's settings."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    told = {"AWS_ENDPOINT_URL": served.endpoint, "S3_ENDPOINT_URL": served.endpoint, "HOME": str(scratch)}
    return {**others, **served.environment, **told, "AWS_DEFAULT_REGION": "us-east-1"}


def _seconds(command: list[str], environment: Mapping[str, str]) -> float:
    """Wall time of one whole process."""
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr[-1000:]}")
    return time.perf_counter() - began


def _aws() -> Path | None:
    """The AWS command line, in an environment of its own; None where it can't be had."""
    folder = oracles.cache() / f"awscli-{AWSCLI}"
    if not (folder / "bin/aws").exists():
        made = subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, check=False)
        pip = [folder / "bin/pip", "install", "-q", f"awscli=={AWSCLI}"]
        if made.returncode or subprocess.run(pip, capture_output=True, check=False).returncode:
            return None
    return folder / "bin/aws"


def _s5cmd(scratch: Path) -> Path | None:
    """s5cmd, built by Go; None where it can't be had."""
    program, folder = oracles.cache() / f"s5cmd-{S5CMD}", scratch / "s5cmd"
    if program.exists():
        return program
    if not shutil.which("go"):
        return None
    folder.mkdir(exist_ok=True)
    (folder / "go.mod").write_text(f"module s5\ngo 1.22\nrequire github.com/peak/s5cmd/v2 {S5CMD}\n")
    command = ["go", "build", "-mod=mod", "-o", str(program), "github.com/peak/s5cmd/v2"]
    built = subprocess.run(
        command, cwd=folder, capture_output=True, check=False, env={**os.environ, "CGO_ENABLED": "0"}
    )
    return program if built.returncode == 0 else None
