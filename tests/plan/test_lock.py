"""The lock file: what it pins, that it reads back, and what is said where it doesn't fit."""

import pytest

from generator.errors import InputError
from generator.loading.load import load
from generator.plan import lock
from kit import SERVICE, locked, pin


def test_what_is_written_reads_back(tmp_path):
    path = tmp_path / lock.FILE
    assert lock.write(path, locked())
    assert lock.read(path) == locked()


def test_the_same_pins_are_the_same_bytes_and_nothing_is_written_twice(tmp_path):
    path = tmp_path / lock.FILE
    lock.write(path, locked(b=pin("1", 1, "a"), a=pin("2", 2, "b")))
    before = path.read_bytes()
    assert not lock.write(path, locked(a=pin("2", 2, "b"), b=pin("1", 1, "a")))
    assert path.read_bytes() == before


def test_a_section_is_replaced_and_the_others_stay():
    both = locked().with_section("other", {"stable": pin("1", 1, "c")})
    assert set(both.services) == {"digits", "other"}
    assert both.with_section("digits", {}).services["other"] == both.services["other"]


def test_the_format_of_a_layout_is_kept_where_it_is_another_than_the_releases(tmp_path):
    both = pin("1", 1, "a", layouts=("tensorflow-serving", "triton"), formats={"triton": "onnx"})
    lock.write(tmp_path / lock.FILE, locked(stable=both))
    assert lock.read(tmp_path / lock.FILE).services["digits"]["stable"] == both
    assert "formats" not in locked().to_yaml()


def test_an_absent_lock_is_empty(tmp_path):
    assert lock.read(tmp_path / lock.FILE) == lock.Lock()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version: 1\nservices", "version: 2\nservices", "2 is above 1"),
        ("sha256:aaaa", "sha256:AAAA", "is no digest"),
        ("requested: latest", "requestd: latest", "Did you mean 'requested'?"),
        ("version: 2", "version: 0", "0 is below 1"),
        ("version: 2", "version: 3", "the path is release 2's, and the version is 3"),
        (f"digits/2/{'b' * 16}", f"digits/2/{'c' * 16}", f"the path is that of digest {'c' * 16}…"),
        (f"digits/1/{'a' * 16}", f"digits/2/{'a' * 16}", "the path is release 2's, and the version is 1"),
        ('requested: "1"', 'requested: "3"', "release 3 was asked for, and 1 is pinned"),
        ("requested: latest", "requested: newest", "release newest was asked for, and 2 is pinned"),
        ("format: savedmodel\n", "format: savedmodel\n      formats: {triton: onnx}\n", "the format of triton is told"),
    ],
)
def test_a_damaged_lock_is_refused_with_its_place(tmp_path, old, new, message):
    text = locked().to_yaml()
    assert old in text
    (tmp_path / lock.FILE).write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as raised:
        lock.read(tmp_path / lock.FILE)
    assert message in str(raised.value)
    assert raised.value.place.line


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "3\n"])
def test_what_is_no_lock_at_all_is_pinned_anew_and_not_begun_by_init(tmp_path, text):
    (tmp_path / "serinus.lock").write_text(text)
    with pytest.raises(InputError, match="pin anew: serinus lock") as raised:
        lock.read(tmp_path / "serinus.lock")
    assert "init" not in str(raised.value)


@pytest.mark.parametrize(
    ("pins", "message"),
    [
        ({"stable": pin("1", 1, "a")}, "variant 'canary' of digits isn't pinned"),
        (
            {"stable": pin("3", 3, "a"), "canary": pin("latest", 2, "b")},
            "is pinned for release 3, and the service file asks for 1",
        ),
    ],
)
def test_a_variant_that_the_lock_does_not_pin_says_the_command_that_does(tmp_path, pins, message):
    (tmp_path / "serinus.yaml").write_text(SERVICE)
    service = load(tmp_path / "serinus.yaml")
    with pytest.raises(InputError, match="serinus lock") as raised:
        lock.pins_of(service, locked(**pins))
    assert message in str(raised.value)


@pytest.mark.parametrize(
    "path", ["../../x", "digits/1", "digits/01/0123456789abcdef", "/digits/1/0123456789abcdef", "a/b/c"]
)
def test_a_path_that_is_no_releases_is_refused_at_its_place(tmp_path, path):
    file = tmp_path / lock.FILE
    lock.write(file, locked())
    file.write_text(file.read_text().replace(f"digits/1/{'a' * 16}", path))
    with pytest.raises(InputError, match="release's folder") as raised:
        lock.read(file)
    assert raised.value.place.line


def test_a_pin_of_another_service_than_the_file_names_says_the_command_that_mends_it(tmp_path):
    (tmp_path / "serinus.yaml").write_text(
        SERVICE.replace("{name: canary, release: latest}", "{name: canary, release: latest, service: letters}")
    )
    service = load(tmp_path / "serinus.yaml")
    with pytest.raises(InputError, match="serinus lock") as raised:
        lock.pins_of(service, locked())
    assert "is pinned to a release of digits, and the service file asks for one of letters" in str(raised.value)
    pins = lock.pins_of(
        service, locked(stable=pin("1", 1, "a"), canary=pin("latest", 2, "b", path=f"letters/2/{'b' * 16}"))
    )
    assert pins["canary"].owner == "letters"
