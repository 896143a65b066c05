"""A filled workbook against what was entered around the second in which it was made: twice is harmless, and nobody's words are lost."""

from datetime import date
from types import SimpleNamespace

import pytest

from market_db.desk.entered import FollowUp
from market_db.desk.followed import Steps
from market_db.workbook.changes import Against, compare
from market_db.workbook.reader import FilledRow

MADE = "2026-11-27T02:20:41+00:00"
BEFORE, AFTER = "2026-11-27T02:20:40+00:00", "2026-11-27T02:20:42+00:00"


def step(at, note="Suka pedas"):
    return FollowUp(lead_id="a", status="sample_sent", entered_at=at, entered_by="sari", note=note, contacted_on="2026-11-20")


def told(row, *steps, taken=()):
    against = Against(
        steps=Steps({"a": list(steps)}), leads={"a": SimpleNamespace(lead_id="a", company="Toko (contoh)")}, judged={},
        columns=frozenset({"company", "status", "contacted_on", "owner", "note"}), made_at=MADE, shortlist=None, owner=None, on_list=None,
        taken=taken,
    )  # fmt: skip
    (found,) = compare([row], against)
    return found.kind, {cell.column: cell.by for cell in found.cells}


def filled(note="Suka pedas", owner=None, status="sample_sent"):
    return FilledRow(row=2, lead_id="a", company="Toko (contoh)", status=status, contacted_on=date(2026, 11, 20), owner=owner, note=note)


@pytest.mark.parametrize("at", [MADE, AFTER])
def test_what_was_taken_over_is_not_taken_again_whatever_the_second(at):
    assert told(filled(), step(at), taken={at}) == ("same", {})


@pytest.mark.parametrize(("at", "by"), [(BEFORE, None), (MADE, None), (AFTER, "sari")])
def test_another_note_is_a_change_and_a_conflict_only_where_somebody_wrote_later(at, by):
    assert told(filled(note="Minta contoh", owner="sari"), step(at)) == ("conflict" if by else "change", {"note": by})


@pytest.mark.parametrize("at", [BEFORE, MADE])
def test_a_note_that_was_shown_and_emptied_is_emptied(at):
    assert told(filled(note=None, owner="sari"), step(at)) == ("change", {"note": None})
