"""One workspace over one home: its words, its templates, and the snapshot as it stands when a request comes."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import sqlite_utils
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from market_db.audit import record
from market_db.desk import suppressed
from market_db.home import Home
from market_db.lead_index import LeadIndex, build_index, index_key
from market_db.queries import meta
from market_db.saying import LANGUAGES, Language, Words, words_from
from market_db.schema import MarketError, open_published
from market_db.web import looks
from market_db.web.access import Access, User
from market_db.web.as_json import json_address, json_answer, wants_json
from market_db.web.services import Services

FOLDER = Path(__file__).parent
COOKIE = "lang"
A_YEAR = 365 * 86_400
OLD_DAYS = 3
"""From here the data are called old."""


class NothingPublished(Exception):
    """There is no snapshot yet."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The snapshot of one request."""

    db: sqlite_utils.Database
    index: LeadIndex
    about: Mapping[str, str]


@dataclass(kw_only=True)
class Site:
    """The workspace."""

    home: Home
    services: Services
    access: Access
    _index: LeadIndex | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def shelf(self) -> Iterator[Shelf]:
        """The snapshot as it is now, also after another one took its place. Raises NothingPublished, MarketError."""
        if not self.home.published.exists():
            raise NothingPublished(self.home.root)
        with closing(open_published(self.home)) as db:
            yield Shelf(db, self.index_of(db), meta(db))

    def index_of(self, db: sqlite_utils.Database) -> LeadIndex:
        """The filters of the snapshot that is open; made anew once it is another one."""
        key = index_key(db)
        with self._lock:
            if self._index is None or self._index.key != key:
                self._index = build_index(db)
            return self._index

    def words(self, request: Request) -> Words:
        """In the language of the address, else of the cookie, else of the home."""
        wishes = (request.query_params.get("lang"), request.cookies.get(COOKIE), self.home.config.language)
        language: Language = next((known for wish in wishes for known in LANGUAGES if wish == known), "id")
        return words_from(FOLDER / "locale", language, self.home.config.timezone)

    def home_words(self) -> Words:
        """In the home's own language."""
        return words_from(FOLDER / "locale", "en" if self.home.config.language == "en" else "id", self.home.config.timezone)

    @cached_property
    def templates(self) -> Environment:
        """Every value is escaped; a name that nobody set is our mistake."""
        environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        environment.filters.update(looks.FILTERS)
        return environment

    def page(self, request: Request, template: str, status: int = 200, /, *, data: Any = None, **values: Any) -> Response:
        """A page in the reader's language; remembers a language that was chosen in the address.

        `data` is what the page shows as records: the answer where the address ends in ".json". A page without records has no such address.
        """
        if wants_json(request):
            return json_answer(data, status)
        words: Words = values.pop("words", None) or self.words(request)
        shared = {
            "words": words,
            "say": words.say,
            "user": user_of(request),
            "login": self.access.login,
            "path": request.url.path,
            "other": next(one for one in LANGUAGES if one != words.language),
            "other_url": same_page(request, lang=_other(words)),
            "json_url": "" if data is None or status != 200 else json_address(request),
        }
        answer = HTMLResponse(self.templates.get_template(template).render(**shared, **values), status)
        if request.query_params.get("lang") == words.language:
            answer.set_cookie(COOKIE, words.language, max_age=A_YEAR, httponly=True, samesite="lax")
        return answer

    def age(self, shelf: Shelf, words: Words) -> dict[str, Any]:
        """How old the data are, for the foot of every page."""
        published = shelf.about["published_at"]
        days = (datetime.now(UTC) - datetime.fromisoformat(published)).days
        return {"when": words.moment(published), "days": days, "old": days >= OLD_DAYS}

    def record(self, request: Request, what: str, about: str = "") -> None:
        """Keep in the audit what somebody did; `about` names no contact and nothing that was searched for. Raises MarketError."""
        user = user_of(request)
        record(self.home, what, who=user.name if user else "", address=address_of(request), now=self.access.now(), about=about)

    def listed(self) -> Any:
        """Who asked to be left alone. Raises MarketError where that list is lost: then nothing is shown."""
        return suppressed(self.home)


def _other(words: Words) -> Language:
    return "en" if words.language == "id" else "id"


def same_page(request: Request, **changes: str) -> str:
    """The same page with other values in its query; without a path, so that no path can turn it into another host."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changes]
    return "?" + urlencode([*kept, *changes.items()])


def page_of(request: Request, most: int = 100_000) -> int:
    """Number of the page that the address asks for; 1 where it asks for none."""
    text = request.query_params.get("page") or ""
    found = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 1
    return found if 1 <= found <= most else 1


def address_of(request: Request) -> str:
    """Network address of whoever asks; that of the proxy where none is trusted."""
    return request.client.host if request.client else ""


def user_of(request: Request) -> User | None:
    """Who is asking, as the access found."""
    return getattr(request.state, "user", None)


__all__ = ["MarketError", "NothingPublished", "Shelf", "Site", "address_of", "page_of", "user_of"]
