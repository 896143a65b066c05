"""From the address of a page to a question the snapshot understands, and back: the whole state of the list is in its address."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from market_db.lead_index import LeadIndex
from market_db.queries import SORTS, LeadQuery
from market_db.search import MAX_QUERY
from market_db.values.places import read_country
from market_db.values.text import clean

PAGE_ROWS = 25
NAMES = ("q", "product", "country", "role", "grade", "source", "fresh", "new", "sort")
"""Filters with one value, as they stand in the address; `has` may stand there several times, `page` counts from 1."""
CONTACTS = ("email", "phone", "website")
MOST_PAGES = 100_000
MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A view of the list."""

    values: Mapping[str, str]
    """Name -> value, without empty ones and without what is unknown."""
    has: tuple[str, ...] = ()
    page: int = 1
    passed_over: Mapping[str, str] = field(default_factory=dict)
    """Filters that nobody understood, as typed."""

    def url(self, path: str = "/pembeli", page: int | None = None) -> str:
        """Address of the view, on its first page or another."""
        kept = [(name, self.values[name]) for name in NAMES if name in self.values]
        pairs = [*kept, *(("has", kind) for kind in self.has), *([("page", str(page))] if page else [])]
        return path + ("?" if pairs else "") + urlencode(pairs)

    def without(self, name: str) -> str:
        """Address without one filter."""
        return replace(self, values={key: value for key, value in self.values.items() if key != name}).url()

    def without_contact(self, kind: str) -> str:
        """Address without one wish for a contact."""
        return replace(self, has=tuple(one for one in self.has if one != kind)).url()

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The view as hidden fields of a form."""
        return [*self.values.items(), *(("has", kind) for kind in self.has)]

    def query(self, refresh_id: str, limit: int = PAGE_ROWS, *, everything: bool = False) -> LeadQuery:
        """The question; `everything` asks for all pages at once."""
        said = self.values
        return LeadQuery(
            product=said.get("product"),
            country=said.get("country"),
            role=said.get("role"),
            grade=said.get("grade"),
            source=said.get("source"),
            has=self.has,
            fresh_days=int(said["fresh"]) if "fresh" in said else None,
            since=refresh_id if "new" in said else None,
            text=said.get("q", ""),
            sort=said.get("sort", "score"),
            limit=1_000_000 if everything else limit,
            offset=0 if everything else (self.page - 1) * limit,
        )


def read_asked(params: QueryParams | Mapping[str, str], index: LeadIndex, has: list[str] | None = None) -> Asked:
    """The view of an address. What is unknown is set aside and told, never guessed."""
    typed = {name: clean(params.get(name) or "", MAX_QUERY) for name in NAMES}
    if typed["country"]:
        typed["country"] = read_country(typed["country"]) or read_country(typed["country"].upper()) or typed["country"]
    wished = has if has is not None else params.getlist("has") if isinstance(params, QueryParams) else []
    values = {name: value for name, value in typed.items() if value and _known(name, value, index)}
    return Asked(
        values={name: value for name, value in values.items() if (name, value) != ("sort", "score")},
        has=tuple(kind for kind in CONTACTS if kind in wished),
        page=_number(params.get("page") or "", MOST_PAGES) or 1,
        passed_over={name: value for name, value in typed.items() if value and name not in values},
    )


def _known(name: str, value: str, index: LeadIndex) -> bool:
    match name:
        case "q":
            return True
        case "fresh":
            return _number(value, MOST_DAYS) is not None
        case "new":
            return value == "1"
        case "sort":
            return value in SORTS
        case _:
            return value in index.bits[name] or (name == "country" and read_country(value) == value)


def _number(text: str, most: int) -> int | None:
    """A whole number from 1, else None."""
    found = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
    return found if 1 <= found <= most else None
