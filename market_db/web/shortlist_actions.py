"""What people do with shortlists: make, fill, order, follow up, take along; every change is a form of our own page."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from market_db.desk.entered import FollowUp, Shortlist
from market_db.desk.followed import standing, steps_of
from market_db.desk.shortlist_rows import Line, best_parties, entry_of, listed_rows
from market_db.desk.shortlists import (
    MOST_AT_ONCE,
    add_checked,
    add_entries,
    drop_entries,
    drop_shortlist,
    exporter,
    follow_ups,
    new_id,
    order_entries,
    save_shortlist,
    shortlist,
)
from market_db.exports.lead_row import LeadRow
from market_db.exports.lists import ExportFailed
from market_db.exports.shortlist_files import TYPES, write_list
from market_db.forgetting.allowed import without_listed
from market_db.queries import rows_at
from market_db.values.text import clean
from market_db.web.actions import MOST_NOTE, form_of
from market_db.web.asked import read_asked
from market_db.web.buyer import STATUSES, refuse_readers
from market_db.web.find import found_by_text
from market_db.web.services import CannotDo
from market_db.web.shortlists import the_list
from market_db.web.site import Shelf, Site
from market_db.web.visit import this_visit
from market_db.workbook.changes import leads_named

NEW = "new"
YEARS = range(2000, 2100)


def now() -> str:
    """UTC as it is stored."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def note_of(typed: str, most: int = MOST_NOTE) -> str:
    """A note of several lines, without what hides in texts."""
    lines = (clean(line, most) for line in typed[: most * 2].splitlines())
    return "\n".join(line for line in lines if line)[:most]


def make_list(site: Site, request: Request) -> Response:
    """A new, empty shortlist."""
    one = _made(site, request, refuse_readers(site, request))
    return RedirectResponse(f"/daftar/{one.id}?said=made", 303)


def _made(site: Site, request: Request, by: str) -> Shortlist:
    """The shortlist of the form, kept. Raises CannotDo where it has no name."""
    form = form_of(request)
    name = clean(form.get("name", ""), 120)
    if not name:
        raise CannotDo(site.words(request).say("shortlist.no_name"), 400)
    one = Shortlist(
        id=new_id(),
        name=name,
        exporter=_exporter_of(site, form.get("exporter", "")),
        campaign=clean(form.get("campaign", ""), 200),
        owner=clean(form.get("owner", ""), 60) or by,
        entered_at=now(),
        entered_by=by,
    )
    save_shortlist(site.home, one)
    return one


def _exporter_of(site: Site, key: str) -> str | None:
    found = exporter(site.home, key) if key else None
    return found.id if found else None


def change_list(site: Site, request: Request) -> Response:
    """Another name, exporter, campaign or owner; closed or open again."""
    refuse_readers(site, request)
    one, form = the_list(site, request), form_of(request)
    changed = replace(
        one,
        name=clean(form.get("name", ""), 120) or one.name,
        exporter=_exporter_of(site, form.get("exporter", "")),
        campaign=clean(form.get("campaign", ""), 200),
        owner=clean(form.get("owner", ""), 60) or one.owner,
        closed=form.get("closed") == "1",
    )
    save_shortlist(site.home, changed)
    return RedirectResponse(f"/daftar/{one.id}?said=saved", 303)


def drop_list(site: Site, request: Request) -> Response:
    """Remove a shortlist; what was done for it stays in the history of its buyers."""
    refuse_readers(site, request)
    if form_of(request).get("sure") != "1":
        raise CannotDo(site.words(request).say("shortlist.drop_sure"), 400)
    drop_shortlist(site.home, the_list(site, request).id)
    return RedirectResponse("/daftar?said=dropped", 303)


def add_to_list(site: Site, request: Request) -> Response:
    """Put one or several buyers, or all of a view, on a list that is there or on a new one."""
    by, form, words = refuse_readers(site, request), form_of(request), site.words(request)
    with site.shelf() as shelf:
        rows = _wished(site, shelf, request)
        if not rows:
            raise CannotDo(words.say("shortlist.nobody"), 400)
        wish = form.get("list", "")
        one = _made(site, request, by) if wish == NEW else shortlist(site.home, wish)
        if one is None:
            raise CannotDo(words.say("shortlist.which"), 400)
        held = {line.row.lead_id for line in listed_rows(site.home, shelf.db, one, site.listed()).lines}
        parties, at = best_parties(shelf.db, rows), now()
    fresh = [row for row in rows if row.lead_id not in held]
    added = add_entries(site.home, (entry_of(one.id, row, parties.get(row.company_id), at=at, by=by) for row in fresh))
    return RedirectResponse(f"/daftar/{one.id}?said=added&n={added}&old={len(rows) - added}", 303)


def _wished(site: Site, shelf: Shelf, request: Request) -> list[LeadRow]:
    """The buyers that were ticked, or all of the view; those who asked to be left alone are nobody."""
    form, hidden = form_of(request), site.listed()
    if form.get("all") != "1":
        named = request.state.fields.get("lead", [])[:MOST_AT_ONCE]
        found = leads_named(shelf.db, named, hidden)
        return list({row.lead_id: row for key in named if (row := found.get(key))}.values())
    asked = read_asked(request.state.fields, shelf.index, this_visit(request, shelf.about["refresh_id"], time.time()).before)
    query = asked.query(shelf.about["refresh_id"], everything=True)
    bits = shelf.index.matching(query, found_by_text(shelf, query))
    ranks = shelf.index.page(bits, replace(query, limit=MOST_AT_ONCE, offset=0))
    return [row for one in rows_at(shelf.db, ranks) if (row := without_listed(one, hidden))]


def move(site: Site, request: Request) -> Response:
    """One place up, one down, or to a place by its number."""
    refuse_readers(site, request)
    one, form = the_list(site, request), form_of(request)
    with site.shelf() as shelf:
        lines = listed_rows(site.home, shelf.db, one, site.listed()).lines
    order = [line.entry.lead_id for line in lines]
    at = next((place for place, line in enumerate(lines) if line.row.lead_id == form.get("lead")), None)
    if at is None:
        raise HTTPException(404)
    moved = order.pop(at)
    order.insert(_place(form.get("move", ""), form.get("place", ""), at, len(order)), moved)
    order_entries(site.home, one.id, order)
    return RedirectResponse(f"/daftar/{one.id}{_same_view(request)}said=moved#p-{form.get('lead')}", 303)


def _place(wish: str, typed: str, at: int, most: int) -> int:
    """Where it goes, from 0. Raises HTTPException(400) for what is no place."""
    if wish in ("up", "down"):
        return min(max(at + (1 if wish == "down" else -1), 0), most)
    if typed.isascii() and typed.isdigit() and len(typed) < 7:
        return min(max(int(typed) - 1, 0), most)
    raise HTTPException(400)


def _same_view(request: Request) -> str:
    """Filter and page of the list, as they were; only what we know is taken over."""
    form = form_of(request)
    status, page = form.get("view", ""), form.get("page", "")
    kept = f"status={status}&" if status in (*STATUSES, "untouched") else ""
    return "?" + kept + (f"page={page}&" if page.isascii() and page.isdigit() and len(page) < 7 else "")


def _line_of(site: Site, request: Request, one: Shortlist) -> Line:
    with site.shelf() as shelf:
        lines = listed_rows(site.home, shelf.db, one, site.listed()).lines
    found = next((line for line in lines if line.row.lead_id == form_of(request).get("lead")), None)
    if found is None:
        raise HTTPException(404)
    return found


def take_off(site: Site, request: Request) -> Response:
    """Take one buyer off the list, under every id it was added by; also one that is not in the data any more."""
    refuse_readers(site, request)
    one, lead = the_list(site, request), form_of(request).get("lead", "")
    with site.shelf() as shelf:
        found = listed_rows(site.home, shelf.db, one, site.listed())
    ids = [entry.lead_id for line in found.lines if line.row.lead_id == lead for entry in (line.entry, *line.also)]
    if not drop_entries(site.home, one.id, ids or [entry.lead_id for entry in found.gone if entry.lead_id == lead]):
        raise HTTPException(404)
    return RedirectResponse(f"/daftar/{one.id}{_same_view(request)}said=removed", 303)


def note_step(site: Site, request: Request) -> Response:
    """Status, dates, owner and note of one buyer within the list."""
    by, one, form = refuse_readers(site, request), the_list(site, request), form_of(request)
    line, words = _line_of(site, request, one), site.words(request)
    if form.get("status", "") not in STATUSES:
        raise HTTPException(400)
    try:
        contacted, due = day_typed(form.get("contacted_on", "")), day_typed(form.get("due", ""))
    except ValueError as error:
        raise CannotDo(words.say("shortlist.bad_day"), 400) from error
    step = FollowUp(
        lead_id=line.row.lead_id,
        status=form["status"],
        entered_at=now(),
        entered_by=by,
        note=note_of(form.get("note", "")),
        shortlist=one.id,
        contacted_on=contacted,
        due=due,
        owner=clean(form.get("owner", ""), 60) or None,
    )
    with site.shelf() as shelf:

        def unseen() -> None:
            """What somebody else entered after the page was opened is not written over unseen."""
            newest = steps_of(shelf.db, follow_ups(site.home)).newest(line.row.lead_id, one.id)
            if newest and newest.entered_at > form.get("seen", "") and standing(newest) != standing(step) and newest.entered_by != by:
                raise CannotDo(words.say("shortlist.meanwhile", who=newest.entered_by, when=words.moment(newest.entered_at)))

        add_checked(site.home, step, unseen)
    return RedirectResponse(f"/daftar/{one.id}{_same_view(request)}said=noted#p-{line.row.lead_id}", 303)


def day_typed(text: str) -> str | None:
    """YYYY-MM-DD of a date field or of 8/11/2026 (day first, as Indonesia writes it); None = empty. Raises ValueError for any other."""
    typed = clean(text, 20).replace(".", "/")
    if not typed:
        return None
    parts = [int(part) for part in typed.split("/")] if typed.count("/") == 2 else []
    day = date(parts[2], parts[1], parts[0]) if parts else date.fromisoformat(typed)
    if day.year not in YEARS:
        raise ValueError(f"{day} is too far from today")
    return day.isoformat()


def export_list(site: Site, request: Request) -> Response:
    """The list as a file: Excel, CSV, JSON or PDF, with a line in the log of exports."""
    by, one, words = refuse_readers(site, request), the_list(site, request), site.words(request)
    suffix = form_of(request).get("format", "")
    if suffix not in TYPES:
        raise HTTPException(400)
    request.state.about = f"{suffix} /daftar/{one.id}"
    with site.shelf() as shelf:
        found = listed_rows(site.home, shelf.db, one, site.listed())
        try:
            path = write_list(site.home, shelf.db, one, found, suffix, words=words, by=by)
        except ExportFailed as error:
            raise CannotDo(error.message(words.language), 500) from error
    return file_answer(path.name, path.read_bytes(), TYPES[suffix])


def file_answer(name: str, body: bytes, kind: str) -> Response:
    """A download; `filename*` alone (RFC 6266), so that nothing of the name stands in the header unquoted."""
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(body, media_type=kind, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"})
