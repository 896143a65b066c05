"""Blocks of listings and directories without any markup: names, addresses, prices, contacts; what beside them is no block."""

import pytest

from spiders.extract.flat import flat_page
from spiders.extract.page import Page, extract_page

GOODS = ["Sambal Oelek 200 g", "Sambal Badjak 375 g", "Kecap Manis 600 ml", "Krupuk Udang 250 g", "Bumbu Rendang 100 g"]
PRICES = [("2,49", 2.49), ("3,99", 3.99), ("12,50", 12.5), ("1.204,00", 1204.0), ("0,89", 0.89)]
FIRMS = ["Toko Rasa B.V. (contoh)", "Nusantara Groothandel (contoh)", "Java Foods Ltd (contoh)", "Bali Trading GmbH (contoh)"]


def slug(name: str) -> str:
    return name.lower().replace(" ", "-").replace("(", "").replace(")", "").replace(".", "")


def page(blocks: str, *, before: str = "", after: str = "", url: str = "https://toko.example/sambal/", lang: str = "nl") -> Page:
    markup = f"<html lang='{lang}'><head><title>Sambal kopen | Toko</title></head><body>{before}<main>{blocks}</main>{after}</body></html>"
    return extract_page(markup.encode(), url, {"content-type": "text/html; charset=utf-8"})


def items(found: Page) -> list[tuple[str, float | None]]:
    return [(item["name"], item["price"]) for item in flat_page(found)["items"]]


SHAPES = {
    "heading in a link": "<div class=c><a href='/p/{slug}'><img src=x><h3>{name}</h3></a><span class=price>€ {price}</span></div>",
    "link in a heading": "<li class=c><img src=x alt='foto'><h2><a href='/p/{slug}'>{name}</a></h2><p>€ {price}</p><a href='/cart'>In winkelwagen</a></li>",
    "heading without link": "<div class=c><h4>{name}</h4><b>€ {price}</b><a href='/p/{slug}'>Bekijk product</a></div>",
    "link alone": "<div class=c><a href='/p/{slug}'>{name}</a> <em>EUR {price}</em></div>",
    "badge first": "<div class=c><h3>TOP-hit</h3><p><a href='/p/{slug}'>{name}</a></p><span class=price>€ {price}</span></div>",
    "table row": "<tr><td><a href='/p/{slug}'>{name}</a></td><td>200 g</td><td>€ {price}</td></tr>",
    "old price": "<div class=c><a href='/p/{slug}'><h3>{name}</h3></a><del>€ 99,99</del> <ins>€ {price}</ins></div>",
    "old price by class": "<div class=c><h3><a href='/p/{slug}'>{name}</a></h3><span class=old-price>€ 99,99</span><span class=price>€ {price}</span></div>",
    "name in a div": "<div class=c><a href='/p/{slug}'><img src=x></a><div class=product-name>{name}</div><div class=price>€ {price}</div></div>",
    "whole card is a link": "<a class=c href='/p/{slug}'><img src=x><span class=title>{name}</span><span class=price>€ {price}</span></a>",
    "price from": "<div class=c><h3><a href='/p/{slug}'>{name}</a></h3><span class=price>vanaf € {price}</span></div>",
    "repeated note": "<div class=c><a href='/p/{slug}'>{name}</a><span class=price>€ {price}</span><a href='/verzending'>excl. verzendkosten en emballage</a></div>",
    "name in the picture": "<div class=c><a href='/p/{slug}'><img src=x alt='{name}'></a><span class=price>€ {price}</span></div>",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_names_and_prices_of_any_shape(shape):
    rows = [SHAPES[shape].format(slug=slug(name), name=name, price=price) for name, (price, _) in zip(GOODS, PRICES, strict=True)]
    blocks = f"<table>{''.join(rows)}</table>" if "<tr>" in rows[0] else "".join(rows)
    found = page(f"<h1>Sambal</h1>{blocks}")
    assert found.kind == "listing"
    assert items(found) == [(name, amount) for name, (_, amount) in zip(GOODS, PRICES, strict=True)]
    if shape != "table row":
        assert [tile.url for tile in found.items] == [f"https://toko.example/p/{slug(name)}" for name in GOODS]


@pytest.mark.parametrize(
    ("lang", "url", "text", "amount"),
    [
        ("de", "https://toko.example/a/", "CHF 12.50", 12.5),
        ("sv", "https://toko.se/a/", "129 kr", 129.0),
        ("pl", "https://toko.pl/a/", "1 299,00 zł", 1299.0),
        ("id", "https://toko.co.id/a/", "Rp 45.000", 45000.0),
        ("ja", "https://toko.jp/a/", "1,980円", 1980.0),
        ("ru", "https://toko.ru/a/", "250 руб.", 250.0),
        ("en", "https://toko.com/a/", "US $3.57", 3.57),
    ],
)
def test_currencies(lang, url, text, amount):
    blocks = "".join(f"<li class=c><h3><a href='/p/{slug(name)}'>{name}</a></h3><span class=price>{text}</span></li>" for name in GOODS)
    assert [price for _, price in items(page(blocks, lang=lang, url=url))] == [amount] * len(GOODS)


def test_what_is_sold_out_is_a_block_without_price():
    blocks = "".join(
        f"<div class=c><img src=x><h3><a href='/p/{slug(name)}'>{name}</a></h3>{'<span class=price>€ 2,49</span>' if place != 2 else 'uitverkocht'}</div>"
        for place, name in enumerate(GOODS)
    )
    found = items(page(blocks))
    assert [name for name, _ in found] == GOODS
    assert [price for _, price in found] == [2.49, 2.49, None, 2.49, 2.49]


def test_a_price_for_several_gives_way_to_the_price_of_one():
    blocks = "".join(
        f"<div class=c><a href='/p/{slug(name)}'>{name}</a> <a class=cart href='/cart'>€ 8,99</a><p class=price>vanaf 3 potten € 6,99 / pot</p></div>"
        for name in GOODS
    )
    assert {price for _, price in items(page(blocks))} == {8.99}


def test_recommendations_beside_the_list_are_not_in_it():
    blocks = "".join(f"<div class=c><h3><a href='/p/{slug(n)}'>{n}</a></h3><span class=price>€ 2,49</span></div>" for n in GOODS)
    aside = "".join(f"<li class=r><a href='/q/{n}'>Aanbieding {n}</a><span class=price>€ 1,00</span></li>" for n in range(4))
    found = items(page(blocks, after=f"<aside class=related><ul>{aside}</ul></aside>"))
    assert [name for name, _ in found] == GOODS


def test_a_price_list_of_one_service_is_no_listing():
    rows = "".join(f"<tr><td>Uw advertentie wordt vernieuwd</td><td>{n} dagen</td><td class=price>€ {n},00</td></tr>" for n in range(1, 7))
    assert page(f"<table>{rows}</table>").items == ()


def test_a_directory_with_telephone_links():
    blocks = "".join(
        f"<div class=firm><h3><a href='/firma/{slug(name)}'>{name}</a></h3><p>Havenweg {place}, 3011 AA Rotterdam</p>"
        f"<a href='tel:010 20000{place:02}'>010 20000{place:02}</a> <a href='mailto:info@f{place}.example'>mail</a></div>"
        for place, name in enumerate(FIRMS)
    )
    found = page(blocks, url="https://gids.nl/groothandel")
    assert found.kind == "directory"
    flat = flat_page(found)["items"]
    assert [item["name"] for item in flat] == FIRMS
    assert [item["emails"] for item in flat] == [[f"info@f{place}.example"] for place in range(4)]
    assert flat[2]["phones"] == ["+31102000002"]


def test_a_directory_with_printed_numbers_and_one_firm_without():
    blocks = "".join(
        f"<li><h4>{name}</h4><div>Rotterdam</div>{'' if place == 1 else f'<span>Tel. 010 20000{place:02}</span>'}</li>"
        for place, name in enumerate(FIRMS)
    )
    found = page(f"<ul>{blocks}</ul>", url="https://gids.nl/groothandel")
    flat = flat_page(found)["items"]
    assert [item["name"] for item in flat] == FIRMS
    assert [len(item["phones"]) for item in flat] == [1, 0, 1, 1]


def test_cards_without_price_or_telephone():
    blocks = "".join(
        f"<div class=card><img src=l.png><a class=btn href='/c/{slug(n)}'>Contract Request</a><h2><a href='/c/{slug(n)}'>{n}</a></h2><p>Rotterdam</p></div>"
        for n in FIRMS
    )
    found = page(blocks, url="https://gids.example/wholesalers")
    assert found.kind == "listing"
    assert [item[0] for item in items(found)] == FIRMS
    assert {item["price"] for item in flat_page(found)["items"]} == {None}


def test_rows_of_a_table_without_price():
    rows = "".join(
        f"<tr><td><a href='/t/{n}'>Supply of chili sauce, lot {n}</a></td><td>Rotterdam</td><td>2026-12-0{n}</td></tr>" for n in range(1, 7)
    )
    found = items(page(f"<table>{rows}</table>", url="https://board.example/list"))
    assert [name for name, _ in found] == [f"Supply of chili sauce, lot {n}" for n in range(1, 7)]


@pytest.mark.parametrize(
    "blocks",
    [
        "<nav><ul>{}</ul></nav>".format("".join(f"<li><h3><a href='/{n}'>Category number {n}</a></h3></li>" for n in range(8))),
        "".join(f"<div class=k><h3><a href='/k/{n}'>Huis en tuin artikelen nummer {n} ({n}1)</a></h3><img src=x></div>" for n in range(8)),
        "".join(
            f"<p>Tekst {n}. Lees <strong><a href='/t/{n}'>hier</a></strong> meer over ons bedrijf en onze sambal.</p>" for n in range(2)
        ),
    ],
)
def test_menus_categories_and_text_are_no_cards(blocks):
    assert page(blocks, url="https://toko.example/").items == ()
