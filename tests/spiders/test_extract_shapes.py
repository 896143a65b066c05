"""Shapes of product pages that shop software of many kinds writes: names, prices, currencies and paths."""

import json

import pytest

from market_db.seen import Listing
from spiders.extract.page import extract_page

NAME = "Sambal Oelek 370 g"
CART = "<button>Add to cart</button>"


def record(body: str, head: str = "", title: str = f"{NAME} | Toko", url: str = "https://toko.example/p/1", lang: str = "en") -> Listing:
    text = f'<html lang="{lang}"><head><title>{title}</title>{head}</head><body>{body}</body></html>'
    found = extract_page(text.encode(), url, {}).records[0]
    assert isinstance(found, Listing)
    return found


def script(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def product(**offer: object) -> str:
    return script({"@context": "https://schema.org", "@type": "Product", "name": NAME, "offers": {"@type": "Offer", **offer}})


@pytest.mark.parametrize(
    ("url", "lang", "price", "amount", "currency"),
    [
        # signs and words that several countries share, by the site's country
        ("https://toko.example.com.au/p/1", "en-AU", '<b class="price">$4.50</b>', 4.5, "AUD"),
        ("https://toko.cl/p/1", "es-CL", '<b class="price">$ 24.990</b>', 24990, "CLP"),
        ("https://toko.com.mx/p/1", "es-MX", '<b class="price">$1,249.00</b>', 1249, "MXN"),
        ("https://toko.se/p/1", "sv", '<b class="price">49:-</b>', 49, "SEK"),
        ("https://toko.no/p/1", "nb", '<b class="price">kr 129,00</b>', 129, "NOK"),
        ("https://toko.dk/p/1", "da", '<b class="pris">39,95 kr.</b>', 39.95, "DKK"),
        ("https://toko.cz/p/1", "cs", '<b class="cena">1 299,- Kč</b>', 1299, "CZK"),
        ("https://toko.in/p/1", "en-IN", '<b class="price">Rs. 1,25,000</b>', 125000, "INR"),
        ("https://toko.co.id/p/1", "id", '<b class="harga">Rp25.000</b>', 25000, "IDR"),
        ("https://toko.com.my/p/1", "ms", '<b class="price">RM 12.90</b>', 12.9, "MYR"),
        ("https://toko.vn/p/1", "vi", '<b class="gia price">125.000đ</b>', 125000, "VND"),
        ("https://toko.com.br/p/1", "pt-BR", '<b class="preco">R$ 1.249,90</b>', 1249.9, "BRL"),
        ("https://toko.pe/p/1", "es-PE", '<b class="precio">S/ 15.90</b>', 15.9, "PEN"),
        ("https://toko.hu/p/1", "hu", '<b class="ar price">1 990 Ft</b>', 1990, "HUF"),
        ("https://toko.ro/p/1", "ro", '<b class="pret">173<sup>34</sup> Lei</b>', 173.34, "RON"),
        ("https://toko.bg/p/1", "bg", '<b class="price">7,90 лв.</b>', 7.9, "BGN"),
        ("https://toko.com.ua/p/1", "uk", '<b class="price">129 грн</b>', 129, "UAH"),
        ("https://toko.kz/p/1", "ru", '<b class="price">44 890 тг.</b>', 44890, "KZT"),
        ("https://toko.com.tr/p/1", "tr", '<b class="fiyat">1.249,90 TL</b>', 1249.9, "TRY"),
        ("https://toko.ae/p/1", "en", '<b class="price">AED 24.50</b>', 24.5, "AED"),
        ("https://toko.sa/p/1", "ar", '<b class="price">129 ر.س</b>', 129, "SAR"),
        ("https://toko.com.kw/p/1", "en", '<b class="price">KD 1.250</b>', 1.25, "KWD"),
        ("https://toko.co.il/p/1", "he", '<b class="price">₪ 24.90</b>', 24.9, "ILS"),
        ("https://toko.co.th/p/1", "th", '<b class="price">฿125.00</b>', 125, "THB"),
        ("https://toko.jp/p/1", "ja", '<b class="price">1,280円(税込)</b>', 1280, "JPY"),
        ("https://toko.co.kr/p/1", "ko", '<b class="price">12,900원</b>', 12900, "KRW"),
        ("https://toko.com.tw/p/1", "zh-TW", '<b class="price">NT$ 294</b>', 294, "TWD"),
        ("https://toko.co.nz/p/1", "en-NZ", '<b class="price">89c</b>', 0.89, "NZD"),
        ("https://toko.ch/p/1", "de-CH", '<b class="preis">CHF 12.95</b>', 12.95, "CHF"),
        ("https://toko.ch/p/1", "de-CH", '<b class="preis">Fr. 12.95</b>', 12.95, "CHF"),
        ("https://toko.pl/p/1", "pl", '<b class="cena">9 900,00 zł</b>', 9900, "PLN"),
        ("https://toko.de/p/1", "de", '<b class="preis">1.299,00&nbsp;€</b>', 1299, "EUR"),
        ("https://toko.de/p/1", "de", '<span class="price"><span>€</span><span>3</span><span>,</span><span>79</span></span>', 3.79, "EUR"),
        ("https://toko.de/p/1", "de", '<span class="price">3<sup>79</sup> €</span>', 3.79, "EUR"),
        # one currency on the whole page tells that of a bare number
        ("https://toko.example/p/1", "", '<b class="price">12.50</b><div class="related"><b>US$ 3.50</b><b>US$ 4.50</b></div>', 12.5, "USD"),
        # the struck price first, by tag, class or style; a lone price that a theme calls "regular" is asked
        ("https://toko.de/p/1", "de", "<del>5,99 €</del> <ins>3,79 €</ins>", 3.79, "EUR"),
        ("https://toko.de/p/1", "de", '<span class="price old-price">5,99 €</span><span class="price special-price">3,79 €</span>', 3.79, "EUR"),
        ("https://toko.de/p/1", "de", '<span class="price" style="text-decoration:line-through">5,99 €</span><span class="price">3,79 €</span>', 3.79, "EUR"),
        ("https://toko.de/p/1", "de", '<span class="regular-price"><span class="price">3,79 €</span></span>', 3.79, "EUR"),
        ("https://toko.de/p/1", "de", '<span class="price bold">3,79 €</span>', 3.79, "EUR"),
        ("https://toko.de/p/1", "de", '<span class="price-discount">3,79 €</span>', 3.79, "EUR"),
        ("https://toko.de/p/1", "de", '<span class="price_oldamount">5,99 €</span><span class="price_amount">3,79 €</span>', 3.79, "EUR"),
        ("https://toko.de/p/1", "de", '<span class="priceOld">5,99 €</span><span class="price">3,79 €</span>', 3.79, "EUR"),
        ("https://toko.de/p/1", "de", '<div class="page--withoutsidebar product-header"><b class="price">3,79 €</b></div>', 3.79, "EUR"),
        ("https://toko.de/p/1", "de", "<div class='price'>UVP 5,99 € <b>3,79 €</b></div>", 3.79, "EUR"),
        # with and without tax
        ("https://toko.sk/p/1", "sk", '<div class="price">bez DPH 3,56 €</div><div class="price">s DPH 4,27 €</div>', 4.27, "EUR"),
        ("https://toko.sk/p/1", "sk", '<div><span>bez DPH</span><span class="price">3,56 €</span></div><div><span>s DPH</span><span class="price">4,27 €</span></div>', 4.27, "EUR"),
        ("https://toko.nl/p/1", "nl", '<span class="price-excl-vat">€ 3,00 excl. btw</span><span class="price">€ 3,63 incl. btw</span>', 3.63, "EUR"),
        ("https://toko.fr/p/1", "fr", '<span class="prix">3,00 € HT</span> <span class="prix">3,60 € TTC</span>', 3.6, "EUR"),
        # instalments, shipping, savings, unit prices
        ("https://toko.com.br/p/1", "pt-BR", '<span class="price">R$ 120,00</span><span>10x de R$ 12,00</span>', 120, "BRL"),
        ("https://toko.de/p/1", "de", '<span class="price">3,79 €</span><span class="unit-price">10,24 € / kg</span><p>Versand 4,95 €</p>', 3.79, "EUR"),
        ("https://toko.example/p/1", "en-US", '<span class="you-save">You save $2.00</span><span class="price">$3.79</span>', 3.79, "USD"),
        # RDFa
        ("https://toko.example/p/1", "en-US", '<span property="gr:hasCurrencyValue" content="8.99">$8.99</span>', 8.99, "USD"),
    ],
)  # fmt: skip
def test_shown_prices(url: str, lang: str, price: str, amount: float, currency: str) -> None:
    found = record(f"<h1>{NAME}</h1><div class='buy'>{price}{CART}</div>", url=url, lang=lang)
    assert (found.price, found.currency) == (amount, currency)


@pytest.mark.parametrize(
    ("offer", "price", "currency"),
    [
        ({"price": "249", "priceCurrency": "RUR"}, 249, "RUB"),
        ({"price": "249", "priceCurrency": "UAN"}, 249, "UAH"),
        ({"price": "9.90", "priceCurrency": "pln"}, 9.9, "PLN"),
        ({"price": "9.90", "priceCurrency": "€"}, 9.9, "EUR"),
        ({"price": "9.90", "pricecurrency": "EUR"}, 9.9, "EUR"),
        ({"price": "9.90", "currency": "EUR"}, 9.9, "EUR"),
        ({"price": 9.9, "priceCurrency": "EUR"}, 9.9, "EUR"),
        ({"price": "1.249,00", "priceCurrency": "EUR"}, 1249, "EUR"),
        ({"price": "1,249.00", "priceCurrency": "USD"}, 1249, "USD"),
        ({"price": "140.000", "priceCurrency": "IDR"}, 140000, "IDR"),
        ({"price": "140000.00", "priceCurrency": "IDR"}, 140000, "IDR"),
        ({"price": "1.250", "priceCurrency": "KWD"}, 1.25, "KWD"),
        ({"price": "$9.90", "priceCurrency": "USD"}, 9.9, "USD"),
        ({"price": ["9.90"], "priceCurrency": ["EUR"]}, 9.9, "EUR"),
        ({"price": "0", "priceCurrency": "EUR"}, None, None),
        ({"@type": "AggregateOffer", "lowPrice": 5, "highPrice": 9, "priceCurrency": "EUR"}, 5, "EUR"),
        ({"@type": "AggregateOffer", "priceCurrency": "EUR", "offers": [{"price": 7}, {"price": 6}]}, 6, "EUR"),
        ({"priceSpecification": {"price": 4, "priceCurrency": "EUR"}}, 4, "EUR"),
        ({"priceSpecification": [{"price": 6, "priceType": "https://schema.org/ListPrice"}, {"price": 4, "priceCurrency": "EUR"}]}, 4, "EUR"),
        ({"priceSpecification": [{"@type": "UnitPriceSpecification", "price": 12.5, "priceCurrency": "EUR", "referenceQuantity":
            {"value": 1, "unitCode": "KGM"}}, {"price": 4, "priceCurrency": "EUR"}]}, 4, "EUR"),
        ({"priceSpecification": [{"price": 3.36, "valueAddedTaxIncluded": False, "priceCurrency": "EUR"}, {"price": 4, "valueAddedTaxIncluded":
            True}]}, 4, "EUR"),
    ],
)  # fmt: skip
def test_stated_prices(offer: dict, price: float | None, currency: str | None) -> None:
    found = record(f"<h1>{NAME}</h1>", product(**offer))
    assert (found.price, found.currency) == (price, currency)


MICRO = '<div itemscope itemtype="http://schema.org/Product"><h1 itemprop="name">{name}</h1>{rest}</div>'


@pytest.mark.parametrize(
    ("rest", "price", "currency"),
    [
        ('<span class="price">$4.99</span>', 4.99, "USD"),  # no Offer at all
        ('<div itemprop="offers" itemscope><span itemprop="price">$4.99</span></div>', 4.99, "USD"),
        ('<span itemprop="price" content="4.99">$4.99</span><meta itemprop="priceCurrency" content="USD">', 4.99, "USD"),
        (('<div itemprop="offers" itemscope itemtype="http://schema.org/Offer"><meta itemprop="price" content="5.99">'
         '<meta itemprop="priceCurrency" content="USD"><del>$5.99</del><b class="price">$4.99</b></div>'), 4.99, "USD"),
        (('<div itemprop="offers" itemscope itemtype="http://schema.org/AggregateOffer"><span itemprop="lowPrice">$4.99</span> - '
         '<span itemprop="highPrice">$9.99</span><meta itemprop="priceCurrency" content="USD"></div>'), 4.99, "USD"),
        (('<div itemprop="offerDetails" itemscope itemtype="http://data-vocabulary.org/Offer"><meta itemprop="currency" content="USD">'
         '<span itemprop="price">4.99</span></div>'), 4.99, "USD"),
    ],
)  # fmt: skip
def test_microdata_prices(rest: str, price: float, currency: str) -> None:
    found = record(MICRO.format(name=NAME, rest=rest + CART), lang="en-US")
    assert (found.name, found.price, found.currency) == (NAME, price, currency)


@pytest.mark.parametrize(
    ("head", "shown", "price"),
    [
        # net of tax, a start bid, an offer gone stale: OpenGraph or the page know better
        ('<meta property="product:price:amount" content="3.36"><meta property="product:price:currency" content="EUR">', "3,99 €", 3.99),
        (product(price="1.00", priceCurrency="EUR") + '<meta property="og:price:amount" content="2.50">', "2,50 €", 2.5),
        (product(price="3.99", priceCurrency="EUR"), "3,99 €", 3.99),
        # a price that is nowhere near belongs to something else
        (product(price="39.90", priceCurrency="EUR"), "4,95 €", 39.9),
    ],
)
def test_stated_and_shown_prices(head: str, shown: str, price: float) -> None:
    head = '<meta property="og:type" content="product">' + head
    found = record(f"<h1>{NAME}</h1><span class='price'>{shown}</span>{CART}", head, lang="de")
    assert (found.price, found.currency) == (price, "EUR")


BUY = f"<p class='price'>$3.79</p>{CART}"


@pytest.mark.parametrize(
    ("body", "title", "head", "name"),
    [
        (f"<h1>Bestsellers</h1><h1>{NAME}</h1>{BUY}", f"{NAME} | Toko", "", NAME),
        (f"<div class='breadcrumb'><a href='/'>Home</a> <a href='/s'>Sauce</a></div><h1>{NAME} Sauce</h1>{BUY}", f"{NAME} - Sauce - Toko", "", NAME),
        (f"<h1>{NAME} hot</h1>{BUY}", f"{NAME} - hot - Toko", "", f"{NAME} hot"),
        (f"<h1></h1><h1>{NAME}</h1>{BUY}", f"{NAME} - Toko", "", NAME),
        (f"<h1>Details about {NAME} - hot - sweet</h1>{BUY}", f"{NAME} - hot - sweet | Toko", "", f"{NAME} - hot - sweet"),
        (f"<h1>Product: {NAME}</h1>{BUY}", f"{NAME} | Toko", "", NAME),
        (f"<h1>\ue001 Log in $3.79 · {NAME}</h1>{BUY}", f"{NAME} City, Region", "", NAME),
        (f"<h1>{NAME} Code: 01245</h1>{BUY}", NAME, "", NAME),
        (f"<h1>Rasa {NAME}</h1>{BUY}", f"Rasa {NAME} | Toko", script({"@type": "Product", "name": NAME, "brand": "Rasa", "offers": {"price": 3.79}}),
         f"Rasa {NAME}"),
        (f"<h1>Beans &amp;amp; Sambal</h1>{BUY}", "Beans &amp;amp; Sambal | Toko", "", "Beans & Sambal"),
        (f"<h1>Rasa {NAME}</h1>{BUY}", "Buy now",
         script({"@type": "Product", "name": f"Rasa {NAME} - Buy Sambal,Chili Sauce,Hot Sauce,Sauce Wholesale Product on Toko.example"}), f"Rasa {NAME}"),
        (f"<div class='t'>{NAME}</div>{BUY}", f"{NAME} | Toko", '<meta property="og:title" content="Sambal Oelek 370 g">', NAME),
    ],
)  # fmt: skip
def test_names(body: str, title: str, head: str, name: str) -> None:
    assert record(body, head, title, lang="en-US").name == name


PATH = ("Home", "Sauces", "Chili")


def links(mark: str = " ") -> str:
    return mark.join(f'<a href="/{i}">{crumb}</a>' for i, crumb in enumerate(PATH))


def vocabulary(nested: bool = False) -> str:
    open_tag = '<{tag} itemscope itemtype="http://data-vocabulary.org/Breadcrumb"{child}><a itemprop="url" href="/{i}"><span itemprop="title">{c}</span></a>'
    crumbs = [open_tag.format(tag="span", i=i, c=c, child=' itemprop="child"' if nested and i else "") for i, c in enumerate(PATH)]
    return "".join(crumbs) + "</span>" * 3 if nested else " &gt; ".join(f"{crumb}</span>" for crumb in crumbs)


@pytest.mark.parametrize(
    "markup",
    [
        script({"@type": "BreadcrumbList", "itemListElement": [{"position": i, "item": {"name": c, "@id": f"/{i}"}} for i, c in enumerate(PATH)]}),
        script({"@type": "BreadcrumbList", "itemListElement": [{"position": str(3 - i), "name": c} for i, c in enumerate(reversed(PATH))]}),
        script({"@graph": [{"@type": "WebPage", "breadcrumb": {"@type": "BreadcrumbList", "itemListElement": [
            {"position": i, "name": c} for i, c in enumerate([*PATH, NAME])]}}]}),
        '<ol itemscope itemtype="https://schema.org/BreadcrumbList">' + "".join(
            f'<li itemprop="itemListElement" itemscope itemtype="https://schema.org/ListItem"><a itemprop="item" href="/{i}"><span itemprop="name">'
            f'{c}</span></a><meta itemprop="position" content="{i}"></li>' for i, c in enumerate(PATH)) + "</ol>",
        vocabulary(),
        vocabulary(nested=True),
        f'<div class="breadcrumbs">{links(" &gt; ")} &gt; {NAME}</div>',
        f'<nav aria-label="Breadcrumb">{links(" » ")}</nav>',
        f'<ul class="bread-crumb">{"".join(f"<li><a href=/{c}>{c}</a> ›</li>" for c in PATH)}<li>{NAME}</li></ul>',
        f'<div id="pathway">{links(" ‹ ")}</div>',
        f'<div class="navigation-path">{links(" ⟩ ")}</div>',
        f'<div data-testid="breadcrumbs">{links(" / ")}</div>',
        f'<div class="BreadCrumb_root__x1">{links("<i>→</i>")}<span>{NAME}</span></div>',
        '<div class="breadcrumb"><a href="/0">Home ></a><a href="/1">> Sauces</a><a href="/2">⁄ Chili</a></div>',
        f'<div class="crumbs">{links(" ❯ ")} <a href="/4">{NAME[:14]}...</a></div>',
    ],
)  # fmt: skip
def test_paths(markup: str) -> None:
    assert record(f"{markup}<h1>{NAME}</h1>{BUY}", lang="en-US").category == PATH
