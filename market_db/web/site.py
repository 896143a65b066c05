"""One workspace over one home: its words, its templates, and the snapshot as it stands when a request comes."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from market_db.access.audit import record
from market_db.desk.store import suppressed
from market_db.home import Home
from market_db.queries import as_of, failed_sources, is_sample
from market_db.saying import LANGUAGES, Language, Words, words_from
from market_db.schema import MarketError
from market_db.web import looks
from market_db.web.access import Access, User
from market_db.web.as_json import json_address, json_answer, wants_json
from market_db.web.services import Services
from market_db.web.shelves import NothingPublished, Shelf, Shelves

FOLDER = Path(__file__).parent
COOKIE = "lang"
A_YEAR = 365 * 86_400
OLD_DAYS = 3
"""From here the data are called old."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is worked out once for a snapshot."""

    published: str = ""
    sample: bool = False
    failed: int = 0
    """Sources whose newest run failed or was refused."""


@dataclass(kw_only=True)
class Site:
    """The workspace."""

    home: Home
    services: Services
    access: Access
    shelves: Shelves = field(init=False)
    """Snapshots with their filters."""
    told: Told = field(init=False)
    """What the pages say of the newest snapshot they showed."""

    def __post_init__(self) -> None:
        """Nothing is opened before the first request."""
        self.shelves = Shelves(self.home)
        self.told = Told()

    def shelf(self) -> AbstractContextManager[Shelf]:
        """The snapshot of one request, also after another one took its place. Raises NothingPublished, MarketError."""
        return self.shelves.open()

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
        """How old the data are, how many sources failed last time, and whether they are the shipped sample."""
        published = shelf.about["published_at"]
        read = as_of(shelf.about)
        days = (datetime.now(UTC) - datetime.fromisoformat(read)).days
        told = self.told
        if told.published != published:
            told = self.told = Told(published, is_sample(shelf.db), failed_sources(shelf.db))
        return {
            "when": words.moment(read),
            "days": days,
            "old": days >= OLD_DAYS,
            "sample": told.sample,
            "failed": told.failed,
        }

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
