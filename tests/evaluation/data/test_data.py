"""One story over all formats, and what each refuses, with its line."""

from __future__ import annotations

import hashlib
import json
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from pyarrow import parquet

from gitreg.artifacts.hashing import hash_file
from gitreg.errors import GitregError, InvalidError, NotFoundError, SetupError, UsageError
from gitreg.evaluation.data import READERS, columns, read_chunks
from gitreg.evaluation.metrics import Measurement, Task, read_batch

Array = npt.NDArray[Any]
Write = Callable[[Path, Mapping[str, Array]], None]

TABLE: dict[str, Array] = {
    "species": np.array(["setosa", "virginica", 'ärger, "x"\ny', "", "setosa"]),
    "y": np.array([0, 1, 1, 0, 1]),
    "score": np.array([0.25, 1e-300, 0.1, -3.5, 7.0]),
}


def write_csv(path: Path, table: Mapping[str, Array], separator: str = ",") -> None:
    def quote(value: object) -> str:
        text = str(value)
        return '"' + text.replace('"', '""') + '"' if set(text) & {'"', "\n", separator} else text

    lines = [list(table), *zip(*(column.tolist() for column in table.values()), strict=True)]
    path.write_text("".join(separator.join(map(quote, line)) + "\n" for line in lines))


def write_json(path: Path, table: Mapping[str, Array]) -> None:
    rows = zip(*(column.tolist() for column in table.values()), strict=True)
    path.write_text("".join(json.dumps(dict(zip(table, r, strict=True))) + "\n" for r in rows))


def write_npy(path: Path, table: Mapping[str, Array]) -> None:
    fields = [(name, column.dtype) for name, column in table.items()]
    rows = list(zip(*(column.tolist() for column in table.values()), strict=True))
    np.save(path, np.array(rows, dtype=fields))


WRITERS: dict[str, Write] = {
    ".csv": write_csv,
    ".tsv": lambda path, table: write_csv(path, table, "\t"),
    ".jsonl": write_json,
    ".ndjson": write_json,
    ".npy": write_npy,
    ".npz": lambda path, table: np.savez_compressed(path, **table),  # type: ignore[arg-type]
    ".parquet": lambda path, table: parquet.write_table(pa.table(dict(table)), path),
    ".pq": lambda path, table: parquet.write_table(pa.table(dict(table)), path),
}


@pytest.mark.parametrize("suffix", READERS)
def test_every_format_gives_the_columns_in_chunks(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"data{suffix}"
    WRITERS[suffix](path, TABLE)
    chunks = list(read_chunks(path, rows=2))
    assert [(chunk.first_row, len(chunk)) for chunk in chunks] == [(0, 2), (2, 2), (4, 1)]
    for name, column in TABLE.items():
        read = np.concatenate([chunk.columns[name] for chunk in chunks])
        assert read.tolist() == column.tolist()
        assert read.dtype.kind == column.dtype.kind
    (chosen,) = read_chunks(path, ["score", "y"])
    assert list(chosen.columns) == ["score", "y"]
    assert hash_file(path) == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("suffix", READERS)
def test_a_missing_column_is_told_with_those_that_are_there(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"data{suffix}"
    WRITERS[suffix](path, TABLE)
    with pytest.raises(InvalidError, match="has no column 'z' nor 'w'") as caught:
        list(read_chunks(path, ["z", "y", "w"]))
    assert caught.value.next_step == "it has species, y, score"


@pytest.mark.parametrize("suffix", READERS)
def test_data_without_rows_is_refused(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"data{suffix}"
    WRITERS[suffix](path, {name: column[:0] for name, column in TABLE.items()})
    with pytest.raises(InvalidError, match="has no rows"):
        list(read_chunks(path))


@pytest.mark.parametrize("suffix", READERS)
def test_bytes_that_are_not_the_format_are_refused(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"data{suffix}"
    for junk in (b"\xff\xfe\x00junk", b"PAR1" * 9, b"PK\x05\x06" + b"\0" * 9, b"\x93NUMPY\x01\x00"):
        path.write_bytes(junk)
        with pytest.raises(InvalidError) as caught:
            list(read_chunks(path, ["y"]))
        assert caught.value.next_step


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".parquet"])
def test_a_file_that_was_cut_off_is_refused(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"data{suffix}"
    WRITERS[suffix](path, TABLE)
    whole = path.read_bytes()
    for size in (len(whole) - 1, len(whole) // 2, 100):
        path.write_bytes(whole[:size])
        with pytest.raises(InvalidError):
            list(read_chunks(path))


def test_what_cannot_be_a_data_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"data\.xls does not end") as caught:
        list(read_chunks(tmp_path / "data.xls"))
    assert ".parquet" in (caught.value.next_step or "")
    for name in ("none.csv", "folder.csv"):
        (tmp_path / "folder.csv").mkdir(exist_ok=True)
        with pytest.raises(NotFoundError):
            list(read_chunks(tmp_path / name))


TEXTS = {
    "line 3 has 1 values, the header 2": b"a,b\n1,2\n3\n",
    "line 2 has 3 values, the header 2": b"a,b\n1,2,3\n",
    "line 3 is not UTF-8": b"a,b\n1,2\n\xe4,3\n",
    "two columns called 'a'": b"a,a\n1,2\n",
    "line 2 is not CSV": b'a,b\n1,"2"3\n4,5\n',
    "line 5: a is 'x', and a number": b"a,b\n1,2\n3,4\n\nx,5\n",
    "line 2 is longer than": b"a,b\n" + b"1" * (columns.MAX_LINE + 1),
    "has no rows": b"a,b\n\n",
    "has no column 'a'": b"",
}


@pytest.mark.parametrize("what", TEXTS)
def test_csv_that_is_wrong_is_told_with_its_line(what: str, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(TEXTS[what])
    with pytest.raises(InvalidError, match=what) as caught:
        list(read_chunks(path, ["a"], rows=2))
    assert caught.value.next_step


LINES = {
    "line 2 is not JSON": '{"a": 1}\n{"a": \n',
    "line 2 is not an object": '{"a": 1}\n[1]\n',
    "line 3 has no 'a'": '{"a": 1}\n\n{"b": 1}\n',
    "line 2: a is not shaped as in line 1": '{"a": [1, 2]}\n{"a": [1]}\n',
    "line 1: a is not shaped": '{"a": {"b": 1}}\n',
    "a is not a table of numbers": '{"a": [[1], [1, 2]]}\n',
    "line 1 is not JSON": "[" * 100_000,
}


@pytest.mark.parametrize("what", LINES)
def test_json_that_is_wrong_is_told_with_its_line(what: str, tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(LINES[what])
    with pytest.raises(InvalidError, match=what):
        list(read_chunks(path, ["a"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1\n2\n", [1, 2]),
        ("1\n2.5\n", [1.0, 2.5]),
        ("1\n1.5\n2\n", [1, 1.5, 2]),  # whole numbers in the first chunk, others later
        ("007\n1\n", ["007", "1"]),
        ("0\n-0.5\n", [0.0, -0.5]),
        ("99999999999999999999\n", [1e20]),
        ('""\n""\n', ["", ""]),
        ("yes\n1\n", ["yes", "1"]),
        ("1_000\n2\n", ["1_000", "2"]),
    ],
)
def test_a_column_of_csv_is_what_its_first_chunk_is(
    text: str, expected: list[object], tmp_path: Path
) -> None:
    path = tmp_path / "data.csv"
    path.write_text("\ufeffa\n" + text)
    chunks = list(read_chunks(path, rows=2 if "1.5" not in text else 1))
    assert [value for chunk in chunks for value in chunk.columns["a"].tolist()] == expected


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_missing_value_is_told_with_its_row_by_the_measurement(
    suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"data{suffix}"
    if suffix == ".csv":
        path.write_text("y,b\n1,2\n0,2\n,2\n")
    elif suffix == ".jsonl":
        path.write_text('{"y": 1}\n{"y": 0}\n{"y": null}\n')
    else:
        parquet.write_table(pa.table({"y": [1, 0, None]}), path)
    *_, last = read_chunks(path, rows=1 if suffix == ".csv" else 3)
    with pytest.raises(InvalidError, match=r"target is (nan|None) in row 2"):
        read_batch(last.columns["y"], first_row=last.first_row)


@pytest.mark.parametrize("suffix", [".jsonl", ".npz", ".parquet"])
def test_scores_of_several_classes_are_a_table(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"data{suffix}"
    scores = [[0.2, 0.8], [0.7, 0.3]]
    if suffix == ".jsonl":
        path.write_text("".join(json.dumps({"p": row}) + "\n" for row in scores))
    elif suffix == ".npz":
        np.savez(path, p=np.array(scores))
    else:
        parquet.write_table(pa.table({"p": scores}), path)
    (chunk,) = read_chunks(path)
    np.testing.assert_array_equal(chunk.columns["p"], scores)


def test_lists_of_several_lengths_in_parquet_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    parquet.write_table(pa.table({"p": [[1.0], [1.0, 2.0]]}), path)
    with pytest.raises(InvalidError, match="the lists of p are not of one length"):
        list(read_chunks(path))


def test_a_plain_array_has_columns_by_number(tmp_path: Path) -> None:
    path = tmp_path / "data.npy"
    np.save(path, np.arange(6).reshape(3, 2))
    (chunk,) = read_chunks(path, ["1"])
    assert chunk.columns["1"].tolist() == [1, 3, 5]
    np.save(path, np.arange(3))
    (chunk,) = read_chunks(path)
    assert chunk.columns["0"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("arrays", "what"),
    [
        ({"a": np.array([None, 1])}, "pickled objects"),
        ({"a": np.zeros((2, 2, 2))}, "not stored row by row"),
        ({"a": np.asfortranarray(np.zeros((2, 3)))}, "not stored row by row"),
        ({"a": np.array(1.0)}, "not stored row by row"),
        ({"a": np.zeros(2), "b": np.zeros(3)}, r"not of one length \(a: 2, b: 3\)"),
    ],
)
def test_arrays_that_cannot_be_columns_are_refused(
    arrays: dict[str, Array], what: str, tmp_path: Path
) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    with pytest.raises(InvalidError, match=what):
        list(read_chunks(path))


def test_an_archive_of_other_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../evil.txt", "x")
    with pytest.raises(GitregError):
        list(read_chunks(path))
    assert [item.name for item in tmp_path.iterdir()] == ["data.npz"]


def test_without_pyarrow_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "data.parquet"
    WRITERS[".parquet"](path, TABLE)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SetupError, match="needs pyarrow") as caught:
        list(read_chunks(path))
    assert caught.value.next_step == "pip install 'gitreg[parquet]'"


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".npy", ".npz"])
def test_memory_does_not_grow_with_the_rows(suffix: str, tmp_path: Path) -> None:
    peaks = []
    for rows in (8_000, 32_000):
        path = tmp_path / f"{rows}{suffix}"
        WRITERS[suffix](path, {"a": np.arange(rows), "b": np.arange(rows) / 7})
        tracemalloc.start()
        assert sum(len(chunk) for chunk in read_chunks(path, rows=500)) == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_one_long_text_does_not_make_all_others_as_long(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,y\n" + "short,1\n" * 3000 + "x" * 100_000 + ",0\n")
    tracemalloc.start()
    (chunk,) = read_chunks(path)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert len(str(chunk.columns["a"][-1])) == 100_000
    with pytest.raises(InvalidError, match="target is a text of 100000 characters in row 3000"):
        read_batch(chunk.columns["a"])


def test_a_file_is_measured_chunk_by_chunk(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("y,p\n" + "1,0.9\n0,0.2\n1,0.3\n" * 100)
    measurement = Measurement.start(Task(kind="binary"), ["accuracy"])
    for chunk in read_chunks(path, ["y", "p"], rows=64):
        batch = read_batch(chunk.columns["y"], score=chunk.columns["p"], first_row=chunk.first_row)
        measurement = measurement.update(batch)
    assert measurement.rows == 300
    assert measurement.figures()["accuracy"].value == 2 / 3
