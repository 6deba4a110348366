"""Values that naive YAML mistakes for something else, and a loader that doesn't."""

from __future__ import annotations

import yaml

HOSTILE = [
    "yes", "no", "on", "off", "y", "N", "null", "~", "", "true", "1e3", "0o17", "017", "1_000", "1:30", "0x1F", ".inf", "a: b", "# no",
    "{{ x }}", "'q'", '"d"', "line\nline", "é😀", "=", "2020-01-01", "- x", "a\tb", "&a", "*a", "!t", "%d", "@x", "`x`", " lead",
    "trail ", "x" * 4096, "a:", ":a", "a #b", "[a", "{a", "a,b", "\x85", "\u2028", "\ufeff", "\x7f", "\0", "\\", "<<", "---", "...",
]  # fmt: skip


class Exact(yaml.SafeLoader):
    """PyYAML without its own failure on the value ``=``."""


Exact.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:value"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
