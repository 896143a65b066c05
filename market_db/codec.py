"""Records to rows and back: one rule for every table, so that a field added to a record needs no code here."""

import dataclasses
import hashlib
import json
import marshal
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, Union, cast, get_args, get_origin

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
Row = dict[str, Any]


def _remembered(function: F) -> F:
    """functools.cache that keeps the signature for the type checker."""
    return cast("F", cache(function))


_SCALARS: dict[type, type] = {str: str, int: int, float: float, bool: int}


@_remembered
def columns_of(cls: type, *, leave: frozenset[str] = frozenset()) -> dict[str, type]:
    """Column name -> Python type for a table of `cls`; tuples and mappings are JSON text."""
    hints = typing.get_type_hints(cls)
    return {f.name: _SCALARS.get(_bare(hints[f.name]), str) for f in dataclasses.fields(cls) if f.name not in leave}


def _bare(hint: Any) -> Any:
    """The type without `| None`."""
    if get_origin(hint) in (Union, types.UnionType):
        return next(arg for arg in get_args(hint) if arg is not type(None))
    return hint


@_remembered
def _json_fields(cls: type) -> frozenset[str]:
    """Fields stored as JSON."""
    hints = typing.get_type_hints(cls)
    return frozenset(f.name for f in dataclasses.fields(cls) if _bare(hints[f.name]) not in _SCALARS)


def to_row(record: Any, *, leave: frozenset[str] = frozenset()) -> Row:
    """A flat row; an empty tuple is stored as "[]"."""
    cls, row = type(record), {}
    json_fields = _json_fields(cls)
    for name in columns_of(cls, leave=leave):
        value = getattr(record, name)
        row[name] = _dump(value) if name in json_fields else value
    return row


def _dump(value: Any) -> str | None:
    """JSON with letters as they are; None stays NULL, so that unknown and empty differ."""
    if value is None:
        return None
    return "[]" if value == () else _ENCODER.encode(value)


@_remembered
def _names(cls: type) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(cls))


def _plain(value: Any) -> Any:
    """Dataclasses inside JSON."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in _names(type(value))}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in a row")


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)
"""Made once: json.dumps with options makes a new one for every value."""


def from_row(cls: type[T], row: Mapping[str, Any], **more: Any) -> T:
    """A record from a row; columns that are no fields are passed over, `more` fills fields kept in other tables."""
    readers, values = _readers(cls), dict(more)
    for name, read in readers.items():
        if name in row.keys() and name not in values:  # noqa: SIM118 - sqlite3.Row iterates values
            value = row[name]
            values[name] = value if value is None else read(value)
    return cls(**values)


@_remembered
def _readers(cls: type) -> dict[str, Callable[[Any], Any]]:
    """Field -> function that turns the stored value back."""
    hints = typing.get_type_hints(cls)
    return {f.name: _reader(_bare(hints[f.name])) for f in dataclasses.fields(cls)}


def _reader(hint: Any) -> Callable[[Any], Any]:
    """How one column is read."""
    if hint is bool:
        return bool
    if hint in _SCALARS:
        return lambda value: value
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        if dataclasses.is_dataclass(inner):
            make = cast("Callable[..., Any]", inner)
            return lambda text: tuple(make(**_tuples(item)) for item in json.loads(text))
        return lambda text: tuple(json.loads(text))
    return json.loads


def _tuples(item: Mapping[str, Any]) -> dict[str, Any]:
    """JSON lists inside a record were tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in item.items()}


@_remembered
def _values_getter(cls: type, leave: frozenset[str]) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*columns_of(cls, leave=leave))


@_remembered
def _nested(cls: type, leave: frozenset[str]) -> tuple[tuple[int, Callable[[Any], tuple[Any, ...]]], ...]:
    """Positions of the values that are tuples of records, with their getters."""
    hints = typing.get_type_hints(cls)
    inner = [(at, _bare(hints[name])) for at, name in enumerate(columns_of(cls, leave=leave))]
    found = [(at, cast("type", get_args(hint)[0])) for at, hint in inner if get_origin(hint) is tuple]
    return tuple((at, _values_getter(item, frozenset())) for at, item in found if dataclasses.is_dataclass(item))


def values_of(record: Any, *, leave: frozenset[str] = frozenset()) -> tuple[Any, ...]:
    """Field values of a record as plain Python values; much cheaper than a row, and enough to tell whether it changed."""
    cls = type(record)
    values = _values_getter(cls, leave)(record)
    for at, get in _nested(cls, leave):
        values = (*values[:at], tuple(map(get, values[at])), *values[at + 1 :])
    return values


def digest_of(values: tuple[Any, ...]) -> str:
    """Equal exactly when what a source showed is equal; 20 hex digits.

    Version 2 of marshal writes equal values as equal bytes on every machine: later ones refer back by identity.
    """
    return hashlib.blake2b(marshal.dumps(values, 2), digest_size=10).hexdigest()
