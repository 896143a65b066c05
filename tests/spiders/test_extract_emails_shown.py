"""Addresses as pages print them: glued, encoded, placeholders, boilerplate, cloaked, and whether a person or a function answers."""

import pytest

from market_db.values.emails import is_role
from spiders.extract.contacts import own_lines
from spiders.extract.emails_shown import emails_in
from spiders.extract.page import extract_page


def page(body: str, url: str = "https://www.contoh.example/contact") -> tuple[str, ...]:
    return extract_page(f"<html lang='en'><title>Contact</title><body>{body}</body></html>".encode(), url, {}).contacts.emails


@pytest.mark.parametrize(
    ("text", "emails"),
    [
        ("info@contoh.de", ["info@contoh.de"]),
        ("Email:info@contoh.de", ["info@contoh.de"]),
        ("Emailinfo@contoh.de", ["info@contoh.de"]),
        ("E-mail.sales@contoh.de", ["sales@contoh.de"]),
        ("info@contoh.deTel: 030 123456", ["info@contoh.de"]),
        ("info@contoh.co.ukPhone", ["info@contoh.co.uk"]),
        ("info@contoh.comwww.contoh.com", ["info@contoh.com"]),
        ("info@contoh.com030123456", ["info@contoh.com"]),
        ("+62215551234info@contoh.com", ["info@contoh.com"]),
        ("邮箱info@contoh.com联系电话", ["info@contoh.com"]),
        ("почта:info@contoh.ruтелефон", ["info@contoh.ru"]),
        ("sales@contoh.com/info@contoh.com", ["sales@contoh.com", "info@contoh.com"]),
        ("sales@contoh.com,info@contoh.com;ekspor@contoh.com", ["sales@contoh.com", "info@contoh.com", "ekspor@contoh.com"]),
        ("<INFO@Contoh.COM>.", ["INFO@Contoh.COM"]),
        ("(info@contoh.com)", ["info@contoh.com"]),
        ("mail@mail.contoh.com", ["mail@mail.contoh.com"]),
        ("info@contoh.trading", ["info@contoh.trading"]),
        ("info@contoh.museum", ["info@contoh.museum"]),
        ("mailroom@contoh.com", ["mailroom@contoh.com"]),
    ],
)
def test_addresses_are_cut_free(text, emails):
    assert list(emails_in(text)) == emails


@pytest.mark.parametrize(
    "text",
    [
        "name@example.com",
        "your@email.com",
        "your.name@contoh.com",
        "yourname@contoh.com",
        "name@domain.com",
        "ihre-email@contoh.de",
        "votre@email.fr",
        "tucorreo@contoh.es",
        "john.doe@contoh.com",
        "max.mustermann@contoh.de",
        "user@contoh.com",
        "test@contoh.com",
        "example@contoh.com",
        "info@yourdomain.com",
        "info@company.com",
        "license@prestashop.com",
        "support@shopify.com",
        "abc@o12.ingest.sentry.io",
        "info@nospam.contoh.com",
        "logo@2x.png",
        "sprite@3x.min.js",
        "info (at) contoh.com",
        "info[at]contoh.com",
        "info @ contoh.com",
        "info(@)contoh.com",
        "info AT contoh DOT com",
        "info＠contoh.com",
        "https://social.example/@contoh",
        "https://user:info@contoh.com/x",
        "a@b",
        "@contoh",
        "info@contoh",
        "info@contoh.notatld",
    ],
)
def test_what_is_no_address_of_a_firm(text):
    assert list(emails_in(text)) == []


@pytest.mark.parametrize(
    ("body", "emails"),
    [
        ("<a href='mailto:%69%6e%66%6f%40contoh.com'>mail</a>", ("info@contoh.com",)),
        ("<a href='mailto:%20info@contoh.com%20?subject=Hi'>mail</a>", ("info@contoh.com",)),
        ("<a href='MAILTO:info@contoh.com,sales@contoh.com'>mail</a>", ("info@contoh.com", "sales@contoh.com")),
        ("<a href='info@contoh.com'>mail</a>", ("info@contoh.com",)),
        ("info<span>@</span>contoh<b>.com</b>", ("info@contoh.com",)),
        ("<input type='hidden' name='recipient' value='orders@contoh.com'>", ("orders@contoh.com",)),
        ("<input type='text' value='orders@contoh.com'>", ()),
        ("<div data-mail='office@contoh.com'>x</div>", ("office@contoh.com",)),
        ("<a class='__cf_email__' data-cfemail='a1b2c3'>[email&#160;protected]</a>", ()),
        ("<script>var a='in'+'fo'; document.write(a+'@'+'contoh.com')</script>", ()),
        ("<p style='display:none'>trap@contoh.com</p>", ()),
        ("<a style='display:none' href='mailto:info@trap.example'>x</a>", ()),
        ("<!-- old@contoh.com -->", ()),
    ],
)
def test_links_forms_and_cloaks(body, emails):
    assert page(body) == emails


def test_who_made_the_site_is_not_its_firm():
    body = """<p>info@contoh.example</p><p>© 2026 Contoh. Web design by <a href='mailto:hello@agency.example'>Agency (sample)</a></p>
    <p>Site by Studio hello@studio.example</p>"""
    assert page(body) == ("info@contoh.example",)


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (["Hébergeur", "Héberge Tout SAS", "2 rue du Port", "Tél. 09 72 00 00 00", "support@heberge.example"], []),
        (["Hosting:", "Host GmbH", "info@host.example", "© 2026 Contoh"], ["© 2026 Contoh"]),
        (["Tel 1 | Powered by Shop Software"], ["Tel 1 | "]),
        (["We are powered by nature, call 1"], ["We are "]),
        (["Made in Italy"], ["Made in Italy"]),
        (["Réalisation", "Agence (contoh)", "mail@contoh.example"], ["mail@contoh.example"]),
    ],
)
def test_lines_about_makers_and_hosts_are_left_out(lines, kept):
    above = ["Web Design", "Impressum", "Contoh GmbH", "Weg 1", "20457 Ort", "Tel. 040 123456"]
    assert list(own_lines([*above, *lines], "contoh.example")) == above + kept


@pytest.mark.parametrize(
    "local",
    [
        "info",
        "infos",
        "contact",
        "contacto",
        "contato",
        "contatti",
        "kontakt",
        "kapcsolat",
        "hubungi",
        "iletisim",
        "lienhe",
        "office",
        "biuro",
        "ufficio",
        "kantor",
        "sales",
        "ventas",
        "vendas",
        "vendite",
        "vertrieb",
        "verkauf",
        "verkoop",
        "sprzedaz",
        "prodej",
        "myynti",
        "salg",
        "satis",
        "order",
        "orders",
        "bestellung",
        "zakaz",
        "pedidos",
        "objednavky",
        "zamowienia",
        "shop",
        "webshop",
        "eshop",
        "sklep",
        "obchod",
        "tienda",
        "loja",
        "negozio",
        "butik",
        "export",
        "import",
        "ekspor",
        "purchasing",
        "einkauf",
        "achats",
        "compras",
        "acquisti",
        "inkoop",
        "zakupki",
        "support",
        "help",
        "service",
        "kundenservice",
        "klantenservice",
        "kundtjanst",
        "asiakaspalvelu",
        "obsluga",
        "hello",
        "hallo",
        "hola",
        "enquiries",
        "reservations",
        "booking",
        "reception",
        "accounts",
        "billing",
        "press",
        "media",
        "marketing",
        "hr",
        "jobs",
        "logistics",
        "warehouse",
        "info.uk",
        "info-de",
        "info.gbr",
        "info.smt",
        "sales.asia",
        "export2",
        "customer.service",
        "customer-care",
        "wholesale",
        "trade",
        "b2b",
        "retail",
        "returns",
        "feedback",
        "editor",
        "events",
        "bilgi",
        "ihracat",
        "kinhdoanh",
        "velkoobchod",
        "nagyker",
        "veleprodaja",
        "boekhouding",
        "accueil",
        "anfrage",
        "pemasaran",
    ],
)
def test_mailboxes_of_functions_are_kept(local):
    assert is_role(f"{local}@contoh.example")


@pytest.mark.parametrize(
    "local",
    [
        "john",
        "john.smith",
        "j.smith",
        "jsmith",
        "smith.john",
        "jpm",
        "js",
        "m.mueller",
        "hans-peter",
        "anna",
        "maria.rossi",
        "r.widodo",
        "budi",
        "siti.nurhaliza",
        "nguyen.van.a",
        "ivan.petrov",
        "petrova.i",
        "a.kowalski",
        "kowalski",
        "wang.wei",
        "li.na",
        "tanaka",
        "y.tanaka",
        "park.js",
        "mohammed.ali",
        "fatima",
        "o.yilmaz",
        "sales.john",
        "info.maria",
        "john.sales",
        "peter1",
        "dr.schmidt",
        "mrs.brown",
        "herr.weber",
        "ceo.anna",
        "jane_doe",
        "k.van.dijk",
    ],
)
def test_mailboxes_of_persons_are_not(local):
    assert not is_role(f"{local}@contoh.example")
