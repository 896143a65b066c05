"""Notes as they are kept: without the contacts of whoever asked to be left alone, also where a colleague types them again."""

from dataclasses import replace
from typing import TypeVar

from market_db.desk.entered import Decision, FollowUp, ReturnedRow
from market_db.forgetting.silence import Listed, Silence

Noted = TypeVar("Noted", FollowUp, Decision, ReturnedRow)


def quiet(record: Noted, listed: Listed) -> Noted:
    """The record without a listed contact in its note. Names stay: "X asked not to be written to" is what colleagues must know."""
    if not listed or not record.note:
        return record
    note = Silence(listed, by_hash=False).cut(record.note, names=False)
    return record if note == record.note else replace(record, note=note)
