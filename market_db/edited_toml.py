"""Tables that people edit: every mistake in one is named with file, line and key, and with what would be right there."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from market_db.home import BadConfig


class BadTable(BadConfig):
    """Raised for a table that cannot be used; the message names file, line and key."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a TOML file with where it stands, so that a mistake can be found."""

    path: Path
    text: str
    """The whole file."""
    data: Mapping[str, Any]
    at: tuple[str, ...] = ()
    """Keys from the top of the file."""
    number_of: int = 0
    """Position among tables of one name, from 0."""

    def wrong(self, key: str, expected: str) -> BadTable:
        """The mistake at a key of this table."""
        line = self._line(key)
        where = f", line {line}" if line else ""
        return BadTable(f"{self.path.name}{where}: {'.'.join((*self.at, key))}: {expected}")

    def _line(self, key: str) -> int | None:
        """Line of the key in this table; None where the file writes it in a way that is not found."""
        lines, inside, seen = self.text.splitlines(), not self.at, 0
        header = re.compile(rf"\s*\[+\s*{re.escape('.'.join(self.at))}\s*\]+")
        for number, line in enumerate(lines, 1):
            if self.at and header.match(line):
                inside = seen == self.number_of
                seen += 1
                if inside and key in line:
                    return number
            elif re.match(r"\s*\[", line) and self.at:
                inside = False
            elif inside and re.match(rf'\s*"?{re.escape(key)}"?\s*[=.]', line):
                return number
        return next((at for at, line in enumerate(lines, 1) if re.match(rf"\s*\[+.*\b{re.escape(key)}\b", line)), None)

    def only(self, *known: str) -> None:
        """Raise BadTable for a key nobody knows."""
        for key in self.data:
            if key not in known:
                raise self.wrong(key, f"unknown key; known are {', '.join(sorted(known))}")

    def number(self, key: str, *, least: float = float("-inf"), most: float = float("inf"), default: float | None = None) -> float:
        """A number within limits, also where the limits are given in an editor with the decimal comma as text: that is refused."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, f"a number expected, not {value!r}" if key in self.data else "is missing: a number expected")
        if not least <= value <= most:
            raise self.wrong(key, f"a number from {least:g} to {most:g} expected, not {value:g}")
        return float(value)

    def optional_number(self, key: str, *, least: float = float("-inf"), most: float = float("inf")) -> float | None:
        """A number, or None where the key is absent."""
        return self.number(key, least=least, most=most) if key in self.data else None

    def words(self, key: str, *, most: int = 10_000, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self.data.get(key, default)
        if not isinstance(value, str) or (not value.strip() and default is None):
            raise self.wrong(key, f"a text expected, not {value!r}" if key in self.data else "is missing: a text expected")
        if len(value) > most:
            raise self.wrong(key, f"at most {most} characters expected, not {len(value)}")
        return value.strip()

    def list_of_words(self, key: str) -> tuple[str, ...]:
        """Texts; absent = none."""
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.wrong(key, f"a list of texts expected, not {value!r}")
        return tuple(item.strip() for item in value)

    def one_of(self, key: str, known: Collection[str], default: str | None = None) -> str:
        """One of the known words."""
        value = self.data.get(key, default)
        if value not in known:
            raise self.wrong(key, f"one of {', '.join(sorted(known))} expected, not {value!r}")
        return str(value)

    def day(self, key: str, *, needed: bool = False) -> date | None:
        """A date written as 2026-11-26 without quotes, or None where it is absent."""
        value = self.data.get(key)
        if value is None and not needed:
            return None
        if type(value) is not date:
            raise self.wrong(key, f"a date such as 2026-11-26, without quotes, expected, not {value!r}")
        return value

    def group(self, key: str) -> "Table":
        """The table under a key; absent = an empty one."""
        value = self.data.get(key, {})
        if not isinstance(value, Mapping):
            raise self.wrong(key, f"a table expected, not {value!r}")
        return Table(self.path, self.text, value, (*self.at, key))

    def groups(self, key: str) -> Iterator["Table"]:
        """The tables written as [[key]]; absent = none."""
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise self.wrong(key, f"tables written as [[{key}]] expected")
        for at, item in enumerate(value):
            yield Table(self.path, self.text, item, (*self.at, key), at)


def read_table(path: Path) -> Table:
    """A TOML file as a table. Raises BadTable where it is no TOML in UTF-8, OSError where it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return Table(path, text, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadTable(f"{path.name}: not readable as TOML: {error}") from error
