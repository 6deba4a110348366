"""The formats that the API server enforces."""

from __future__ import annotations

import pytest

from generator.checks.structure.formats import enforced


@pytest.mark.parametrize("name", ["int32", "int64", "float", "double", "binary", "color", ""])
def test_formats_that_are_ignored(name: str) -> None:
    assert enforced(name) is None


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date-time", ["2020-01-01T00:00:00Z", "2020-02-29t23:59:59.5+01:00", "0000-01-01T00:00:00Z"], ["2020-01-01", "", "2021-02-29T00:00:00Z", "2020-01-01T24:00:00Z", "2020-01-01T00:60:00Z", "2020-1-1T00:00:00Z"]),
        ("date", ["2020-02-29"], ["2021-02-29", "2020-2-29", ""]),
        ("duration", ["1h30m", "-1.5s", "0", "5 days", "3 wk", "1µs"], ["", "h", "5", "five days"]),
        ("byte", ["aGk=", "aGkh"], ["", "aGk", "a b=", "aGk_"]),
        ("ipv4", ["1.2.3.4", "01.2.3.4", "::ffff:1.2.3.4"], ["1.2.3", "1.2.3.256", "::1", ""]),
        ("ipv6", ["::1", "2001:db8::1"], ["1.2.3.4", "fe80::1%eth0", ":", ""]),
        ("cidr", ["10.0.0.0/8", "::/0", "10.0.0.1/32"], ["10.0.0.0", "10.0.0.0/33", "::/129", "a/8"]),
        ("mac", ["00:00:5e:00:53:01", "00-00-5e-00-53-01", "0000.5e00.5301"], ["00:00:5e:00:53", "00:00-5e:00:53:01", ""]),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000", "123E4567e89b12d3a456426614174000"], ["123", ""]),
        ("uuid4", ["123e4567-e89b-42d3-a456-426614174000"], ["123e4567-e89b-12d3-a456-426614174000"]),
        ("hexcolor", ["#FFF", "aabbcc"], ["#ff", "#ggg"]),
        ("rgbcolor", ["rgb(0, 128, 255)"], ["rgb(0,0,256)", "rgb(0,0)"]),
        ("ssn", ["123-45-6789", "123 45 6789"], ["123-456-789"]),
        ("isbn", ["0321751043", "978-0321751041"], ["0321751044", "978-0321751042", "1"]),
        ("creditcard", ["4111 1111 1111 1111"], ["4111 1111 1111 1112", "1"]),
        ("hostname", ["a", "a.example.com", "xn--a.io", "1.example.com"], ["", "-a.b", "a..b", "a.b-", "a" * 64 + ".com"]),
        ("email", ["a@b.c", "A B <a@b.c>"], ["a", "@b", "a@"]),
        ("uri", ["http://a/b", "/a/b", "urn:a"], ["", "a b", "no-scheme"]),
        ("bsonobjectid", ["507f1f77bcf86cd799439011"], ["507f"]),
        ("password", ["", "x"], []),
        ("k8s-short-name", ["a-b"], ["a.b", "A", "a" * 64]),
        ("k8s-long-name", ["a-b.c"], ["a_b", ".a", "a" * 254]),
    ],
)  # fmt: skip
def test_formats_that_are_enforced(name: str, good: list[str], bad: list[str]) -> None:
    check = enforced(name)
    assert check is not None
    assert [text for text in good if not check(text)] == []
    assert [text for text in bad if check(text)] == []
