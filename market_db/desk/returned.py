"""Workbooks that came back: kept with what they said, so that nothing is lost between looking at them and taking them over."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from market_db.codec import from_row, to_row
from market_db.desk.entered import Decision, FollowUp, ReturnedRow, ReturnedWorkbook
from market_db.desk.file import read_desk, write_desk
from market_db.desk.followed import day_of
from market_db.desk.quiet import quiet
from market_db.desk.store import suppressed
from market_db.home import Home
from market_db.rows import read_rows, write_rows
from market_db.workbook.reader import FilledRow

MOST_KEPT = 100
"""Workbooks shown on the page of those that came back."""


def keep_returned(home: Home, one: ReturnedWorkbook, rows: Iterable[FilledRow]) -> None:
    """Keep a workbook with those of its rows that say something new."""
    listed = suppressed(home)
    with write_desk(home) as db:
        write_rows(db, "returned_workbooks", [to_row(one)])
        write_rows(db, "returned_rows", (to_row(quiet(_kept(one.id, row), listed)) for row in rows))


def _kept(workbook: str, row: FilledRow) -> ReturnedRow:
    day = row.contacted_on.isoformat() if row.contacted_on else None
    said = {name: getattr(row, name) for name in ("row", "lead_id", "company", "status", "owner", "note", "verdict")}
    return ReturnedRow(workbook=workbook, contacted_on=day, **said)


def filled(row: ReturnedRow) -> FilledRow:
    """The row as it was read."""
    said = {name: getattr(row, name) for name in ("row", "lead_id", "company", "status", "owner", "note", "verdict")}
    return FilledRow(contacted_on=day_of(row.contacted_on), **said)


def returned(home: Home, key: str) -> tuple[ReturnedWorkbook, list[ReturnedRow]] | None:
    """A workbook with its rows; None = no such."""
    with read_desk(home) as db:
        found = next(read_rows(db, "select * from returned_workbooks where id=?", (key,)), None) if db else None
        if db is None or found is None:
            return None
        rows = read_rows(db, "select * from returned_rows where workbook=? order by row", (key,))
        return from_row(ReturnedWorkbook, found), [from_row(ReturnedRow, row) for row in rows]


def all_returned(home: Home) -> list[ReturnedWorkbook]:
    """Workbooks that came back, newest first."""
    with read_desk(home) as db:
        sql = "select * from returned_workbooks order by entered_at desc, id limit ?"
        return [from_row(ReturnedWorkbook, row) for row in read_rows(db, sql, (MOST_KEPT,))] if db else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a workbook said that nobody had entered before."""

    steps: Sequence[FollowUp]
    decisions: Sequence[Decision]
    rows: Mapping[int, bool]
    """Row -> whether anything of it was taken."""


def take_over(home: Home, key: str, compared: Callable[[], Taken], *, at: str) -> Taken | None:
    """Keep what a workbook says and mark its rows, all or nothing; None where somebody took it over already.

    `compared` is called while nobody else can write: two people who bring the same rows at once do not both enter them, and no colleague
    is written over unseen.
    """
    with write_desk(home) as db:
        sql = "update returned_workbooks set taken_at=? where id=? and taken_at is null"
        if not db.conn.execute(sql, (at, key)).rowcount:
            return None
        done = compared()
        write_rows(db, "follow_ups", (to_row(step) for step in done.steps))
        write_rows(db, "decisions", (to_row(one) for one in done.decisions))
        marks = [(int(yes), key, row) for row, yes in done.rows.items()]
        db.conn.executemany("update returned_rows set taken=? where workbook=? and row=?", marks)
    return done


def drop_returned(home: Home, key: str) -> None:
    """Remove a workbook that was not taken over, with its rows."""
    with write_desk(home) as db:
        sql = "delete from returned_workbooks where id=? and taken_at is null"
        if db.conn.execute(sql, (key,)).rowcount:
            db.conn.execute("delete from returned_rows where workbook=?", (key,))
