"""From the address of a page to a question the snapshot understands, and back: the whole state of the list is in its address."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from market_db.finding.lead_index import CONTACTS, LeadIndex
from market_db.finding.search import MAX_QUERY
from market_db.queries import SORTS, LeadQuery
from market_db.values.places import read_country
from market_db.values.text import clean

PAGE_ROWS = 25
NAMES = ("q", "product", "country", "role", "grade", "source", "has", "fresh", "new", "sort")
"""Filters in the order they have in the address; `page` counts from 1."""
SEVERAL = ("product", "country", "role", "grade", "source", "has")
"""Filters that may stand there with several values: any of them will do, but of the contacts all must be there."""
NEWNESS = ("1", "visit")
"""First listed by the latest refresh; first listed since the reader's last visit."""
MOST_VALUES = 60
MOST_PAGES = 100_000
MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A view of the list."""

    values: Mapping[str, tuple[str, ...]]
    """Filter -> its values, without empty ones and without what is unknown."""
    page: int = 1
    passed_over: tuple[tuple[str, str], ...] = ()
    """(filter, value) that nobody understood, as typed."""
    seen_before: str = field(default="", repr=False)
    """Refresh that the reader saw at the last visit; empty = there was none."""

    def one(self, name: str) -> str:
        """The value of a filter that has one; empty = not asked."""
        return self.values.get(name, ("",))[0]

    def of(self, name: str) -> tuple[str, ...]:
        """All values of a filter."""
        return self.values.get(name, ())

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The view as (name, value): fields of a form or of an address."""
        return [(name, value) for name in NAMES for value in self.of(name)]

    def url(self, path: str = "/pembeli", page: int | None = None) -> str:
        """Address of the view, on its first page or another."""
        pairs = [*self.fields, *([("page", str(page))] if page else [])]
        return path + ("?" if pairs else "") + urlencode(pairs)

    def without(self, name: str, value: str) -> str:
        """Address without one value of one filter."""
        left = tuple(one for one in self.of(name) if one != value)
        others = {key: values for key, values in self.values.items() if key != name}
        return replace(self, values={**others, name: left} if left else others).url()

    def query(self, refresh_id: str, limit: int = PAGE_ROWS, *, everything: bool = False) -> LeadQuery:
        """The question; `everything` asks for all pages at once."""
        return LeadQuery(
            products=self.of("product"),
            countries=self.of("country"),
            roles=self.of("role"),
            grades=self.of("grade"),
            sources=self.of("source"),
            has=self.of("has"),
            fresh_days=int(self.one("fresh")) if self.one("fresh") else None,
            since=self.since(refresh_id),
            text=self.one("q"),
            sort=self.one("sort") or "score",
            limit=1_000_000 if everything else limit,
            offset=0 if everything else (self.page - 1) * limit,
        )

    def since(self, refresh_id: str) -> str | None:
        """From which refresh on a lead counts as new; None = the view asks for old ones too."""
        if self.one("new") == "visit":
            return after(self.seen_before)
        return refresh_id if self.one("new") else None


def after(refresh: str) -> str:
    """A text that sorts behind a refresh id and before the next: `since` with it leaves that refresh out."""
    return refresh + "~"


def read_asked(params: QueryParams | Mapping[str, Sequence[str]], index: LeadIndex, seen_before: str = "") -> Asked:
    """The view of an address or of the fields of a form. What is unknown is set aside and told, never guessed."""
    typed = [(name, value) for name in NAMES for value in _typed(params, name)]
    known = [pair for pair in typed if _known(*pair, index, seen_before)]
    values: dict[str, tuple[str, ...]] = {}
    for name, value in known:
        if (name, value) != ("sort", "score"):
            values[name] = (*values.get(name, ()), value)
    number = _number(next(iter(_all(params, "page")), ""), MOST_PAGES)
    return Asked(values=values, page=number or 1, passed_over=tuple(pair for pair in typed if pair not in known), seen_before=seen_before)


def _typed(params: QueryParams | Mapping[str, Sequence[str]], name: str) -> Iterator[str]:
    """Values of a filter as a person means them, each once."""
    given = [text for value in _all(params, name)[:MOST_VALUES] if (text := clean(value, MAX_QUERY))]
    if name == "country":
        given = [read_country(text) or read_country(text.upper()) or text for text in given]
    yield from dict.fromkeys(given if name in SEVERAL else given[:1])


def _all(params: QueryParams | Mapping[str, Sequence[str]], name: str) -> Sequence[str]:
    return params.getlist(name) if isinstance(params, QueryParams) else params.get(name, ())


def _known(name: str, value: str, index: LeadIndex, seen_before: str) -> bool:
    match name:
        case "q":
            return True
        case "fresh":
            return _number(value, MOST_DAYS) is not None
        case "new":
            return value in NEWNESS and (value != "visit" or bool(seen_before))
        case "sort":
            return value in SORTS
        case "has":
            return value in CONTACTS
        case _:
            return value in index.bits[name] or (name == "country" and read_country(value) == value)


def _number(text: str, most: int) -> int | None:
    """A whole number from 1, else None."""
    found = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
    return found if 1 <= found <= most else None
