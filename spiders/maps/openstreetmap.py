"""OpenStreetMap: shops and warehouses that carry Asian food, with the contacts they publish."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlencode

from scrapy.http import Request

from market_db.products import ProductType
from market_db.seen import Party, Place
from spiders.base.json_api import (
    Json,
    JsonApiSpider,
    Shape,
    ShapeWatch,
    clean_text,
    json_object,
    number_in,
    object_in,
    rows_in,
    text_in,
    whole_in,
)
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

OVERPASS = "https://overpass-api.de/api/interpreter"
ROTATION = (
    *("NL", "DE", "GB", "FR", "BE", "US", "CA", "AU", "NZ", "JP", "KR", "TW", "HK", "SG"),
    *("MY", "AE", "SA", "QA", "NO", "SE", "DK", "FI", "ES", "IT", "CH", "AT", "PL"),
)
"""Destinations; one a night, so that 27 nights cover all."""
SHOPS = ("supermarket", "convenience", "greengrocer", "wholesale", "deli", "food", "spices", "grocery")
WHOLESALE = ("food", "grocery", "supermarket")
MAX_WORDS = 60
MAX_NAME = 300
MAX_ID = 10**15

SHAPE: Shape = {
    **dict.fromkeys(("type", "timestamp", "user"), str),
    **dict.fromkeys(("id", "version", "changeset", "uid"), int),
    **dict.fromkeys(("lat", "lon"), (int, float)),
    **dict.fromkeys(("center", "tags", "bounds"), dict),
    **dict.fromkeys(("nodes", "members", "geometry"), list),
}
GONE = ("disused:shop", "abandoned:shop", "demolished:shop", "removed:shop", "was:shop")
SPEAKING_TAGS = ("shop", "wholesale", "origin", "cuisine", "trade", "food", "diet:halal", "organic", "brand:wikidata")
PHONES = ("phone", "contact:phone", "mobile", "contact:mobile", "phone:mobile")
WEBSITES = ("website", "contact:website", "url", "brand:website")
EMAILS = ("email", "contact:email")


class OpenStreetMap(JsonApiSpider):
    """One country a night by the day, or the countries named: `countries=("NL",)`, on the command line `countries=NL,BE`."""

    name = "openstreetmap"
    about = Source(
        title="OpenStreetMap: Asian food shops and food wholesalers",
        publisher="OpenStreetMap contributors",
        home="https://www.openstreetmap.org/",
        licence="Open Database License (ODbL) 1.0",
        attribution="(c) OpenStreetMap contributors, ODbL 1.0",
        terms_url="https://www.openstreetmap.org/copyright",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("overpass-api.de",),
        countries=ROTATION,
        roles=("retailer", "wholesaler"),
        personal_data="Operators (often the shopkeeper's own name) are not read; personal mailboxes are dropped by the privacy step.",
        expect=Expect(least=1, most=20_000),
        pace=Pace(delay=5.0, max_requests=30),  # two slots an address; one query at a time, well apart
        api=True,
        api_robots="documented query API for programs; the Overpass usage policy sets its limits, robots.txt keeps page crawlers off /api",
        post_hosts=("overpass-api.de",),
        share_alike=True,
        note="One country a night. Answers 429 when the slots are taken and 504 under load.",
    )

    def __init__(self, *args: Any, countries: str | Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = countries.split(",") if isinstance(countries, str) else countries
        chosen = [code.strip().upper() for code in given if code.strip()]
        if bad := [code for code in chosen if not re.fullmatch("[A-Z]{2}", code)]:
            raise ValueError(f"countries: {bad[0]!r} is no ISO 3166-1 alpha-2 code")
        self.countries = tuple(chosen) or (tonights_country(self.as_of),)

    def first_requests(self) -> Iterator[Request]:
        """One query a country, over the shop words of all product types."""
        words, origins = shop_words(self.products)
        if not words and not origins:
            return
        for country in self.countries:
            body = urlencode({"data": query(country, words, origins)})
            yield self.ask(OVERPASS, method="POST", body=body, headers={"Content-Type": "application/x-www-form-urlencoded"})

    def read(self, answer: Answer) -> Reading:
        """Places."""
        return read_places(answer)

    def country_of(self, answer: Answer) -> str | None:
        """The country of the query."""
        return asked_country(answer.asked)


def tonights_country(as_of: date) -> str:
    """The country whose turn it is."""
    return ROTATION[as_of.toordinal() % len(ROTATION)]


def shop_words(products: Iterable[ProductType]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words of shop names and values of origin/cuisine, fit to stand in an Overpass expression; the rest is left out."""
    products = tuple(products)

    def fit(values: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for value in values if re.fullmatch(r"[\w][\w \-]{0,39}", value)))[:MAX_WORDS]

    return fit(w for p in products for w in p.shop_words), fit(o for p in products for o in p.shop_origins)


def query(country: str, words: tuple[str, ...], origins: tuple[str, ...]) -> str:
    """Overpass QL: food shops with such a name, shops of such an origin, and food wholesalers of one country.

    The area is not tied to an administrative level: Hong Kong and others with a country code of their own are not on level 2.
    """
    parts = [f'nwr["wholesale"~"^({"|".join(WHOLESALE)})$"](area.a);']
    if words:
        parts.append(f'nwr["shop"~"^({"|".join(SHOPS)})$"]["name"~"{"|".join(words)}",i](area.a);')
    if origins:
        parts += [f'nwr["shop"]["{tag}"~"{"|".join(origins)}"](area.a);' for tag in ("origin", "cuisine")]
    return f'[out:json][timeout:90];area["ISO3166-1"="{country}"]["boundary"="administrative"]->.a;({"".join(parts)});out center tags;'


def read_places(answer: Answer) -> Reading:
    """One Place per element; the country is the one the query was fenced to, unless the address names another.

    Raises BadAnswer as `json_object`, and for an answer without elements.
    """
    found = json_object(answer)
    if "elements" not in found:
        raise BadAnswer("unexpected shape", f"no elements; fields: {sorted(found)[:10]}")
    map_date = text_in(object_in(found, "osm3s"), "timestamp_osm_base", 40)
    country = asked_country(answer.asked)
    watch, taken = ShapeWatch(SHAPE), set[str]()
    for row in rows_in(found, "elements"):
        if isinstance(row, dict):
            yield from watch.look(row)
        read = place(row, country, map_date)
        if isinstance(read, Place) and read.key in taken:
            read = Rejected("duplicate", read.key)
        if isinstance(read, Place):
            taken.add(read.key)
        yield read
    if remark := text_in(found, "remark"):
        yield Issue("partial_answer", remark, broken="error" in remark.lower())


def asked_country(asked: bytes) -> str | None:
    """ISO 3166-1 alpha-2 of the area in the query that was posted."""
    texts = parse_qs(asked[:20_000].decode("utf-8", "replace")).get("data", [""])
    named = re.search(r'"ISO3166-1"="([A-Z]{2})"', texts[0])
    return named[1] if named else None


def place(row: object, country: str | None, map_date: str | None) -> Place | Rejected:
    """One element, or why not."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    kind, number, tags = row.get("type"), whole_in(row, "id"), object_in(row, "tags")
    if kind not in ("node", "way", "relation") or number is None or not 0 < number < MAX_ID:
        return Rejected("no id", f"{str(kind)[:20]}/{str(number)[:20]}")
    key = f"{kind}/{number}"
    if "shop" not in tags and "wholesale" not in tags:
        return Rejected("closed" if any(tag in tags for tag in GONE) else "not a shop", key)
    if tags.get("shop") in ("no", "vacant"):
        return Rejected("closed", key)
    name = text_in(tags, "name", MAX_NAME + 1) or text_in(tags, "brand", MAX_NAME + 1)
    if name is None:
        return Rejected("no name", key)
    if len(name) > MAX_NAME:
        return Rejected("name too long", key)
    return _place(row, key, name, country, map_date)


def _place(row: Json, key: str, name: str, country: str | None, map_date: str | None) -> Place:
    tags = object_in(row, "tags")
    latitude, longitude = position(row)
    role = role_of(tags)
    shop = text_in(tags, "shop", 60)
    return Place(
        key=key,
        party=party_of(tags, key, name, country, role),
        url=f"https://www.openstreetmap.org/{key}",
        latitude=latitude,
        longitude=longitude,
        shop_type=f"shop={shop}" if shop else role[1],
        tags=tuple(f"{tag}={text_in(tags, tag, 100)}" for tag in SPEAKING_TAGS if text_in(tags, tag, 100)),
        brand=text_in(tags, "brand", MAX_NAME),
        map_date=map_date,
    )


def role_of(tags: Json) -> tuple[str, str]:
    """Wholesaler or retailer, with the tag that says so."""
    wholesale = text_in(tags, "wholesale", 60)
    if wholesale and wholesale != "no":
        return "wholesaler", f"wholesale={wholesale}"
    shop = text_in(tags, "shop", 60)
    return ("wholesaler" if shop == "wholesale" else "retailer"), f"shop={shop}"


def position(row: Json) -> tuple[float | None, float | None]:
    """Latitude and longitude of a node, or of the centre of a way or relation; unknown where they cannot be."""
    at = row if "lat" in row else object_in(row, "center")
    latitude, longitude = number_in(at, "lat"), number_in(at, "lon")
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None, None
    return latitude, longitude


def party_of(tags: Json, key: str, name: str, country: str | None, role: tuple[str, str]) -> Party:
    """The shop as its tags describe it."""
    named = text_in(tags, "addr:country", 60)
    stated = named if named and re.fullmatch("[A-Z]{2}", named) else country
    return Party(
        name=name,
        role=role[0],
        role_proof=role[1],
        country_text=named or country,
        country=stated,
        country_basis=("address" if stated == named else "stated") if stated else None,
        region=text_in(tags, "addr:state") or text_in(tags, "addr:province"),
        city=text_in(tags, "addr:city"),
        address=address_of(tags),
        postcode=text_in(tags, "addr:postcode", 20),
        registry="osm",
        registry_id=key,
        website=next(iter(several(tags, WEBSITES)), None),
        phones_text=several(tags, PHONES),
        emails_text=several(tags, EMAILS),
    )


def address_of(tags: Json) -> str | None:
    """Street and house number, or the place name used where there are no streets, or the whole address as one text."""
    street = text_in(tags, "addr:street") or text_in(tags, "addr:place")
    if street is None:
        return text_in(tags, "addr:full")
    return " ".join(part for part in (street, text_in(tags, "addr:housenumber", 40)) if part)


def several(tags: Json, names: tuple[str, ...]) -> tuple[str, ...]:
    """Values of all these tags, split at semicolons, each once, ten at most."""
    values = [part for name in names for part in (text_in(tags, name) or "").split(";")]
    return tuple(dict.fromkeys(value for value in (clean_text(part, 300) for part in values) if value))[:10]
