"""What becomes of a filled workbook, for the pages and the command alike: kept, compared with what stands now, taken over once."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC

import sqlite_utils

from market_db.desk.entered import Decision, ReturnedRow, ReturnedWorkbook
from market_db.desk.followed import steps_of
from market_db.desk.judgements import parties_judged
from market_db.desk.returned import Taken, all_returned, filled, keep_returned, take_over
from market_db.desk.shortlist_rows import listed_rows
from market_db.desk.shortlists import follow_ups, new_id, shortlist
from market_db.desk.store import decisions, suppressed
from market_db.home import Home
from market_db.queries import lead_detail
from market_db.workbook.changes import SAME, Against, RowChange, compare, judged_leads, leads_named, step_of
from market_db.workbook.reader import FilledRow, ReadBack

WHOLE_FILE = frozenset({"not_a_workbook", "empty", "locked", "old_format", "not_ours", "too_big", "too_slow"})
"""Problems after which nothing of a file was read."""


def is_refused(found: ReadBack) -> bool:
    """Whether nothing of the file could be read."""
    return not found.rows and any(one.kind in WHOLE_FILE for one in found.problems)


def described(home: Home, found: ReadBack, name: str, *, by: str, at: str) -> ReturnedWorkbook:
    """A workbook as it is kept: whose list it is, when it was made, who brought it at `at` (UTC, ISO 8601)."""
    listed = shortlist(home, found.shortlist) if found.shortlist else None
    return ReturnedWorkbook(
        id=new_id(),
        file_name=name,
        shortlist=listed.id if listed else None,
        made_at=found.made_at.astimezone(UTC).isoformat(timespec="seconds") if found.made_at else None,
        columns=tuple(sorted(found.columns)),
        entered_at=at,
        entered_by=by,
        read=len(found.rows),
        same=0,
        problems=found.problems,
    )


def keep(home: Home, one: ReturnedWorkbook, told: Sequence[RowChange]) -> ReturnedWorkbook:
    """Keep a workbook with those of its rows that say something new."""
    said = [change.row for change in told if change.kind != SAME or change.renamed]
    kept = replace(one, same=one.read - len(said))
    keep_returned(home, kept, said)
    return kept


def changes(home: Home, db: sqlite_utils.Database, one: ReturnedWorkbook, rows: Sequence[FilledRow]) -> list[RowChange]:
    """What the rows would change now."""
    hidden = suppressed(home)
    leads = leads_named(db, (row.lead_id for row in rows), hidden)
    listed = shortlist(home, one.shortlist) if one.shortlist else None
    on_list = {row.lead_id for row in listed_rows(home, db, listed, hidden).rows} if listed else None
    against = Against(
        steps=steps_of(db, follow_ups(home)),
        leads=leads,
        judged=judged_leads(db, leads.values(), decisions(home)),
        columns=frozenset(one.columns),
        made_at=one.made_at,
        shortlist=one.shortlist if listed else None,
        owner=listed.owner if listed else None,
        on_list=on_list,
        taken={str(other.taken_at) for other in all_returned(home) if one.made_at and other.taken_at and other.made_at == one.made_at},
    )
    return list(compare(rows, against))


def take(
    home: Home,
    db: sqlite_utils.Database,
    one: ReturnedWorkbook,
    rows: Sequence[ReturnedRow],
    *,
    by: str,
    at: str,
    conflicts: Collection[int] | None = (),
) -> list[int] | None:
    """Take over what a kept workbook says, compared anew; returns the rows that were, None where somebody did so already.

    `conflicts` are the rows whose cells count although a colleague changed them meanwhile; None = all.
    """

    def compared() -> Taken:
        steps = steps_of(db, follow_ups(home))
        listed = one.shortlist if one.shortlist and shortlist(home, one.shortlist) else None
        made, judged, taken = [], list[Decision](), {}
        for change in changes(home, db, one, [filled(row) for row in rows]):
            yes = conflicts is None or change.row.row in conflicts
            current = steps.newest(change.lead.lead_id, listed) if change.lead else None
            step = step_of(change, current, shortlist=listed, at=at, by=by, conflicts=yes)
            verdicts = _decisions(db, change, at, by)
            made += [step] if step else []
            judged += verdicts
            taken[change.row.row] = bool(step or verdicts)
        return Taken(steps=made, decisions=judged, rows=taken)

    done = take_over(home, one.id, compared, at=at)
    return [row for row, yes in done.rows.items() if yes] if done else None


def _decisions(db: sqlite_utils.Database, change: RowChange, at: str, by: str) -> list[Decision]:
    """A correction of the workbook, about every record of the company that it holds for."""
    kind = next((cell.new for cell in change.cells if cell.column == "verdict"), None)
    detail = lead_detail(db, change.lead.lead_id) if kind and change.lead else None
    if detail is None:
        return []
    parties = parties_judged(str(kind), detail)
    return [Decision(kind=str(kind), party_a=party, party_b=None, entered_at=at, entered_by=by) for party in parties]
