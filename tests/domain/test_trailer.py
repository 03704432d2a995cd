from __future__ import annotations

import pytest

from gitreg.domain.trailer import (
    TRAILERS,
    FutureRecordError,
    RecordError,
    check_format,
    own_trailers,
    read_trailers,
)

HEX = "0a" * 32
COMMON = f"Gitreg: 1\nIndex: 0\nPrev: sha256:{HEX}\nPolicy: sha256:{HEX}\nAction: beat\n"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("Index", "0", 0),
        ("Index", "999999999", 999_999_999),
        ("Prev", f"sha256:{HEX}", HEX),
        (
            "Registry",
            "5c2b0f0e-6a43-4f9e-8b44-0f8a3a8f2f10",
            "5c2b0f0e-6a43-4f9e-8b44-0f8a3a8f2f10",
        ),
        ("Version", "v1.2.0-rc.1", "1.2.0-rc.1"),
        ("Replaces", "none", None),
        ("Report", "none", None),
        ("Path", ".", "."),
        ("Target", "eu/cluster-1.a", "eu/cluster-1.a"),
        ("Detail", "none", "none"),
        ("On-Behalf", "alice", "alice"),
    ],
)
def test_a_trailer_is_read_as_written(name: str, text: str, value: str | int | None) -> None:
    assert TRAILERS[name].read(name, text) == value
    assert TRAILERS[name].write(name, value) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("Index", text) for text in ("", "-1", "01", "+1", "1_0", "٣", "1000000000", "1\r")),
        *(("Prev", text) for text in (HEX, "sha256:", f"sha256:{HEX}0", "none", f"sha512:{HEX}")),
        ("Registry", "5C2B0F0E-6A43-4F9E-8B44-0F8A3A8F2F10"),
        *(("Version", text) for text in ("none", "v", "v1", "1.2.0", "x1.2.0")),
        *(("Verdict", text) for text in ("", "Approve", "veto")),
        *(("Model", text) for text in ("", "none ", "../x", "Iris")),
        *(("Path", text) for text in ("", "..", "/x", "a/../b", ".git")),
        *(("Target", text) for text in ("", "-x", "A", "a b", "a" * 101)),
        *(("Outcome", text) for text in ("", "maybe")),
        *(("Detail", text) for text in ("", " x", "x\t", "x" * 1001)),
        *(("On-Behalf", text) for text in ("", "Alice", "none/x")),
    ],
)
def test_another_text_is_refused(name: str, text: str) -> None:
    with pytest.raises(RecordError, match=f"the trailer {name} cannot be"):
        TRAILERS[name].read(name, text)


def test_what_cannot_be_left_out_is_missed() -> None:
    with pytest.raises(RecordError, match="Model is missing"):
        TRAILERS["Model"].write("Model", None)


def test_the_first_policy_names_the_registry() -> None:
    assert own_trailers("policy", first=True, of_policy=True) == ("New-Policy", "Registry")
    assert own_trailers("policy", first=False, of_policy=True) == ("New-Policy",)
    assert own_trailers("approve", first=False, of_policy=True) == ("Verdict", "New-Policy")
    assert own_trailers("beat", first=False, of_policy=False) == ()


def test_a_block_has_every_common_trailer_once() -> None:
    assert read_trailers(COMMON) == {
        "format": 1,
        "index": 0,
        "prev": HEX,
        "policy": HEX,
        "action": "beat",
    }
    for line in COMMON.splitlines(keepends=True):
        with pytest.raises(RecordError, match="missing"):
            read_trailers(COMMON.replace(line, ""))
        with pytest.raises(RecordError, match="twice"):
            read_trailers(COMMON + line)


@pytest.mark.parametrize(
    "line", ["", "x", "Model", "Model:iris", "Model : iris", "Mode: iris", " "]
)
def test_what_is_no_trailer_is_refused(line: str) -> None:
    with pytest.raises(RecordError, match="is not a trailer"):
        read_trailers(f"{COMMON}{line}\n")


def test_a_later_format_is_told_from_a_broken_one() -> None:
    placed = f"Index: 7\nPrev: sha256:{'ab' * 32}\n"
    with pytest.raises(FutureRecordError, match="format 2"):
        check_format(f"Gitreg: 2\n{placed}Anything: at all\n")
    for block in (
        "",
        "Gitreg: 2\nAnything: at all\n",
        f"Gitreg: 2\n{placed.lower()}",
        f"Gitreg: 1\n{placed}",
        f"Gitreg: 02\n{placed}",
        "Gitreg: 1\n",
        "Gitreg: 0\n",
        "Gitreg: 02\n",
        "Gitreg: two",
        "Index: 2\n",
        "2",
    ):
        check_format(block)
