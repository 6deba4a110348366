"""``serinus schema``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.options import CONTEXT, ClusterContext, Kubeconfig
from generator.cli.talk import put_data, remark, show
from generator.cluster.read import crds
from generator.errors import InputError
from generator.reading.documents import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.schemas.importer import Imported

app = typer.Typer(
    context_settings=CONTEXT, no_args_is_help=True, help="The service file's JSON Schema, and the schema packs."
)


@app.command(context_settings=CONTEXT)
def service() -> None:
    """Print the service file's JSON Schema, for editors."""
    from generator.loading.schema import schema  # noqa: PLC0415 (the other subcommands don't need it)

    put_data(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")


@app.command("list", context_settings=CONTEXT)
def list_packs() -> None:
    """List the products and releases whose schemas are known."""
    from generator.schemas import available  # noqa: PLC0415 (the other subcommands don't need it)

    for product, releases in available().items():
        print(f"{product}: {', '.join(str(release) for release in releases)}")


@app.command("import", context_settings=CONTEXT)
def import_packs(
    paths: Annotated[list[str] | None, typer.Argument(metavar="PATH…", help="CRD files, or folders of them.")] = None,
    name: Annotated[
        str | None, typer.Option("--as", metavar="PRODUCT@RELEASE", help="What they are of, where they don't say it.")
    ] = None,
    from_cluster: Annotated[
        bool, typer.Option("--from-cluster", help="Take the CRDs of a live cluster; needs the extra 'cluster'.")
    ] = False,
    groups: Annotated[
        list[str] | None,
        typer.Option("--group", metavar="GROUP", help="Only the cluster's CRDs of this API group; may be repeated."),
    ] = None,
    kubeconfig: Kubeconfig = None,
    context: ClusterContext = None,
) -> None:
    """Make schema packs of CRDs; a kind of an imported pack wins over the shipped one."""
    from generator.schemas import importer  # noqa: PLC0415 (the other subcommands don't need it)

    if from_cluster == bool(paths):
        raise InputError("give files and folders of CRDs, or --from-cluster, and not both.")
    if paths and (groups or kubeconfig or context):
        raise InputError("--group, --kubeconfig and --context have no effect without --from-cluster.")
    if paths:
        from generator.checks.cel import fault  # noqa: PLC0415 (as the importer)

        _told(importer.import_crds(paths, name=name, rule_fault=fault))
        return
    live = (Document(crd, "the cluster") for crd in crds(kubeconfig=kubeconfig, context=context))
    written, left = importer.import_live(live, name=name, groups=groups or ())
    _told(written)
    if left:
        others = ", ".join(sorted({crd.data["spec"]["group"] for crd in left}))
        remark(
            f"left out, since they don't tell their release: {len(left)} of {others}. Name it: --as PRODUCT@RELEASE."
        )


def _told(written: Iterable[Imported]) -> None:
    """Where the packs lie to standard output, the talk to standard error."""
    for pack in written:
        remark(f"{pack.product}@{pack.version}: {len(pack.kinds)} {'kind' if len(pack.kinds) == 1 else 'kinds'}")
        show(str(pack.file))
