from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gitreg.domain.finding import Finding
from gitreg.errors import InvalidError
from gitreg.validation import check_complete, display_name, read_model, refuse

UPPER = "schema: gitreg/model/v1\nname: iris\nversion: 1.0.0\n"
ARTIFACT = {"path": "m", "role": "model", "sha256": "a" * 64, "md5": "b" * 32, "size": 1}
COMPLETE: dict[str, Any] = {
    "schema": "gitreg/model/v1",
    "name": "iris",
    "version": "1.0.0",
    "artifacts": [ARTIFACT],
}


def refused(text: str | bytes) -> InvalidError:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(InvalidError) as caught:
        read_model(data, name="model.yaml")
    return caught.value


def only(text: str | bytes) -> tuple[str, str, str, str | None]:
    error = refused(text)
    (finding,) = error.findings
    assert finding.what in error.what
    return finding.code, finding.where, finding.what, finding.next_step


def test_a_file_that_a_person_began_is_read() -> None:
    document = read_model(f"{UPPER}artifacts:\n- path: model.skops\n".encode(), name="model.yaml")
    assert document.value["artifacts"] == [{"path": "model.skops"}]


@pytest.mark.parametrize("text", ["", "text", "[1]", "# only a comment\n"])
def test_what_is_no_mapping_is_told(text: str) -> None:
    what = "the file is not a mapping of fields to values"
    assert only(text) == ("model.shape", "model.yaml:1", what, None)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: [\n", 2, "this is not YAML"),
        ("a: 1\na: 2\n", 2, "the key a is there twice"),
        ("a: &x 1\nb: *x\n", 1, "anchors (&) and aliases (*) are not read"),
        ("a: 1\n---\nb: 2\n", 2, "there is a second document"),
        ("a: !!python/object:os.system x\n", 1, "is not read"),
        (b"a: 1\nb: \xff\n", 2, "the text is not UTF-8"),
    ],
)
def test_what_is_not_plain_yaml_is_told_with_its_line(
    text: str | bytes, line: int, what: str
) -> None:
    code, where, said, _ = only(text)
    assert (code, where) == ("yaml", f"model.yaml:{line}")
    assert what in said


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "a/../b", "a\\\\b", "a//b", "./a"])
def test_a_path_that_leaves_the_folder_is_told(path: str) -> None:
    code, where, what, next_step = only(
        f'{UPPER}artifacts:\n- path: good\n- role: model\n  path: "{path}"\n'
    )
    assert (code, where) == ("model.field", "model.yaml:7")
    assert what.startswith("artifacts.1.path cannot be ")
    assert "must stay within the model's folder" in what
    assert next_step == "write a plain relative path"


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf"])
def test_a_number_that_is_not_finite_is_told(number: str) -> None:
    code, where, what, next_step = only(f"{UPPER}extra:\n  deep:\n  - 1\n  - {number}\n")
    assert (code, where) == ("model.field", "model.yaml:7")
    assert what == f"extra.deep.1 cannot be {float(number.replace('.', ''))}"
    assert next_step == "write a finite number"


def test_a_version_that_is_none_is_told_with_what_to_write() -> None:
    for version in ("1.0", "2026-01-31", "1.0.0-01"):
        _, where, what, next_step = only(UPPER.replace("1.0.0", f'"{version}"'))
        assert where == "model.yaml:3"
        assert what.startswith("version cannot be ")
        assert "MAJOR.MINOR.PATCH" in str(next_step)


def test_a_name_that_is_none_is_told_with_what_to_write() -> None:
    code, where, what, next_step = only(UPPER.replace("iris", "Iris"))
    assert (code, where) == ("schema.pattern", "model.yaml:2")
    assert what == 'name cannot be "Iris" (a text)'
    assert "lower-case letters" in str(next_step)


def test_one_problem_is_the_message_and_several_are_counted() -> None:
    one = refused(UPPER + "licence: MIT\n")
    assert one.what == "model.yaml: licence is not a field here"
    assert "did you mean license?" in str(one.next_step)
    several = refused(UPPER + "licence: MIT\nauthors: me\nextra: {a: .nan}\n")
    assert several.what == "model.yaml: 3 fields are wrong"
    assert {item.where for item in several.findings} == {f"model.yaml:{line}" for line in (4, 5, 6)}
    assert all(item.next_step for item in several.findings if item.code != "schema.type")


class TestRefusing:
    def finding(self, severity: Any) -> Finding:
        return Finding(severity=severity, code="x", where="model.yaml:1", what="it is odd")

    def test_warnings_alone_stop_nobody(self) -> None:
        refuse("model.yaml", [self.finding("warning")])
        refuse("model.yaml", [])

    def test_an_error_stops_and_warnings_are_left_out(self) -> None:
        with pytest.raises(InvalidError, match="it is odd") as caught:
            refuse("model.yaml", [self.finding("warning"), self.finding("error")])
        assert [item.severity for item in caught.value.findings] == ["error"]


class TestCompleteFiles:
    def test_one_that_is_filled_in_is_read(self) -> None:
        document = check_complete(COMPLETE, name="model.yaml")
        assert (document.name, document.version) == ("iris", "1.0.0")

    @pytest.mark.parametrize(
        ("change", "what"),
        [
            ({"artifacts": [{"path": "m"}]}, "sha256"),
            ({"artifacts": None}, "artifacts is not a list"),
            ({"artifacts": [ARTIFACT, ARTIFACT]}, ""),
            ({"artifacts": [{**ARTIFACT, "path": "../m"}]}, "not a plain relative path"),
            ({"artifacts": [{**ARTIFACT, "size": -1}]}, "not a count of bytes"),
            ({"schema": "gitreg/model/v2"}, "the schema is not gitreg/model/v1"),
            ({"extra": {"a": float("nan")}}, ""),
            ({"extra": {"a": 2**60}}, ""),
        ],
    )
    def test_what_is_missing_or_wrong_is_told(self, change: dict[str, Any], what: str) -> None:
        with pytest.raises(InvalidError) as caught:
            check_complete({**COMPLETE, **change}, name="models/iris/model.yaml")
        (finding,) = caught.value.findings
        assert (finding.code, finding.where) == ("model.incomplete", "models/iris/model.yaml")
        assert finding.what
        assert what in finding.what
        assert finding.what in caught.value.what


def test_a_file_is_named_from_the_repository(tmp_path: Path) -> None:
    path = tmp_path / "models/iris/model.yaml"
    assert display_name(path, tmp_path) == "models/iris/model.yaml"
    assert display_name(path, tmp_path / "other") == str(path)
    assert display_name(path, None) == str(path)


@pytest.mark.parametrize(
    "text",
    [
        "metrics:\n" + "".join(f"  m{number}: x\n" for number in range(1000)),
        "metrics:\n" + "".join(f"  m{number}: .nan\n" for number in range(1000)),
        "".join(f"unknown-{number}: 1\n" for number in range(1000)),
        "artifacts:\n" + "".join(f"- path: /{number}\n" for number in range(1000)),
    ],
    ids=["types", "numbers", "fields", "paths"],
)
def test_a_hundred_findings_are_enough(text: str) -> None:
    assert len(refused(UPPER + text).findings) == 100


@pytest.mark.parametrize("field", ["name", "version"])
def test_no_finding_is_as_long_as_the_file(field: str) -> None:
    text = UPPER.replace(f"{field}: ", f"{field}: 1-" + "a" * 100_000)
    assert all(len(finding.what) < 300 for finding in refused(text).findings)
