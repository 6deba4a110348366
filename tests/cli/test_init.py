"""``serinus init``: what it writes loads as it stands, for every platform and strategy."""

import pytest

from generator import platforms
from generator.cli.init import _strategies
from generator.loading.load import load
from trainer.data import SOURCES
from trainer.tasks import tasks

CHOICES = [(platform.id, strategy) for platform in platforms.platforms().values() for strategy in _strategies(platform)]


@pytest.mark.parametrize(("platform", "strategy"), CHOICES, ids=["-".join(choice) for choice in CHOICES])
def test_what_is_written_loads(run, tmp_path, platform, strategy):
    ended = run(
        "init",
        tmp_path / "My Model 2",
        "--platform",
        platform,
        "--strategy",
        strategy,
        "--task",
        "image-classification",
    )
    assert ended.code == 0
    service = load(tmp_path / "My Model 2" / "serinus.yaml", environment="staging")
    assert (service.name, service.strategy.name, service.platform.kind) == ("my-model-2", strategy, platform)
    platforms.of(service)


@pytest.mark.parametrize("task", tasks().values(), ids=list(tasks()))
def test_a_task_begins_with_its_data_and_gate(run, tmp_path, task):
    assert run("init", tmp_path, "--task", task.id).code == 0
    model = load(tmp_path / "serinus.yaml").model
    assert (model.train.task, model.train.data, model.train.epochs) == (task.id, task.data, task.epochs)
    assert model.gate == dict(task.gate)
    assert f"data: {task.data} # {SOURCES[task.data].summary}\n" in (tmp_path / "serinus.yaml").read_text()


def test_a_file_that_is_there_is_kept(run, tmp_path):
    (tmp_path / "serinus.yaml").write_text("mine")
    ended = run("init", tmp_path)
    assert ended.code == 2
    assert (tmp_path / "serinus.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--platform=kserv", "Did you mean 'kserve'?"),
        ("--strategy=canari", "Did you mean 'canary'?"),
        ("--task=x", "Known here"),
    ],
)
def test_an_unknown_choice_names_the_known(run, tmp_path, option, message):
    ended = run("init", tmp_path / "new", option)
    assert (ended.code, (tmp_path / "new").exists()) == (2, False)
    assert message in ended.err


@pytest.mark.parametrize(
    ("strategy", "message"),
    [("bandit", "Instead: the platform seldon-core-1"), ("graph", "in the platform's own words")],
)
def test_a_strategy_that_the_platform_cannot_do_names_the_alternative(run, tmp_path, strategy, message):
    ended = run("init", tmp_path / "new", "--platform", "kserve", "--strategy", strategy)
    assert (ended.code, (tmp_path / "new").exists()) == (2, False)
    assert message in ended.err


@pytest.mark.parametrize(
    ("task", "model_format", "platform"),
    [
        ("image-classification", "pmml", "kserve"),
        ("tabular-regression", "onnx", "kubernetes"),
        ("recommendation", "onnx", "seldon-core-2"),
        ("text-classification", "savedmodel", "seldon-core-1"),
    ],
)
def test_a_task_may_be_exported_in_another_format(run, tmp_path, task, model_format, platform):
    begun = run("init", tmp_path / "new", "--task", task, "--format", model_format, "--platform", platform)
    assert begun.code == 0, begun.err
    assert "serinus release" in begun.err
    service = load(tmp_path / "new" / "serinus.yaml")
    assert (service.model.format, service.model.train.task) == (model_format, task)
    assert next(iter(platforms.layouts_of(service).values())) == model_format


@pytest.mark.parametrize("platform", platforms.platforms())
def test_a_format_that_no_server_loads_is_kept_beside_one_that_is_served(run, tmp_path, platform):
    ended = run("init", tmp_path / "new", "--task=image-classification", "--format=keras", f"--platform={platform}")
    assert ended.code == 0, ended.err
    model = load(tmp_path / "new" / "serinus.yaml").model
    assert (model.format, model.formats) == ("savedmodel", ("savedmodel", "keras"))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            ["--task=text-classification", "--format=onnx"],
            "can't be exported as onnx: ONNX has no operations that take words out of a text. It can as savedmodel.",
        ),
        (["--task=speech-commands", "--format=pmml"], "PMML has no words for spectra and convolutions."),
        (["--task=image-classification", "--format=sklearn"], "no trained model is exported as 'sklearn'."),
        (["--task=image-classification", "--format=kears"], "no trained model is exported as 'kears'."),
        (["--task=image-classification", "--format=pmml", "--platform=seldon-core-2"], "no server for the format pmml"),
        (["--task=image-classification", "--model=x"], "--task trains a model, and --model brings one along."),
        (["--task=x", "--format=onnx"], "--task x isn't known"),
    ],
)
def test_a_task_and_a_format_that_do_not_go_together_say_why(run, tmp_path, said, message):
    ended = run("init", tmp_path / "new", *said)
    assert (ended.code, (tmp_path / "new").exists()) == (2, False)
    assert message in ended.err
