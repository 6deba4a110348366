"""Addresses that also fetch what lies beside them."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.spec import addresses
from generator.checks.rules.kserve.storage_forms import ADDRESSES, ARCHIVE, AZURE, DOWNLOADER, FILE, PACKED
from generator.checks.subject import mapping, sequence, text
from generator.schemas.kinds import INFERENCE_SERVICE, TRAINED_MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.checks.subject import Index, Subject

ADVICE = ("End the address with a slash.", "Give the folders names of which none begins another.")
"""For S3, and for Azure, where KServe takes slashes off."""

LAST = "\U0010ffff"

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1/}
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits-next
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/10/}
"""


@rule(
    id="KSV132",
    name="address-that-begins-another",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=ADDRESSES,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{other} begins with this address too, so KServe fetches both into one folder",
    fix="{advice}",
    source=DOWNLOADER,
    bad=GOOD.replace("digits/1/}", "digits/1}"),
    good=GOOD,
)
def address_that_begins_another(subject: Subject) -> Iterator[Hit]:
    """S3 and Azure list by the beginning of a name, and know no folders: digits/1 is the beginning of digits/10/model.

    The files of the other model come along under cut names. Only addresses of the given files are compared: what else
    lies in the bucket, nobody can know from here.
    """
    for _, path, uri, _ in addresses(subject):
        azure = AZURE.match(uri) is not None
        begin = uri.rstrip("/") if azure else uri
        if not azure and (not uri.startswith("s3://") or uri.endswith("/") or "/" not in uri.removeprefix("s3://")):
            continue
        if not any(form.search(uri) for form in (FILE, ARCHIVE, PACKED)):
            other = _neighbour(subject.index.derive(stored), begin)
            advice = (
                "Give the folders names of which none begins another." if azure else "End the address with a slash."
            )
            if other:
                yield Hit(path, {"other": other, "advice": advice})


def _neighbour(known: Sequence[str], begin: str) -> str | None:
    """An address that begins so and doesn't lie inside: it goes on with something else than a slash."""
    for low, high in ((f"{begin}\0", f"{begin}/"), (f"{begin}0", f"{begin}{LAST}")):
        first = bisect.bisect_left(known, low)
        if first < bisect.bisect_left(known, high):
            return known[first]
    return None


def stored(index: Index) -> Sequence[str]:
    """The addresses in buckets of S3 and Azure that the set names, sorted."""
    found: set[str] = set()
    for service in index.by_kind.get(INFERENCE_SERVICE, ()):
        spec = mapping(service.data, "spec")
        predictors = [spec.get("predictor"), *(mapping(one).get("predictor") for one in sequence(spec, "canary"))]
        for predictor in predictors:
            for part in mapping(predictor).values():
                found.add((text(part, "storageUri") if isinstance(part, dict) else None) or "")
            found.update(text(one, "uri") or "" for one in sequence(predictor, "storageUris"))
    found.update(text(one.data, "spec", "model", "storageUri") or "" for one in index.by_kind.get(TRAINED_MODEL, ()))
    return sorted(uri for uri in found if uri.startswith(("s3://", "https://")))
