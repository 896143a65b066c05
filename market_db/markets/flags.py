"""What to look at before selling somewhere: facts beside the index, never in it, each with source and day, and what nobody has read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import sqlite_utils

from market_db.derived import DemandSignal
from market_db.edited_toml import Table, read_table
from market_db.markets.refusals import RefusedFor
from market_db.requirements import CHECK_AFTER, Requirement
from market_db.values.currencies import currency_of
from market_db.values.places import iso3

SANCTIONS = Path(__file__).with_name("sanctions.toml")
CHANGE, UNREST = "fx_change_12m", "fx_volatility_12m"
"""Metrics of `pipelines/currency.py`."""
MUCH_LOST, MUCH_UNREST = -0.10, 0.15
"""A tenth less against the dollar within a year, or swings of 15 % a year: prices agreed today may not be paid tomorrow."""
STATES = ("warn", "clear", "unknown")
KINDS = ("refused", "halal", "registration", "sanctions", "currency")
ASKED_BY = {"halal": frozenset({"halal"}), "registration": frozenset({"registration", "facility"})}
"""Flag -> kinds of requirements that raise it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One warning, its absence, or that nobody knows."""

    kind: str
    """One of KINDS."""
    state: str
    """warn, clear (looked up, nothing found) or unknown (nobody read a source for this country)."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """What fills the sentence: counts, shares, titles."""
    source: str = ""
    """Name of a source, or of an authority."""
    period: str = ""
    """Years, months, or the day of the check."""
    url: str = ""
    needs_check: bool = False
    """Known, but not read in the official text, or too long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanctions:
    """The table of sanctions."""

    authority: str
    url: str
    checked_on: date
    needs_check: bool
    regimes: Mapping[str, str]
    """ISO 3166-1 alpha-2 -> legal reference."""


def flags_of(
    country: str,
    *,
    rules: Sequence[Requirement],
    rules_known: bool,
    refused: Sequence[RefusedFor],
    refusal_sources: Sequence[str],
    signals: Sequence[DemandSignal],
    today: date,
    folder: Path | None = None,
) -> tuple[Flag, ...]:
    """The five flags of a country, in the order of KINDS; `refusal_sources` are those that tell of refusals there at all."""
    return (
        _refused(refused, refusal_sources),
        *(_asked(kind, rules, rules_known, today) for kind in ("halal", "registration")),
        _sanctioned(country, today, folder),
        _currency(country, signals),
    )


def refusal_sources(db: sqlite_utils.Database, country: str) -> tuple[str, ...]:
    """Sources that tell of refused goods of any kind in a country: without one, none of a product's is no answer."""
    return tuple(row[0] for row in db.conn.execute("select distinct source from refusals where country=? order by 1", (country,)))


def _refused(refused: Sequence[RefusedFor], sources: Sequence[str]) -> Flag:
    named = [one for one in refused if one.named]
    if not named:
        return Flag(kind="refused", state="clear" if sources else "unknown", source=", ".join(sources))
    years = sorted({year for one in named for year in one.years if year})
    facts = {"n": sum(one.times for one in named), "own": sum(one.from_indonesia for one in named)}
    span = "" if not years else years[0] if years[0] == years[-1] else f"{years[0]}-{years[-1]}"
    return Flag(kind="refused", state="warn", facts=facts, source=", ".join(sources), period=span)


def _asked(kind: str, rules: Sequence[Requirement], known: bool, today: date) -> Flag:
    """Whether the destination's requirements ask for it; a table that does not name it does not say that nobody asks."""
    rule = next((one for one in rules if one.side == "destination" and one.kind in ASKED_BY[kind]), None)
    if rule is None:
        return Flag(kind=kind, state="clear" if known else "unknown")
    return Flag(
        kind=kind,
        state="warn",
        facts={"title_id": rule.title_id, "title_en": rule.title_en},
        source=rule.authority,
        period=rule.checked_on.isoformat(),
        url=rule.url,
        needs_check=rule.state(today) != "verified",
    )


def _sanctioned(country: str, today: date, folder: Path | None) -> Flag:
    table = load_sanctions(folder)
    reference = table.regimes.get(country)
    return Flag(
        kind="sanctions",
        state="warn" if reference else "clear",
        facts={"reference": reference or ""},
        source=table.authority,
        period=table.checked_on.isoformat(),
        url=table.url,
        needs_check=table.needs_check or today - table.checked_on > CHECK_AFTER,
    )


def _currency(country: str, signals: Sequence[DemandSignal]) -> Flag:
    """How the money stood against the dollar over twelve months; unknown where no open rate of it is at hand."""
    found = {signal.metric: signal for signal in sorted(signals, key=lambda one: one.period)}
    change, unrest = found.get(CHANGE), found.get(UNREST)
    facts: dict[str, object] = {"currency": currency_of(country) or ""}
    if change is None or unrest is None:
        return Flag(kind="currency", state="unknown", facts=facts)
    facts |= {"change": change.value, "unrest": unrest.value}
    weak = change.value <= MUCH_LOST or unrest.value >= MUCH_UNREST
    return Flag(kind="currency", state="warn" if weak else "clear", facts=facts, source=change.source, period=change.period)


def load_sanctions(folder: Path | None = None) -> Sanctions:
    """The table, or the one of a home's folder in its place. Raises BadTable with file, line and key."""
    own = folder / SANCTIONS.name if folder else None
    return _read(own) if own is not None and own.exists() else _shipped()


@cache
def _shipped() -> Sanctions:
    return _read(SANCTIONS)


def _read(path: Path) -> Sanctions:
    table = read_table(path)
    table.only("authority", "url", "checked_on", "status", "regime")
    url, checked = table.words("url"), table.day("checked_on", needed=True)
    if not url.startswith("https://"):
        raise table.wrong("url", f"a link that begins with https:// expected, not {url!r}")
    assert checked is not None
    return Sanctions(
        authority=table.words("authority"),
        url=url,
        checked_on=checked,
        needs_check=table.one_of("status", ("verified", "needs_check")) != "verified",
        regimes=dict(_regimes(table.group("regime"))),
    )


def _regimes(table: Table) -> Iterator[tuple[str, str]]:
    for code in table.data:
        if len(code) != 2 or not code.isupper() or iso3(code) is None:
            raise table.wrong(code, "codes such as KP (ISO 3166-1 alpha-2) expected")
        yield code, table.words(code)
