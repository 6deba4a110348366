"""Rows through jpmml-evaluator as KServe's PMML server does it; run by a Python that has it.

A row is a list, and its values are those of the input fields in their order (kserve/kserve v0.20.0,
python/pmmlserver/pmmlserver/model.py).

python jpmml.py model.pmml < rows.json > results.json
"""

from __future__ import annotations

import json
import sys

from jpmml_evaluator import make_evaluator


def main(path: str) -> None:
    evaluator = make_evaluator(path)
    evaluator.verify()
    fields = [field.getName() for field in evaluator.getInputFields()]
    rows = json.load(sys.stdin)
    print(json.dumps([dict(evaluator.evaluate(dict(zip(fields, row, strict=True)))) for row in rows]))


main(sys.argv[1])
