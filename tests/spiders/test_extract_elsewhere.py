"""Shapes of shops and imprints of countries that no page of the measured ones comes from; pages written by us."""

import pytest

from market_db.seen import Listing
from spiders.extract.flat import flat_page
from spiders.extract.page import Page, extract_page
from spiders.extract.stock import said_availability

NAME = "Sambal Oelek 370 g"


def page(body: str, lang: str = "en", title: str = f"{NAME} | Toko Rasa", url: str = "https://www.tokorasa.example/p/1") -> Page:
    head = f'<head><meta charset="utf-8"><title>{title}</title></head>'
    return extract_page(f'<html lang="{lang}">{head}<body>{body}</body></html>'.encode(), url, {})


def product(body: str, **how: str) -> Listing:
    record = page(body, **how).records[0]
    assert isinstance(record, Listing)
    return record


PRICES = {
    "old and new price side by side in one box": (
        '<div class="fiyat"><span class="eski">89,90 TL</span> <span class="indirimli">74,50 TL</span></div><a>Sepete Ekle</a>',
        "tr",
        (74.5, "TRY"),
    ),
    "net and gross price side by side in one box": (
        (
            '<div class="prices"><div class="price-ex">£40.00 <span>ex VAT</span></div><div class="price-inc">£48.00 <span>inc VAT</span></div></div>'
            "<button>Add to basket</button>"
        ),
        "en-GB",
        (48.0, "GBP"),
    ),
    "struck by the style of what holds the price": (
        (
            '<table><tr><th>판매가</th><td><span style="text-decoration:line-through"><strong>18,000원</strong></span></td></tr>'
            "<tr><th>할인판매가</th><td><span>15,300원 <span>(2,700원 할인)</span></span></td></tr></table><button>구매하기</button>"
        ),
        "ko",
        (15_300.0, "KRW"),
    ),
    "old and new price as bare text of a box with more in it": (
        (
            '<div class="current-price-container">Statt 8,90 EUR<br>Nur 6,90 EUR<p>6,90 EUR pro 100 g<br>inkl. 7 % MwSt. zzgl. Versand</p></div>'
            '<input type="submit" value="In den Warenkorb">'
        ),
        "de",
        (6.9, "EUR"),
    ),
    "dirhams of Morocco": ('<p class="price">149,00 Dhs</p><button>Ajouter au panier</button>', "fr-MA", (149.0, "MAD")),
    "dinars before the number": ("<div><b>KD 3.500</b></div><p>In stock</p><button>Add to cart</button>", "en-KW", (3.5, "KWD")),
    "a cart of Chile": ("<div><b>$12.990</b></div><button>Agregar al carro</button>", "es-CL", (12_990.0, "CLP")),
    "steps of one price": (
        (
            '<div class="step"><div>100 - 999 kilograms</div><div class="price"><span>$8.50</span></div></div>'
            '<div class="step"><div>1000 - 4999 kilograms</div><div class="price"><span>$8.20</span></div></div>'
            '<div class="step"><div>&gt;= 5000 kilograms</div><div class="price"><span>$7.90</span></div></div><button>Start order</button>'
        ),
        "en-US",
        (8.5, "USD"),
    ),
    "recommended products whose prices are called so": (
        '<ul><li><h2>12 900 ₸</h2></li><li>Без НДС: 11 518 ₸</li></ul><button class="btn">В корзину</button>'
        + "".join(f'<div class="thumb"><h4><a href="/{n}">Sambal {n}</a></h4><p class="price">1{n} 200 ₸</p></div>' for n in "1234"),
        "ru-KZ",
        (12_900.0, "KZT"),
    ),
}


@pytest.mark.parametrize("shape", PRICES)
def test_price_asked(shape):
    body, lang, (amount, currency) = PRICES[shape]
    record = product(f"<h1>{NAME}</h1>{body}", lang=lang)
    assert (record.name, record.price, record.currency) == (NAME, amount, currency)


def test_the_least_that_an_order_must_reach_is_no_price():
    head = f'<script type="application/ld+json">{{"@type": "Product", "name": "{NAME}", "sku": "S1"}}</script>'
    record = product(f"{head}<h1>{NAME}</h1><p>Preis nur für Händler.</p><p>Mindestbestellwert 250,00 €</p>", lang="de")
    assert record.price is None


def test_what_is_sold_out_is_a_product_though_it_has_a_price():
    body = f"<h1>{NAME}</h1><table><tr><td>1.299,95 kr.</td></tr></table><p>Ikke på lager</p><button>Udsolgt</button>"
    record = product(body, lang="da", url="https://www.toko.dk/p/1")
    assert (record.price, record.availability) == (1_299.95, "OutOfStock")


def test_a_page_that_is_not_there_offers_nothing():
    body = (
        "<h1>404 - Page introuvable</h1><h3>Produits populaires</h3>"
        '<div><a href="/1">Vanille</a> <span class="price">24,90 €</span></div><div><a href="/2">Poivre</a> <span class="price">4,90 €</span></div>'
    )
    assert page(body, lang="fr", title="Page introuvable").kind != "product"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lagersaldo: 12 st", "InStock"),
        ("bestand: 0 stück", "OutOfStock"),
        ("stok: 15", "InStock"),
        ("stok 0", "OutOfStock"),
        ("在庫数：3個", "InStock"),
        ("stock: 1.250 kg", None),
        ("steht derzeit nicht zur verfügung!", "OutOfStock"),
        ("স্টকে আছে", "InStock"),
    ],
)
def test_stock_in_numbers_and_in_more_languages(line, said):
    assert said_availability([line]) == said


def test_rdfa_is_read_as_microdata_is():
    body = f"""<ol vocab="https://schema.org/" typeof="BreadcrumbList"><li property="itemListElement" typeof="ListItem">
    <a property="item" typeof="WebPage" href="/"><span property="name">Accueil</span></a><meta property="position" content="1"></li>
    <li property="itemListElement" typeof="ListItem"><a property="item" typeof="WebPage" href="/s"><span property="name">Sauces</span></a>
    <meta property="position" content="2"></li></ol><div vocab="http://schema.org/" typeof="Product"><h1 property="name">{NAME}</h1>
    <div property="offers" typeof="Offer"><meta property="priceCurrency" content="EUR"><span property="price" content="7.20">7,20 €</span>
    <link property="availability" href="http://schema.org/OutOfStock"></div>
    <span property="brand" typeof="Brand"><span property="name">Rasa Liar</span></span></div>"""
    found = page(body, lang="fr")
    record = found.records[0]
    assert isinstance(record, Listing)
    assert (record.price, record.currency, record.availability, record.brand) == (7.2, "EUR", "OutOfStock", "Rasa Liar")
    assert found.breadcrumbs == ("Accueil", "Sauces")


def test_the_rest_of_a_title_is_the_shop_where_the_page_says_it_again():
    body = f"<header>บ้านรสชาติ</header><h1>{NAME}</h1><p class='price'>฿ 85.00</p><button>หยิบใส่ตะกร้า</button>"
    seller = product(body, lang="th", title=f"{NAME} | บ้านรสชาติ").seller
    assert seller is not None
    assert seller.name == "บ้านรสชาติ"
    assert product(body, lang="th", title=f"{NAME} | ราคาถูก").seller is None


def test_goods_by_the_kilogram_are_no_limited_partnership():
    body = "<h1>Kopi Gayo 1 kg</h1><p class='price'>Rp 250.000</p><button>Masukkan Keranjang</button><footer>© 2026 Toko Kopi Rasa</footer>"
    seller = product(body, lang="id", title="Kopi Gayo 1 kg | Toko Kopi Rasa").seller
    assert seller is not None
    assert seller.name == "Toko Kopi Rasa"


IMPRINTS = {
    "a form of three letters": (
        "<h1>Impressum</h1><p>Rasa Handelsgesellschaft mbH<br>Hafenstr. 14<br>20457 Hamburg</p>",
        "de",
        "Impressum | Rasa",
        "Rasa Handelsgesellschaft mbH",
    ),
    "a form with points in the middle": (
        "<h1>Contacto</h1><p>Rasa del Valle, S.A. de C.V.<br>Calz. Vallejo 1234<br>C.P. 02300, México</p>",
        "es-MX",
        "Contacto | Rasa del Valle",
        "Rasa del Valle, S.A. de C.V.",
    ),
    "a number in brackets behind the name": (
        "<h1>Hubungi Kami</h1><p>Rasa Maju Sdn. Bhd. (123456-X)<br>No. 8, Jalan Perusahaan 3,<br>13600 Perai</p>",
        "ms",
        "Hubungi Kami - Rasa Maju",
        "Rasa Maju Sdn. Bhd.",
    ),
    "a form in brackets before the name": (
        "<h2>오시는 길</h2><p>TEL 051-463-1234</p><footer>(주)라사무역 | 대표이사: 홍길동 | 사업자등록번호: 602-81-12345 | 부산광역시 중구 100</footer>",
        "ko",
        "오시는 길 | 라사무역",
        "(주)라사무역",
    ),
    "a form with marks inside": (
        '<h1>צור קשר</h1><p>תבליני רסה בע"מ</p><p>רחוב הרצל 10, חיפה 3312345</p><p>טלפון: 04-8612345</p>',
        "he",
        "צור קשר - תבליני רסה",
        'תבליני רסה בע"מ',
    ),
    "another name, with its number in the register": (
        "<h1>Контакты</h1><p>ООО «Восточные пряности»</p><p>Юридический адрес: 119021, г. Москва, ул. Толстого, д. 16</p><p>ИНН 7701234567</p>",
        "ru",
        "Контакты — Пряности Оптом",
        "ООО «Восточные пряности»",
    ),
    "whose trading name it is": (
        "<h1>Get in touch</h1><p>Call 020 7946 0123</p><footer>Rasa Foods is a trading name of Rasa (London) Limited, registered in England no. 01234567.</footer>",
        "en-GB",
        "Contact | Rasa Foods",
        "Rasa (London) Limited",
    ),
}


@pytest.mark.parametrize("shape", IMPRINTS)
def test_legal_name_of_an_imprint(shape):
    body, lang, title, name = IMPRINTS[shape]
    found = flat_page(page(body, lang=lang, title=title, url="https://www.site.example/contact"))
    assert found["seller"] == name
    assert found["language"] in (lang[:2], "id" if lang == "ms" else lang[:2])  # Indonesian and Malay share nearly all words


@pytest.mark.parametrize(
    ("lang", "line", "phone"),
    [
        ("fr-FR", "Service client : 04 91 23 45 67", "+33491234567"),
        ("pt-BR", "Televendas (11) 3456-7890", "+551134567890"),
        ("pt-BR", "SAC: 0800 123 4567", "+558001234567"),
        ("pt-PT", "Telemóvel: 912 345 678", "+351912345678"),
        ("pl-PL", "kom. 601 234 567", "+48601234567"),
        ("es-MX", "Lada sin costo: 800 123 4567", "+528001234567"),
    ],
)
def test_words_that_announce_a_telephone(lang, line, phone):
    assert flat_page(page(f"<h1>Contact</h1><p>{line}</p>", lang=lang, title="Contact", url="https://www.site.example/contact"))[
        "phones"
    ] == [phone]


def test_an_address_with_commas_of_its_own_script():
    body = "<h1>اتصل بنا</h1><p>العنوان: 15 شارع الأزهر، القاهرة، مصر</p><p>هاتف: 02-25901234</p>"
    found = flat_page(page(body, lang="ar", title="اتصل بنا", url="https://www.site.example/contact"))
    assert (found["country"], found["phones"]) == ("EG", ["+20225901234"])


def test_a_certified_mailbox_named_after_the_site_is_the_firm():
    body = "<h1>Contatti</h1><p>Tokorasa S.r.l.</p><p>PEC: tokorasa@arubapec.it</p><p>mario.rossi@tokorasa.example</p>"
    assert flat_page(page(body, lang="it", title="Contatti", url="https://www.tokorasa.example/contatti"))["emails"] == [
        "tokorasa@arubapec.it"
    ]


def test_croatian_is_not_polish():
    body = "<h1>Cimet u štapiću 200 g</h1><p class='price'>9,90 €</p><button>Dodaj u košaricu</button>"
    assert flat_page(page(body, lang="hr", title="Cimet", url="https://www.toko.hr/p/1"))["language"] == "hr"


FIRMS = ("Almeida Import Lda", "Barros & Filhos SA", "Costa Especiarias Lda", "Duarte Foods Lda")


@pytest.mark.parametrize(
    ("row", "around"),
    [
        (
            "<tr><td>{name}</td><td>Lisboa</td><td>213 456 70{n}</td><td>geral@{n}.example</td></tr>",
            "<table><tr><th>Empresa</th><th>Localidade</th><th>Telefone</th><th>E-mail</th></tr>{rows}</table>",
        ),
        ("<p><b>{name}</b><br>Rua da Prata {n}<br>Tel: 213 456 70{n}<br>geral@{n}.example</p>", "<div>{rows}</div>"),
    ],
    ids=["rows of a table", "paragraphs with breaks"],
)
def test_a_list_of_firms_without_links(row, around):
    rows = "".join(row.format(name=f"{name} (contoh)", n=n) for n, name in enumerate(FIRMS))
    found = flat_page(
        page(f"<h1>Associados</h1>{around.format(rows=rows)}", lang="pt-PT", title="Associados", url="https://www.site.example/lista")
    )
    assert [item["name"] for item in found["items"]] == [f"{name} (contoh)" for name in FIRMS]
    assert found["items"][1]["phones"] == ["+351213456701"]


@pytest.mark.parametrize(
    ("lang", "body", "name"),
    [
        ("nl", "<p>Tokorasa is een handelsnaam van Rasa Specerijen B.V.</p><p>Telefoonnummer: 010 - 511 22 33</p>", "Rasa Specerijen B.V."),
        (
            "fr",
            "<p>Ce site est édité par la société Rasa Java SARL au capital de 8 000 euros, RCS Lyon 512 345 678.</p><p>Tél. 04 78 37 12 34</p>",
            "Rasa Java SARL",
        ),
        ("en-AU", "<p>Rasa Importers Pty Ltd ABN 12 345 678 901<br>12 Foundry Rd, Seven Hills NSW 2147</p>", "Rasa Importers Pty Ltd"),
    ],
)
def test_a_legal_name_in_a_sentence(lang, body, name):
    found = page(f"<h1>Contact</h1>{body}", lang=lang, title="Contact | Rasa", url="https://www.rasa.example/contact")
    assert flat_page(found)["seller"] == name


def test_the_owner_behind_a_name_is_left_out():
    body = f"<h1>{NAME}</h1><p class='price'>6,90 EUR</p><button>In den Warenkorb</button><footer>Tokorasa Inh. K. Contoh © 2026</footer>"
    seller = product(body, lang="de").seller
    assert seller is not None
    assert seller.name == "Tokorasa"
