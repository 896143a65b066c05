"""A filled workbook on a terminal: row by row what would change, what a colleague changed meanwhile, and what nobody knows."""

from collections.abc import Iterator, Sequence
from datetime import date

from rich.console import Console

from market_db.desk.entered import ReturnedWorkbook
from market_db.workbook.changes import CHANGE, CONFLICT, SAME, UNKNOWN, Cell, CellChange, RowChange
from market_db.workbook.reader import ReadBack
from market_db.workbook.words import words_of
from scripts.screen import jsonable, line, plain
from scripts.words import Words

MOST_TEXT = 200


def show_returned(console: Console, words: Words, one: ReturnedWorkbook, told: Sequence[RowChange]) -> None:
    """The counts first, then every row that says something; rows that say what stands already are only counted."""
    counts = {kind: sum(change.kind == kind for change in told) for kind in (CHANGE, CONFLICT, UNKNOWN, SAME)}
    parts = [words.say(f"returned.{kind}", n=words.number(n)) for kind, n in counts.items()]
    parts.append(words.say("returned.problem", n=words.number(len(one.problems))))
    line(console, f"{plain(one.file_name, 120)}: {', '.join(parts)}", "bold")
    if not one.made_at:
        line(console, words.say("returned.made_unknown"), "dim")
    for change in told:
        for text in _row(change, words):
            line(console, text, indent=2, hang=2)
    for problem in one.problems:
        line(console, f"! {plain(problem.say(words.language), 400)}", indent=2, hang=2)


def _row(change: RowChange, words: Words) -> Iterator[str]:
    """Lines of one row; none where it is as it stands here."""
    if change.kind == SAME and not change.renamed:
        return
    name = plain(change.lead.company if change.lead else change.row.company or "?", MOST_TEXT)
    yield words.say("returned.row", row=change.row.row, name=name, kind=words.say(f"returned.is_{change.kind}"))
    if change.kind == UNKNOWN:
        yield "  " + (words.say("returned.same_as", row=change.same_as) if change.same_as else words.say("returned.unknown_hint"))
        return
    for cell in change.cells:
        yield "  " + _cell(cell, words)
    if change.renamed:
        yield "  " + words.say("returned.renamed", name=plain(change.row.company or "–", MOST_TEXT))
    if change.off_list and change.cells:
        yield "  " + words.say("returned.off_list")


def _cell(cell: CellChange, words: Words) -> str:
    """Column: old -> new, and who changed it meanwhile."""
    label = words_of(words.language).label("columns", cell.column) or cell.column
    whose = " " + words.say("returned.by", who=plain(cell.by, 60), when=words.moment(cell.at)) if cell.by else ""
    return f"{label}: {_value(cell.column, cell.now, words)} → {_value(cell.column, cell.new, words)}{whose}"


def _value(column: str, value: Cell, words: Words) -> str:
    if value is None:
        return words.say("returned.empty")
    if isinstance(value, date):
        return words.day(value)
    group = {"status": "statuses", "verdict": "verdict_choices"}.get(column)
    return plain((words_of(words.language).label(group, value) if group else None) or value, MOST_TEXT)


def left_over(told: Sequence[RowChange], taken: Sequence[int], *, conflicts: bool) -> list[RowChange]:
    """Rows that say something that was not taken over, at all or in part."""
    done = set(taken)
    kept = [one for one in told if one.kind == CONFLICT and not conflicts]
    return kept + [one for one in told if one not in kept and (one.kind == UNKNOWN or (one.cells and one.row.row not in done))]


def as_data(found: ReadBack, told: Sequence[RowChange], taken: Sequence[int], *, preview: bool) -> dict[str, object]:
    """The same for machines: every row, also those that change nothing."""
    rows = [
        {
            "row": change.row.row,
            "lead_id": change.lead.lead_id if change.lead else change.row.lead_id,
            "company": change.lead.company if change.lead else change.row.company,
            "kind": change.kind,
            "cells": jsonable(change.cells),
            "renamed": change.renamed,
            "same_as": change.same_as,
            "off_list": change.off_list,
            "taken": change.row.row in set(taken),
        }
        for change in told
    ]
    return {"made_at": found.made_at, "shortlist": found.shortlist, "preview": preview, "rows": rows, "problems": found.problems}
