"""JSON-stat as statistical offices answer with it: a cube in one flat list becomes cells with their codes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from spiders.base.json_api import Json, object_in, whole_in
from spiders.reading import BadAnswer

MAX_CELLS = 50_000_000
"""Cells of a cube, empty ones included; a larger one is an accident."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that has a value or a status."""

    codes: Mapping[str, str]
    """Dimension -> code."""
    value: float | None
    status: str | None
    """Flag of the publisher, e.g. "p" provisional, "c" confidential, ":" not available; None = normal."""


@dataclass(frozen=True, slots=True)
class Cube:
    """The frame of an answer: dimensions in their order, with their codes by position."""

    dimensions: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]

    @property
    def cells(self) -> int:
        """Number of cells, empty ones included."""
        return prod(len(codes) for codes in self.codes)

    def at(self, index: int) -> dict[str, str]:
        """Codes of the cell at a flat position; the last dimension runs fastest (row-major, JSON-stat 2.0, "value")."""
        found: list[str] = []
        for codes in reversed(self.codes):
            index, place = divmod(index, len(codes))
            found.append(codes[place])
        return dict(zip(self.dimensions, reversed(found), strict=True))


def cells_of(found: Json) -> Iterator[Cell]:
    """Cells of a JSON-stat 2.0 dataset (json-stat.org/full) that have a value or a status, in flat order.

    `value` and `status` may be lists or objects keyed by position, `status` also one text for all. Raises BadAnswer: "unexpected shape"
    (names what is missing), "cube does not fit" where sizes, codes and positions contradict each other.
    """
    cube = cube_of(found)
    values, statuses = _by_position(found.get("value"), cube, "value"), _statuses(found.get("status"), cube)
    everywhere = found.get("status") if isinstance(found.get("status"), str) else None
    for index in sorted({*values, *statuses}):
        value, status = values.get(index), statuses.get(index, everywhere)
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18 else None
        yield Cell(cube.at(index), number, str(status)[:20] if status not in (None, "") else None)


def cube_of(found: Json) -> Cube:
    """The frame of a dataset. Raises BadAnswer."""
    names, sizes = found.get("id"), found.get("size")
    if not isinstance(names, list) or not isinstance(sizes, list) or "value" not in found:
        raise BadAnswer("unexpected shape", f"no JSON-stat 2.0 dataset; fields: {sorted(found)[:10]}")
    if len(names) != len(sizes) or not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise BadAnswer("cube does not fit", f"{len(names)} dimensions, {len(sizes)} sizes")
    dimensions = object_in(found, "dimension")
    cube = Cube(tuple(names), tuple(_codes(object_in(dimensions, name), name, size) for name, size in zip(names, sizes, strict=True)))
    if cube.cells > MAX_CELLS:
        raise BadAnswer("too large", f"a cube of {cube.cells} cells")
    return cube


def _codes(dimension: Json, name: str, size: object) -> tuple[str, ...]:
    """Codes of a dimension by position: an object code -> position, a list, or with a single category only its label."""
    category = object_in(dimension, "category")
    index = category.get("index", category.get("label"))
    if isinstance(index, dict) and "index" in category:
        places = {whole_in(index, code): str(code) for code in index}
        if sorted(place for place in places if place is not None) != list(range(len(index))):
            raise BadAnswer("cube does not fit", f"positions of {name} have gaps")
        codes: Sequence[str] = [places[place] for place in range(len(index))]
    elif isinstance(index, dict | list):
        codes = [str(code) for code in index]
    else:
        raise BadAnswer("unexpected shape", f"dimension {name} has no category.index or category.label")
    if len(codes) != size:
        raise BadAnswer("cube does not fit", f"{name} has {len(codes)} codes, size says {str(size)[:20]}")
    return tuple(codes)


def _statuses(status: object, cube: Cube) -> dict[int, object]:
    return {} if status is None or isinstance(status, str) else _by_position(status, cube, "status")


def _by_position(held: object, cube: Cube, name: str) -> dict[int, object]:
    """Flat position -> content, without nulls. Raises BadAnswer."""
    if isinstance(held, list):
        if len(held) != cube.cells:
            raise BadAnswer("cube does not fit", f"{len(held)} in {name}, {cube.cells} cells")
        return {index: content for index, content in enumerate(held) if content is not None}
    if not isinstance(held, dict):
        raise BadAnswer("unexpected shape", f"{name} is {type(held).__name__}")
    placed = {key: int(key) if key.isascii() and key.isdigit() and len(key) < 10 else -1 for key in held}
    odd = next((key for key, index in placed.items() if not 0 <= index < cube.cells), None)
    if odd is not None:
        raise BadAnswer("cube does not fit", f"{name} has a position {odd[:20]!r} of {cube.cells}")
    return {placed[key]: content for key, content in held.items() if content is not None}
