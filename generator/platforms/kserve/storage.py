"""Where a model is read from.

kserve/kserve v0.15.0 to v0.20.0, pkg/controller/v1beta1/inferenceservice/utils/utils.go (``ValidateStorageURI``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import InputError

if TYPE_CHECKING:
    from generator.errors import Place
    from generator.plan import Share
    from generator.platforms.kserve.servers import KServeServer
    from generator.platforms.kserve.setting import Setting

SCHEMES = ("s3", "gs", "hdfs", "webhdfs", "pvc", "oci", "hf", "https", "http", "file")
NATIVE_IMAGES = "oci+native"
"""The kubelet mounts the image itself, from Kubernetes 1.33 on."""


def address(setting: Setting, share: Share, found: KServeServer) -> str:
    """The address of a variant's files; empty where the container brings the model.

    Raises:
        InputError: KServe can't read it.
    """
    uri = share.files.uri(found.layout) if share.files.base else ""
    scheme = uri.partition("://")[0]
    known = (*SCHEMES, NATIVE_IMAGES) if setting.since("0.20") else SCHEMES
    if uri and scheme not in known:
        later = " It can from 0.20 on." if scheme == NATIVE_IMAGES else ""
        raise InputError(
            f"KServe {setting.release} can't read {scheme}://.{later}",
            fix=f"Known: {', '.join(known)}.",
            place=_place(setting, share),
        )
    return uri


def _place(setting: Setting, share: Share) -> Place:
    """Where the address comes from."""
    if share.files.version is not None:
        return setting.service.place("store", "url")
    index = next(number for number, each in enumerate(setting.service.variants) if each.name == share.variant)
    return setting.service.place("variants", index, "uri")
