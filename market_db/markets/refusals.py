"""Why goods of a product type were turned back or notified in a country, counted by reason and year; a warning, never a score."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlite_utils

from market_db.rows import read_rows

NAMED = 0.5
"""Relevance from which the goods were named, not only their group."""
OF_INDONESIA = "(origin='ID' or instr(lower(coalesce(origin_text, '')), 'indonesia') > 0)"
"""Goods that passed through several countries have no single origin: the printed names still tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedFor:
    """One reason."""

    reason: str | None
    """As printed; None = the authority names none."""
    named: bool
    """Whether the goods themselves were named; else other goods of their group were meant."""
    years: Mapping[str, int] = field(default_factory=dict)
    """Year -> times, the newest first."""
    from_indonesia: int = 0
    """How many of them were goods of Indonesia."""

    @property
    def times(self) -> int:
        """In all years."""
        return sum(self.years.values())


def refused_for(db: sqlite_utils.Database, product: str, country: str) -> list[RefusedFor]:
    """Reasons in a country, those about the product itself first, then the most frequent."""
    sql = (
        f"select reason, relevance >= {NAMED} as named, coalesce(substr(date, 1, 4), '') as year, count(*) as times,"
        f" sum({OF_INDONESIA}) as own from refusals where product=? and country=? group by 1, 2, 3 order by 3 desc"
    )
    years: dict[tuple[bool, str | None], dict[str, int]] = {}
    own: dict[tuple[bool, str | None], int] = {}
    for row in read_rows(db, sql, (product, country)):
        key = (bool(row["named"]), row["reason"])
        years.setdefault(key, {})[row["year"]] = row["times"]
        own[key] = own.get(key, 0) + row["own"]
    found = [RefusedFor(reason=key[1], named=key[0], years=counts, from_indonesia=own[key]) for key, counts in years.items()]
    return sorted(found, key=lambda one: (not one.named, one.reason is None, -one.times, one.reason or ""))
