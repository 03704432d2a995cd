"""Golden examples: inputs, and what the model answered to them when it was good.

A JSON file in the model's folder, read as the version's commit has it:
`{"inputs": {column: [...]}, "outputs": {"prediction": [...]}}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitreg.domain.canonical import read_json
from gitreg.errors import InvalidError
from gitreg.formats.exchange import is_plain
from gitreg.validation.samples import DTYPES
from gitreg.value import Value

TOLERANCE = 1e-6
_SHAPE = 'it is {"inputs": {column: [...]}, "outputs": {"prediction": [...]}}, as many of each'


class Examples(Value):
    """Arrays of equally many rows: `inputs` by column, `outputs` by name."""

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]

    @property
    def rows(self) -> int:
        """How many examples there are."""
        return len(next(iter(self.inputs.values())))


def read_examples(
    data: bytes | None, *, file: str, signature: Sequence[Mapping[str, Any]] = ()
) -> Examples:
    """Return the examples of a file, None where the version's commit does not have it.

    Inputs of the signature get its datatypes.

    Raises: InvalidError where they are missing or make no sense.
    """
    if data is None:
        raise InvalidError(
            f"{file} is not in the version's commit",
            next_step=f"git add {file} and commit it, then register again",
        )
    try:
        return parse_examples(data, signature)
    except ValueError as error:
        raise InvalidError(f"{file}: {error}", next_step=_SHAPE) from error


def parse_examples(data: bytes, signature: Sequence[Mapping[str, Any]] = ()) -> Examples:
    """Read the bytes of a file of examples; inputs of the signature get its datatypes.

    Raises: ValueError.
    """
    value = read_json(data)
    if not isinstance(value, dict) or set(value) != {"inputs", "outputs"}:
        raise ValueError("it does not have just inputs and outputs")
    types = {item["name"]: DTYPES[item["datatype"]] for item in signature}
    inputs = {name: _array(name, v, types.get(name)) for name, v in _columns(value["inputs"])}
    outputs = {name: _array(name, v, None) for name, v in _columns(value["outputs"])}
    rows = {len(array) for array in (*inputs.values(), *outputs.values())}
    if not inputs or not outputs or rows == {0} or len(rows) != 1:
        raise ValueError("inputs and outputs do not have equally many rows")
    return Examples(inputs=inputs, outputs=outputs)


def _columns(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError("inputs and outputs are not mappings of names to lists")
    return value.items()


def _array(name: str, values: Any, dtype: str | None) -> Any:
    """Return a list as an array: numbers, where null is NaN, or texts, or true and false."""
    import numpy as np

    if not isinstance(values, list):
        raise ValueError(f"{name} is not a list")
    flat = list(_flatten(values))
    kinds = {type(item) for item in flat if item is not None}
    if not kinds <= {int, float} and len(kinds) > 1:
        raise ValueError(f"{name} mixes numbers with other values")
    if kinds == {str} and None in flat:
        raise ValueError(f"{name} has texts that are missing")
    if kinds == {str}:
        _check_room(name, flat)
    if kinds == {str} and dtype not in (None, "str"):
        raise ValueError(f"{name} has texts, and the signature wants {dtype}")
    try:
        array = np.array(values, dtype=dtype or (float if None in flat else None))
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"{name}: {error}") from error
    if not is_plain(array):
        raise ValueError(f"{name} has numbers or texts that are too large")
    return array


def _check_room(name: str, texts: Sequence[str]) -> None:
    """See that an array, where each text takes the room of the longest, is not mostly empty."""
    room = 4 * len(texts) * max(map(len, texts))
    if room > (1 << 18) + 64 * sum(len(text) + 1 for text in texts):
        raise ValueError(f"{name} has a text that is far longer than the others")


def _flatten(values: list[Any]) -> Any:
    for item in values:
        if isinstance(item, list):
            yield from _flatten(item)
        elif isinstance(item, dict):
            raise ValueError("a value is neither a number nor a text")
        else:
            yield item
