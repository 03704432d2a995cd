"""JSON Schemas, and what a file breaks of them in words. The only user of jsonschema.

The schemas are files of this package (`gitreg/schemas/`), so that editors can use them too.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any

from gitreg.domain.finding import Finding
from gitreg.yaml12 import Document

_MOST = 100  # findings: more help nobody, and each takes its time
_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "empty",
}


def read_schema(name: str) -> dict[str, Any]:
    """Return a schema of this package, such as `model.v1`."""
    text = resources.files("gitreg").joinpath("schemas", f"{name}.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def check(document: Document, *, schema: str, name: str) -> list[Finding]:
    """Return what `document`, read from the file `name`, breaks of a schema: 100 things at most."""
    errors = sorted(
        islice(_leaves(_validator(schema).iter_errors(document.value)), _MOST),
        key=lambda error: [str(part) for part in error.absolute_path],
    )
    has_extra = "extra" in read_schema(schema).get("properties", {})
    return list(islice(_find(errors, document, name, has_extra=has_extra), _MOST))


def _find(
    errors: list[Any], document: Document, name: str, *, has_extra: bool
) -> Iterator[Finding]:
    for error in errors:
        for path, what, next_step in _explain(error, has_extra=has_extra):
            field = ".".join(map(str, path)) or "the file"
            yield Finding(
                severity="error",
                code=f"schema.{error.validator}",
                where=f"{name}:{document.line(path)}",
                what=f"{field} {what}",
                next_step=next_step,
            )


@cache
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(read_schema(schema))


def _leaves(errors: Iterator[Any]) -> Iterator[Any]:
    """Yield errors where they arise: of alternatives, the one that came furthest."""
    for error in errors:
        deeper = [inner for inner in error.context if len(inner.relative_path) > 0]
        if deeper and error.validator == "anyOf":
            yield from _leaves(iter(deeper))
        else:
            yield error


def _explain(
    error: Any, *, has_extra: bool
) -> Iterator[tuple[tuple[str | int, ...], str, str | None]]:
    """Yield (path, what is wrong, what to write instead) of one error.

    `has_extra` says that the file has a place for fields that nobody foresaw.
    """
    path = tuple(error.absolute_path)
    hint = error.schema.get("description") if isinstance(error.schema, dict) else None
    wanted = f"write {hint}" if hint else None
    match error.validator:
        case "required":
            missing = error.message.split("'")[1]
            example = error.schema["properties"].get(missing, {})
            yield path, f"lacks {missing}", _example(missing, example)
        case "additionalProperties":
            known = error.schema.get("properties", {})
            for key in sorted(set(error.instance) - set(known)):
                close = difflib.get_close_matches(key, known, n=1)
                advice = (
                    f"did you mean {close[0]}?{' Unknown fields go under extra:' * has_extra}"
                    if close
                    else f"there are {', '.join(known)}{'; others go under extra:' * has_extra}"
                )
                yield (*path, key), "is not a field here", advice
        case "type" | "anyOf":
            yield path, f"must be {_kinds(error)}, not {_show(error.instance)}", wanted
        case "const":
            value = error.validator_value
            yield path, f"is {_show(error.instance)}", f"write {path[-1]}: {value}"
        case "enum":
            yield (
                path,
                f"is {_show(error.instance)}",
                f"write one of {_join(error.validator_value)}",
            )
        case "pattern":
            yield path, f"cannot be {_show(error.instance)}", wanted
        case _:
            yield path, f"is wrong: {error.message[:200]}", wanted


def _kinds(error: Any) -> str:
    """Return the types that an error wanted, in words."""
    options = [error, *error.context]
    wanted = [option.validator_value for option in options if option.validator == "type"]
    flat = [kind for kinds in wanted for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return " or ".join(_KINDS[kind] for kind in flat) or "something else"


def _example(field: str, schema: dict[str, Any]) -> str:
    if "const" in schema:
        return f"add {field}: {schema['const']}"
    return f"add {field}: {schema.get('description', '…')}"


def _show(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False, default=str)
    kind = " (a text)" if isinstance(value, str) else ""
    return (text if len(text) <= 60 else text[:57] + "…") + kind


def _join(values: list[Any]) -> str:
    return ", ".join(map(str, values))
