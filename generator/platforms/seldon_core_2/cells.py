"""What Seldon Core 2 can do: its row of the table of capabilities."""

from __future__ import annotations

from generator.platforms.base import Cell, Level

_BY_GATEWAY = "a route in front of the Service seldon-mesh sets the header seldon-model"

CELLS = (
    Cell(
        "rolling",
        Level.NATIVE,
        "the Model keeps its name and gets the new files; the old version serves until the new one is loaded.",
    ),
    Cell(
        "canary",
        Level.NATIVE,
        "an Experiment whose default is the stable Model splits that Model's own endpoint; without a live canary all "
        "requests go to the stable one.",
    ),
    Cell("canary", Level.GATEWAY, f"{_BY_GATEWAY}, by weight."),
    Cell("canaries", Level.NATIVE, "an Experiment has any number of candidates."),
    Cell("canaries", Level.GATEWAY, f"{_BY_GATEWAY}, by weight."),
    Cell("ab-weight", Level.NATIVE, "an Experiment whose default is the first arm splits that Model's own endpoint."),
    Cell("ab-weight", Level.GATEWAY, f"{_BY_GATEWAY}, by weight."),
    Cell("ab-header", Level.GATEWAY, f"{_BY_GATEWAY} of the arm; an Experiment knows weights only."),
    Cell("ab-cookie", Level.GATEWAY, f"{_BY_GATEWAY} of the arm; an Experiment knows weights only."),
    Cell(
        "ab-sticky",
        Level.NO,
        "an Experiment keeps no client by a cookie, and behind a gateway all arms are one Service, which session "
        "persistence can't tell apart.",
        instead="ab without sticky, whose clients send back the header x-seldon-route and forget it on a "
        "404, or ab with match, which is sticky by itself",
    ),
    Cell("shadow", Level.NATIVE, "the Experiment mirrors the stable Model's requests and drops the answers."),
    Cell("shadow-percent", Level.NATIVE, "the Experiment's mirror takes a percentage."),
    Cell(
        "blue-green",
        Level.NATIVE,
        "an Experiment gives one of two Models 100 and the other 0; a switch changes these two numbers alone.",
    ),
    Cell("blue-green", Level.GATEWAY, f"{_BY_GATEWAY} of the active Model."),
    Cell("preview-host", Level.GATEWAY, f"{_BY_GATEWAY} of the preview, for a host of its own."),
    Cell(
        "bandit",
        Level.NO,
        "Core 2 has no router that learns; Seldon's bandits are images for Seldon Core 1.",
        instead="platform seldon-core-1, or ab, with the shares changed by what the metrics say",
    ),
    Cell("ensemble", Level.NATIVE, "a Pipeline asks every Model and joins the tensors of their answers."),
    Cell(
        "combiner",
        Level.NO,
        "a Pipeline is made of Models, and no image runs in it.",
        instead="an ensemble without a combiner, whose answer holds the tensors of all, or platform seldon-core-1",
    ),
    Cell("chain", Level.NATIVE, "a Pipeline hands the answer of each Model to the next."),
    Cell("tensors", Level.NATIVE, "the tensorMap of the step, or of the Pipeline's output."),
    Cell(
        "switch",
        Level.NO,
        "a Pipeline has no condition on a request: it branches on which tensors a Model's answer has.",
        instead="ab with match, by a header that the client sends, or platform kserve",
    ),
    Cell(
        "switch-router",
        Level.NO,
        "a Pipeline is made of Models, and no image runs in it.",
        instead="platform seldon-core-1, or ab with match, by a header that the client sends",
    ),
    Cell("graph", Level.NATIVE, "a Pipeline of that spec, with a Model for each variant."),
)
