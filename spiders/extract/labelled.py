"""What stands beside a label ("Phone: ...", a row of a table, a definition list): survives redesigns that change every class."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from lxml.html import HtmlElement

from market_db.values.text import fold
from spiders.extract.text import is_hidden, lines_of, own_text

LONGEST = 45
"""Characters of the longest label."""
MAX_VALUE = 2_000
MAX_PAIRS = 200
MAX_ELEMENTS = 4_000
_COLON = re.compile(r"\s*[:：︰]\s*")
_BESIDE = ("b", "strong", "span", "label", "em", "i", "small", "div", "p", "h3", "h4", "h5", "h6")
_INLINE = frozenset({"a", "span", "em", "i", "small", "b", "strong", "u", "bdi", "bdo", "font", "img", "time", "abbr"})
_EDGES = " :：︰*.-–—|•·►▪"
_IN_PARENS = re.compile(r"\s*[(（][^()（）]{0,30}[)）]\s*$")


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and what stands beside it."""

    label: str
    """As printed, without colon."""
    lines: tuple[str, ...]
    """The value by lines; () = the page shows the label and nothing beside it."""
    cell: HtmlElement | None = None
    """Element that holds the value, where it has one of its own: its links may say more than its text."""

    @property
    def value(self) -> str:
        """The value on one line."""
        return " ".join(self.lines)


@cache
def label_words() -> Mapping[str, Any]:
    """The table labels.toml."""
    return tomllib.loads(Path(__file__).with_name("labels.toml").read_text("utf-8"))


def normal_label(text: str) -> str:
    """A label for comparison: folded, without colon, marks and what stands in parentheses behind it."""
    shown = fold(text[: 4 * LONGEST], 2 * LONGEST).strip(_EDGES)
    return _IN_PARENS.sub("", shown).strip(_EDGES)


@cache
def _fields() -> Mapping[str, frozenset[str]]:
    """Normal label -> fields it announces; a word may mean two things in two languages ("kraj" is a country and a region)."""
    found: dict[str, set[str]] = {}
    for field, labels in label_words()["fields"].items():
        for label in labels:
            found.setdefault(normal_label(label), set()).add(field)
    return {label: frozenset(fields) for label, fields in found.items()}


@cache
def _never() -> frozenset[str]:
    return frozenset(map(normal_label, label_words()["never"]))


def fields_of(label: str) -> frozenset[str]:
    """Fields that a label announces; empty for one that the table does not have."""
    return _fields().get(normal_label(label), frozenset())


def is_never(label: str) -> bool:
    """Whether a label announces a natural person, whose data are not read."""
    return normal_label(label) in _never()


def is_label(text: str, wanted: frozenset[str] = frozenset()) -> bool:
    """Whether a text is a label of the table, or one of the wanted (normal) ones."""
    if len(text) > LONGEST + 2:
        return False
    label = normal_label(text)
    return bool(label) and (label in _fields() or label in _never() or label in wanted)


def meant_by(label: str) -> frozenset[str]:
    """Normal labels that a row's "label:X" finds: X itself, and its translations where the table has it for one field only."""
    own = normal_label(label)
    fields = _fields().get(own, frozenset())
    if len(fields) != 1:
        return frozenset({own})
    return frozenset({own, *(other for other, means in _fields().items() if fields <= means)})


def pairs_in(block: HtmlElement, wanted: frozenset[str] = frozenset()) -> list[Pair]:
    """Labels of a block with their values, the best founded first and each label once.

    Cells of tables and definition lists say themselves what belongs together; then elements beside each other, then "Label: value" lines.
    `wanted` are normal labels beside those of the table.
    """
    found: dict[str, Pair] = {}
    for pair in _all_pairs(block, wanted):
        label = normal_label(pair.label)
        known = found.get(label)
        if label and (known is None or (not known.lines and known.cell is None and pair.lines)):
            found[label] = pair
            if len(found) >= MAX_PAIRS:
                break
    return list(found.values())


def _all_pairs(block: HtmlElement, wanted: frozenset[str]) -> Iterator[Pair]:
    yield from _of_rows(block, wanted)
    yield from _of_terms(block)
    yield from _beside(block, wanted)
    yield from _of_lines(lines_of(block, 50_000), wanted)


def _pair(label: HtmlElement, value: HtmlElement) -> Iterator[Pair]:
    text = own_text(label, 2 * LONGEST)
    if text and len(text) <= LONGEST + 2:
        yield Pair(text.strip(_EDGES), tuple(lines_of(value, MAX_VALUE)), value)


def _of_rows(block: HtmlElement, wanted: frozenset[str]) -> Iterator[Pair]:
    """Cells of table rows: label and value beside each other, or the label at the head of the column."""
    rows = [*([block] if block.tag == "tr" else []), *block.iterdescendants("tr")]
    for row in rows[:MAX_ELEMENTS]:
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        if len(cells) == 2 or (len(cells) % 2 == 0 and _alternate(cells, wanted)):
            for label, value in zip(cells[::2], cells[1::2], strict=True):
                if label.tag == "th" or is_label(own_text(label, 2 * LONGEST), wanted) or own_text(label, 100).endswith((":", "：")):
                    yield from _pair(label, value)
        if row is block:
            for label, value in zip(_heads(row, len(cells)), cells, strict=False):
                yield from _pair(label, value)


def _alternate(cells: Sequence[HtmlElement], wanted: frozenset[str]) -> bool:
    """Whether every other cell is a label."""
    return len(cells) >= 4 and all(cell.tag == "th" or is_label(own_text(cell, 2 * LONGEST), wanted) for cell in cells[::2])


def _heads(row: HtmlElement, count: int) -> list[HtmlElement]:
    """Cells of the table's first row, where they are its headings."""
    table = next(row.iterancestors("table"), None)
    first = next(table.iterdescendants("tr"), None) if table is not None else None
    if first is None or first is row:
        return []
    cells = [cell for cell in first if cell.tag in ("td", "th")]
    headed = cells and (all(cell.tag == "th" for cell in cells) or sum(is_label(own_text(cell, 100)) for cell in cells) >= 2)
    return cells if headed and len(cells) == count else []


def _of_terms(block: HtmlElement) -> Iterator[Pair]:
    """Definition lists; several dd belong to the dt before them."""
    for term in list(block.iterdescendants("dt"))[:MAX_ELEMENTS]:
        following = term.getnext()
        if following is not None and following.tag == "dd":
            yield from _pair(term, following)


def _beside(block: HtmlElement, wanted: frozenset[str]) -> Iterator[Pair]:
    """An element that is a label, and the text or the element behind it."""
    for element in list(block.iterdescendants(*_BESIDE))[:MAX_ELEMENTS]:
        if len(element) > 1:
            continue
        text = own_text(element, 2 * LONGEST)
        after = element.tail or ""
        if not text or not (is_label(text, wanted) or (text.endswith((":", "：")) and len(text) <= LONGEST)):
            continue
        if is_hidden(element) or any(is_hidden(outer) for outer in element.iterancestors()):
            continue
        inline = fold("".join(_run_behind(element)), MAX_VALUE)
        if after.strip(_EDGES + "\n\t\r") or (inline and element.tag in _INLINE):
            shown = " ".join("".join(_run_behind(element)).split()).strip(_EDGES)[:MAX_VALUE]
            following = element.getnext()
            yield Pair(text.strip(_EDGES), (shown,) if shown else (), following if not after.strip(_EDGES + "\n\t\r") else None)
        elif (following := element.getnext()) is not None and not _begins_with_label(own_text(following, 100), wanted):
            yield from _pair(element, following)


def _run_behind(element: HtmlElement) -> Iterator[str]:
    """Text behind an inline element up to the next label, line break or block."""
    yield (element.tail or "")[:MAX_VALUE]
    for count, following in enumerate(element.itersiblings()):
        if following.tag not in _INLINE or count > 20:
            return
        text = own_text(following, MAX_VALUE)
        if is_label(text) or text.endswith((":", "：")):
            return
        yield text
        yield (following.tail or "")[:MAX_VALUE]


def _of_lines(lines: Sequence[str], wanted: frozenset[str]) -> Iterator[Pair]:
    """Lines "Label: value", and lines that are a label with the value in the line below."""
    for line in lines:
        label, colon, value = _parted(line)
        if colon and value and is_label(label, wanted):
            yield Pair(label.strip(_EDGES), (value[:MAX_VALUE],))
    for line, below in pairwise(lines):
        if is_label(line, wanted) and not _begins_with_label(below, wanted):
            yield Pair(line.strip(_EDGES), (below[:MAX_VALUE],))


def _begins_with_label(text: str, wanted: frozenset[str]) -> bool:
    return is_label(text, wanted) or is_label(_parted(text)[0], wanted)


def _parted(line: str) -> tuple[str, str, str]:
    match = _COLON.search(line[: LONGEST + 3])
    return (line[: match.start()], ":", line[match.end() :].strip()) if match else (line, "", "")


def by_field(pairs: Iterable[Pair], dropped: frozenset[str] = frozenset()) -> dict[str, Pair]:
    """The first pair with a value for each field of the table; fields and normal labels in `dropped` are left out."""
    found: dict[str, Pair] = {}
    for pair in pairs:
        if normal_label(pair.label) in dropped or is_never(pair.label) or not (pair.lines or pair.cell is not None):
            continue
        for field in fields_of(pair.label) - dropped:
            if field not in found or (not found[field].lines and pair.lines):
                found[field] = pair
    return found
