"""A rebuild: all companies compared and clustered anew, first only told, and applied when a person says so."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlite_utils

from market_db import rebuild
from market_db.companies.history import built_with, names_of
from market_db.companies.identity_store import IdentityStore
from market_db.derived import CompanyEvent
from market_db.desk import store as desk
from market_db.home import Home
from market_db.schema import open_market
from pipelines.companies.nightly import version
from pipelines.companies.refitting import card_of
from pipelines.companies.who import Asking, Worked, work_out
from pipelines.refresh import refresh

MOST_SHOWN = 10
SHOWN = ("took_over", "split_off", "back", "moved_in")
"""Kinds of change that are told; the other side of each is not told again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCounts:
    """Companies by what becomes of them."""

    before: int
    after: int
    unchanged: int
    joined: int
    """No longer there: merged into another."""
    split: int
    """Lost records to another."""
    new: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One of the largest changes."""

    kind: str
    name: str
    other: str | None
    records: int
    """Records that change their company."""
    reasons: tuple[str, ...]
    reasons_id: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a rebuild changes."""

    counts: PlanCounts
    largest: tuple[Change, ...]
    before: str | None
    """Weights with which everything was last compared; None = before that was written down."""
    weights: str


def plan(home: Home, *, now: datetime) -> Plan:
    """What a rebuild would change; writes nothing. Raises MarketError."""
    db = open_market(home)
    store = IdentityStore()
    try:
        asking = _asking(home, db, now)
        return _plan(db, asking, work_out(asking, store))
    finally:
        store.close()
        db.close()


def rebuild_all(home: Home, *, now: datetime) -> Plan:
    """Do it, with everything that follows from it; gives what it changed. Raises as `refresh`."""
    told = plan(home, now=now)
    refresh(home, now=now, whole=True)
    return told


def _asking(home: Home, db: sqlite_utils.Database, now: datetime) -> Asking:
    return Asking(
        db=db,
        now=now,
        refresh_id="plan",
        since=rebuild.last_refresh(db, now),
        decisions=desk.decisions(home),
        card=card_of(home),
        whole=True,
    )


def _plan(db: sqlite_utils.Database, asking: Asking, worked: Worked) -> Plan:
    events = worked.events
    kinds = Counter(event.kind for event in events)
    before, members = set(asking.market.members().values()), worked.found.named.members
    touched = {event.company_id for event in events}
    counts = PlanCounts(
        before=len(before),
        after=len(members),
        unchanged=len(before - touched),
        joined=kinds["merged_into"],
        split=len({event.company_id for event in events if event.kind in ("split", "moved_out")}),
        new=kinds["created"],
        gone=kinds["gone"],
    )
    return Plan(counts=counts, largest=tuple(_largest(db, events)), before=built_with(db), weights=version(asking.card))


def _largest(db: sqlite_utils.Database, events: Iterable[CompanyEvent]) -> Iterable[Change]:
    told = [event for event in events if event.kind in SHOWN]
    for event in sorted(told, key=lambda event: (-len(event.parties), event.company_id))[:MOST_SHOWN]:
        mine, others = names_of(db, event.parties), names_of(db, event.others)
        yield Change(
            kind=event.kind,
            name=" / ".join(mine),
            other=" / ".join(others) or None,
            records=len(event.parties),
            reasons=event.reasons,
            reasons_id=event.reasons_id,
        )
