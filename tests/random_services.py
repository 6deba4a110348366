"""Service files as people could write them, for properties that have to hold for all: drawn by hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from generator.plan import lock
from generator.platforms import platforms
from generator.service.fragments import SECRET_TEXT
from kit import pin

HOSTILE = (
    "yes", "null", "~", "1e3", "0o17", "0x1f", "1_000", "12:30", "2020-01-01", "a: b", "# no", "a #b", "{{ x }}", "{% x %}",
    "'q'", '"d"', "it's", "line\nline", "line\r\nline", "é😀", "=", "<<", "- x", "a\tb", "&a", "*a", "!t", "%d", "@x", "`x`",
    "|", ">", "[a]", "{a: b}", " lead", "trail ", "", "\\n", "\u2028", "\x85", "x" * 4096,
)  # fmt: skip
"""Values that some reader of YAML, Jinja or a shell takes for something else."""

TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=40),
).filter(lambda text: not SECRET_TEXT.search(text))
LAYOUTS = ("tensorflow-serving", "triton", "mlserver", "torchserve", "plain")
VARIANTS = ("one", "two", "three")
FIXED: dict[str, tuple[dict[str, Any], int]] = {
    "rolling": ({"rolling": {}}, 1),
    "header": ({"ab": {"default": "one", "match": [{"variant": "two", "headers": {"x-group": "beta"}}]}}, 2),
    "cookie": ({"ab": {"default": "one", "match": [{"variant": "two", "cookies": {"group": "beta"}}]}}, 2),
    "shadow": ({"shadow": {"stable": "one", "variant": "two", "percent": 10}}, 2),
    "blue-green": ({"blueGreen": {"active": "one", "preview": "two"}}, 2),
    "ensemble": ({"ensemble": {"variants": ["one", "two"]}}, 2),
    "chain": ({"chain": {"variants": ["one", "two"]}}, 2),
    "bandit": ({"bandit": {"router": "epsilon-greedy", "variants": ["one", "two"]}}, 2),
}
"""Strategies without numbers of their own, and how many variants they name."""


def names(length: int) -> st.SearchStrategy[str]:
    """Names of Kubernetes objects."""
    return st.from_regex(rf"[a-z][a-z0-9-]{{0,{length - 2}}}[a-z0-9]", fullmatch=True)


def percentages(count: int) -> st.SearchStrategy[list[int]]:
    """Whole percentages that sum to 100."""
    cuts = st.lists(st.integers(0, 100), min_size=count - 1, max_size=count - 1).map(sorted)
    return cuts.map(lambda found: [high - low for low, high in zip([0, *found], [*found, 100], strict=True)])


@st.composite
def strategies(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    """A strategy, and how many variants it names."""
    one, two, three = VARIANTS
    kind = draw(st.sampled_from(("canary", "ab", *FIXED)))
    if kind == "ab":
        count = draw(st.integers(2, 3))
        return {"ab": {"split": dict(zip(VARIANTS, draw(percentages(count)), strict=False))}}, count
    if kind in FIXED:
        return FIXED[kind]
    steps = sorted(draw(st.sets(st.integers(1, 90), min_size=1, max_size=4)))
    made: dict[str, Any] = {"stable": one, "variant": two, "steps": steps, "step": draw(st.integers(0, len(steps)))}
    if draw(st.booleans()):
        made["alongside"] = [{"variant": three, "percent": draw(st.integers(0, 10))}]
    return {"canary": made}, 3 if "alongside" in made else 2


@st.composite
def services(draw: st.DrawFn) -> tuple[dict[str, Any], lock.Lock]:
    """The data of a service file, and its lock."""
    platform = platforms()[draw(st.sampled_from(sorted(platforms())))]
    strategy, count = draw(strategies())
    name, namespace = draw(names(20)), draw(names(12))
    model_format = draw(st.sampled_from(sorted(set(platform.servers) - {"custom"})))
    low = draw(st.integers(1, 4))
    data: dict[str, Any] = {
        "apiVersion": "serinus/v1",
        "kind": "ModelService",
        "name": name,
        "namespace": namespace,
        "annotations": draw(st.dictionaries(names(10).map(lambda key: f"example.com/{key}"), TEXTS, max_size=3)),
        "labels": draw(st.dictionaries(names(8), st.sampled_from(("yes", "1", "true", "a.b", "x_y", "")), max_size=2)),
        "platform": {
            "kind": platform.id,
            "version": draw(st.sampled_from(platform.releases)),
            "mode": draw(st.sampled_from(platform.modes)),
        },
        "store": {"url": draw(st.sampled_from(("s3://models", "gs://models/team", "s3://models/a/b/")))},
        "model": {"format": model_format},
        "variants": [{"name": each, "release": str(number + 1)} for number, each in enumerate(VARIANTS[:count])],
        "strategy": strategy,
        "gateway": {"name": draw(names(10)), "namespace": draw(names(10)), "host": f"{name}.example.com"},
        "replicas": draw(
            st.sampled_from(
                ({"min": low}, {"min": low, "max": low + 3}, {"min": low, "max": 9, "metric": "cpu", "target": 70})
            )
        ),
    }
    if platform.on_cluster is not None and draw(st.booleans()):
        data["model"] |= {
            "modelFormat": draw(st.sampled_from(("caikit", "vLLM", "on", "1.0"))),
            "runtime": draw(names(12)),
        }
    if platform.storage and draw(st.booleans()):
        entry = {"key": "no", "path": draw(names(12)), "parameters": {"bucket": draw(names(8))}}
        data["variants"][0] = {"name": VARIANTS[0], "storage": entry}
    optional: dict[str, st.SearchStrategy[Any]] = {
        "resources": st.just({"requests": {"cpu": "500m", "memory": "1024Mi"}, "limits": {"memory": "2Gi"}}),
        "serviceAccount": names(10),
        "container": TEXTS.map(lambda text: {"env": [{"name": "PROBE", "value": text}]}),
    }
    for key, values in optional.items():
        if draw(st.booleans()):
            data[key] = draw(values)
    data["gateway"] |= draw(st.sampled_from(({}, {"path": "/a/b"}, {"timeout": "90s"}, {"version": "1.7"})))
    if platform.id != "seldon-core-2":  # its Models have no pods
        data["pod"] = draw(st.sampled_from(({}, {"nodeSelector": {"pool": "a"}}, {"terminationGracePeriodSeconds": 5})))
        data["variants"][-1] |= draw(st.sampled_from(({}, {"pod": {"tolerations": [{"operator": "Exists"}]}})))
    if "max" in data["replicas"]:
        window = {"behavior": {"scaleDown": {"stabilizationWindowSeconds": 600}}}
        data["replicas"] = data["replicas"] | draw(st.sampled_from(({}, window, {**window, "scaler": "keda"})))
    return data, pinned(name, model_format, count)


def pinned(name: str, model_format: str, count: int) -> lock.Lock:
    """Releases 1, 2 … of a service, each with every layout."""
    pins = {}
    for number, each in enumerate(VARIANTS[:count]):
        path = f"{name}/{number + 1}/{'abc'[number] * 16}"
        pins[each] = pin(
            str(number + 1), number + 1, "abc"[number], path=path, format=model_format, layouts=LAYOUTS, runtimes={}
        )
    return lock.Lock().with_section(name, pins)


def plain_service(platform: str) -> tuple[dict[str, Any], lock.Lock]:
    """The least that a platform renders."""
    model_format = next(iter(platforms()[platform].servers))
    data = {
        "apiVersion": "serinus/v1",
        "kind": "ModelService",
        "name": "digits",
        "platform": {"kind": platform},
        "store": {"url": "s3://models"},
        "model": {"format": model_format},
        "variants": [{"name": "one", "release": "1"}],
    }
    return data, pinned("digits", model_format, 1)
