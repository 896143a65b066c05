"""The page extractor on pages written for it: what it believes, what it refuses, and what hostile pages cost."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.seen import Listing, Registration
from spiders.extract.flat import flat_page
from spiders.extract.page import Page, extract_page
from spiders.site import Site

URL = "https://toko.example/produkt/sambal-oelek/"
SITE = Site(
    id="toko",
    url="https://toko.example/",
    family="structured",
    seller="Toko (contoh)",
    country="DE",
    currency="EUR",
    role="retailer",
    sample=True,
)
OFFER = {"@type": "Offer", "price": "3.79", "priceCurrency": "EUR", "availability": "https://schema.org/InStock"}
PRODUCT = {"@context": "https://schema.org", "@type": "Product", "name": "Sambal Oelek 370 g", "offers": OFFER}


def page(
    body: str = "", head: str = "", title: str = "Sambal Oelek 370 g | Toko", url: str = URL, site: Site | None = None, lang: str = "de-DE"
) -> Page:
    text = f'<!DOCTYPE html><html lang="{lang}"><head><title>{title}</title>{head}</head><body>{body}</body></html>'
    return extract_page(text.encode("utf-8", "surrogatepass"), url, {"content-type": "text/html"}, site)


def script(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def listing(found: Page) -> Listing:
    assert found.kind == "product"
    assert isinstance(found.records[0], Listing)
    return found.records[0]


def test_jsonld_gives_the_whole_record() -> None:
    product = {
        **PRODUCT, "sku": "A1", "gtin13": "8999999000011", "brand": {"name": "Rasa (contoh)"}, "description": "<p>Rot &amp; scharf</p>",
    }  # fmt: skip
    crumbs = {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"position": 2, "name": "Saucen"},
            {"position": 1, "name": "Start"},
            {"position": 3, "name": "Sambal Oelek 370 g"},
        ],
    }
    record = listing(page(head=script([product, crumbs]), site=SITE))
    assert (record.name, record.price, record.currency, record.price_text) == ("Sambal Oelek 370 g", 3.79, "EUR", "3.79")
    assert (record.availability, record.brand, record.gtin, record.country) == ("InStock", "Rasa (contoh)", "8999999000011", "DE")
    assert record.category == ("Start", "Saucen")
    assert record.description == "Rot & scharf"
    assert record.seller is not None
    assert (record.seller.name, record.seller.role, record.seller.country_basis) == ("Toko (contoh)", "retailer", "site")
    assert record.key == "toko.example/produkt/sambal-oelek"


@pytest.mark.parametrize(
    ("offers", "price", "price_max", "list_price", "availability"),
    [
        ({"@type": "AggregateOffer", "lowPrice": "2.50", "highPrice": "9.90", "priceCurrency": "EUR"}, 2.5, 9.9, None, None),
        ([{**OFFER, "price": 5, "availability": "OutOfStock"}, {**OFFER, "price": 7}], 7.0, None, None, "InStock"),
        ({**OFFER, "price": 0}, None, None, None, "InStock"),
        ({**OFFER, "price": "0.00"}, None, None, None, "InStock"),
        (
            {"priceSpecification": [{"price": 4, "priceCurrency": "EUR"}, {"price": 6, "priceType": "https://schema.org/ListPrice"}]},
            4.0,
            None,
            6.0,
            None,
        ),
        ({"Price": "3,79", "PRICECURRENCY": "eur", "availability": "in stock"}, 3.79, None, None, "InStock"),
        ({**OFFER, "price": "12,34 EUR"}, 12.34, None, None, "InStock"),
        ({**OFFER, "price": "call us"}, None, None, None, "InStock"),
    ],
)
def test_offers(offers: object, price: float | None, price_max: float | None, list_price: float | None, availability: str | None) -> None:
    record = listing(page(head=script({**PRODUCT, "offers": offers})))
    assert (record.price, record.price_max, record.list_price, record.availability) == (price, price_max, list_price, availability)
    assert record.currency == ("EUR" if price else None)


def test_obsolete_currency_codes_become_todays() -> None:
    record = listing(page(head=script({**PRODUCT, "offers": {**OFFER, "priceCurrency": "RUR"}}), lang="ru"))
    assert record.currency == "RUB"


def test_microdata_that_is_stale_yields_to_what_is_shown() -> None:
    body = """<div itemscope itemtype="http://schema.org/Product"><h1 itemprop="name">Sambal Oelek 370 g</h1>
    <div itemprop="offers" itemscope itemtype="http://schema.org/Offer"><meta itemprop="price" content="5.99"><meta itemprop="priceCurrency" content="EUR">
    <del class="old-price">5,99 €</del> <span class="product-price">3,79 €</span></div><button>In den Warenkorb</button></div>"""
    record = listing(page(body))
    assert (record.price, record.list_price, record.currency) == (3.79, 5.99, "EUR")


def test_a_page_without_markup_is_read_from_what_it_shows() -> None:
    body = """<h1>Sambal Oelek 370 g</h1><p class="preis">3,79 € <small>inkl. MwSt.</small></p><button>In den Warenkorb</button>
    <div class="related"><h3>Sambal Badjak</h3><span class="preis">2,99 €</span></div><p>Versand ab 4,95 €</p>"""
    record = listing(page(body, url="https://toko.example/p/1"))
    assert (record.name, record.price, record.currency, record.country) == ("Sambal Oelek 370 g", 3.79, "EUR", "DE")


@pytest.mark.parametrize(
    ("h1", "title", "name"),
    [
        ("Sambal Oelek 370 g", "Sambal Oelek 370 g | Toko", "Sambal Oelek 370 g"),
        ("Sambal Oelek 370 g Art.-Nr: 01245", "Sambal Oelek 370 g", "Sambal Oelek 370 g"),
        ("Details about Sambal Oelek 370 g", "Sambal Oelek 370 g | Toko", "Sambal Oelek 370 g"),
        ("Beans &amp; Sambal", "Beans &amp; Sambal", "Beans & Sambal"),
        ("Sam\u202ebal\u200b Oelek", "Sambal Oelek", "Sambal Oelek"),
    ],
)
def test_names(h1: str, title: str, name: str) -> None:
    body = f'<h1>{h1}</h1><p class="price">3,79 €</p><button>In den Warenkorb</button>'
    assert listing(page(body, title=title)).name == name


@pytest.mark.parametrize(
    "head",
    [
        script({"@type": "Recipe", "name": "Sambal selbst gemacht", "offers": OFFER}),
        script([{"@type": "NewsArticle", "headline": "Sambal"}, {"@type": "Organization", "name": "Zeitung (contoh)"}]),
        '<meta property="og:type" content="product"><meta property="og:price:amount" content="99">'
        + script({"@type": "Recipe", "name": "Bowl"}),
    ],
)
def test_recipes_and_articles_offer_nothing(head: str) -> None:
    found = page("<h1>Sambal selbst gemacht</h1><p class='price'>3,79 €</p><button>In den Warenkorb</button>", head)
    assert not [record for record in found.records if isinstance(record, Listing)]
    assert flat_page(found).get("price") is None


def test_a_login_wall_is_said_and_gives_nothing() -> None:
    found = page("<h1>Anmelden</h1><form><input type='password' name='p'></form><p>3,79 €</p>", script(PRODUCT))
    assert (found.records, found.issues) == ((), ("login_wall",))


def test_a_contact_page_gives_the_firm() -> None:
    body = """<h1>Impressum</h1><p>Toko Rasa (contoh) GmbH<br>Musterstraße 1<br>10115 Berlin<br>Deutschland</p>
    <p>Telefon: +49 (0)30 23125 010 &nbsp; Fax: 030 23125 011</p>
    <p><a href="mailto:%69nfo@toko.example?subject=x">Mail</a> sales [at] toko.example, einkauf(@)toko.example</p>
    <footer>© 2026 Toko Rasa (contoh) GmbH</footer><img src="x" alt="logo@2x.png"><!-- license@prestashop.com -->"""
    found = page(body, title="Impressum", url="https://toko.example/impressum")
    assert found.kind == "company"
    firm = found.records[0]
    assert isinstance(firm, Registration)
    assert firm.party.name == "Toko Rasa (contoh) GmbH"
    assert firm.party.country == "DE"
    assert firm.party.emails_text == ("info@toko.example",)
    assert flat_page(found)["phones"] == ["+493023125010", "+493023125011"]


@pytest.mark.parametrize(
    ("line", "phones"),
    [
        ("203-555-0100 325 Cherry Street", ["203-555-0100"]),
        ("Telefon 030 23125 010", ["030 23125 010"]),
        ("Tel: 030 23125 010 / 030 23125 011", ["030 23125 010", "030 23125 011"]),
        ("Tel.: 00 49 30 23125 010", ["00 49 30 23125 010"]),
        ("WhatsApp: +49 30 23125010WhatsApp", ["+49 30 23125010"]),
        ("Bestellnummer 2026-11-25 4711", []),
        ("Öffnungszeiten 09:00 - 18:00", []),
    ],
)
def test_phones_as_printed(line: str, phones: list[str]) -> None:
    lang = "en" if "Cherry" in line else "de-DE"
    found = page(f"<h1>Kontakt</h1><p>{line}</p>", title="Kontakt", url="https://toko.example/kontakt", lang=lang)
    assert list(found.contacts.phones) == phones


def test_staff_addresses_do_not_reach_the_flat_object() -> None:
    body = "<h1>Kontakt</h1><p>jan.contoh@toko.example, vertrieb@toko.example, name@domain.com</p>"
    flat = flat_page(page(body, title="Kontakt", url="https://toko.example/kontakt"))
    assert flat["emails"] == ["vertrieb@toko.example"]
    assert "jan.contoh" not in json.dumps(flat)


def test_listing_tiles() -> None:
    tiles = "".join(
        f'<li class="tile"><a href="/p/{n}"><img alt="x"></a><h3><a href="/p/{n}">Sambal Nr. {n}</a></h3><del>9,99 €</del>'
        f'<span class="price">{n},50 €</span><button>In den Warenkorb</button></li>'
        for n in range(1, 7)
    )
    found = page(f"<h1>Sambal</h1><ul>{tiles}</ul>", title="Sambal kaufen", url="https://toko.example/sambal/")
    assert found.kind == "listing"
    assert [(tile.name, tile.url) for tile in found.items][:2] == [
        ("Sambal Nr. 1", "https://toko.example/p/1"),
        ("Sambal Nr. 2", "https://toko.example/p/2"),
    ]
    assert [item["price"] for item in flat_page(found)["items"]] == [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]


def test_detail_selectors_of_a_site_overrule_and_empty_ones_are_said() -> None:
    site = Site(
        id="x",
        url="https://toko.example/",
        family="structured",
        country="DE",
        currency="EUR",
        sample=True,
        detail={"price": "css:.ours", "brand": ".none"},
    )
    found = page("<h1>Sambal Oelek 370 g</h1><b class='ours'>4,20 €</b>", script(PRODUCT), site=site)
    assert (listing(found).price, listing(found).price_text) == (4.2, "4,20 €")
    assert "selector_empty_brand" in found.issues


def test_a_broken_block_is_an_issue_and_the_good_one_is_used() -> None:
    found = page(head='<script type="application/ld+json">{"name": "cut</script>' + script(PRODUCT))
    assert listing(found).price == 3.79
    assert found.issues == ("jsonld_broken",)


HOSTILE = {
    "nested 100,000 deep": b"<html><body>" + b"<div>" * 100_000 + b"deep",
    "price of 200,000 digits": b"<html><body><h1>x</h1><p class='price'>" + b"9" * 200_000 + b" EUR</p></body></html>",
    "name of 1 MB": b"<html><head><title>t</title></head><body><h1>" + b"Sambal " * 150_000 + b"</h1></body></html>",
    "10 MB block": b"<html><head><script type='application/ld+json'>["
    + b"{}," * 3_500_000
    + b"{}]</script></head><body><h1>x</h1></body></html>",
    "100,000 links": b"<html><body>" + b"".join(b"<a href='/%d'>l</a>" % n for n in range(100_000)) + b"</body></html>",
    "20,000 item scopes": b"<html><body>"
    + b"<div itemscope itemprop='a'>" * 300
    + b"<p itemscope itemprop='x'>y</p>" * 20_000
    + b"</body></html>",
    "one line of digits": b"<html><body><p>tel " + b"0123456789 " * 50_000 + b"</p></body></html>",
    "nothing but at signs": b"<html><body><p>" + b"a@" * 300_000 + b"</p></body></html>",
    "NUL and surrogates": "<html><body><h1>Sam\x00bal \ud800 Oelek</h1>".encode("utf-8", "surrogatepass"),
    "not HTML": bytes(range(256)) * 40,
    "empty": b"",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pages_cost_little_and_raise_nothing(body: bytes) -> None:
    start = time.process_time()
    found = extract_page(body, URL, {})
    flat_page(found)
    assert time.process_time() - start < 20  # without caps: hours
    assert len(found.links) <= 2_000
    assert all(len(record.name) <= 500 for record in found.records if isinstance(record, Listing))


@pytest.mark.parametrize(
    ("name", "issue"),
    [
        ("nested 100,000 deep", "unparsed"),
        ("10 MB block", "jsonld_too_large"),
        ("100,000 links", "links_capped"),
        ("20,000 item scopes", "microdata_too_large"),
    ],
)
def test_what_was_cut_is_said(name: str, issue: str) -> None:
    page = extract_page(HOSTILE[name], URL, {})
    assert page.links is not None
    assert issue in page.issues


@pytest.mark.parametrize("value", ["9" * 200_000, "x" * 1_000_000], ids=["digits", "text"])
def test_long_structured_values_are_cut_at_once(value: str) -> None:
    body = f"<html><head>{script({**PRODUCT, 'name': value, 'offers': {**OFFER, 'price': value}})}</head><body></body></html>".encode()
    start = time.process_time()
    record = listing(extract_page(body, URL, {}, SITE))
    assert time.process_time() - start < 5  # without a cap: minutes
    assert record.price is None
    assert len(record.name) <= 500


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/=\"' abh1divspan€$9.,@&;!-", max_size=300))
def test_any_markup_is_survived(text: str) -> None:
    extract_page(text.encode(), URL, {})
