"""What a filled workbook would change: cell by cell against what it said when it was made, and against what others entered meanwhile."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from operator import not_

import sqlite_utils

from market_db.desk.entered import Decision, FollowUp
from market_db.desk.followed import Steps, leads_of_today, newest_within, standing
from market_db.desk.store import Suppressed
from market_db.exports.lead_row import LeadRow
from market_db.exports.text import cell_text
from market_db.forgetting.allowed import without_listed
from market_db.queries import rows_at
from market_db.rows import batched
from market_db.workbook.reader import FilledRow

CELLS = ("status", "contacted_on", "owner", "note")
CHUNK = 500
CHANGE, CONFLICT, SAME, UNKNOWN = "change", "conflict", "same", "unknown"

Cell = str | date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """One cell that says something new."""

    column: str
    """status, contacted_on, owner, note, verdict."""
    now: Cell
    """What stands in the workspace."""
    new: Cell
    """What the workbook says; None = it was emptied."""
    by: str | None = None
    """Who entered `now` after the workbook was made, or while nobody knows when it was; None = no conflict."""
    at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """A row of the workbook against the workspace."""

    row: FilledRow
    lead: LeadRow | None
    """None = no such buyer: the id was changed, the lead is gone, or the firm asked to be left alone."""
    kind: str
    """change, conflict, same, unknown."""
    cells: tuple[CellChange, ...] = ()
    renamed: bool = False
    """The name in the workbook is another one: it is never taken over."""
    same_as: int | None = None
    """Row above that is the same buyer now: two that were merged since the workbook was made; the upper one counts."""
    off_list: bool = False
    """The buyer is no longer on the shortlist the workbook was made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What a workbook is compared with."""

    steps: Steps
    leads: Mapping[str, LeadRow]
    """Lead id as it stands in the workbook -> lead of today."""
    judged: Mapping[str, frozenset[str]]
    """Lead of today -> corrections that were entered already."""
    columns: frozenset[str]
    """Columns the workbook has."""
    made_at: str | None
    shortlist: str | None
    owner: str | None
    """Whose name the workbook shows where nobody entered one: the owner of the shortlist."""
    on_list: Collection[str] | None
    """Leads on the shortlist; None = no shortlist."""
    taken: Collection[str] = ()
    """Moments at which this workbook was taken over before: what was entered then it did not show, even in the second it was made."""


def compare(rows: Iterable[FilledRow], against: Against) -> Iterator[RowChange]:
    """Each row with what it would change. What a colleague entered stays unless the person who brings the workbook decides otherwise."""
    seen: dict[str, int] = {}
    for row in rows:
        lead = against.leads.get(row.lead_id)
        if lead is None:
            yield RowChange(row=row, lead=None, kind=UNKNOWN)
            continue
        if lead.lead_id in seen:
            yield RowChange(row=row, lead=lead, kind=UNKNOWN, same_as=seen[lead.lead_id])
            continue
        seen[lead.lead_id] = row.row
        cells = tuple(_cells(row, lead, against))
        if not against.made_at and {cell.column for cell in cells} == {"owner"} and not (row.status or row.contacted_on or row.note):
            cells = ()  # the workbook shows the owner of its list beside buyers nobody touched
        kind = CONFLICT if any(cell.by for cell in cells) else CHANGE if cells else SAME
        renamed = "company" in against.columns and cell_text(lead.company)[:500] != (row.company or "")
        off = against.on_list is not None and lead.lead_id not in against.on_list
        yield RowChange(row=row, lead=lead, kind=kind, cells=cells, renamed=renamed, off_list=off)


def _cells(row: FilledRow, lead: LeadRow, against: Against) -> Iterator[CellChange]:
    steps = against.steps.of(lead.lead_id, against.shortlist)
    newest = newest_within(steps)
    shown = [bool(against.made_at) and step.entered_at <= str(against.made_at) and step.entered_at not in against.taken for step in steps]
    before, later = list(compress(steps, shown)), list(compress(steps, map(not_, shown)))
    for column in CELLS:
        if column not in against.columns:
            continue
        new, now = _shown(column, getattr(row, column)), _value(column, newest, against)
        if new == now or (new is None and column == "status"):
            continue
        if against.made_at:
            base = _value(column, newest_within(before), against)
            if new == base or any(_value(column, step, against) == new for step in later):
                continue
            other = now != base
        else:
            # Nobody knows what it said when it was made: an empty cell tells nothing, another text than ours is for a person to judge
            if new is None:
                continue
            other = now is not None
        yield CellChange(column=column, now=now, new=new, **_whose(newest if other else None))
    if row.verdict and row.verdict not in against.judged.get(lead.lead_id, frozenset()):
        yield CellChange(column="verdict", now=None, new=row.verdict)


def _whose(step: FollowUp | None) -> dict[str, str | None]:
    return {"by": step.entered_by, "at": step.entered_at} if step else {}


def _value(column: str, step: FollowUp | None, against: Against) -> Cell:
    """What the workbook would show of a step."""
    value: Cell = getattr(standing(step), column)
    if column == "owner" and value is None:
        value = against.owner or None
    return _shown(column, value)


def _shown(column: str, value: Cell) -> Cell:
    return (cell_text(value).strip() or None) if isinstance(value, str) and column in ("owner", "note") else value


def step_of(change: RowChange, current: FollowUp | None, *, shortlist: str | None, at: str, by: str, conflicts: bool) -> FollowUp | None:
    """The follow-up a row becomes; None where nothing of it is left. Without `conflicts` cells that somebody else changed stay."""
    taken = {cell.column: cell.new for cell in change.cells if cell.column in CELLS and (conflicts or not cell.by)}
    if not taken or change.lead is None:
        return None
    stands = standing(current)
    said = {column: taken.get(column, getattr(stands, column)) for column in CELLS}
    status, day = said["status"] or "new", said["contacted_on"]
    return FollowUp(
        lead_id=change.lead.lead_id,
        status=str(status),
        entered_at=at,
        entered_by=by,
        note=str(said["note"] or ""),
        shortlist=shortlist,
        contacted_on=day.isoformat() if isinstance(day, date) else None,
        due=stands.due.isoformat() if stands.due else None,
        owner=str(said["owner"]) if said["owner"] else None,
    )


def leads_named(db: sqlite_utils.Database, ids: Iterable[str], hidden: Suppressed) -> dict[str, LeadRow]:
    """Lead id as it stands in a file -> its row of today, also after merges; without those who asked to be left alone."""
    named = list(dict.fromkeys(ids))
    led = {one: one for one in named} | leads_of_today(db, named)
    rows: dict[str, LeadRow] = {}
    for part in batched(sorted(set(led.values())), CHUNK):
        marks = ",".join("?" * len(part))
        ranks = [rank for (rank,) in db.conn.execute(f"select rank from lead_rows where lead_id in ({marks})", part)]
        rows.update({row.lead_id: row for one in rows_at(db, ranks) if (row := without_listed(one, hidden))})
    return {one: rows[now] for one, now in led.items() if now in rows}


def judged_leads(db: sqlite_utils.Database, leads: Iterable[LeadRow], decisions: Sequence[Decision]) -> dict[str, frozenset[str]]:
    """Lead -> kinds of corrections that were entered about a record of its company."""
    by_party: dict[str, set[str]] = {}
    for one in decisions:
        by_party.setdefault(one.party_a, set()).add(one.kind)
    owners = _companies(db, by_party)
    kinds: dict[str, set[str]] = {}
    for party, company in owners.items():
        kinds.setdefault(company, set()).update(by_party[party])
    return {lead.lead_id: frozenset(kinds.get(lead.company_id, ())) for lead in leads}


def _companies(db: sqlite_utils.Database, parties: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in batched(sorted(parties), CHUNK):
        marks = ",".join("?" * len(part))
        found.update(db.conn.execute(f"select party_id, company_id from company_members where party_id in ({marks})", part).fetchall())
    return found
