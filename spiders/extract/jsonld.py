"""JSON-LD as shops really write it: good blocks are used, broken ones are counted, nothing raises."""

import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_BLOCK = 2 * 1024 * 1024
"""Characters of one block; larger ones (seen: 25 MB) are skipped and counted."""
MAX_OBJECTS = 50
"""Objects read from one block."""
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*;?\s*$"
)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)


def _nothing(_: str) -> None:
    """NaN and Infinity are no values."""


_DECODER = json.JSONDecoder(strict=False, parse_constant=_nothing)


@dataclass(slots=True)
class Blocks:
    """Values read, and how many blocks could not be."""

    values: list[object] = field(default_factory=list)
    broken: int = 0
    oversized: int = 0


def read_blocks(texts: Iterable[str]) -> Blocks:
    """Read the bodies of `<script type="application/ld+json">`."""
    blocks = Blocks()
    for text in texts:
        if len(text) > MAX_BLOCK:
            blocks.oversized += 1
            continue
        values = _read(text)
        blocks.values += values
        blocks.broken += bool(text.strip()) and not values
    return blocks


def _read(text: str) -> list[object]:
    """Values of one block: as it stands, then repaired, then with entities resolved."""
    text = _WRAPPING.sub("", text.strip())
    return _objects(text) or _objects(_repaired(text)) or _objects(_repaired(html.unescape(text)))


def _repaired(text: str) -> str:
    """Without comments and trailing commas outside strings."""
    return _TOKEN.sub(lambda m: m.group() if m.group()[0] == '"' else "", text)


def _objects(text: str) -> list[object]:
    """One value, or several written after each other; [] where one of them does not parse."""
    values: list[object] = []
    at = 0
    while len(values) < MAX_OBJECTS:
        while at < len(text) and text[at] in " \t\r\n;,\ufeff":
            at += 1
        if at >= len(text):
            break
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return []
        values.append(value)
    return [v for v in values if isinstance(v, dict | list)]
