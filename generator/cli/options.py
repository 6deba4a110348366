"""The options that several commands share, declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CONTEXT = {"help_option_names": ["-h", "--help"]}
"""The settings of every command."""

ServiceFile = Annotated[Path, typer.Argument(metavar="FILE", help="The service file.")]
ServiceFiles = Annotated[
    list[str], typer.Argument(metavar="FILE…", help="Service files, or folders and globs that hold some.")
]
Environment = Annotated[
    str | None, typer.Option("-e", "--env", metavar="ENV", help="Lay this environment over the service file.")
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=TEXT", help="Set one value, such as replicas.min=3; after the environment."),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors.")]
Kubeconfig = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The kubeconfig; else $KUBECONFIG, else ~/.kube/config.")
]
ClusterContext = Annotated[
    str | None, typer.Option("--context", metavar="NAME", help="A context of the kubeconfig; else its current one.")
]
