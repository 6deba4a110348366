"""Links, pipes and what the kernel makes up: whatever isn't a file of the model itself is refused by its name."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from model_files import MODELS, write_model
from store_kit import serinus, write_files

from generator.errors import InputError, OutsideError
from generator.store import disk
from generator.store.bring import artifact_from_model
from generator.store.collect import collect
from generator.store.connect import open_store
from generator.store.layouts import of_format
from generator.store.publish import publish

if TYPE_CHECKING:
    from generator.model.artifact import Artifact

PUBLISHED = [
    (model_format, file)
    for model_format, (_, files) in MODELS.items()
    for file in files
    if not Path(file).name.startswith(".")
]


def bring(path: Path, model_format: str) -> Artifact:
    return artifact_from_model(path, model_format, of_format(model_format), "digits", lambda _: None)


@pytest.mark.parametrize(("model_format", "file"), PUBLISHED)
@pytest.mark.parametrize("way", ["absolute", "relative"])
def test_a_link_out_of_the_model_is_refused_in_every_format(
    tmp_path: Path, model_format: str, file: str, way: str
) -> None:
    path = write_model(tmp_path / "model", model_format)
    real, link = tmp_path / "elsewhere", tmp_path / "model" / file
    link.rename(real)
    link.symlink_to(real if way == "absolute" else os.path.relpath(real, link.parent))
    with pytest.raises(InputError, match=f"link out of the model's folder, to {real}") as caught:
        collect(bring(path, model_format))
    assert caught.value.place is not None
    assert caught.value.place.file == str(link)


@pytest.mark.parametrize("model_format", ["huggingface", "mlflow", "savedmodel", "triton"])
@pytest.mark.parametrize(
    "target", ["/etc/passwd", "/proc/self/environ", "/proc/self/mem", "/dev/zero", "../secret", "deep/../../secret"]
)
def test_nothing_of_the_machine_is_published_with_a_folder(tmp_path: Path, model_format: str, target: str) -> None:
    path = write_model(tmp_path, model_format)
    write_files(tmp_path, {"secret": "SEKRET"})
    (path / "deep").mkdir()
    (path / "deep" / "README").write_text("x")
    (path / "extra").symlink_to(target)
    with pytest.raises(InputError, match=r"link out of the model's folder|no regular file") as caught:
        collect(bring(path, model_format))
    assert str(caught.value).startswith(f"{path}/extra: ")


def test_a_link_inside_of_the_model_is_that_file(tmp_path: Path) -> None:
    path = write_model(tmp_path, "huggingface")
    (path / "deep").mkdir()
    (path / "deep" / "vocab.txt").symlink_to("../tokenizer.json")
    files = {source.path: source.sha256 for source in collect(bring(path, "huggingface")).files}
    assert files["plain/deep/vocab.txt"] == files["plain/tokenizer.json"]


def test_a_link_to_what_is_left_out_is_refused(tmp_path: Path) -> None:
    path = write_model(tmp_path, "huggingface")
    write_files(path, {".git/config": "token"})
    (path / "notes").symlink_to(".git/config")
    with pytest.raises(InputError, match=r"notes: it is a link out of"):
        collect(bring(path, "huggingface"))


def test_what_starts_with_a_dot_is_left_out_wherever_it_leads(tmp_path: Path) -> None:
    path = write_model(tmp_path, "huggingface")
    (path / ".gitattributes").unlink()
    (path / ".gitattributes").symlink_to("/etc/passwd")
    content = collect(bring(path, "huggingface"))
    assert path / ".gitattributes" in content.left_out
    assert not [source for source in content.files if "gitattributes" in source.path]


def hub_cache(folder: Path) -> Path:
    """A snapshot as the hub's own library leaves it: links into the blobs; the path of the snapshot."""
    path = write_model(folder / "made", "huggingface")
    snapshot = folder / "models--a--bert" / "snapshots" / "0f3e"
    blobs = folder / "models--a--bert" / "blobs"
    blobs.mkdir(parents=True)
    for file in [each for each in sorted(path.rglob("*")) if each.is_file()]:
        place = snapshot / file.relative_to(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        file.rename(blobs / file.name.strip("."))
        place.symlink_to(os.path.relpath(blobs / file.name.strip("."), place.parent))
    return snapshot


def test_the_hub_cache_is_published_with_what_its_links_lead_to(tmp_path: Path) -> None:
    snapshot = hub_cache(tmp_path)
    plain = shutil.copytree(snapshot, tmp_path / "plain")
    assert collect(bring(snapshot, "huggingface")).digest == collect(bring(plain, "huggingface")).digest


@pytest.mark.parametrize("trick", ["blob", "blobs", "outside"])
def test_the_exception_for_the_hub_cache_leads_nowhere_else(tmp_path: Path, trick: str) -> None:
    snapshot = hub_cache(tmp_path)
    blobs = tmp_path / "models--a--bert" / "blobs"
    write_files(tmp_path, {"secret/passwd": "SEKRET"})
    (snapshot / "extra").symlink_to("../../blobs/passwd" if trick != "outside" else "../../passwd")
    if trick == "blob":
        (blobs / "passwd").symlink_to(tmp_path / "secret/passwd")
    elif trick == "blobs":
        shutil.move(blobs, tmp_path / "real-blobs")
        write_files(tmp_path / "real-blobs", {"passwd": "SEKRET"})
        blobs.symlink_to(tmp_path / "real-blobs")
    else:
        write_files(tmp_path / "models--a--bert", {"passwd": "SEKRET"})
    with pytest.raises(InputError, match="link out of the model's folder"):
        collect(bring(snapshot, "huggingface"))


@pytest.mark.parametrize("model_format", sorted(MODELS))
def test_a_pipe_is_never_waited_for(tmp_path: Path, model_format: str) -> None:
    path = write_model(tmp_path, model_format)
    file = path if path.is_file() else max(each for each in path.rglob("*") if each.is_file())
    file.unlink()
    os.mkfifo(file)
    with pytest.raises((InputError, OutsideError)) as caught:
        collect(bring(path, model_format))
    assert caught.value.exit_code in {2, 3}


@pytest.mark.parametrize("path", ["/proc/kmsg", "/proc/self/environ", "/dev/zero", "/dev/tty", "/sys/kernel/notes"])
@pytest.mark.parametrize("model_format", sorted(MODELS))
def test_a_file_of_the_kernel_is_no_model(tmp_path: Path, model_format: str, path: str) -> None:
    link = tmp_path / f"net{Path(MODELS[model_format][0]).suffix}"
    link.symlink_to(path)
    for given in (Path(path), link):
        with pytest.raises((InputError, OutsideError)):
            collect(bring(given, model_format))


def test_a_file_that_is_exchanged_before_it_is_sent_is_found_out(tmp_path: Path) -> None:
    """Also for one of the same size, or a link: what was judged is what is sent."""
    path = write_model(tmp_path, "sklearn")
    write_files(tmp_path, {"secret": "SEKRET"})
    artifact = bring(path, "sklearn")
    store = open_store(str(tmp_path / "store"))
    send, lock = store.send, threading.Lock()

    def late(key: str, source: disk.Local | bytes, size: int, sent: object, beside: int) -> str | None:
        if isinstance(source, disk.Local):
            with lock:  # files are sent at the same time
                path.unlink()
                path.symlink_to(tmp_path / "secret")
        return send(key, source, size, sent, beside)

    store.send = late  # type: ignore[method-assign]
    with pytest.raises(OutsideError):
        publish(store, "digits", artifact)
    assert not [file for file in (tmp_path / "store").rglob("*") if file.is_file() and b"SEKRET" in file.read_bytes()]
    path.unlink()
    write_files(tmp_path, {path.name: "other"})
    file = disk.look(path, tmp_path)
    write_files(tmp_path, {"another": "SEKRET"})
    (tmp_path / "another").replace(path)
    with pytest.raises(OutsideError, match="was exchanged for another file"), file.opened():
        pass


def test_the_environment_of_the_publisher_stays_here(tmp_path: Path) -> None:
    write_model(tmp_path, "huggingface")
    (tmp_path / "bert" / "proc").symlink_to("/proc/self/environ")
    (tmp_path / "serinus.yaml").write_text(
        "apiVersion: serinus/v1\nkind: ModelService\nname: bert\nplatform: {kind: kserve}\n"
        "store: {url: s3://models, publish: ./store}\nmodel: {format: huggingface}\n"
        "variants: [{name: stable, release: latest}]\n"
    )
    ended = serinus("publish", tmp_path / "serinus.yaml", "--model", tmp_path / "bert")
    assert ended.returncode == 2
    assert f"{tmp_path}/bert/proc: it is no regular file. Remove it." in ended.stderr
    assert not (tmp_path / "store").exists()
