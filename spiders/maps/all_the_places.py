"""All The Places: chains of food shops and cash-and-carry markets, one record a chain and country, with the number of its branches."""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from scrapy.http import Request

from market_db.seen import Party, Registration
from market_db.values.websites import read_website, registrable_domain
from spiders.base.json_api import JsonApiSpider, json_object, object_in, rows_in, text_in
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

OUTPUT = "https://data.alltheplaces.xyz/runs/latest/output/{chain}.geojson"
SHOPS = {"supermarket": ("retail_chain", "47.11"), "convenience": ("retail_chain", "47.11"), "wholesale": ("wholesaler", "46.39")}
"""OSM value of shop -> role of its chain, and the NACE class such firms are in."""
LEAST = 2
"""Branches that make a chain."""
WIKIDATA = "https://www.wikidata.org/wiki/"


@cache
def chains() -> dict[str, dict[str, Any]]:
    """Spider name at All The Places -> what we know of it (`all_the_places.toml`)."""
    return dict(tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["chains"])


class AllThePlaces(JsonApiSpider):
    """The branch lists of chains that carry foreign food; a chain's head office decides what all its branches sell."""

    name = "all_the_places"
    about = Source(
        title="All The Places: branches of chains",
        publisher="All The Places",
        home="https://www.alltheplaces.xyz/",
        licence="CC0 1.0",
        attribution="All The Places",
        terms_url="https://github.com/alltheplaces/alltheplaces/blob/master/LICENSE.md",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("data.alltheplaces.xyz", "alltheplaces-data.openaddresses.io", "*.alltheplaces.xyz"),
        roles=("retail_chain", "wholesaler"),
        personal_data="none: chains, not their branch managers",
        every=timedelta(days=30),
        expect=Expect(least=5, most=2_000),
        pace=Pace(delay=5.0, max_requests=80),
        api=True,
        note="shape unverified until the first live check; names of chains there may change: a 404 is told as an issue",
    )
    handle_httpstatus_list = [404]  # noqa: RUF012 - Scrapy reads this name from the class

    def first_requests(self) -> Iterator[Request]:
        """One file a chain, for products that such chains sell."""
        if any(trades_in_chains(product.activities.get("nace2", ())) for product in self.products):
            for chain in chains():
                yield self.ask(OUTPUT.format(chain=chain))

    def read(self, answer: Answer) -> Reading:
        """One record a country of the chain."""
        if answer.status == 404:
            yield Issue("unknown_chain", answer.url.rpartition("/")[2])
            return
        yield from read_chain(answer)


def trades_in_chains(nace: tuple[str, ...]) -> bool:
    """Whether the product is one of food shops."""
    return any(code.startswith(("47.11", "46.3")) for code in nace)


def read_chain(answer: Answer) -> Reading:
    """Chains of a file by brand and country. Raises BadAnswer: no feature collection."""
    found = json_object(answer)
    if found.get("type") != "FeatureCollection":
        raise BadAnswer("unexpected shape", f"type is {str(found.get('type'))[:40]}, not FeatureCollection")
    branches: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    if "features" not in found:
        raise BadAnswer("unexpected shape", f"no features; fields: {', '.join(sorted(found))[:200]}")
    for feature in rows_in(found, "features"):
        tags = dict(object_in(feature, "properties")) if isinstance(feature, dict) else {}
        brand = text_in(tags, "brand", 200) or text_in(tags, "name", 200)
        country = text_in(tags, "addr:country", 2)
        if brand is None or country is None:
            yield Rejected("no brand or country")
        elif tags.get("end_date"):
            yield Rejected("closed")
        elif (shop := text_in(tags, "shop", 60)) not in SHOPS:
            yield Rejected("not a food shop")
        else:
            branches[brand, country, str(shop)].append(tags)
    for (brand, country, shop), rows in branches.items():
        yield chain_of(brand, country, shop, rows, answer.url)


def chain_of(brand: str, country: str, shop: str, rows: list[dict[str, Any]], url: str) -> Registration | Rejected:
    """A chain with the site that all its branches share."""
    if len(rows) < LEAST:
        return Rejected("a single shop")
    role, nace = SHOPS[shop]
    domains = Counter(domain for row in rows if (site := text_in(row, "website", 300)) and (domain := registrable_domain(site)))
    website = read_website(domains.most_common(1)[0][0]) if domains and domains.most_common(1)[0][1] * 2 > len(rows) else None
    wikidata = next((str(row["brand:wikidata"]) for row in rows if row.get("brand:wikidata")), None)
    count = f"{len(rows)} branches in {country} (shop={shop})"
    party = Party(
        name=brand,
        role=role,
        role_proof=count,
        country_text=country,
        website=website,
        registry="wikidata" if wikidata else None,
        registry_id=f"{wikidata}/{country}" if wikidata else None,
    )
    return Registration(
        key=f"{wikidata or brand}|{country}|{shop}",
        party=party,
        url=f"{WIKIDATA}{wikidata}" if wikidata else url,
        activity_codes=(f"nace2:{nace}",),
        activity_text=count,
    )
