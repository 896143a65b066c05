"""How Tembus talks to people: sentences of a table in Indonesian or English, numbers and dates from Babel."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")
_DECADE_DIGITS = 3
_DAY_OR_MONTH = re.compile(r"\b\d{4}-\d\d(-\d\d)?\b(?!-)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Every sentence of one table in one language; times are shown in `zone`."""

    language: Language
    table: Mapping[str, Any]
    """Group -> key -> sentence."""
    zone: str = "UTC"

    def say(self, key: str, /, **values: object) -> str:
        """The sentence under "group.key" with `{name}` filled in; a key nobody wrote is our mistake and raises KeyError."""
        found: Any = self.table
        for part in key.split("."):
            found = found[part]
        text = str(found)
        return text.format(**values) if values else text

    def count(self, key: str, n: int, /, **values: object) -> str:
        """The sentence for a number of things: `key_one` for 1 where the language has it."""
        group, _, name = key.partition(".")
        one = n == 1 and f"{name}_one" in self.table[group]
        return self.say(f"{key}_one" if one else key, n=self.number(n), **values)

    def has(self, key: str) -> bool:
        """Whether somebody wrote a sentence for "group.key"."""
        group, _, name = key.partition(".")
        return name in self.table.get(group, {})

    @property
    def no_data(self) -> str:
        """What stands where nothing is known; never 0."""
        return self.say("app.no_data")

    def number(self, value: float | None, digits: int = 0) -> str:
        """50.000 or 50,000."""
        if value is None:
            return self.no_data
        return _decimal(value, "#,##0" + ("." + "0" * digits if digits else ""), self.language)

    def usd(self, value: float | None) -> str:
        """US$306,4 jt or US$306.4M; small amounts with cents."""
        from babel.numbers import format_compact_currency, format_currency

        if value is None:
            return self.no_data
        if abs(value) < 10**_DECADE_DIGITS:
            return str(format_currency(value, "USD", locale=self.language)).replace("\xa0", " ")
        return str(format_compact_currency(value, "USD", locale=self.language, fraction_digits=1)).replace("\xa0", " ")

    def percent(self, share: float | None) -> str:
        """0.05 -> 5,0%."""
        from babel.numbers import format_percent

        return self.no_data if share is None else str(format_percent(share, "#,##0.0%", locale=self.language))

    def day(self, day: date | str | None) -> str:
        """8 Nov 2026 of a date, or of an ISO moment in `zone`."""
        found = self._local(day) if isinstance(day, str) else day
        return self.no_data if found is None else _day(found.year, found.month, found.day, self.language)

    def period(self, period: str) -> str:
        """What a figure is of: days and months as people write them (Okt 2026), years and spans as they are."""
        return period_in(period, self.language)

    def moment(self, moment: str | datetime | None) -> str:
        """8 Nov 2026 08:30 of a moment, in `zone`."""
        found = self._local(moment.isoformat() if isinstance(moment, datetime) else moment or "")
        return self.no_data if found is None else f"{self.day(found.date())} {found:%H:%M}"

    def here(self, moment: datetime) -> datetime:
        """A moment in `zone`; one without a zone as it is."""
        return moment.astimezone(ZoneInfo(self.zone)) if moment.tzinfo else moment

    def _local(self, text: str) -> datetime | None:
        """An ISO moment in `zone`; a bare date or a moment without zone as it is; None where it is neither."""
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return None
        return self.here(found)

    def country(self, code: str | None) -> str:
        """Name of a country from its ISO2 code."""
        from market_db.values.places import country_name

        return country_name(code, self.language) if code else self.say("app.country_unknown")

    def role(self, key: str | None) -> str:
        """Kind of buyer in words."""
        from market_db.reference import role_label

        return role_label(key, self.language) if key else self.say("app.role_unknown")

    def source(self, title: str) -> str:
        """What a source is called, by the title of its passport."""
        from market_db.source_titles import source_title_in

        return source_title_in(title, self.language)

    def score(self, score: float) -> str:
        """Whole points of a lead, never rounded up: 69.8 would read as a grade that it has not."""
        return self.number(int(score))

    def one_of(self, names: Mapping[str, str] | list[str]) -> str:
        """What there is to choose from, on one line."""
        if isinstance(names, Mapping):
            return ", ".join(f"{key} ({label})" if label and label != key else key for key, label in names.items())
        return ", ".join(names)


def period_in(text: str, language: Language) -> str:
    """A text with its days and months as people write them; anything else as it is."""
    return _DAY_OR_MONTH.sub(lambda found: _day_or_month(found[0], language), text)


def _day_or_month(text: str, language: Language) -> str:
    whole = len(text) == len("2026-10-31")
    try:
        found = date.fromisoformat(text if whole else f"{text}-01")
    except ValueError:
        return text
    said = _day(found.year, found.month, found.day, language)
    return said if whole else said.partition(" ")[2]


@lru_cache(maxsize=4096)
def _day(year: int, month: int, day: int, language: Language) -> str:
    # The rows of a night share a few days, and Babel works each out anew.
    from babel.dates import format_date

    return str(format_date(date(year, month, day), "d MMM y", locale=language))


@lru_cache(20_000)
def _decimal(value: float, pattern: str, language: str) -> str:
    """Remembered: a page of the workspace shows the same small numbers hundreds of times, and Babel takes 40 microseconds for each."""
    from babel.numbers import format_decimal

    return str(format_decimal(value, pattern, locale=language))


@cache
def read_table(folder: Path, language: Language) -> Mapping[str, Any]:
    """The sentences of a language: group -> key -> sentence."""
    return tomllib.loads((folder / f"{language}.toml").read_text("utf-8"))


def words_from(folder: Path, language: Language, zone: str = "UTC") -> Words:
    """The words of a folder's `id.toml` or `en.toml`; an unknown zone shows times as UTC."""
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        zone = "UTC"
    return Words(language=language, table=read_table(folder, language), zone=zone)
