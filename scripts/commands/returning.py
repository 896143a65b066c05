"""`tembus return`: a filled workbook comes back on the command line, read and taken over exactly as the pages do it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scripts.failures import FAILED, PARTLY
from scripts.session import Session, WrongUse

if TYPE_CHECKING:
    import sqlite_utils

    from market_db.desk.entered import ReturnedWorkbook
    from market_db.workbook.changes import RowChange


def return_workbook(
    ctx: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    preview: Annotated[bool, typer.Option("--preview")] = False,
    conflicts: Annotated[bool, typer.Option("--conflicts")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Take over what people filled in: 0 all of it, 3 with something left, 1 for a file that cannot be read."""
    from market_db.desk.taking import changes, described, is_refused
    from market_db.workbook.apart import read_apart
    from scripts.export import who
    from scripts.nightly import utc_now
    from scripts.screen import plain, print_json
    from scripts.show.returned import as_data, left_over, show_returned

    session: Session = ctx.obj
    found = read_apart(file)
    if is_refused(found):
        session.note(" ".join(problem.say(session.words.language) for problem in found.problems))
        raise typer.Exit(FAILED)
    at = utc_now().isoformat(timespec="seconds")
    with session.snapshot() as db:
        one = described(session.home, found, plain(file.name, 120), by=who(), at=at)
        told = changes(session.home, db, one, found.rows)
        if not json:
            show_returned(session.screen, session.words, one, told)
        taken: list[int] = []
        if not preview and _worth(told, conflicts):
            taken = _take(session, db, one, told, conflicts=conflicts, yes=yes)
    left = left_over(told, taken, conflicts=conflicts)
    if json:
        print_json(as_data(found, told, taken, preview=preview))
    elif preview:
        session.say("returned.only_shown")
    else:
        _told(session, len(taken), len(left) + len(found.problems))
    if not preview and (left or found.problems):
        raise typer.Exit(PARTLY)


def _worth(told: "list[RowChange]", conflicts: bool) -> bool:
    """Whether taking over would change anything."""
    return any(not cell.by or conflicts for change in told for cell in change.cells)


def _take(
    session: Session, db: "sqlite_utils.Database", one: "ReturnedWorkbook", told: "list[RowChange]", *, conflicts: bool, yes: bool
) -> list[int]:
    """Ask, keep the workbook, and take it over; returns the rows that were. Raises WrongUse, typer.Abort."""
    from market_db.desk.returned import returned
    from market_db.desk.taking import keep, take
    from scripts.commands.work import confirm

    rows = sum(any(not cell.by or conflicts for cell in change.cells) for change in told)
    confirm(session, yes, session.words.count("returned.ask", rows))
    kept = keep(session.home, one, told)
    found = returned(session.home, kept.id)
    assert found is not None, "it was kept a line above"
    taken = take(session.home, db, *found, by=one.entered_by, at=one.entered_at, conflicts=None if conflicts else ())
    if taken is None:
        raise WrongUse(session.words.say("returned.meanwhile"))
    return taken


def _told(session: Session, taken: int, left: int) -> None:
    """What was done, and what was not."""
    words = session.words
    session.note(words.count("returned.done", taken) if taken else words.say("returned.nothing"))
    if left:
        session.note(words.count("returned.left", left))


COMMANDS: dict[str, Callable[..., None]] = {"return": return_workbook}
