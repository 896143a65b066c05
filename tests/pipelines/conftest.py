"""Small makers of mentions, records and contexts that tests of the pipelines share."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from market_db.derived import Mention
from market_db.products import ProductType
from market_db.seen import Evidence, Listing, Notice, Party, Place, Registration, Seen
from pipelines.context import Context, SourceHint

SEEN_AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def mention() -> Callable[..., Mention]:
    """A mention with sane defaults; the first argument is its party id."""

    def make(party_id: str, name: str, **more: Any) -> Mention:
        given = {
            "record_id": f"r-{party_id}",
            "record_kind": "registration",
            "source": "register",
            "first_seen": "2026-11-01T00:00:00+00:00",
            "last_seen": "2026-11-20T00:00:00+00:00",
            "evidence_id": f"e-{party_id}",
        }
        return Mention(party_id=party_id, name=name, **{**given, **more})

    return make


SAMBAL = ProductType(
    key="sambal",
    names={"id": "Sambal", "en": "Sambal"},
    terms={
        "id": ("sambal", "saus sambal", "sambal oelek"),
        "en": ("chili sauce", "sweet chili sauce", "hot sauce", "sriracha", "sambal oelek"),
        "nl": ("sambal", "chilisaus"),
        "fr": ("sauce pimentée", "sauce piquante"),
        "es": ("salsa picante",),
        "cs": ("chilli omáčka",),
        "sv": ("chilisås",),
        "th": ("น้ำจิ้มไก่", "ซอสพริก"),
        "zh": ("辣椒酱",),
    },
    exclude={
        "id": ("sambal goreng", "keripik", "mie goreng", "teri"),
        "en": (
            "beans in",
            "crisps",
            "noodles",
            "chicken",
            "shrimp",
            "peppercorn",
            "flavoured",
            "mayo",
            "spring rolls",
            "seeds",
            "tongue",
            "rice",
        ),
        "fr": ("haricots", "sauce au poivre"),
        "sv": ("bönor",),
    },
    brands=("cholula",),
    hs=("210390",),
    hs_near=("200599",),
    cn=("21039090",),
    cpv=("15871260",),
    cpv_near=("15870000",),
    unspsc=("50171830",),
    unspsc_near=("50171800",),
    activities={"nace2": ("46.38", "46.39", "47.11"), "naf2": ("46.39B",), "sic2007": ("46380",)},
    shop_words=("oriental", "toko"),
    shop_origins=("indonesian", "thai"),
    usd_per_kg=(1.5, 60.0),
)
"""A dictionary of our own, so that these tests are about the rules and not about the words."""


@pytest.fixture
def product() -> ProductType:
    """The product the context looks for."""
    return SAMBAL


@pytest.fixture
def context() -> Context:
    """The day of the recordings, one product, one site with hints."""
    return Context(
        as_of=date(2026, 11, 25),
        products=(SAMBAL,),
        hints={
            "toko": SourceHint(country="NL", currency="EUR", language="nl", role="retailer"),
            "importers": SourceHint(role="importer"),
        },
    )


@pytest.fixture
def record() -> Callable[..., Seen]:
    """A record of a kind with sane defaults."""

    def make(which: str, **more: Any) -> Seen:
        source = more.pop("source", "source")
        url = more.pop("url", "https://toko.example/p/1")
        stamp = Evidence(source=source, url=url, fetched_at=SEEN_AT, content_hash="0" * 64)
        base: dict[str, Any] = {"key": "1", "url": url, "source": source, "evidence": stamp}
        match which:
            case "listing":
                return Listing(**{**base, "name": "Sambal oelek 200 g", **more})
            case "notice":
                return Notice(**{**base, "kind": "tender", "title": "Levering av sambal", **more})
            case "registration":
                return Registration(**{**base, "party": Party(name="Nusantara Foods AS (contoh)"), **more})
            case _:
                return Place(**{**base, "party": Party(name="Toko Nusantara (contoh)"), **more})

    return make
