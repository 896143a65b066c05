"""A buyer for an address book."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from market_db.exports.lists import ExportFailed, safe_name
from market_db.exports.log import log_export
from market_db.exports.vcard import vcard
from market_db.web.buyer import load_buyer, refuse_readers
from market_db.web.services import CannotDo
from market_db.web.shortlist_actions import file_answer
from market_db.web.site import Site


def card(site: Site, request: Request) -> Response:
    """The buyer as a vCard, with a line in the log of exports."""
    by, words = refuse_readers(site, request), site.words(request)
    with site.shelf() as shelf:
        found = load_buyer(site, shelf, request)
    row, now = found.detail.row, datetime.now(UTC)
    request.state.about = f"vcf {row.lead_id}"
    note = words.say("vcard.note", sources=", ".join(map(words.source, row.sources)), day=words.day(row.last_seen))
    body = vcard(found.detail.company, found.contacts, uid=row.lead_id, note=note, kind=words.role(row.role), revised=now)
    name = safe_name(row.company, ".vcf")
    try:
        log_export(site.home, name, by=by, what=row.lead_id, rows=1, now=now)
    except ExportFailed as error:
        raise CannotDo(error.message(words.language), 500) from error
    return file_answer(name, body, "text/vcard; charset=utf-8")
