"""The words of the exports in Indonesian and English: labels from `words/*.toml`, numbers and dates from Babel."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from babel.dates import format_date
from babel.numbers import format_decimal

from market_db.reference import role_label
from market_db.source_titles import source_title_in
from market_db.values.places import country_name

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")
MARK = "Tembus"
"""Custom property of a workbook: when it was made (UTC) and of which shortlist."""
_FOLDER = Path(__file__).parents[1] / "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Every word of an export in one language."""

    language: Language
    table: Mapping[str, Mapping[str, str]]
    """Group -> key -> words."""

    def say(self, group: str, key: str, **values: object) -> str:
        """The words, with `{name}` filled in; a key nobody wrote is our mistake and raises KeyError."""
        return self.table[group][key].format(**values) if values else self.table[group][key]

    def label(self, group: str, key: str | None) -> str | None:
        """The words for a key that comes from data; the key itself, spaced, where nobody named it."""
        return None if key is None else self.table[group].get(key, key.replace("_", " "))

    def lines(self, group: str) -> tuple[str, ...]:
        """All words of a group in the order of the file."""
        return tuple(self.table[group].values())

    def country(self, code: str | None) -> str | None:
        """Short name of a country from its ISO2 code; the code where it has none."""
        return country_name(code, self.language) if code else None

    def role(self, key: str | None) -> str | None:
        """Type of buyer in words; the key itself, spaced, where nobody named it."""
        return role_label(key, self.language).replace("_", " ") if key else None

    def source(self, title: str) -> str:
        """What a source is called."""
        return source_title_in(title, self.language)

    def number(self, value: float) -> str:
        """50.000 or 50,000."""
        return str(format_decimal(value, locale=self.language))

    def day(self, day: date) -> str:
        """8 Nov 2026."""
        return str(format_date(day, "d MMM y", locale=self.language))

    def moment(self, moment: datetime) -> str:
        """8 Nov 2026 14:05 UTC; the zone only where the moment has one."""
        return f"{self.day(moment)} {moment:%H:%M} {moment.tzname() or ''}".rstrip()


@cache
def words_of(language: Language) -> Words:
    """Words of a language. ValueError for any other than `id` and `en`."""
    if language not in LANGUAGES:
        raise ValueError(f"no words in language {language!r}; there are {', '.join(LANGUAGES)}")
    return Words(language=language, table=_read(language))


@cache
def glossary() -> tuple[Mapping[str, str], ...]:
    """Words of the trade: `term`, `long`, `id`, `en`."""
    return tuple(_read("glossary")["term"])


def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))
