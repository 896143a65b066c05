"""The list of buyers: filters with counts, cards with a score and its reasons."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from math import ceil
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from market_db.buyer_facts import reasons_of
from market_db.desk.saved_searches import MOST_SEARCHES, SavedSearch, searches_of
from market_db.desk.shortlists import MOST_AT_ONCE, open_lists
from market_db.desk.store import latest_follow_ups
from market_db.finding.lead_index import CONTACTS, FRESH_DAYS, Counts
from market_db.finding.text_search import text_bits
from market_db.forgetting.allowed import without_listed
from market_db.products import load_products
from market_db.queries import SORTS, LeadQuery, as_of, rows_at, sources
from market_db.saying import Words
from market_db.web.asked import PAGE_ROWS, Asked, after, read_asked
from market_db.web.site import Shelf, Site, user_of
from market_db.web.visit import this_visit

CHOICES = ("product", "country", "role", "grade", "source", "fresh")
"""Filters shown as a choice, in this order."""


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a filter."""

    value: str
    label: str
    count: int
    chosen: bool


def find(site: Site, request: Request) -> Response:
    """The list, one page of it."""
    words = site.words(request)
    with site.shelf() as shelf:
        visit = this_visit(request, shelf.about["refresh_id"], time.time())
        asked = read_asked(request.query_params, shelf.index, visit.before)
        query = asked.query(shelf.about["refresh_id"])
        found = found_by_text(shelf, query)
        bits = shelf.index.matching(query, found)
        listed, follow_ups = site.listed(), latest_follow_ups(site.home)
        rows = [row for one in rows_at(shelf.db, shelf.index.page(bits, query), follow_ups) if (row := without_listed(one, listed))]
        counts = shelf.index.counts(query, found)
        answer = site.page(
            request,
            "find.html",
            data={"as_of": as_of(shelf.about), "asked": asked.values, "total": bits.bit_count(), "counts": counts, "leads": rows},
            words=words,
            asked=asked,
            rows=rows,
            reasons_by=reasons_of(shelf.db, [row.lead_id for row in rows]),
            total=bits.bit_count(),
            everything=shelf.index.every.bit_count(),
            pages=max(ceil(bits.bit_count() / PAGE_ROWS), 1),
            first=query.offset + 1,
            products=product_names(words),
            all_new=shelf.index.since(query.since or shelf.about["refresh_id"]) == shelf.index.every,
            sorts=list(SORTS),
            saved=saved_views(site, shelf, request, visit.before),
            lists=open_lists(site.home),
            refused_url=refused_url(asked),
            most_at_once=MOST_AT_ONCE,
            age=site.age(shelf, words),
            **filters(shelf, asked, counts, words, found),
        )
        return visit.remember(answer)


def refused_url(asked: Asked) -> str:
    """Who was turned down within the same text, product and country: a list of companies takes one of each."""
    kept = [(name, asked.of(name)[0]) for name in ("q", "product", "country") if len(asked.of(name)) == 1]
    return "/ditolak" + (f"?{urlencode(kept)}" if kept else "")


def filters(shelf: Shelf, asked: Asked, counts: Counts, words: Words, found: int | None) -> dict[str, Any]:
    """What can be chosen, with what each choice would leave, and what is chosen."""
    titles = source_titles(shelf)
    contacts = [Option(kind, words.say(f"contacts.{kind}"), counts["has"].get(kind, 0), kind in asked.of("has")) for kind in CONTACTS]
    newness = [Option("1", words.say("find.since_night"), counts["new"]["1"], asked.one("new") == "1")]
    if asked.seen_before:
        query = replace(asked.query(shelf.about["refresh_id"]), since=after(asked.seen_before))
        n = shelf.index.matching(query, found).bit_count()
        newness.append(Option("visit", words.say("find.since_visit"), n, asked.one("new") == "visit"))
    return {
        "choices": {name: options(name, counts, asked, words, titles) for name in CHOICES},
        "contacts": contacts,
        "newness": newness,
        "chips": list(chips(asked, words, titles)),
    }


@dataclass(frozen=True, slots=True)
class SavedView:
    """A search somebody kept, as it stands today."""

    id: int
    name: str
    url: str
    total: int
    new: int | None
    """Leads first listed since the reader's last visit; None = there was none."""


def saved_views(site: Site, shelf: Shelf, request: Request, seen_before: str) -> list[SavedView]:
    """The reader's kept searches with their counts."""
    user = user_of(request)
    return [_saved_view(shelf, one, seen_before) for one in searches_of(site.home, user.name if user else "")[:MOST_SEARCHES]]


def _saved_view(shelf: Shelf, one: SavedSearch, seen_before: str) -> SavedView:
    asked = read_asked(QueryParams(one.address), shelf.index, seen_before)
    query = asked.query(shelf.about["refresh_id"])
    bits = shelf.index.matching(query, found_by_text(shelf, query))
    new = (bits & shelf.index.since(after(seen_before))).bit_count() if seen_before else None
    return SavedView(one.id, one.name, asked.url(), bits.bit_count(), new)


def found_by_text(shelf: Shelf, query: LeadQuery) -> int | None:
    """Bitmap of what the typed text finds; None where nothing was typed."""
    return shelf.index.with_text(query.text, partial(text_bits, shelf.db)) if query.text.strip() else None


def source_titles(shelf: Shelf) -> dict[str, str]:
    """Source -> its title."""
    return {card.name: card.title for card in sources(shelf.db)}


def product_names(words: Words) -> dict[str, str]:
    """Product type -> its name."""
    return names_in(words.language)


@cache
def names_in(language: str) -> dict[str, str]:
    """Read once: product types are part of the program."""
    return {key: product.names[language] for key, product in load_products().items()}


def label_of(name: str, value: str, words: Words, titles: dict[str, str]) -> str:
    """A value of a filter in words."""
    match name:
        case "product":
            return product_names(words).get(value, value)
        case "country":
            return words.country(value)
        case "role":
            return words.role(value)
        case "source":
            return words.source(titles.get(value, value))
        case "fresh":
            return words.say("find.within", n=words.number(int(value)))
        case _:
            return value


def options(name: str, counts: Counts, asked: Asked, words: Words, titles: dict[str, str]) -> list[Option]:
    """Values of a filter that leave something, the chosen ones first (they stay even where they leave nothing), then most first."""
    counted = dict.fromkeys(asked.of(name), 0) | dict(counts[name])
    made = [Option(value, label_of(name, value, words, titles), n, value in asked.of(name)) for value, n in counted.items()]
    if name == "fresh":
        return sorted((one for one in made if one.chosen or int(one.value) in FRESH_DAYS), key=lambda one: int(one.value))
    if name == "grade":
        return sorted(made, key=lambda one: one.value)
    return sorted(made, key=lambda one: (not one.chosen, -one.count, one.label))


def chips(asked: Asked, words: Words, titles: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(filter in words, address without it) of every value that is asked for."""
    for name, value in asked.fields:
        if name != "sort":
            yield chip(name, value, words, titles), asked.without(name, value)


def chip(name: str, value: str, words: Words, titles: dict[str, str]) -> str:
    """One value of one filter in words."""
    match name:
        case "q":
            return words.say("find.text", value=value)
        case "new":
            return words.say("find.only_since_visit" if value == "visit" else "find.only_new")
        case "has":
            return words.say("find.has", contact=words.say(f"contacts.{value}"))
        case _:
            return label_of(name, value, words, titles)
