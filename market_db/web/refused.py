"""Companies that were looked at and are no leads, each with the reason in words: where staff look when somebody is missing."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from market_db.finding.search import MAX_QUERY
from market_db.queries import LeadQuery, as_of
from market_db.saying import Words
from market_db.turned_down import REASONS, TurnedDown, as_data, find_turned_down, places_and_products
from market_db.values.moments import local_day
from market_db.values.text import clean
from market_db.web.as_csv import Value, csv_address, csv_answer, wants_csv
from market_db.web.find import product_names
from market_db.web.site import Shelf, Site, page_of

PATH = "/ditolak"
PAGE_ROWS = 50
MOST_ROWS = 100_000
"""Rows of a table that is taken along."""
FILTERS = ("q", "product", "country", "reason")


def refused(site: Site, request: Request) -> Response:
    """The page."""
    words = site.words(request)
    with site.shelf() as shelf:
        countries, products = places_and_products(shelf.db)
        asked = _asked(request, {"product": products, "country": countries, "reason": REASONS})
        if wants_csv(request):
            return _csv(find_turned_down(site.home, shelf.db, _query(asked, MOST_ROWS, 0), asked["reason"]).rows, words)
        page = page_of(request)
        found = find_turned_down(site.home, shelf.db, _query(asked, PAGE_ROWS, (page - 1) * PAGE_ROWS), asked["reason"])
        total = found.counts.get(asked["reason"], 0) if asked["reason"] else sum(found.counts.values())
        rows = [as_data(row) for row in found.rows]
        return site.page(
            request,
            "refused.html",
            data={**_about(shelf, asked, page), "total": total, "counts": found.counts, "companies": rows},
            words=words,
            found=found,
            total=total,
            everything=sum(found.counts.values()),
            asked=asked,
            countries=countries,
            by_product=products,
            products=product_names(words),
            page=page,
            pages=max(-(-total // PAGE_ROWS), 1),
            first=(page - 1) * PAGE_ROWS + 1,
            here=lambda **changes: _here({**asked, **changes}),
            csv_url=csv_address(request),
            age=site.age(shelf, words),
        )


def _asked(request: Request, known: dict[str, object]) -> dict[str, str]:
    """Filter -> value; one that nobody knows counts as not asked."""
    typed = {name: clean(request.query_params.get(name, ""), MAX_QUERY) for name in FILTERS}
    return {name: value if name == "q" or value in known[name] else "" for name, value in typed.items()}  # type: ignore[operator]


def _query(asked: dict[str, str], limit: int, offset: int) -> LeadQuery:
    chosen = {field: (asked[name],) if asked[name] else () for name, field in (("product", "products"), ("country", "countries"))}
    return LeadQuery(products=chosen["products"], countries=chosen["countries"], text=asked["q"], limit=limit, offset=offset)


def _here(values: dict[str, object]) -> str:
    """Address of the page with these filters."""
    left = {name: str(value) for name, value in values.items() if value}
    return PATH + ("?" + urlencode(left) if left else "")


def _about(shelf: Shelf, asked: dict[str, str], page: int) -> dict[str, object]:
    return {"as_of": as_of(shelf.about), "asked": {name: value for name, value in asked.items() if value}, "page": page}


def _csv(rows: list[TurnedDown], words: Words) -> Response:
    head = [words.say(f"refused.{key}") for key in ("company", "country", "city", "product", "reason", "why", "evidence", "seen", "id")]
    return csv_answer(head, (_csv_row(row, words) for row in rows))


def _csv_row(row: TurnedDown, words: Words) -> list[Value]:
    said = row.why.text_id if words.language == "id" else row.why.text_en
    place: list[Value] = [row.company, words.country(row.country) if row.country else None, row.city, row.why.product or None]
    return [*place, words.say(f"refused.{row.why.reason}"), said, row.url, local_day(row.why.last_seen, words.zone), row.why.company_id]
