"""What the tests of images share: a real registry, and a second opinion on what lies in it."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Server:
    """A registry that runs: where it answers, and the program that it is."""

    program: Path
    address: str

    def look(self, image: str) -> dict[str, Any]:
        """What go-containerregistry says of an image: its files by content, each layer held against its digests."""
        done = subprocess.run(
            [self.program, "look", f"{self.address}/{image}"], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def push_base(self, image: str, *, bare: bool = False) -> str:
        """Push an image that others can be built on, for two kinds of node; its name by digest."""
        done = subprocess.run(
            [self.program, "base", f"{self.address}/{image}", *(["bare"] if bare else [])],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return f"{self.address}/{image.partition(':')[0]}@{done.stdout.strip()}"


@contextmanager
def running(program: Path, folder: Path, *options: str, name: str = "localhost") -> Iterator[Server]:
    """A registry that lives as long as the block, or as we do: it ends when the pipe that we hold is closed."""
    command = [str(program), "serve", str(folder), *options]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield Server(program, f"{name}:{int(process.stdout.readline())}")
        finally:
            process.stdin.close()
            process.wait(10)


def blobs_of(folder: Path) -> list[Path]:
    """The files in which a registry keeps layers, configurations and manifests, each in a folder named by its digest."""
    return list((folder / "docker" / "registry" / "v2" / "blobs").rglob("data"))
