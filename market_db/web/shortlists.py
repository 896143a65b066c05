"""Shortlists: buyers that one exporter writes to in one campaign, in an order of their own, with who follows up and what comes next."""

from collections import Counter
from datetime import UTC, date, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from market_db.desk.entered import Shortlist
from market_db.desk.shortlist_rows import Line, Listed, listed_rows
from market_db.desk.shortlists import entry_counts, exporter_names, exporters, shortlist, shortlists
from market_db.queries import as_of
from market_db.saying import Words
from market_db.web.as_csv import csv_address, csv_answer, wants_csv
from market_db.web.buyer import STATUSES
from market_db.web.find import product_names
from market_db.web.site import Shelf, Site, user_of

SAID = frozenset({"saved", "made", "moved", "removed", "dropped", "noted"})
UNDECIDED = "untouched"
"""Status of who has none yet, in the filter of a list."""
PAGE_ROWS = 50


def the_list(site: Site, request: Request) -> Shortlist:
    """The shortlist of the address. Raises HTTPException(404)."""
    found = shortlist(site.home, str(request.path_params["list"]))
    if found is None:
        raise HTTPException(404)
    return found


def lists(site: Site, request: Request) -> Response:
    """All shortlists."""
    words, names, counts = site.words(request), exporter_names(site.home), entry_counts(site.home)
    found = shortlists(site.home)
    if wants_csv(request):
        head = [words.say(f"shortlist.{key}") for key in ("name", "exporter", "campaign", "owner", "buyers", "made", "state")]
        state = {True: words.say("shortlist.is_closed"), False: words.say("shortlist.is_open")}
        rows = (
            [one.name, names.get(one.exporter), one.campaign, one.owner, counts.get(one.id, 0), one.entered_at[:10], state[one.closed]]
            for one in found
        )
        return csv_answer(head, rows)
    told = request.query_params.get("said", "")
    return site.page(
        request,
        "shortlists.html",
        data={"shortlists": found, "entries": counts},
        words=words,
        lists=found,
        names=names,
        counts=counts,
        cards=exporters(site.home),
        chosen=request.query_params.get("exporter", ""),
        me=_me(request),
        said=told if told in SAID else "",
        csv_url=csv_address(request),
    )


def _me(request: Request) -> str:
    user = user_of(request)
    return user.name if user else ""


def show_list(site: Site, request: Request) -> Response:
    """One shortlist with its buyers."""
    words, one = site.words(request), the_list(site, request)
    with site.shelf() as shelf:
        found = listed_rows(site.home, shelf.db, one, site.listed())
        if wants_csv(request):
            return _csv(found, words)
        counts = Counter(line.standing.status or UNDECIDED for line in found.lines)
        wish = request.query_params.get("status", "")
        shown = [line for line in found.lines if wish not in counts or (line.standing.status or UNDECIDED) == wish]
        page, pages = page_of(request, len(shown), PAGE_ROWS)
        return site.page(
            request,
            "shortlist.html",
            data=_records(site, one, found, shelf),
            words=words,
            one=one,
            exporter=exporter_names(site.home).get(one.exporter),
            cards=exporters(site.home),
            listed=found,
            lines=shown[(page - 1) * PAGE_ROWS : page * PAGE_ROWS],
            counts={key: counts[key] for key in (UNDECIDED, *STATUSES) if key in counts},
            wish=wish if wish in counts else "",
            page=page,
            pages=pages,
            now=datetime.now(UTC).isoformat(timespec="seconds"),
            names={other.id: other.name for other in shortlists(site.home)},
            statuses=STATUSES,
            products=product_names(words),
            today=datetime.now(UTC).date(),
            told=_told(request, words),
            csv_url=csv_address(request),
            age=site.age(shelf, words),
        )


def _records(site: Site, one: Shortlist, found: Listed, shelf: Shelf) -> dict[str, object]:
    """The list for programs."""
    return {
        "as_of": as_of(shelf.about),
        "shortlist": one,
        "exporter": exporter_names(site.home).get(one.exporter),
        "buyers": [{"lead": line.row, "due": line.standing.due, "entered_at": line.entry.entered_at} for line in found.lines],
        "not_in_data": [{"lead_id": entry.lead_id, "company": entry.company} for entry in found.gone],
    }


def _csv(found: Listed, words: Words) -> Response:
    keys = ("place", "company", "country", "role", "score", "status", "contacted_on", "due", "owner", "note", "lead")
    return csv_answer([words.say(f"shortlist.{key}") for key in keys], (_csv_row(line, words) for line in found.lines))


def _csv_row(line: Line, words: Words) -> list[str | float | date | None]:
    """A buyer without its contacts: those leave only by an export, which is written down."""
    row, stands = line.row, line.standing
    status = words.say(f"statuses.{stands.status}") if stands.status else None
    who = (row.rank, row.company, words.country(row.country), words.role(row.role), row.score)
    return [*who, status, stands.contacted_on, stands.due, row.owner, stands.note, row.lead_id]


def page_of(request: Request, n: int, rows: int) -> tuple[int, int]:
    """The asked page among those there are."""
    pages = max(-(-n // rows), 1)
    typed = request.query_params.get("page", "")
    return (min(max(int(typed), 1), pages) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 1), pages


def _told(request: Request, words: Words) -> str:
    """What was just done, in words; nothing else of the address is shown."""
    said = request.query_params.get("said", "")
    if said == "added":
        new, old = (_count(request.query_params.get(name, "")) for name in ("n", "old"))
        told = words.count("shortlist.said_added", new)
        return f"{told} {words.count('shortlist.said_already', old)}" if old else told
    return words.say(f"shortlist.said_{said}") if said in SAID else ""


def _count(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 0
