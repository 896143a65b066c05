"""Name Suggestion Index: which chains of food shops there are in each country; a list of names, without contacts."""

from collections.abc import Iterator
from datetime import timedelta

from scrapy.http import Request

from market_db.seen import Party, Registration
from market_db.values.places import iso3
from spiders.base.json_api import Json, JsonApiSpider, Shape, ShapeWatch, json_object, object_in, rows_in, text_in
from spiders.maps.all_the_places import SHOPS, WIKIDATA, trades_in_chains
from spiders.reading import Answer, BadAnswer, Reading, Rejected
from spiders.source import Expect, Pace, Source

LIST = "https://raw.githubusercontent.com/osmlab/name-suggestion-index/main/data/brands/shop/{shop}.json"
SHAPE: Shape = {
    **dict.fromkeys(("displayName", "id", "note", "fromTemplate"), str),
    "locationSet": {"include": list, "exclude": list},
    "tags": dict,
    **dict.fromkeys(("matchNames", "matchTags", "preserveTags", "issues"), list),
}
SPECIAL = {"fx": "FR", "conus": "US", "gb-eng": "GB", "gb-sct": "GB", "gb-wls": "GB", "gb-nir": "GB"}
"""Places of the index that are part of one country."""


class NameSuggestionIndex(JsonApiSpider):
    """One file a kind of shop; a chain in several countries gives one record each."""

    name = "name_suggestion_index"
    about = Source(
        title="Name Suggestion Index: chains of food shops",
        publisher="OpenStreetMap US and contributors",
        home="https://nsi.guide/",
        licence="BSD 3-Clause",
        attribution="Name Suggestion Index contributors",
        terms_url="https://github.com/osmlab/name-suggestion-index/blob/main/LICENSE.md",
        terms_read=None,
        basis="not decided",
        hosts=("raw.githubusercontent.com",),
        roles=("retail_chain", "wholesaler"),
        personal_data="none: brands",
        every=timedelta(days=90),
        expect=Expect(least=200, most=20_000),
        pace=Pace(delay=5.0, max_requests=10),
        api=True,
        note="names without contacts; turn it on for a picture of which chains a country has",
    )

    def first_requests(self) -> Iterator[Request]:
        """Each kind of shop."""
        if any(trades_in_chains(product.activities.get("nace2", ())) for product in self.products):
            for shop in SHOPS:
                yield self.ask(LIST.format(shop=shop))

    def read(self, answer: Answer) -> Reading:
        """Chains by country."""
        found, watch = json_object(answer), ShapeWatch(SHAPE)
        if "items" not in found:
            raise BadAnswer("unexpected shape", f"no items; fields: {', '.join(sorted(found))[:200]}")
        for row in rows_in(found, "items"):
            if not isinstance(row, dict):
                yield Rejected("not an object")
                continue
            yield from watch.look(row)
            yield from chains_of(row)


def chains_of(row: Json) -> Iterator[Registration | Rejected]:
    """One record a country of a chain, or why there is none."""
    tags = object_in(row, "tags")
    name, shop = text_in(row, "displayName", 200), text_in(tags, "shop", 40)
    wikidata = text_in(tags, "brand:wikidata", 20)
    if name is None or shop not in SHOPS:
        yield Rejected("no name or not a food shop")
        return
    places = [place for place in rows_in(object_in(row, "locationSet"), "include") if isinstance(place, str)]
    countries = dict.fromkeys(code for place in places if (code := country_of(place)))
    if not countries:
        yield Rejected("no single country")
    role, nace = SHOPS[shop]
    for country in countries:
        number = f"{wikidata}/{country}" if wikidata else None
        party = Party(
            name=name,
            role=role,
            role_proof=f"brand of shop={shop}",
            country=country,
            registry="wikidata" if number else None,
            registry_id=number,
        )
        url = f"{WIKIDATA}{wikidata}" if wikidata else "https://nsi.guide/"
        key = f"{text_in(row, 'id', 100) or name}|{country}"
        yield Registration(key=key, party=party, url=url, activity_codes=(f"nace2:{nace}",))


def country_of(place: str) -> str | None:
    """ISO 3166-1 alpha-2 of a place of the index; regions, continents and drawn areas are none."""
    folded = place.lower()
    code = SPECIAL.get(folded, folded.upper())
    return code if len(code) == 2 and iso3(code) else None
