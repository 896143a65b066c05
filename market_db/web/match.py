"""Buyers for one exporter: what fits, what does not and what nobody knows, in sentences; those first against whom least speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import sqlite_utils
from starlette.requests import Request
from starlette.responses import Response

from market_db.desk.entered import ExporterCard
from market_db.desk.exporter_form import as_exporter
from market_db.desk.followed import Standing, standing, steps_of
from market_db.desk.shortlists import follow_ups, open_lists
from market_db.forgetting.allowed import without_listed
from market_db.home import BadConfig
from market_db.markets.fit import FITS, MISFIT, UNKNOWN, BuyerFit, MarketFit, buyer_fit, by_fit, fit_of
from market_db.markets.fit_said import SIGNS, said
from market_db.markets.picture import market_picture
from market_db.products import load_products
from market_db.queries import LeadQuery, rows_at
from market_db.requirements import requirements_of
from market_db.saying import Words
from market_db.web.as_csv import Value, csv_address, csv_answer, wants_csv
from market_db.web.exporters import the_exporter
from market_db.web.find import product_names
from market_db.web.services import CannotDo
from market_db.web.site import Shelf, Site

PAGE_ROWS = 25
MOST_COMPARED = 500
"""Best leads that are compared with an offer; further down no fit makes up for the missing evidence."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One buyer with what fits, what does not and what is unknown, in sentences."""

    fit: BuyerFit
    standing: Standing
    said: Mapping[str, list[str]]
    """fits, misfit, unknown -> sentences."""


def match(site: Site, request: Request) -> Response:
    """Buyers for one product of an exporter, those first against whom least speaks."""
    words, card = site.words(request), the_exporter(site, request)
    if not card.offers:
        raise CannotDo(words.say("match.no_offer"), 400)
    wish = request.query_params.get("offer", "")
    at = int(wish) if wish.isascii() and wish.isdigit() and int(wish[:3]) < len(card.offers) else 0
    with site.shelf() as shelf:
        country = request.query_params.get("country", "")
        found, total, countries = _compared(site, shelf, card, at, country)
        page, pages = _page_of(request, len(found))
        shown = found[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
        steps = steps_of(shelf.db, follow_ups(site.home))
        rows = [Compared(one, standing(steps.newest(one.lead.lead_id)), _sentences(one, words)) for one in shown]
        if wants_csv(request):
            return _match_csv(found, words)
        return site.page(
            request,
            "match.html",
            data={"exporter": card, "offer": card.offers[at], "country": country, "buyers": rows},
            words=words,
            card=card,
            at=at,
            country=country if country in countries else "",
            countries=sorted(countries, key=words.country),
            rows=rows,
            total=total,
            compared=len(found),
            page=page,
            pages=pages,
            market=_market(site, shelf.db, card, at, country) if country in countries else None,
            signs=SIGNS,
            told=lambda one: said(one, words.language),
            lists=open_lists(site.home),
            products=product_names(words),
            csv_url=csv_address(request),
            age=site.age(shelf, words),
        )


def _page_of(request: Request, n: int) -> tuple[int, int]:
    """The asked page among those there are."""
    pages = max(-(-n // PAGE_ROWS), 1)
    typed = request.query_params.get("page", "")
    return (min(max(int(typed), 1), pages) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 1), pages


def _compared(site: Site, shelf: Shelf, card: ExporterCard, at: int, country: str) -> tuple[list[BuyerFit], int, set[str]]:
    """Buyers compared, how many there are in all, and the countries to choose from."""
    key = card.offers[at].product
    every = LeadQuery(products=(key,), limit=MOST_COMPARED)
    counts = shelf.index.counts(every)["country"]
    query = LeadQuery(products=(key,), countries=(country,), limit=MOST_COMPARED) if country in counts else every
    bits = shelf.index.matching(query)
    listed = site.listed()
    rows = [row for one in rows_at(shelf.db, shelf.index.page(bits, query)) if (row := without_listed(one, listed))]
    product, today, offer = load_products().get(key), _today(), as_exporter(card)
    rules = {code: requirements_of(product, code, _own_rules(site)) for code in {row.country for row in rows} if code and product}
    fits = sorted((buyer_fit(offer, row, rules.get(row.country or "", ()), today) for row in rows), key=by_fit)
    return fits, bits.bit_count(), set(counts)


def _own_rules(site: Site) -> Path:
    return site.home.root / "requirements"


def _today() -> date:
    return datetime.now(UTC).date()


def _market(site: Site, db: sqlite_utils.Database, card: ExporterCard, at: int, country: str) -> MarketFit | None:
    """How the offer stands in the chosen country. Raises CannotDo for a table of the home that cannot be used."""
    offer = card.offers[at]
    product = load_products().get(offer.product)
    if product is None:
        return None
    try:
        return fit_of(as_exporter(card), offer, market_picture(db, product, country, today=_today(), folder=site.home.root), _today())
    except BadConfig as error:
        raise CannotDo(str(error)) from error


def _sentences(fit: BuyerFit, words: Words) -> dict[str, list[str]]:
    return {verdict: [said(one, words.language) for one in fit.findings if one.verdict == verdict] for verdict in (FITS, MISFIT, UNKNOWN)}


def _match_csv(found: list[BuyerFit], words: Words) -> Response:
    head = [words.say(f"match.csv_{key}") for key in ("company", "country", "role", "score", "fits", "misfit", "unknown", "lead")]
    rows: list[list[Value]] = []
    for one in found:
        told = ["; ".join(sentences) for sentences in _sentences(one, words).values()]
        rows.append([one.lead.company, words.country(one.lead.country), words.role(one.lead.role), one.lead.score, *told, one.lead.lead_id])
    return csv_answer(head, rows)
