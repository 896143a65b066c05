"""What people enter: where a lead stands, what they know better, who asked to be left alone, and files to take along.

Everything goes into desk.db through `market_db.desk` and survives the next crawl; the page itself changes with the next refresh.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

import sqlite_utils
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from market_db.buyer_facts import maybe_same
from market_db.desk.entered import Decision, FollowUp
from market_db.desk.judgements import parties_judged
from market_db.desk.store import add_decision, add_follow_up
from market_db.forgetting.contact_faces import domain_of
from market_db.values.text import clean
from market_db.values.websites import is_shared_domain
from market_db.web.asked import read_asked
from market_db.web.buyer import JUDGEMENTS, STATUSES, Buyer, load_buyer, refuse_readers
from market_db.web.one_or_two import Pairs, apart, together
from market_db.web.services import CannotDo, Wish
from market_db.web.site import Site
from market_db.web.visit import this_visit

MOST_NOTE = 2_000
MOST_REASON = 300
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
KEPT_AS = {"same_as": "same", "taken_out": "not_same"}
"""What a form calls a judgement -> its kind in the desk."""
Form = Mapping[str, str]


def form_of(request: Request) -> Form:
    """Fields of the form, read before the page was called; of several with one name the last."""
    form: Form = request.state.form
    return form


def _note(form: Form, most: int = MOST_NOTE, name: str = "note") -> str:
    lines = (clean(line, most) for line in form.get(name, "")[: most * 2].splitlines())
    return "\n".join(line for line in lines if line)[:most]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _back(found: Buyer, said: str, part: str) -> Response:
    """To the buyer's page again, so that loading it twice writes once."""
    return RedirectResponse(f"/pembeli/{found.detail.row.lead_id}?said={said}#{part}", 303)


def follow_up(site: Site, request: Request) -> Response:
    """Status and note of a lead."""
    by, form = refuse_readers(site, request), form_of(request)
    with site.shelf() as shelf:
        found = load_buyer(site, shelf, request)
    status = form.get("status", "")
    if status not in STATUSES:
        raise HTTPException(400)
    step = FollowUp(lead_id=found.detail.row.lead_id, status=status, entered_at=_now(), entered_by=by, note=_note(form))
    add_follow_up(site.home, step)
    return _back(found, "saved", "tindak-lanjut")


def decide(site: Site, request: Request) -> Response:
    """What a person knows better: about every party of the company, so that whatever source comes next finds it."""
    by, form = refuse_readers(site, request), form_of(request)
    kind, note, at = form.get("kind", ""), _note(form), _now()
    with site.shelf() as shelf:
        found = load_buyer(site, shelf, request)
        pairs = _pairs(site, found, shelf.db, kind, form.get("other", ""))
    if not pairs:
        raise CannotDo(site.words(request).say("one_or_two.nobody"), 400)
    kind = KEPT_AS.get(kind, kind)
    for one, other in pairs:
        add_decision(site.home, Decision(kind=kind, party_a=one, party_b=other, entered_at=at, entered_by=by, note=note))
    return _back(found, "judged", "koreksi")


def _pairs(site: Site, found: Buyer, db: sqlite_utils.Database, kind: str, other: str) -> Pairs:
    """Parties a judgement is about; none where it names nobody. Raises HTTPException(400) for no judgement or one not shown."""
    if kind in JUDGEMENTS:
        return [(party, None) for party in parties_judged(kind, found.detail)]
    if kind == "same_as":
        return together(db, found.detail, other, site.listed())
    if kind == "taken_out":
        return apart(found.detail, other)
    twins = {twin.other_party: twin for twin in maybe_same(db, found.detail.company, site.listed())}
    if kind not in ("same", "not_same") or other not in twins:
        raise HTTPException(400)
    return [(twins[other].own_party, other)]


def ask_forget(site: Site, request: Request) -> Response:
    """What "do not contact" will do, and for what: nothing happens before the second page is sent."""
    refuse_readers(site, request)
    words = site.words(request)
    with site.shelf() as shelf:
        found = load_buyer(site, shelf, request)
        return site.page(request, "forget.html", words=words, row=found.detail.row, choices=forget_choices(found), trouble="", reason="")


def forget_choices(found: Buyer) -> list[tuple[str, str]]:
    """(kind, value) that can be taken out: the company, then each contact, and the domain that is its own."""
    choices = [("company", found.detail.row.company)]
    choices += [(contact.kind, contact.value) for contact in found.contacts if contact.kind in ("email", "phone")]
    domains = {domain_of(contact.value) for contact in found.contacts if contact.kind == "website"}
    return choices + [("domain", domain) for domain in sorted(filter(None, domains)) if not is_shared_domain(domain)]


def forget(site: Site, request: Request) -> Response:
    """Take somebody out everywhere, as `tembus forget` does."""
    by, form, words = refuse_readers(site, request), form_of(request), site.words(request)
    with site.shelf() as shelf:
        found = load_buyer(site, shelf, request)
    choices = forget_choices(found)
    at = form.get("what", "")
    reason = _note(form, MOST_REASON, "reason")
    wish = choices[int(at)] if at.isascii() and at.isdigit() and len(at) < 4 and int(at) < len(choices) else None
    try:
        if wish is None or not reason or form.get("sure") != "1":
            raise CannotDo(words.say("forget.incomplete"), 400)
        request.state.about = wish[0]
        site.services.forget(site.home, Wish(kind=wish[0], value=wish[1], reason=reason, by=by), words.language)
    except CannotDo as error:
        values = {"row": found.detail.row, "choices": choices, "trouble": error.say, "reason": reason}
        return site.page(request, "forget.html", error.status, words=words, **values)
    return RedirectResponse("/jangan-hubungi?said=done", 303)


def forgotten(site: Site, request: Request) -> Response:
    """It was done, or how it is done; names nobody."""
    return site.page(request, "forgotten.html", done=request.query_params.get("said") == "done")


def export(site: Site, request: Request) -> Response:
    """The current view as a file."""
    refuse_readers(site, request)
    form, words = form_of(request), site.words(request)
    suffix = form.get("format", "")
    if suffix not in TYPES:
        raise HTTPException(400)
    with site.shelf() as shelf:
        asked = read_asked(request.state.fields, shelf.index, this_visit(request, shelf.about["refresh_id"], time.time()).before)
        query = asked.query(shelf.about["refresh_id"], everything=True)
    # what was typed into the search may name a firm that later asks to be left alone
    filters = [f"{name}={'…' if name == 'q' else value}" for name, value in asked.fields]
    request.state.about = " ".join([suffix, *filters])
    path = site.services.export(site.home, query, suffix, words.language)
    # `filename*` alone (RFC 6266): nothing of the name stands in the header unquoted
    disposition = f"attachment; filename*=UTF-8''{quote(path.name, safe='')}"
    return FileResponse(path, media_type=TYPES[suffix], headers={"Content-Disposition": disposition, "Cache-Control": "no-store"})
