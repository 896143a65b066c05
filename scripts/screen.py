"""How things look on a terminal or in a pipe: widths, bars, text that cannot drive the terminal, and JSON."""

import dataclasses
import json
import os
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import PurePath
from typing import IO, Any

from rich.console import Console
from rich.text import Text

from market_db.values.text import clean

PIPE_WIDTH = 400
"""In a pipe nothing is wrapped or cut; a line may be as long as its contents."""
WIDE = 116
"""From here a line has room for a whole table row."""
LEAST = 20
"""Columns that a paragraph is given on the narrowest screen."""
MOST_INDENT = 20
FULL, EMPTY = "█", "░"


def make_console(file: IO[str] | None = None) -> Console:
    """A console that wraps at the terminal's width, and not at all in a pipe without COLUMNS. Nothing printed is markup."""
    stream = file or sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS", "").isdigit() else PIPE_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def is_wide(console: Console) -> bool:
    """Whether a row of a list fits on one line."""
    return console.width >= WIDE


def plain(value: object, limit: int = 2_000) -> str:
    """One line of printable text: no control characters, no direction tricks, nothing a terminal would obey."""
    return clean(str(value), limit)


def plain_lines(text: str, limit: int = 1_000_000) -> str:
    """Many lines of printable text, blank ones squeezed."""
    lines = (" " * min(len(part) - len(part.lstrip(" ")), MOST_INDENT) + clean(part) for part in text[:limit].splitlines())
    return "\n".join(part for part in lines if part.strip())


def bar(value: float, most: float = 100.0, width: int = 10) -> str:
    """A number as a bar; anything above nothing shows at least one block."""
    share = min(max(value / most, 0.0), 1.0) if most > 0 else 0.0
    blocks = max(round(share * width), 1 if share > 0 else 0)
    return FULL * blocks + EMPTY * (width - blocks)


def line(console: Console, text: str = "", style: str = "", indent: int = 0, hang: int = 0) -> None:
    """A paragraph broken between words and never padded; lines after the first stand `hang` columns further in."""
    first, *rest = Text(text).wrap(console, max(console.width - indent, LEAST), overflow="fold") or [Text()]
    shown = [" " * indent + first.plain.rstrip()]
    if rest:
        tail = Text(text[len(first.plain.rstrip()) :].lstrip())
        parts = tail.wrap(console, max(console.width - indent - hang, LEAST), overflow="fold")
        shown += [" " * (indent + hang) + part.plain.rstrip() for part in parts]
    console.print(Text("\n".join(shown), style=style), soft_wrap=True)


def address(console: Console, text: str, indent: int = 0) -> None:
    """An address in one piece, so that it can be clicked and copied whatever the width."""
    console.print(Text(" " * indent + text), soft_wrap=True)


def print_json(value: Any) -> None:
    """One JSON value on standard output, and nothing else there."""
    sys.stdout.write(json.dumps(jsonable(value), ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def jsonable(value: Any) -> Any:
    """Records as objects, dates as ISO text, unknown as null; texts without control characters."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, str):
        return "\n".join(clean(part, 32_000) for part in value.split("\n"))
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, Iterable):
        return [jsonable(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return None if isinstance(value, float) and value - value != 0 else value
