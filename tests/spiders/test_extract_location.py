"""The country of pages whose domain says nothing: addresses, registers, phones, currencies, languages."""

import pytest

from spiders.extract.document import Document
from spiders.extract.location import page_country


def country(*lines, lang="", url="https://contoh.com/contact", head="", **clues):
    body = "".join(f"<p>{line}</p>" for line in lines)
    markup = f"<html{f' lang={lang!r}' if lang else ''}><head>{head}</head><body>{body}</body></html>"
    return page_country(Document(markup.encode(), url, {"content-type": "text/html; charset=utf-8"}), **clues)


ADDRESSES = [
    ("US", ["4120 Clipper Court, Fremont CA 94538 USA"]),
    ("US", ["2151 Harvey Mitchell Rd #219,", "College Station, TX 77840"]),
    ("US", ["55 Kidron Rd. Orrville, OH 44667"]),
    ("CA", ["100 Main Street, Toronto, ON M5V 2T6"]),
    ("GB", ["1 Harbour Road, Felixstowe IP11 3TX"]),
    ("GB", ["Unit 4, Dock Street, London E1 8JP, UK"]),
    ("GB", ["12 High Street", "Leeds", "LS1 4AP"]),
    ("IE", ["Unit 5, Ballymount, Dublin 12"]),
    ("NL", ["Havenweg 1, 3011 AA Rotterdam"]),
    ("NL", ["Havenweg 1", "3011 AA Rotterdam", "Holland"]),
    ("AU", ["12 Smith Street, Collingwood VIC 3066"]),
    ("DE", ["Theodorstraße 180", "D-40472 Düsseldorf"]),
    ("DE", ["Hafenstr. 12, 20457 Hamburg"]),
    ("DE", ["Hafenstraße 12", "20457 Hamburg", "Deutschland"]),
    ("AT", ["Hauptplatz 1, A-9900 Lienz"]),
    ("CH", ["Bahnhofstrasse 1, CH-8001 Zürich"]),
    ("SE", ["Contoh Industrier AB, Box 14, 333 23 Ort, Sweden, Tel +46"]),
    ("SE", ["Box 14", "333 23 Ort", "Sverige"]),
    ("PL", ["ul. Portowa 5, 81-350 Gdynia"]),
    ("CZ", ["Přístavní 1, 170 00 Praha 7, Česká republika"]),
    ("FR", ["12 rue du Port", "13002 Marseille", "France"]),
    ("BE", ["Havenlaan 1", "1000 Brussel", "België"]),
    ("ES", ["Calle del Puerto 1, 46900 Torrent, Valencia, España"]),
    ("PT", ["Rua do Porto 5, 1200-195 Lisboa"]),
    ("IT", ["Via del Porto 8, 16121 Genova (GE), Italia"]),
    ("GR", ["Λιμάνι 5, 185 35 Πειραιάς, Ελλάδα"]),
    ("TR", ["Liman Mah. Deniz Cad. No:5 Kadıköy / İstanbul"]),
    ("RU", ["115114, г. Москва, Портовая ул., 5"]),
    ("UA", ["г.Киев, ул. Заболотного, 37"]),
    ("JP", ["〒105-0001 東京都港区虎ノ門1-1-1"]),
    ("KR", ["서울특별시 강남구 테헤란로 123"]),
    ("CN", ["广东省深圳市南山区科技路1号"]),
    ("TW", ["台北市中山區南京東路二段10號"]),
    ("HK", ["Unit 5, 10/F, 100 Nathan Road, Kowloon, Hong Kong"]),
    ("SG", ["10 Anson Road, #05-01, Singapore 079903"]),
    ("MY", ["12 Jalan Pelabuhan, 50450 Kuala Lumpur"]),
    ("ID", ["Jl. Pelabuhan No. 5, Tanjung Priok, Jakarta 14310"]),
    ("IN", ["12 Dock Road, Mumbai - 400001"]),
    ("TH", ["12 Soi 5, Patong, Phuket 83150, Thailand"]),
    ("VN", ["12 Nguyễn Huệ, Quận 1, TP. HCM, Việt Nam"]),
    ("AE", ["P.O. Box 12345, Deira, Dubai"]),
    ("BR", ["Av. do Porto 100, São Paulo - SP, 01310-100"]),
    ("MX", ["Av. del Puerto 100, 06600 Ciudad de México, México"]),
    ("ZA", ["12 Dock Road, Cape Town 8001, South Africa"]),
    ("EG", ["12 شارع الميناء، 21500 الإسكندرية، مصر"]),
    ("NZ", ["100 Queen Street", "Auckland 1010", "New Zealand"]),
]


@pytest.mark.parametrize(("code", "lines"), ADDRESSES)
def test_addresses_tell_the_country(code, lines):
    assert country("Contact us", *lines, "Opening hours") == (code, "address")


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("DE", "USt-IdNr.: DE 123456789"),
        ("DE", "Amtsgericht Hamburg, HRB 12345"),
        ("AT", "UID: ATU12345678"),
        ("GB", "Registered in England No. 01234567"),
        ("GB", "VAT No. GB 123 4567 89"),
        ("FR", "SIRET 123 456 789 00012"),
        ("IT", "P.IVA 01234567890"),
        ("ES", "CIF: B-96155704"),
        ("NL", "KvK 12345678"),
        ("PL", "NIP: 521-000-00-00"),
        ("SE", "Org.nr 556677-8899"),
        ("NO", "Org.nr. 912 345 678 MVA"),
        ("DK", "CVR 12345678"),
        ("FI", "Y-tunnus 1234567-8"),
        ("HU", "Adószám: 12345678-2-41"),
        ("GR", "VAT: EL123456789"),
        ("RU", "ИНН 7701234567"),
        ("UA", "ЄДРПОУ 38012345"),
        ("CN", "京ICP备12345678号"),
        ("TW", "統一編號 22345678"),
        ("KR", "사업자등록번호 123-45-67890"),
        ("AU", "ABN 12 345 678 901"),
        ("IN", "GSTIN 27AAAAA0000A1Z5"),
        ("BR", "CNPJ 12.345.678/0001-90"),
        ("ID", "NPWP 01.234.567.8-901.000"),
        ("MY", "Contoh Trading Sdn. Bhd."),
        ("JP", "© 株式会社コントー"),
    ],
)
def test_registers_and_legal_forms_tell_it_too(code, line):
    assert country("About us", line) == (code, "register")


def test_weaker_clues_come_later():
    assert country("Hello", phones=["+66 86 682 5727"]) == ("TH", "phone")
    assert country("Hello", currency="THB") == ("TH", "currency")
    assert country("お問い合わせ", lang="ja") == ("JP", "language")
    assert country("Hello", lang="en-GB") == ("GB", "language")
    assert country("Hello", lang="en", phones=["(330) 682-2105"]) == ("US", "phone")
    assert country("Hello", head="<meta name='geo.region' content='GB-LND'>") == ("GB", "stated")
    assert country("12 Dock Road, Mumbai 400001, India", url="https://contoh.nl/") == ("NL", "tld")


@pytest.mark.parametrize(
    ("lang", "line", "code"),
    [
        ("fr", "Tél : 04 91 12 34 56", "FR"),
        ("fr", "13002 Marseille", "FR"),
        ("fr", "Tél : 514 967 1111", None),
        ("de", "20457 Hamburg", "DE"),
        ("de", "8001 Zürich", None),
        ("es", "Tel. 961 557 043", "ES"),
        ("es", "Tel. (55) 5123-4567", None),
        ("pt", "Rua do Porto 5, 1200-195", "PT"),
        ("pt", "(11) 3456-7890", "BR"),
    ],
)
def test_forms_of_one_country_of_a_language(lang, line, code):
    assert country("Contact", line, lang=lang)[0] == code


@pytest.mark.parametrize(
    "lines",
    [
        ["We ship to Germany, France and Italy"],
        ["Canada", "Denmark", "Finland", "France"],
        ["Order 12345 jars now"],
        ["Model NL 2000 XL", "Price 12 345"],
        ["Founded in 1998"],
        ["Wir liefern nach Österreich"],
        ["1200 gram", "Turkey breast"],
    ],
)
def test_what_is_no_address_tells_nothing(lines):
    assert country(*lines) == (None, None)
