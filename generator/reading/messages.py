"""What a YAML parser's error means, in words for the person who wrote the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.reading.errors import MAX_DEPTH

if TYPE_CHECKING:
    import yaml

_WORDS = (
    (
        "cannot start any token",
        "a tab or a reserved character (@ `) stands where a value or key begins; indent with spaces, quote the value",
    ),
    ("mapping values are not allowed", "a ': ' stands where no key can be: quote the value, or mend the indentation"),
    ("could not find expected ':'", "a key without ': ' behind it, or a line that is indented wrongly"),
    ("did not find expected key", "a line that is indented unlike its neighbours, or a missing quote or comma"),
    (
        "did not find expected '-' indicator",
        "an item of a list that is indented unlike its neighbours, or a missing '- '",
    ),
    ("did not find expected ',' or", "a missing comma or closing bracket"),
    ("did not find expected node content", "a value or a closing bracket is missing"),
    ("found unexpected end of stream", "a quote or bracket that is never closed"),
    ("unexpected document indicator", "a quote that is never closed before the next document"),
    (
        "invalid Unicode character escape",
        r"an escape of no character: half of a pair (\ud83d…) is JSON's; YAML has \U0001f600, or write it as it is",
    ),
    ("unknown escape character", "a backslash in double quotes that YAML does not know; use single quotes"),
    ("block sequence entries are not allowed", "a '- ' stands where no list can begin"),
    (
        "did not find expected <document start>",
        "text behind the document's end, or a directive (%YAML); kubectl reads neither",
    ),
    ("did not find expected alphabetic", "an & or * that is no anchor; quote the value"),
    # libyaml's own limit, of PyYAML 6.0.4 and newer, lies beyond ours, but its scanner reads ahead.
    ("exceeded maximum nesting depth", f"nested deeper than {MAX_DEPTH} levels"),
    ("undefined tag handle", "a tag (!x!) that is not declared; quote the value"),
)


def explain(error: yaml.MarkedYAMLError, text: str) -> str:
    """One sentence without a final full stop."""
    problem = error.problem or "this is not YAML"
    mark = error.problem_mark
    lines = text.split("\n")
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "cannot start any token" in problem and re.match(r"[ -]*\t", line):
        return "a tab is used to indent; YAML allows spaces only"
    return next((words for part, words in _WORDS if part in problem), problem)
