"""Rows through jpmml-evaluator, the evaluator of KServe's PMML server; run by a Python that has it.

python jpmml.py model.pmml < rows.json > results.json
"""

from __future__ import annotations

import json
import sys

from jpmml_evaluator import make_evaluator


def main(path: str) -> None:
    evaluator = make_evaluator(path)
    evaluator.verify()
    rows = json.load(sys.stdin)
    print(json.dumps([dict(evaluator.evaluate(row)) for row in rows]))


main(sys.argv[1])
