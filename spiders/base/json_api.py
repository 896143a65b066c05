"""Careful reading of documented JSON APIs: typed fields, rows that may be anything, and what a source added since."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeAlias

from scrapy.http import Request

from spiders.base.spider import TembusSpider
from spiders.reading import Answer, BadAnswer, Issue, Read, Reading, Rejected, load_json

Json = Mapping[str, object]
Wanted: TypeAlias = "type | tuple[type, ...] | Mapping[str, Wanted] | list[Mapping[str, Wanted]]"
Shape: TypeAlias = "Mapping[str, Wanted]"
"""Field name -> type(s) it has in the documentation; `object` = any; a Shape = such an object, a list of one Shape = a list of such."""

MAX_TEXT = 500
ERRORS = ("error", "errors", "fault", "exception")
"""Fields of an envelope that say, whatever the status, that something went wrong; empty ones say that nothing did."""
MAX_SHAPE_ISSUES = 20
_CONTROL = dict.fromkeys([*range(32), 127], " ") | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class JsonApiSpider(TembusSpider):
    """A source that answers in JSON; a 400 reaches the reader, because it says what was wrong with the question."""

    handle_httpstatus_list = [400]  # noqa: RUF012 - Scrapy reads this name from the class

    def ask(self, url: str, *, source: str | None = None, **kwargs: Any) -> Request:
        """A request for JSON: Scrapy's default asks for HTML first, and some front doors then answer with it."""
        headers = {"Accept": "application/json", **kwargs.pop("headers", {})}
        return super().ask(url, source=source, headers=headers, **kwargs)


def json_object(answer: Answer, *, errors: bool = True) -> Json:
    """The answer as one JSON object.

    Raises BadAnswer: whatever `load_json` raises, "unexpected shape", "refused query" with the source's own words for 400, and
    "error in answer" for an error inside a 200, also beside rows; a reader that tells it better takes it with `errors=False`.
    """
    value = load_json(answer)
    if not isinstance(value, dict):
        raise BadAnswer("unexpected shape", f"{type(value).__name__} instead of object")
    if answer.status >= 400:
        raise BadAnswer("refused query", json.dumps(value)[:400])
    said = next((value[name] for name in ERRORS if value.get(name)), None)
    if errors and said is not None:
        raise BadAnswer("error in answer", clean_text(str(said), 400) or "")
    return value


def rows_in(value: object, name: str) -> list[object]:
    """The list under `name`; an absent or null list is empty.

    Raises BadAnswer: unexpected shape, where something else than a list or nothing stands there.
    """
    found = value.get(name) if isinstance(value, Mapping) else None
    if found is None:
        return []
    if not isinstance(found, list):
        raise BadAnswer("unexpected shape", f"{name} is {type(found).__name__}, not a list")
    return found


def listed_in(value: Json, name: str) -> list[object]:
    """As `rows_in`, where the list always stands there, also empty. Raises BadAnswer also where it is missing: renamed, or moved."""
    if name not in value:
        there = ", ".join(clean_text(field, 40) or "?" for field in sorted(value, key=str)[:12])
        raise BadAnswer("unexpected shape", f"no {name}; fields: {there}"[:400])
    return rows_in(value, name)


def announced_in(value: Json, name: str, total: int | None) -> list[object]:
    """As `rows_in`, where the source announces how many rows there are.

    Raises BadAnswer also where it announces some and the list is missing: renamed, or moved.
    """
    if total and value.get(name) is None:
        there = ", ".join(clean_text(field, 40) or "?" for field in sorted(value, key=str)[:12])
        raise BadAnswer("unexpected shape", f"no {name}, though {total} are announced; fields: {there}"[:400])
    return rows_in(value, name)


def object_in(row: Json, name: str) -> Json:
    """The object under `name`, empty where there is none or something else."""
    found = row.get(name)
    return found if isinstance(found, dict) else {}


def text_in(row: Json, name: str, most: int = MAX_TEXT) -> str | None:
    """Text or number under `name` as clean text, cut at `most`; None for anything else and for blanks."""
    return clean_text(row.get(name), most)


def clean_text(value: object, most: int = MAX_TEXT) -> str | None:
    """Printable text on one line: control characters become spaces, lone surrogates U+FFFD (SQLite refuses them)."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)[: most * 4].translate(_CONTROL)
    return " ".join(text.split())[:most].strip() or None


def whole_in(row: Json, name: str) -> int | None:
    """Whole number under `name`, also where it was printed as digits; None for anything else, and beyond 18 digits."""
    value = row.get(name)
    if isinstance(value, str) and len(value) <= 18 and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18 else None


def number_in(row: Json, name: str) -> float | None:
    """Finite number under `name`; None for anything else (a string is no number in these sources)."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e18 else None


class ShapeWatch:
    """Compares rows of one answer with the documented shape, also inside; each odd field is reported once an answer."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.reported: set[str] = set()
        self.met: dict[str, set[str]] = {}
        """Object ("" or "outer.inner.") -> names of the fields that any of them had."""

    def look(self, row: Json) -> Iterator[Issue]:
        """Issues `new_field` and `wrong_type` for fields not reported yet; fields within fields are named "outer.inner"."""
        yield from self._within(row, self.shape, "")

    def _within(self, row: Json, shape: Shape, outer: str) -> Iterator[Issue]:
        self.met.setdefault(outer, set()).update(row)
        for name, value in row.items():
            path = f"{outer}{name}"
            if path in self.reported or len(self.reported) >= MAX_SHAPE_ISSUES:
                continue
            wanted = shape.get(name)
            issue = _compare(path, value, wanted)
            if issue:
                self.reported.add(path)
                yield issue
            elif isinstance(wanted, list | Mapping):
                inner = wanted[0] if isinstance(wanted, list) else wanted
                for one in value if isinstance(value, list) else (value,):
                    if isinstance(one, dict):
                        yield from self._within(one, inner, f"{path}.")

    def gone(self, names: Iterable[str]) -> Iterator[Issue]:
        """Issues `missing_field` for fields ("outer.inner") that no object had, where a new one is called much the same: renamed."""
        for path in names:
            outer, _, name = path.rpartition(".")
            met = self.met.get(f"{outer}." if outer else "", set())
            new = [other for other in met if (f"{outer}.{other}" if outer else other) in self.reported]
            if name not in met and (like := get_close_matches(name, new, 1, 0.6)):
                yield Issue("missing_field", f"{path}; new there: {clean_text(like[0], 40)}")


def _compare(path: str, value: object, wanted: "Wanted | None") -> Issue | None:
    """What is odd about one field."""
    if wanted is None:
        return Issue("new_field", clean_text(path, 80) or "?")
    types = list if isinstance(wanted, list) else dict if isinstance(wanted, Mapping) else wanted
    if value is None or isinstance(value, types):
        return None
    return Issue("wrong_type", f"{path}: {type(value).__name__}")


def missing_in(rows: Iterable[object], names: Iterable[str]) -> Iterator[Issue]:
    """Broken issues `missing_field` for fields that no row of an answer has: renamed or dropped by the source."""
    objects = [row for row in rows if isinstance(row, dict)]
    for name in names:
        if objects and not any(name in row for row in objects):
            there = ", ".join(clean_text(field, 40) or "?" for field in sorted(objects[0], key=str)[:12])
            yield Issue("missing_field", f"{name}; there are: {there}"[:500], broken=True)


def read_rows(rows: Iterable[object], shape: Shape, needed: Iterable[str], reader: Callable[[Json], Read]) -> Reading:
    """What `reader` makes of each row, with new, changed and missing fields; a record whose key came before is a duplicate."""
    rows, watch, taken = list(rows), ShapeWatch(shape), set[str]()
    yield from missing_in(rows, needed)
    for row in rows:
        if not isinstance(row, dict):
            yield Rejected("not an object")
            continue
        yield from watch.look(row)
        read = reader(row)
        if isinstance(read, Rejected | Issue):
            yield read
        elif read.key in taken:
            yield Rejected("duplicate", read.key)
        else:
            taken.add(read.key)
            yield read
