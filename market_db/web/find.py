"""The list of buyers: filters with counts, cards with a score and its reasons."""

from dataclasses import dataclass
from math import ceil
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market_db.allowed import without_listed
from market_db.buyer_facts import reasons_of
from market_db.desk import latest_follow_ups
from market_db.lead_index import FRESH_DAYS, Counts, to_bits
from market_db.products import load_products
from market_db.queries import SORTS, LeadQuery, rows_at, sources, text_ranks
from market_db.saying import Words
from market_db.web.asked import CONTACTS, PAGE_ROWS, Asked, read_asked
from market_db.web.site import Shelf, Site

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
        asked = read_asked(request.query_params, shelf.index)
        query = asked.query(shelf.about["refresh_id"])
        found = found_by_text(shelf, query)
        bits = shelf.index.matching(query, found)
        ranks = shelf.index.page(bits, query)
        listed = site.listed()
        rows = [row for one in rows_at(shelf.db, ranks, latest_follow_ups(site.home)) if (row := without_listed(one, listed))]
        total = bits.bit_count()
        titles = source_titles(shelf)
        counts = shelf.index.counts(query, found)
        return site.page(
            request,
            "find.html",
            data={"as_of": shelf.about["published_at"], "asked": asked, "total": total, "counts": counts, "leads": rows},
            words=words,
            asked=asked,
            rows=rows,
            reasons_by=reasons_of(shelf.db, [row.lead_id for row in rows]),
            total=total,
            everything=shelf.index.every.bit_count(),
            pages=max(ceil(total / PAGE_ROWS), 1),
            first=query.offset + 1,
            products=product_names(words),
            choices={name: options(name, counts, asked, words, titles) for name in CHOICES},
            contacts=[Option(kind, words.say(f"contacts.{kind}"), counts["has"].get(kind, 0), kind in asked.has) for kind in CONTACTS],
            new=counts["new"].get("1", 0),
            all_new=shelf.index.bits["new"].get("1", 0) == shelf.index.every,
            sorts=list(SORTS),
            chips=list(chips(asked, words, titles)),
            age=site.age(shelf, words),
        )


def found_by_text(shelf: Shelf, query: LeadQuery) -> int | None:
    """Bitmap of what the typed text finds; None where nothing was typed."""
    return to_bits(text_ranks(shelf.db, query.text), shelf.index.size) if query.text.strip() else None


def source_titles(shelf: Shelf) -> dict[str, str]:
    """Source -> its title."""
    return {card.name: card.title for card in sources(shelf.db)}


def product_names(words: Words) -> dict[str, str]:
    """Product type -> its name."""
    return {key: product.names[words.language] for key, product in load_products().items()}


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
            return titles.get(value, value)
        case "fresh":
            return words.say("find.within", n=words.number(int(value)))
        case _:
            return value


def options(name: str, counts: Counts, asked: Asked, words: Words, titles: dict[str, str]) -> list[Option]:
    """Values of a filter that leave something, most first; the chosen one always."""
    counted = dict(counts[name])
    chosen = asked.values.get(name)
    if chosen:
        counted.setdefault(chosen, 0)
    made = [Option(value, label_of(name, value, words, titles), n, value == chosen) for value, n in counted.items()]
    if name == "fresh":
        return sorted((one for one in made if one.chosen or int(one.value) in FRESH_DAYS), key=lambda one: int(one.value))
    if name == "grade":
        return sorted(made, key=lambda one: one.value)
    return sorted(made, key=lambda one: (-one.count, one.label))


def chips(asked: Asked, words: Words, titles: dict[str, str]) -> Any:
    """(filter in words, address without it) of every filter that is on."""
    for name, value in asked.values.items():
        if name == "q":
            yield words.say("find.text", value=value), asked.without(name)
        elif name == "new":
            yield words.say("find.only_new"), asked.without(name)
        elif name != "sort":
            yield label_of(name, value, words, titles), asked.without(name)
    for kind in asked.has:
        yield words.say("find.has", contact=words.say(f"contacts.{kind}")), asked.without_contact(kind)
