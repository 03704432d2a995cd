"""Immutable values: what `@dataclass(frozen=True, kw_only=True, slots=True)` makes, in less time.

A dataclass has its methods written as text and compiled whenever its module is imported, 0.7 ms
each. A command that is to answer at once cannot wait for forty of them (docs/adr/0016).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform


class _ValueType(type):
    """Gives a class one slot for each field that it annotates, and keeps their defaults aside."""

    __names__: tuple[str, ...] = ()
    __ordered__: tuple[str, ...] = ()
    __defaults__: Mapping[str, Any] = {}
    __setters__: Sequence[tuple[str, Callable[[object, object], None]]]
    __read__: Callable[[object], object]

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        eq: bool = True,
        kw_only: bool = True,
    ) -> _ValueType:
        """Make the class; `eq=False` tells its values apart by which they are.

        `kw_only=False` lets its fields be given, and matched, in their order.
        """
        annotated = namespace.get("__annotations__", {})
        own = [field for field, kind in annotated.items() if not kind.startswith("ClassVar")]
        defaults = {field: namespace.pop(field) for field in own if field in namespace}
        namespace["__slots__"] = (*own, *namespace.get("__slots__", ()))
        before = next((base.__names__ for base in bases if isinstance(base, cls)), ())
        names = (*before, *own)
        namespace["__match_args__"] = () if kw_only else names
        if not eq:
            namespace |= {"__eq__": object.__eq__, "__hash__": object.__hash__}
        made = super().__new__(cls, name, bases, namespace)
        made.__names__ = names
        made.__ordered__ = () if kw_only else names
        made.__defaults__ = {**made.__defaults__, **defaults}
        made.__setters__ = [(field, getattr(made, field).__set__) for field in made.__names__]
        made.__read__ = attrgetter(*made.__names__) if made.__names__ else lambda _: ()
        return made


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Value(metaclass=_ValueType):
    """Something told by its fields alone: two with equal ones are equal; none can be changed.

    A class of values annotates its fields and gives some of them defaults, which all values of it
    share: immutable ones, or mappings that nobody writes into.
    """

    def __init__(self, /, *ordered: Any, **given: Any) -> None:
        kind = type(self)
        if ordered:
            named = dict(zip(kind.__ordered__, ordered, strict=False))
            if len(named) < len(ordered) or named.keys() & given.keys():
                raise TypeError(f"{kind.__name__} is given too much, or a field twice")
            given |= named
        values = {**kind.__defaults__, **given}
        try:
            for field, put in kind.__setters__:
                put(self, values[field])
        except KeyError as error:
            raise TypeError(f"{kind.__name__} needs the field {error}") from None
        if len(values) != len(kind.__setters__):
            raise TypeError(f"{kind.__name__} has the fields {', '.join(kind.__names__)} alone")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(type(self).__read__(self) == type(self).__read__(other))

    def __hash__(self) -> int:
        return hash(type(self).__read__(self))

    def __repr__(self) -> str:
        fields = (f"{name}={value!r}" for name, value in fields_of(self).items())
        return f"{type(self).__qualname__}({', '.join(fields)})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} cannot be changed: {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} cannot be changed: {name}")

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), fields_of(self))


V = TypeVar("V", bound=Value)


def replace(value: V, /, **changes: Any) -> V:
    """Return a value like another in all fields but those that are given."""
    return type(value)(**{**fields_of(value), **changes})


def fields_of(value: Value) -> dict[str, Any]:
    """Return the fields of a value by name, in the order in which its class has them."""
    return {name: getattr(value, name) for name in type(value).__names__}


def names_of(kind: type[Value]) -> tuple[str, ...]:
    """Return the names of the fields of a class of values."""
    return kind.__names__


def _restore(kind: type[V], fields: dict[str, Any]) -> V:
    return kind(**fields)
