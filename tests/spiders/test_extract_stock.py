"""Whether a product can be had, as shops of many languages say it, state it in markup, or contradict their markup."""

import json

import pytest

from market_db.seen import Listing
from spiders.extract.page import extract_page
from spiders.extract.products import availability_of
from spiders.extract.stock import said_availability

NAME = "Sambal Oelek 370 g"


def availability(body: str, head: str = "", price: str = '<p class="price">3,79 €</p>') -> str | None:
    text = f"<html><head><title>{NAME} | Toko</title>{head}</head><body><h1>{NAME}</h1>{price}{body}</body></html>"
    record = extract_page(text.encode(), "https://toko.example/p/1", {}).records[0]
    assert isinstance(record, Listing)
    return record.availability


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("tidak tersedia", "OutOfStock"),
        ("tersedia", "InStock"),
        ("stok habis", "OutOfStock"),
        ("no disponible", "OutOfStock"),
        ("disponible", "InStock"),
        ("derzeit nicht verfügbar.", "OutOfStock"),
        ("sofort lieferbar", "InStock"),
        ("není skladem", "OutOfStock"),
        ("skladem > 5 ks", "InStock"),
        ("niedostępny", "OutOfStock"),
        ("produkt dostępny", "InStock"),
        ("нет в наличии", "OutOfStock"),
        ("есть в наличии", "InStock"),
        ("غير متوفر", "OutOfStock"),
        ("متوفر", "InStock"),
        ("stokta yok", "OutOfStock"),
        ("stokta", "InStock"),
        ("ikke på lager", "OutOfStock"),
        ("på lager", "InStock"),
        ("ej i lager", "OutOfStock"),
        ("目前缺貨中", "OutOfStock"),
        ("現貨供應", "InStock"),
        ("在庫切れ", "OutOfStock"),
        ("在庫あり", "InStock"),
        ("일시품절", "OutOfStock"),
        ("สินค้าหมด", "OutOfStock"),
        ("hết hàng", "OutOfStock"),
        ("còn hàng", "InStock"),
        ("niet op voorraad", "OutOfStock"),
        ("nincs raktáron", "OutOfStock"),
        ("stoc epuizat", "OutOfStock"),
        ("sorry, this item is out of stock", "OutOfStock"),
        # one size, a shop in town, a word inside another
        ("xl - sold out", None),
        ("w sklepie produkt niedostępny", None),
        ("check stock in store", None),
        ("indisponibilité exceptionnelle", None),
    ],
)
def test_words(line: str, said: str | None) -> None:
    assert said_availability([line]) == said


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("http://schema.org/InStock", "InStock"),
        ("https://schema.org/ItemAvailability/OutOfStock", "OutOfStock"),
        ("in_stock", "InStock"),
        ("IN STOCK", "InStock"),
        ("out-of-stock", "OutOfStock"),
        ("pre_order", "PreOrder"),
        ("1", "InStock"),
        ("0", "OutOfStock"),
        ("true", "InStock"),
        ("Auf Lager", "InStock"),
        ("Rupture de stock", "OutOfStock"),
        ("", None),
        (None, None),
        ("sehr schön", None),
    ],
)
def test_properties(text: str | None, name: str | None) -> None:
    assert availability_of(text) == name


STATED = (
    '<script type="application/ld+json">'
    + json.dumps(
        {
            "@type": "Product",
            "name": NAME,
            "offers": {"price": "3.79", "priceCurrency": "EUR", "availability": "https://schema.org/InStock"},
        }
    )
    + "</script>"
)


@pytest.mark.parametrize(
    ("body", "head", "found"),
    [
        ("<button>In den Warenkorb</button>", "", "InStock"),
        ('<input type="submit" value="Add to cart">', "", "InStock"),
        ('<a title="Add to Cart" class="x"></a>', "", "InStock"),
        ('<div class="buyBtn"></div>', "", "InStock"),
        ("<p>Tidak tersedia</p><p>Lihat juga</p>", "", "OutOfStock"),
        ("<p>S - ausverkauft</p><p>M - ausverkauft</p><p>Auf Lager</p>", "", "InStock"),
        # markup that is contradicted, and markup that is not
        ("<p>Currently sold out</p>", STATED, "OutOfStock"),
        ("<p>Sold out</p><button>Add to cart</button>", STATED, "InStock"),
        ("<p>The option to check the store is temporarily unavailable.</p>", STATED, "InStock"),
        ("<p>XL - sold out</p>", STATED, "InStock"),
    ],
)
def test_pages(body: str, head: str, found: str | None) -> None:
    assert availability(body, head) == found
