"""The pages put together: routes, the guard around them, and an answer in the reader's language for everything that goes wrong."""

import logging
import mimetypes
import re
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar
from urllib.parse import parse_qs, quote, urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from market_db.home import Home
from market_db.saying import LANGUAGES
from market_db.schema import MarketError
from market_db.sqlite import sqlite3
from market_db.web import actions, back_office, desk_routes, explorer, row_number, searches, sign_in
from market_db.web.access import Access
from market_db.web.as_csv import AS_CSV
from market_db.web.as_json import AS_JSON, wants_json
from market_db.web.buyer import archived, buyer
from market_db.web.explorer import Explorer
from market_db.web.find import find
from market_db.web.guard import Guard
from market_db.web.guide import guide
from market_db.web.markets import country, market_list, printed
from market_db.web.rights import ANYBODY, audited, least, may
from market_db.web.services import CannotDo, Services
from market_db.web.site import FOLDER, NothingPublished, Site
from market_db.web.upload import MOST_UPLOAD, read_upload

Page = Callable[[Site, Request], Response]
PAGES: dict[str, Page] = {
    "/": find,
    "/pembeli": find,
    "/pembeli/{lead}": buyer,
    "/pembeli/{lead}/bukti/{number:row}": archived,
    "/pembeli/{lead}/jangan-hubungi": actions.ask_forget,
    "/jangan-hubungi": actions.forgotten,
    "/pasar": market_list,
    "/pasar/{product}/{country}": country,
    "/bantuan": guide,
    "/masuk": sign_in.ask,
    "/sandi": sign_in.ask_password,
    **back_office.PAGES,
    **desk_routes.PAGES,
}
FILES: dict[str, Page] = {**desk_routes.FILES, "/pasar/{product}/{country}/ringkasan.pdf": printed}
"""Addresses that answer with a file: they have no records behind ".json"."""
TABLES = ("/pasar", "/pasar/{product}/{country}")
"""Pages that are also a table, at the same address with ".csv" behind it."""
ACTIONS: dict[str, Page] = {
    "/pembeli/{lead}/tindak-lanjut": actions.follow_up,
    "/pembeli/{lead}/koreksi": actions.decide,
    "/pembeli/{lead}/jangan-hubungi": actions.forget,
    "/ekspor": actions.export,
    "/masuk": sign_in.enter,
    "/keluar": sign_in.leave,
    "/sandi": sign_in.change_password,
    "/pencarian": searches.keep,
    "/pencarian/{number:row}/hapus": searches.drop,
    **back_office.ACTIONS,
    **desk_routes.ACTIONS,
}
BEFORE_CHANGE = frozenset({"/sandi", "/keluar"})
"""Where somebody may go whose password must be changed first."""
MOST_FORM = 64 * 1024
"""Bytes of a form; a note of the longest kind takes a tenth of it."""
MOST_FIELDS = 300
FORM_TYPE = "application/x-www-form-urlencoded"
TROUBLE_SIGNS = {
    "busy": r"database (table )?is locked",
    "disk_full": r"disk is full",
    "newer": r"written by a newer Tembus",
    "storage": r"disk I/O error|unable to open database|readonly database",
    "desk": r"(desk|access)\.db (is (damaged|empty|missing)|holds no table)",
}
"""What to tell -> what SQLite and `schema.py` say of it; the first that fits counts."""
log = logging.getLogger("tembus.web")
mimetypes.add_type("image/webp", ".webp")  # Python knows it from 3.13 on; browsers refuse a picture that is called text


def make_app(home: Home, services: Services, access: Access) -> ASGIApp:
    """The workspace over a home as an ASGI application."""
    site = Site(home=home, services=services, access=access)
    inner = Starlette(
        routes=list(routes(site)),
        middleware=[Middleware(GZipMiddleware, minimum_size=1_000)],
        exception_handlers={HTTPException: partial(_http_error, site), Exception: partial(_our_bug, site)},
    )
    # Around everything, so that the page about a fault of ours carries the headers too.
    return Guard(inner, refuses=access.refuses, refuse=partial(_refusal, site))


def routes(site: Site) -> Iterator[BaseRoute]:
    """Every address. Raises KeyError for one without a row in `rights.py`."""
    row_number.make_known()
    for path, page in PAGES.items():
        asked = partial(_asked, site, page, path, least(path, "GET"))
        if path != "/":
            yield Route(path + AS_JSON, asked, methods=["GET"])
    for path in (*desk_routes.TABLES, *TABLES):
        yield Route(path + AS_CSV, partial(_asked, site, PAGES[path], path, least(path, "GET")), methods=["GET"])
    for path, page in {**PAGES, **FILES}.items():
        yield Route(path, partial(_asked, site, page, path, least(path, "GET")), methods=["GET"])
    for path, action in desk_routes.UPLOADS.items():
        yield Route(path, partial(_uploaded, site, action, path, least(path, "POST")), methods=["POST"])
    for path, action in ACTIONS.items():
        yield Route(path, partial(_sent, site, action, path, least(path, "POST")), methods=["POST"])
    yield Mount("/data", Explorer(site, partial(_explored, site), partial(_unanswered, site)))
    yield Mount("/static", StaticFiles(directory=FOLDER / "static"))


def _asked(site: Site, page: Page, path: str, needed: str, request: Request) -> Response:
    """One page, or why there is none."""
    return _answered(site, request, lambda: barred(site, request, needed) or _done(site, request, page, path))


def _explored(site: Site, request: Request) -> Response | None:
    """Why somebody may not look into the raw data; rows that leave as a file are kept in the audit. None = may."""

    def work() -> Response | None:
        refused = barred(site, request, least("/data", "GET"))
        if refused is None:
            explorer.refuse(request)
            explorer.snapshot_key(site.home)
            if request.url.path == explorer.HERE:
                return RedirectResponse("/data", 303)
            if explorer.is_export(request):
                site.record(request, "export", request.url.path)
        return refused

    return _answered(site, request, work)


def _unanswered(site: Site, request: Request, status: int, said: str) -> Response:
    """What Datasette could not answer, as a page of ours."""
    return trouble(site, request, "not_found" if status == 404 else "question", status if status < 500 else 400, detail=said)


async def _sent(site: Site, action: Page, path: str, needed: str, request: Request) -> Response:
    """A form that was sent; that of somebody who may not is not even read."""
    if refused := await run_in_threadpool(_answered, site, request, lambda: barred(site, request, needed)):
        return refused
    request.state.fields = await read_form(request)
    request.state.form = {name: values[-1] for name, values in request.state.fields.items()}
    done = await run_in_threadpool(_answered, site, request, lambda: _done(site, request, action, path))
    assert done is not None, "a page always answers"
    return done


async def _uploaded(site: Site, action: Page, path: str, needed: str, request: Request) -> Response:
    """A form with a file; that of somebody who may not is not even read."""
    if refused := await run_in_threadpool(_answered, site, request, lambda: barred(site, request, needed)):
        return refused
    try:
        request.state.sent = await read_upload(request)
    except HTTPException as error:
        # The words of a form that is too large speak of notes; a file has its own
        kinds = {413: "file_too_large", 400: "no_file"}
        return trouble(site, request, kinds[error.status_code], error.status_code, most=str(MOST_UPLOAD // 2**20))
    done = await run_in_threadpool(_answered, site, request, lambda: _done(site, request, action, path))
    assert done is not None, "a page always answers"
    return done


Answer = TypeVar("Answer", Response, Response | None)


def _answered(site: Site, request: Request, work: Callable[[], Answer]) -> Answer:
    """What the work answers, or what is wrong and what to do."""
    try:
        return work()
    except NothingPublished:
        return trouble(site, request, "nothing_published", 503, root=str(site.home.root))
    except (MarketError, sqlite3.DatabaseError) as error:
        log.warning("%s", error)
        return trouble(site, request, what_is_wrong(error), 503, detail=str(error))
    except CannotDo as error:
        return _told(site, request, error.status, title=site.words(request).say("trouble.cannot"), text=error.say)


def what_is_wrong(error: Exception) -> str:
    """What the reader is told of a database that does not answer: each kind has its own way out."""
    said = str(error)
    return next((key for key, sign in TROUBLE_SIGNS.items() if re.search(sign, said)), "other_format")


def _done(site: Site, request: Request, page: Page, path: str) -> Response:
    """The page; what belongs into the audit is kept before the answer leaves."""
    answer = page(site, request)
    deed = audited(path, request.method)
    if deed and answer.status_code < 400:
        site.record(request, deed, getattr(request.state, "about", "") or request.url.path)
    return answer


def barred(site: Site, request: Request, needed: str) -> Response | None:
    """Why somebody may not: not logged in, a password that must be changed first, a role that does not reach so far; None = may."""
    user = request.state.user = site.access.user_of(request)
    if needed == ANYBODY:
        return None
    if user is None:
        if wants_json(request):
            return trouble(site, request, "login", 401)
        return RedirectResponse(_login_address(request), 303)
    if user.must_change and request.url.path not in BEFORE_CHANGE:
        return RedirectResponse("/sandi", 303)
    return None if may(user.role, needed) else trouble(site, request, "role", 403)


def _login_address(request: Request) -> str:
    """The login page in the language that was asked for, with the way back."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    asked = {"ke": here if request.method == "GET" and here != "/" else "", "lang": request.query_params.get("lang", "")}
    kept = {name: value for name, value in asked.items() if value and (name != "lang" or value in LANGUAGES)}
    return "/masuk" + ("?" + urlencode(kept, safe="/", quote_via=quote) if kept else "")


async def read_form(request: Request) -> dict[str, list[str]]:
    """Fields of a form. Raises HTTPException: 413 for one too large, 400 for one that is none of ours."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise HTTPException(400)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_FORM:
            raise HTTPException(413)
    try:
        return parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError as error:
        raise HTTPException(400) from error


def trouble(site: Site, request: Request, key: str, status: int, *, detail: str = "", **values: str) -> Response:
    """A page that says what is wrong and what to do."""
    words = site.words(request)
    title, text = words.say(f"trouble.{key}"), words.say(f"trouble.{key}_next", **values)
    return _told(site, request, status, title=title, text=text, detail=detail)


def _told(site: Site, request: Request, status: int, *, title: str, text: str, detail: str = "") -> Response:
    """The records keep what the program said itself, in English; a page in another language tells all there is to do in its own words."""
    records = {"error": title, "what_to_do": text, "detail": detail}
    shown = detail if site.words(request).language == "en" or status < 500 else ""
    return site.page(request, "trouble.html", status, data=records, title=title, text=text, detail=shown)


def _http_error(site: Site, request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    key = {404: "not_found", 405: "wrong_way", 413: "too_large"}.get(status, "other")
    return trouble(site, request, key, status)


def _our_bug(site: Site, request: Request, error: Exception) -> Response:
    """The reader gets a sentence, the log the rest."""
    log.error("%s %s\n%s", request.method, request.url.path, "".join(traceback.format_exception(error)))
    return trouble(site, request, "bug", 500)


def _refusal(site: Site, key: str, status: int) -> ASGIApp:
    """What the guard answers."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await trouble(site, Request(scope, receive), key, status)(scope, receive, send)

    return answer
