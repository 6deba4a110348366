"""What Trainer asks of a TrainJob that fine-tunes by TorchTune, which is one whose command is ``tune run``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kubeflow_trainer.spec import (
    CLUSTERWIDE,
    NODE,
    POD,
    PRODUCT,
    TRAIN_JOB,
    TRAINER,
    number,
    plugin,
    runtime,
)
from generator.checks.subject import mapping, sequence, text
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.rules.kubeflow_trainer.spec import Runtime
    from generator.checks.subject import Subject

COMMAND = ["tune", "run"]
SMALL = ("llama3_2/1B", "llama3_2/3B")
LARGE, QWEN = "llama3_3/70B", "qwen2_5/1.5B"
MODELS = (*SMALL, LARGE, QWEN)
OWN = ("output_dir", "tokenizer.path", "checkpointer.checkpoint_dir", "tokenizer.merges_file")
"""Settings that Trainer fills in from the runtime."""
TORCHTUNE = plugin("torch/torchtune.go")
WHEN = frozenset({"command"})


class Tuning(NamedTuple):
    """A fine-tuning, as Trainer reads it.

    Attributes:
        model: What the runtime's name says; empty where it says none.
        nodes: How many.
        args: Of the command.
        single: Whether one process or one GPU trains.
    """

    model: str
    nodes: int
    args: list[str]
    single: bool

    def _has(self, setting: str) -> bool:
        """Whether an argument sets a setting to true."""
        pairs = [arg.partition("=") for arg in self.args]
        return any(equals and setting in name and value.strip().lower() == "true" for name, equals, value in pairs)

    @property
    def lora(self) -> bool:
        """Whether only adapters are trained."""
        return any("model.lora_attn_modules" in arg for arg in self.args)

    @property
    def qlora(self) -> bool:
        """Whether they are trained on a quantized model."""
        return self._has("model.quantize_base") and not self._has("model.use_dora")


def tuning(subject: Subject) -> Tuning | None:
    """The fine-tuning of a TrainJob, where the runtime is known to have the policy of torch; None for any other."""
    found, trainer = runtime(subject), mapping(subject.data, "spec", "trainer")
    if found is None or found.policy.get("torch") is None or sequence(trainer, "command") != COMMAND:
        return None
    fields = found.document.name.split("-")
    model = f"{fields[1].replace('.', '_')}/{fields[2].upper()}" if len(fields) == 3 else ""  # noqa: PLR2004
    nodes = number(trainer, "numNodes")
    resources = mapping(trainer, "resourcesPerNode") or _resources(found)
    single = number(trainer, "numProcPerNode") == 1 or _gpus(resources) == 1
    args = [arg for arg in sequence(trainer, "args") if isinstance(arg, str)]
    return Tuning(model, 1 if nodes is None else nodes, args, single)


def _resources(found: Runtime) -> Mapping[str, Any]:
    """Those of the container that trains."""
    for name, part in found.parts.items():
        if name == NODE or part.does == TRAINER:
            for container in sequence(part.spec, *POD, "containers"):
                if text(container, "name") == NODE and mapping(container, "resources"):
                    return mapping(container, "resources")
    return {}


def _gpus(resources: Mapping[str, Any]) -> int:
    """How many GPUs are asked for, rounded up."""
    for key in ("requests", "limits"):
        for name, amount in mapping(resources, key).items():
            if "gpu" in name.lower() and isinstance(amount, (str, int)):
                try:
                    count = quantity.value(str(amount))
                except ValueError:
                    return 0  # the schema has its own finding for that
                if count:
                    return int(-(-count // 1))
                break
    return 0


_NAME = "torchtune-llama3.2-1b"
_TUNE = f"""---
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {{name: tune, namespace: models}}
spec:
  runtimeRef: {{name: {_NAME}}}
  trainer:
    command: [tune, run]
    numNodes: 1
    numProcPerNode: 1
    args: [dataset=alpaca]
"""
GOOD = CLUSTERWIDE.replace("{numNodes: 2}", "{torch: {}}").replace("{name: digits}", f"{{name: {_NAME}}}") + _TUNE
QUANTIZED = GOOD.replace("dataset=alpaca", "model.quantize_base=True")


@rule(
    id="KFT140",
    name="model-that-torchtune-has-not",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=WHEN,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the name of the runtime says the model '{model}', which Trainer can't fine-tune",
    fix="Name a runtime torchtune-MODEL-SIZE with one of: " + ", ".join(MODELS) + ".",
    source=TORCHTUNE,
    bad=GOOD.replace("llama3.2-1b", "llama3.2-7b"),
    good=GOOD,
)
def model_that_torchtune_has_not(subject: Subject) -> Iterator[Hit]:
    """Trainer takes the model from the name of the runtime: three words, of which it drops the first."""
    found = tuning(subject)
    if found and found.model not in MODELS:
        yield hit("spec", "runtimeRef", "name", model=found.model)


@rule(
    id="KFT141",
    name="model-of-one-node",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=WHEN,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="TorchTune trains {what} on one node, and numNodes is {nodes}",
    fix="Write numNodes: 1.",
    source=TORCHTUNE,
    bad=GOOD.replace("numNodes: 1", "numNodes: 2"),
    good=GOOD,
)
def model_of_one_node(subject: Subject) -> Iterator[Hit]:
    """Only the model of 70B has a recipe for several nodes, and none for adapters (LoRA, QLoRA)."""
    found = tuning(subject)
    if found is None or found.nodes <= 1:
        return
    adapters = found.lora or found.qlora
    if found.model != LARGE or adapters:
        what = f"{found.model or 'this model'}" if found.model != LARGE else "adapters"
        yield hit("spec", "trainer", "numNodes", what=what, nodes=found.nodes)


@rule(
    id="KFT142",
    name="argument-that-trainer-sets",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=WHEN,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{setting} is set by Trainer, from the runtime",
    fix="Take the argument away.",
    source=TORCHTUNE,
    bad=GOOD.replace("dataset=alpaca", "output_dir=/tmp/out"),
    good=GOOD,
)
def argument_that_trainer_sets(subject: Subject) -> Iterator[Hit]:
    """The paths are those at which the runtime mounts what it downloads and keeps."""
    if tuning(subject) is None:
        return
    for place, arg in enumerate(sequence(subject.data, "spec", "trainer", "args")):
        setting = arg.partition("=")[0] if isinstance(arg, str) else ""
        if setting in OWN:
            yield hit("spec", "trainer", "args", place, setting=setting)


@rule(
    id="KFT143",
    name="quantized-tuning-without-recipe",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=WHEN,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="there is no recipe for QLoRA of {model}{where}",
    fix="{advice}.",
    source=TORCHTUNE,
    bad=QUANTIZED.replace("    numProcPerNode: 1\n", ""),
    good=QUANTIZED,
)
def quantized_tuning_without_recipe(subject: Subject) -> Iterator[Hit]:
    """The small Llamas are quantized on one GPU alone, Qwen not at all."""
    found = tuning(subject)
    if found is None or not found.qlora or found.nodes != 1:
        return
    if found.model == QWEN:
        advice = "Leave model.quantize_base out"
        yield hit("spec", "trainer", "args", model=found.model, where="", advice=advice)
    elif found.model in SMALL and not found.single:
        advice = "Write numProcPerNode: 1, or ask for one GPU in resourcesPerNode"
        yield hit("spec", "trainer", model=found.model, where=" on several processes", advice=advice)
