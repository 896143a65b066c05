"""What may be shown and taken along: rows without anybody who asked to be left alone, whatever the snapshot still holds."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from market_db.desk.store import Suppressed, suppressed
from market_db.exports.lead_row import LeadRow
from market_db.home import Home
from market_db.markets.notices import NoticeFacts


def allowed_rows(home: Home, rows: Iterable[LeadRow]) -> Iterator[LeadRow]:
    """Rows without what is on the do-not-contact list: nothing on it leaves, whatever the snapshot still holds."""
    listed = suppressed(home)
    for row in rows:
        allowed = without_listed(row, listed)
        if allowed is not None:
            yield allowed


def allowed_notices(home: Home, facts: Iterable[NoticeFacts]) -> Iterator[NoticeFacts]:
    """Notices without the name of an authority that is on the do-not-contact list; the notice itself is public."""
    listed = suppressed(home)
    for fact in facts:
        named = listed.hashes and fact.authority and listed.covers("company", fact.authority)
        yield replace(fact, authority=None) if named else fact


def without_listed(row: LeadRow, listed: Suppressed) -> LeadRow | None:
    """The row without contacts that are on the list; None where the company itself is."""
    if not listed.hashes:
        return row
    if listed.covers("company", row.company) or (row.website and listed.covers("website", row.website)):
        return None
    email = None if row.email and listed.covers("email", row.email) else row.email
    phone = None if row.phone and listed.covers("phone", row.phone) else row.phone
    return replace(row, email=email, phone=phone)
