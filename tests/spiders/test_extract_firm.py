"""Whose page it is: legal names in imprints, address blocks and copyright lines of many languages; brands in logos, titles and markup."""

import pytest

from spiders.extract.document import Document
from spiders.extract.firm import firm_name


def name(*lines, title="", host="contohrasa.com", head="", raw=""):
    body = raw + "".join(f"<p>{line}</p>" for line in lines)
    markup = f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    return firm_name(Document(markup.encode(), f"https://www.{host}/contact", {"content-type": "text/html; charset=utf-8"}))


LEGAL = [
    ("Contoh Rasa Industrier AB", ["Contoh Rasa Industrier AB, Box 143, 333 23 Ort, Sweden, Tel +46-371-345 10"]),
    ("Contoh Rasa GmbH", ["Impressum", "Contoh Rasa GmbH", "Hafenstraße 12", "20457 Hamburg"]),
    ("Contoh Rasa Handels GmbH & Co. KG", ["Anschrift", "Contoh Rasa Handels GmbH & Co. KG", "Hafenstr. 12, 20457 Hamburg"]),
    ("Contoh Rasa B.V.", ["Contoh Rasa B.V. | Havenweg 1 | 3011 AA Rotterdam"]),
    ("Contoh Rasa Ltd", ["Contoh Rasa Ltd", "1 Harbour Road", "Felixstowe IP11 3TX"]),
    ("Contoh Rasa, Inc.", ["Office Address:", "Contoh Rasa, Inc.", "1224 East Avenue, STE 209"]),
    ("Contoh Rasa LLC", ["Contoh Rasa LLC 55 Kidron Rd. Orrville, OH 44667"]),
    ("Contoh Rasa SARL", ["Éditeur du site : Contoh Rasa SARL, 12 rue du Port, 13002 Marseille"]),
    ("Contoh Rasa S.L.", ["Razón social: Contoh Rasa S.L.", "CIF: B-96155704"]),
    ("Contoh Rasa S.r.l.", ["Contoh Rasa S.r.l. - Via del Porto 8 - 16121 Genova"]),
    ("Contoh Rasa Lda.", ["Denominação social: Contoh Rasa Lda."]),
    ("Contoh Rasa Sp. z o.o.", ["Contoh Rasa Sp. z o.o.", "ul. Portowa 5, 81-350 Gdynia"]),
    ("Contoh Rasa s.r.o.", ["Contoh Rasa s.r.o.", "Přístavní 1, 170 00 Praha 7"]),
    ("Contoh Rasa Kft.", ["Üzemeltető: Contoh Rasa Kft."]),
    ("Contoh Rasa d.o.o.", ["Contoh Rasa d.o.o.", "Lučka 5, 10000 Zagreb"]),
    ("SC Contoh Rasa SRL", ["SC Contoh Rasa SRL", "Str. Portului 5, 900001 Constanța"]),
    ("ООО «Контох Раса»", ["Наименование: ООО «Контох Раса»", "ИНН 7701234567"]),
    ("ТОВ Контох Раса", ["ТОВ Контох Раса", "вул. Портова 5, 65000 Одеса"]),
    ("Contoh Rasa ЕООД", ["Фирма: Contoh Rasa ЕООД"]),
    ("Contoh Rasa A.Ş.", ["Contoh Rasa A.Ş.", "Liman Cad. No:5 34710 İstanbul"]),
    ("Contoh Rasa Oy", ["Contoh Rasa Oy, Satamakatu 5, 00160 Helsinki"]),
    ("Contoh Rasa ApS", ["Contoh Rasa ApS", "Havnegade 5", "8000 Aarhus"]),
    ("PT Contoh Rasa Nusantara", ["PT Contoh Rasa Nusantara", "Jl. Pelabuhan No. 5, Jakarta 14310"]),
    ("Contoh Rasa Sdn. Bhd.", ["Contoh Rasa Sdn. Bhd.", "12 Jalan Pelabuhan, 50450 Kuala Lumpur"]),
    ("Contoh Rasa Pte Ltd", ["Contoh Rasa Pte Ltd", "10 Anson Road, Singapore 079903"]),
    ("Contoh Rasa Pvt. Ltd.", ["Contoh Rasa Pvt. Ltd.", "12 Dock Road, Mumbai 400001"]),
    ("株式会社コントーラサ", ["会社名", "株式会社コントーラサ", "所在地", "〒105-0001 東京都港区"]),
    ("주식회사 콘토라사", ["상호: 주식회사 콘토라사", "사업자등록번호 123-45-67890"]),
    ("深圳市范例食品有限公司", ["公司名称：深圳市范例食品有限公司"]),
    ("Contoh Rasa Trading L.L.C.", ["Contoh Rasa Trading L.L.C.", "P.O. Box 12345, Dubai"]),
]


@pytest.mark.parametrize(("expected", "lines"), LEGAL)
def test_the_legal_name_where_the_address_stands(expected, lines):
    assert name("Contact us", *lines, title="Contact | Contoh Rasa") == expected


@pytest.mark.parametrize(("expected", "lines"), LEGAL)
def test_the_legal_name_on_a_page_that_names_nothing_else(expected, lines):
    assert name("Contact us", *lines, title="Contact us", host="crtrading.com") == expected


@pytest.mark.parametrize(
    ("expected", "page"),
    [
        ("Contoh Rasa", {"title": "Contact Us | Contoh Rasa"}),
        ("Contoh Rasa", {"title": "Kontakt - Contoh Rasa"}),
        ("Contoh Rasa", {"title": "Contoh Rasa: Contact"}),
        ("Contoh Rasa", {"title": "Контакты / Contoh Rasa"}),
        ("Contoh Rasa", {"title": "Contact", "raw": "<div id='logo'><img alt='Contoh Rasa logo' src='l.png'></div>"}),
        ("Contoh Rasa", {"title": "Contact", "head": "<meta property='og:site_name' content='Contoh Rasa'>"}),
        ("Toko Lain", {"title": "Contact", "head": "<meta property='og:site_name' content='Toko Lain'>"}),
        (
            "Toko Lain Tour",
            {
                "title": "Tours - contohrasa.com",
                "head": '<script type=\'application/ld+json\'>{"@type":"Organization","name":"Toko Lain Tour"}</script>',
            },
        ),
    ],
)
def test_what_the_site_calls_itself(expected, page):
    assert name("Hello", **page) == expected


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        ("Contoh Rasa", "© 2026 Contoh Rasa. All rights reserved."),
        ("Contoh Rasa Ltd.", "Copyright © 2009-2026 Contoh Rasa Ltd. All Rights Reserved"),
        ("Contoh Rasa S.A.", "Contoh Rasa S.A. © 2026"),
        ("Contoh Rasa", "© Contoh Rasa 2026 | Web design by Agency (sample)"),
        ("Contoh Rasa", "© 2026 by Contoh Rasa"),
        ("Mister Softie of Ort", "©Copyright 2009- 2026 Mister Softie of Ort"),
    ],
)
def test_copyright_lines(expected, line):
    assert name("Contact us", line, title="Contact us") == expected


def test_other_firms_on_the_page_are_not_the_firm():
    lines = [
        "Payment by",
        "Bayar Online AB",
        "Storgatan 1, 111 22 Ort",
        "© 2026 Contoh Rasa",
        "Hosting",
        "Host Contoh GmbH",
        "Weg 1, 20457 Ort",
    ]
    assert name(*lines, title="Contact | Contoh Rasa") == "Contoh Rasa"


def test_of_two_legal_names_the_one_like_the_site_wins():
    lines = ["Bayar Online AB", "Storgatan 1, 111 22 Ort", "Contoh Rasa Nord AS", "Havnegata 5, 0150 Ort"]
    assert name(*lines, title="Contact | Contoh Rasa") == "Contoh Rasa Nord AS"


@pytest.mark.parametrize("line", ["2 Ei", "Call me", "SA", "We are a family company", "Email us", "Contact us Inc?"])
def test_a_line_of_words_is_no_legal_name(line):
    assert name(line, "12345 67890 1", title="Contact", host="") is None
