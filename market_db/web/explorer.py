"""Datasette over the snapshot, under /data: SQL and facets for advisors and operators, read-only, with limits, where it is installed.

It never opens desk.db, access.db, identity.db or market.db: nothing that was entered, and nobody's account. Its own pages about itself
(/-/...) are closed, except its style sheets; its scripts do not run under our policy, and everything works without them.
"""

import asyncio
import html
import json
import os
import re
from collections.abc import Callable
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from market_db.home import Home
from market_db.saying import Words
from market_db.schema import open_published
from market_db.sqlite import sqlite3
from market_db.web.site import NothingPublished, Site

HERE = "/data/"
LIMITS = {
    "sql_time_limit_ms": 1_000,
    "max_returned_rows": 1_000,
    "default_page_size": 50,
    "facet_time_limit_ms": 200,
    "num_sql_threads": 2,
    "allow_download": False,
    "allow_csv_stream": False,
    "suggest_facets": False,
    "default_cache_ttl": 0,
    "truncate_cells_html": 300,
    "base_url": HERE,
}
MOST_MEMORY = 512 * 1024 * 1024
"""Bytes of SQLite in this process: one question must not take the machine along."""
MOST_SAID = 200_000
NOT_ALLOWED = frozenset({sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH})
SILENT = frozenset({("company_events", "by")})
"""Columns that read as NULL: they may name whoever of us entered something."""
HIDDEN = (
    "lead_words",
    "text_terms",
    "text_parts",
    "text_bits",
    "text_common",
    "lead_places",
    "lead_aliases",
    "company_members",
    "matches",
    "merged_into",
    "index_goalposts",
    "source_checks",
)
SHOWN = (
    "lead_rows",
    "companies",
    "company_contacts",
    "markets",
    "demand_current",
    "notices",
    "listings",
    "registrations",
    "places",
    "sources",
)
"""Tables that the page names, in this order."""
QUESTIONS: dict[str, str] = {
    "per_country": "select country, count(*) as leads, round(avg(score), 1) as mean_score, sum(email is not null) as with_email"
    " from lead_rows group by country order by leads desc",
    "per_source": "select value as source, count(*) as companies from companies, json_each(companies.sources)"
    " group by value order by companies desc",
    "open_tenders": "select title, country, deadline, status, url from notices where kind = 'tender' order by deadline desc limit 200",
    "shelf_prices": "select country, name, price, currency, price_usd_kg, url from listings where price_usd_kg is not null"
    " order by country, price_usd_kg",
}


def is_installed() -> bool:
    """Whether the extra is there."""
    return find_spec("datasette") is not None


def entrance(site: Site, request: Request) -> Response:
    """What there is to ask, and how; or how to install it."""
    words = site.words(request)
    if not is_installed():
        return site.page(request, "data.html", 503, words=words, installed=False)
    with site.shelf() as shelf:
        names = set(shelf.db.table_names()) | set(shelf.db.view_names())
        age = site.age(shelf, words)
    tables = [name for name in SHOWN if name in names and words.has(f"data.table_{name}")]
    return site.page(request, "data.html", words=words, installed=True, tables=tables, questions=list(QUESTIONS), age=age)


def about(words: Words) -> dict[str, Any]:
    """What Datasette shows beside the tables."""
    queries = {key: {"sql": sql, "title": words.say(f"data.question_{key}")} for key, sql in QUESTIONS.items()}
    return {"title": "Tembus", "databases": {"published": {"queries": queries, "tables": {name: {"hidden": True} for name in HIDDEN}}}}


Barred = Callable[[Request], Response | None]
"""Why somebody may not ask this; None = may."""
Failed = Callable[[Request, int, str], Response]
"""Our page about an answer that went wrong, from its status and what Datasette says."""


class _Opened:
    """Datasette over one snapshot; closed with the last request that uses it, so that the file of an old night takes no more room."""

    def __init__(self, datasette: Any, key: tuple[int, int]) -> None:
        self.datasette, self.key = datasette, key
        self.app: ASGIApp = datasette.app()
        self.users, self.over = 0, False

    async def leave(self) -> None:
        """One request less."""
        self.users -= 1
        await self.close_if_unused()

    async def close_if_unused(self) -> None:
        """Close it where another snapshot took its place and nobody asks it any more."""
        if self.over and not self.users:
            await run_in_threadpool(self._close)

    def _close(self) -> None:
        self.datasette.executor.shutdown()
        for database in self.datasette.databases.values():
            database.close()


class Explorer:
    """Datasette behind our login; opened anew whenever another snapshot took the place of the one before."""

    def __init__(self, site: Site, barred: Barred, failed: Failed) -> None:
        self.site, self.barred, self.failed, self.lock = site, barred, failed, asyncio.Lock()
        self.opened: _Opened | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say why not."""
        request = Request(scope, receive)
        refused = await run_in_threadpool(self.barred, request)
        if refused is not None:
            await refused(scope, receive, send)
            return
        kept, opened = _Kept(send), await self._entered()
        try:
            await opened.app(_bare(scope), receive, kept)
        finally:
            await opened.leave()
        if kept.status >= 400:
            answer = await run_in_threadpool(self.failed, request, kept.status, kept.said())
            await answer(scope, receive, send)

    async def _entered(self) -> _Opened:
        """Datasette over the snapshot as it is now, with one user more. Raises NothingPublished, MarketError."""
        async with self.lock:
            key, before = await run_in_threadpool(snapshot_key, self.site.home), self.opened
            if before is None or key != before.key:
                self.opened = _Opened(await run_in_threadpool(_open, self.site), key)
                if before is not None:
                    before.over = True
                    await before.close_if_unused()
            assert self.opened is not None, "opened just now"
            self.opened.users += 1
            return self.opened


def refuse(request: Request) -> None:
    """Raise HTTPException for what is closed: other ways than reading, other databases, Datasette's pages about itself."""
    rest = request.url.path.removeprefix(HERE.rstrip("/")).lstrip("/")
    if request.method not in ("GET", "HEAD"):
        raise HTTPException(405)
    if not is_installed() or not (rest in ("", "published", "published.json") or rest.startswith(("published/", "-/static/"))):
        raise HTTPException(404)


def is_export(request: Request) -> bool:
    """Whether rows leave as a file."""
    wanted = request.query_params.get("_format", "")
    return (
        request.url.path.endswith((".csv", ".json", ".jsono"))
        or wanted in ("csv", "json", "jsono")
        or "_blob_column" in request.query_params
    )


def snapshot_key(home: Home) -> tuple[int, int]:
    """Which snapshot it is. Raises NothingPublished, MarketError."""
    if not home.published.exists():
        raise NothingPublished(home.root)
    open_published(home).close()
    stat = home.published.stat()
    return stat.st_ino, stat.st_mtime_ns


def _open(site: Site) -> Any:
    from datasette.app import Datasette
    from datasette.plugins import pm

    if not pm.has_plugin("tembus"):
        # its own prints tracebacks with all values on standard error, even for a table that is not there
        pm.unregister(name="datasette.handle_exception")
        pm.register(_careful(), "tembus")
    metadata = about(site.home_words())
    return Datasette(files=[os.fspath(site.home.published)], settings=LIMITS, metadata=metadata, secret=os.urandom(32).hex())


def _authorized(action: int, table: str | None, column: str | None, *_: object) -> int:
    """What SQLite asks before it prepares a statement."""
    if action in NOT_ALLOWED:
        return int(sqlite3.SQLITE_DENY)
    return int(sqlite3.SQLITE_IGNORE if action == sqlite3.SQLITE_READ and (table, column) in SILENT else sqlite3.SQLITE_OK)


def _careful() -> Any:
    """A plugin: its connections open no other file and never take all the memory; what goes wrong is said in one line."""
    from datasette import Response as Said
    from datasette import hookimpl

    def prepare_connection(conn: Any, database: str) -> None:
        if database != "published":
            return  # its own notes, in memory
        conn.execute(f"pragma hard_heap_limit={MOST_MEMORY}").fetchall()
        conn.execute("pragma query_only=on").fetchall()
        conn.set_authorizer(_authorized)

    def handle_exception(exception: Exception) -> Any:
        return Said.json({"error": str(getattr(exception, "message", exception))}, status=getattr(exception, "status", 400))

    plugin = ModuleType("tembus_limits")
    plugin.__dict__.update(prepare_connection=hookimpl(prepare_connection), handle_exception=hookimpl(handle_exception))
    return plugin


def _bare(scope: Scope) -> Scope:
    """The request as Datasette expects it: mounted nowhere, and without our cookies."""
    kept = [(name, value) for name, value in scope["headers"] if name not in (b"cookie", b"authorization")]
    return {**scope, "root_path": "", "headers": kept}


_ERROR = re.compile(r"<h1>.*?</h1>\s*<div[^>]*>(.*?)</div>", re.DOTALL)
_TOLD = re.compile(r'<p class="message-error">(.*?)</p>', re.DOTALL)


class _Kept:
    """Passes on what Datasette answers, without cookies; keeps back what went wrong, to be told in the reader's language."""

    def __init__(self, send: Send) -> None:
        self.send, self.status, self.body = send, 0, bytearray()

    async def __call__(self, message: Message) -> None:
        """One part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [(name, value) for name, value in message["headers"] if name.lower() != b"set-cookie"]}
        if self.status < 400:
            await self.send(message)
        elif len(self.body) < MOST_SAID:
            self.body += message.get("body", b"")

    def said(self) -> str:
        """What Datasette says went wrong."""
        text = self.body.decode("utf-8", "replace")
        if text.startswith("{") and text.endswith("}"):
            return _words_of(str(json.loads(text).get("error", "")))
        shown = _TOLD.search(text) or _ERROR.search(text)
        return _words_of(shown[1]) if shown else ""


def _words_of(text: str) -> str:
    """Its first paragraph without tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text.partition("</p>")[0])).split())
