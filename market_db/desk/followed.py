"""Where leads stand: the steps people entered, led to the leads of today's snapshot, in general or within one shortlist."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import sqlite_utils

from market_db.desk.entered import FollowUp
from market_db.rows import batched

MOST_HOPS = 20
CHUNK = 500
UNTOUCHED = frozenset({"new", "to_contact"})
"""Statuses before anybody wrote to the buyer."""


def leads_of_today(db: sqlite_utils.Database, ids: Iterable[str]) -> dict[str, str]:
    """Lead id as it was entered -> its id today, over any number of merges; ids that never changed are left out."""
    found: dict[str, str] = {}
    open_ends = {one: one for one in set(ids)}
    for _ in range(MOST_HOPS):
        led = _one_hop(db, set(open_ends.values()))
        open_ends = {old: led[now] for old, now in open_ends.items() if led.get(now, now) != now}
        if not open_ends:
            break
        found.update(open_ends)
    return {old: now for old, now in found.items() if old != now}


def _one_hop(db: sqlite_utils.Database, ids: set[str]) -> dict[str, str]:
    led: dict[str, str] = {}
    for part in batched(sorted(ids), CHUNK):
        marks = ",".join("?" * len(part))
        led.update(db.conn.execute(f"select old_id, new_id from lead_aliases where old_id in ({marks})", part).fetchall())
    return led


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a lead stands, as every page, file and comparison shows it; None = nothing said."""

    status: str | None = None
    contacted_on: date | None = None
    owner: str | None = None
    note: str | None = None
    due: date | None = None


def standing(step: FollowUp | None) -> Standing:
    """What a step says; the day it was entered stands for the day of contact where nobody named one."""
    if step is None:
        return Standing()
    said = day_of(step.contacted_on)
    entered = None if step.status in UNTOUCHED else day_of(step.entered_at)
    return Standing(
        status=step.status,
        contacted_on=said or entered,
        owner=step.owner or step.entered_by,
        note=step.note or None,
        due=day_of(step.due),
    )


def day_of(text: str | None) -> date | None:
    """The day of an ISO date or moment; None for anything else."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def newest_within(steps: Sequence[FollowUp]) -> FollowUp | None:
    """Where some steps, oldest first, end; see `Steps.newest`."""
    if not steps:
        return None
    last, planned = steps[-1], next((step for step in reversed(steps) if step.shortlist), None)
    if last.shortlist or planned is None:
        return last
    told = {name: getattr(last, name) or getattr(planned, name) for name in ("contacted_on", "due", "owner")}
    return replace(last, **told)


@dataclass(frozen=True, slots=True)
class Steps:
    """All steps by the lead of today, oldest first."""

    by_lead: Mapping[str, list[FollowUp]] = field(default_factory=dict)

    def of(self, lead: str, shortlist: str | None = None) -> list[FollowUp]:
        """Steps of a lead; within a shortlist its own and the general ones."""
        found = self.by_lead.get(lead, [])
        return [step for step in found if step.shortlist in (None, shortlist)] if shortlist else found

    def newest(self, lead: str, shortlist: str | None = None, until: str | None = None) -> FollowUp | None:
        """The newest step, or the newest entered up to a moment (UTC, ISO 8601).

        A general step says no more than status and note: dates and owner that were planned within the list stand on.
        """
        return newest_within([step for step in self.of(lead, shortlist) if until is None or step.entered_at <= until])

    def elsewhere(self, lead: str, shortlist: str) -> list[FollowUp]:
        """The newest step of every other shortlist that wrote to this lead or is about to."""
        newest = {step.shortlist: step for step in self.of(lead) if step.shortlist not in (None, shortlist)}
        return [step for step in newest.values() if step.status != "new"]


def steps_of(db: sqlite_utils.Database, steps: Iterable[FollowUp]) -> Steps:
    """Steps led to the leads of the snapshot."""
    told = list(steps)
    today = leads_of_today(db, (step.lead_id for step in told))
    by_lead: dict[str, list[FollowUp]] = {}
    for step in sorted(told, key=lambda step: step.entered_at):
        by_lead.setdefault(today.get(step.lead_id, step.lead_id), []).append(step)
    return Steps(by_lead)


def newest_of(db: sqlite_utils.Database, follow_ups: Mapping[str, FollowUp]) -> Mapping[str, FollowUp]:
    """Lead id as entered -> newest step, led to the leads of the snapshot."""
    if not follow_ups:
        return follow_ups
    found = steps_of(db, follow_ups.values())
    return {lead: steps[-1] for lead, steps in found.by_lead.items()}
