import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.values.emails import Email, addresses_in, is_personal, is_role, read_email
from market_db.values.persons import is_persons_label, sole_trader_form
from market_db.values.phones import read_phone, read_phones
from market_db.values.websites import is_shared_domain, read_website, registrable_domain


@pytest.mark.parametrize(
    ("text", "country", "e164", "valid", "plan"),
    [
        ("+44 20 7946 0018", None, "+442079460018", True, "GB"),
        ("+44 (0) 20 7946 0018", None, "+442079460018", True, "GB"),
        ("0044 20 7946 0018", "ID", "+442079460018", True, "GB"),
        ("0044 20 7946 0018", None, "+442079460018", True, "GB"),
        ("020 7946 0018", "GB", "+442079460018", True, "GB"),
        ("020 7946 0018 ext. 12", "GB", "+442079460018", True, "GB"),
        ("020 7946 0018", None, None, False, None),
        ("(021) 555-1234", "ID", "+62215551234", True, "ID"),
        ("WhatsApp +62 812 3456 7890", None, "+6281234567890", True, "ID"),
        ("+62 812-3456-7890 (WhatsApp)", None, "+6281234567890", True, "ID"),
        ("01/7299548", "AT", "+4317299548", True, "AT"),
        ("+1 (212) 555-0123", None, "+12125550123", True, "US"),
        ("03432640000", "US", None, False, None),
        ("+4420794600180018", None, None, False, None),
        ("٠٢٠ ٧٩٤٦ ٠٠١٨", "GB", "+442079460018", True, "GB"),
        ("+800 1234 5678", None, "+80012345678", True, None),
    ],
)
def test_phones(text, country, e164, valid, plan):
    phone = read_phone(text, country=country)
    assert phone is not None
    assert (phone.e164, phone.valid, phone.country) == (e164, valid, plan)


@pytest.mark.parametrize("text", ["call us", "WhatsApp", "1-800-FLOWERS", "+1", "", "2026-11-25", "25.11.2026", "unknown"])
def test_what_is_no_phone(text):
    assert read_phone(text, country="US") is None


@pytest.mark.parametrize(
    ("text", "country", "numbers"),
    [
        ("020 7946 0018 / 020 7946 0019", "GB", ["+442079460018", "+442079460019"]),
        ("Tel: 020 7946 0018, Fax: 020 7946 0019", "GB", ["+442079460018", "+442079460019"]),
        ("+1 212 555 0123; +1 212 555 0199", None, ["+12125550123", "+12125550199"]),
        ("+442079460018+442079460019", None, ["+442079460018", "+442079460019"]),
        ("+1 212 555 0123 or +1 212 555 0123", None, ["+12125550123"]),
    ],
)
def test_two_numbers_are_two(text, country, numbers):
    assert [phone.e164 for phone in read_phones(text, country=country)] == numbers


@pytest.mark.parametrize(
    ("text", "address", "role"),
    [
        ("info@firma.example", "info@firma.example", True),
        ("Sales <SALES@Firma.Example>", "sales@firma.example", True),
        ("mailto:export@toko.co.id?subject=x", "export@toko.co.id", True),
        ("einkauf@firma.example, verkauf@firma.example", "einkauf@firma.example", True),
        ("inkoop@firma.example", "inkoop@firma.example", True),
        ("info.jakarta@firma.example", "info.jakarta@firma.example", True),
        ("sales.asia@firma.example", "sales.asia@firma.example", True),
        ("exportsales2@firma.example", "exportsales2@firma.example", True),
        ("firma@firma.example", "firma@firma.example", True),
        ("john.smith@firma.example", "john.smith@firma.example", False),
        ("sales.john@firma.example", "sales.john@firma.example", False),
        ("maria@firma.example", "maria@firma.example", False),
        ("tokomaju@gmail.com", "tokomaju@gmail.com", False),
    ],
)
def test_emails(text, address, role):
    email = read_email(text)
    assert email is not None
    assert (email.address, email.role) == (address, role)
    assert is_personal(email.address) is not role


@pytest.mark.parametrize(
    "text",
    [
        "sales [at] firma.example",
        "sales(at)firma.example",
        "info @ firma.example",
        "noreply@firma.example",
        "no-reply@firma.example",
        "do_not_reply@firma.example",
        "abuse@firma.example",
        "postmaster@firma.example",
        "webmaster@firma.example",
        "privacy@firma.example",
        "datenschutz@firma.example",
        "spamtrap@firma.example",
        "logo@2x.png",
        "abc123@wixpress.com",
        "service@alibaba.com",
        "support@example.com",
        "a@b",
        "info@localhost",
        "@",
        "",
        "a" * 200_000 + "@firma.example",
    ],
)
def test_addresses_nobody_buys_at(text):
    assert read_email(text) is None


def test_an_email_knows_its_registrable_domain():
    assert read_email("info@mail.firma.co.uk") == Email("info@mail.firma.co.uk", True, "firma.co.uk")
    assert is_personal("nonsense")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("www.firma.co.uk", "https://www.firma.co.uk"),
        ("http://Firma.Example/Path", "http://firma.example/Path"),
        ("firma.de", "https://firma.de"),
        ("firma.de/kontakt?x=1", "https://firma.de/kontakt?x=1"),
        ("https://shop.firma.com.au:443/", "https://shop.firma.com.au/"),
        ("Website: www.toko.co.id.", "https://www.toko.co.id"),
        ("https://social.example/@firma", "https://social.example/@firma"),
        ("info@firma.de", None),
        ("logo.png", None),
        ("javascript:alert(1)", None),
        ("http://127.0.0.1/", None),
        ("ftp://firma.de", None),
        ("n/a", None),
        ("", None),
        ("http://[::1", None),
    ],
)
def test_websites(text, address):
    assert read_website(text) == address


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://shop.firma.co.uk/x", "firma.co.uk"),
        ("firma.example", "firma.example"),
        ("toko.co.id", "toko.co.id"),
        ("http://münchen.de", "münchen.de"),
        ("co.uk", None),
        ("localhost", None),
        ("10.0.0.1", None),
        ("", None),
    ],
)
def test_registrable_domains(url, domain):
    assert registrable_domain(url) == domain


@pytest.mark.parametrize(
    "domain", ["gmail.com", "www.amazon.de", "firma.myshopify.com", "facebook.com", "sites.google.com", "yahoo.co.id", "qq.com"]
)
def test_shared_domains(domain):
    assert is_shared_domain(domain)


@pytest.mark.parametrize("domain", ["firma.de", "toko.co.id", "amazonas-food.de", ""])
def test_own_domains(domain):
    assert not is_shared_domain(domain)


@settings(deadline=None)  # the first call loads tables
@given(st.text(max_size=200), st.sampled_from([None, "US", "ID", "DE", "XX"]))
def test_no_text_breaks_the_contact_readers(text, country):
    for phone in read_phones(text, country=country):
        assert (phone.e164 is not None) is phone.valid
    email = read_email(text)
    assert email is None or email.address == email.address.lower()
    website = read_website(text)
    assert website is None or website.startswith(("http://", "https://"))


@pytest.mark.parametrize("text", ["1 " * 100_000, "+" * 200_000, "a@" * 100_000, "www." * 50_000, "a.b-" * 50_000])
def test_long_contacts_are_quick(text):
    read_phone("1"), read_email("a@b.de"), read_website("a.de")
    began = time.process_time()
    read_phones(text, country="US"), read_email(text), read_website(text)
    assert time.process_time() - began < 5  # without a cap: minutes


@pytest.mark.parametrize(
    "address",
    [
        "sales.jordan@firma.example",
        "jordan.sales@firma.example",
        "info-maria@firma.example",
        "info_georgia@firma.example",
        "export.chad@firma.example",
        "infojordan@firma.example",
        "sales.jd@firma.example",
        "sales.al@firma.example",
        "infoed@firma.example",
        "ola@firma.no",
        "asia@firma.pl",
        "janjansen@janjansen.nl",
        "jan-jansen@jan-jansen.example",
        "johnsmith@johnsmith.co.uk",
        "maria@maria.example",
    ],
)
def test_a_function_beside_a_person_and_a_persons_own_domain_are_a_persons(address):
    assert not is_role(address)


@pytest.mark.parametrize(
    "address",
    [
        "sales.sambal@firma.example",
        "export.dept@firma.example",
        "info.nl@firma.example",
        "sales.uk@firma.example",
        "sales.india@firma.example",
        "ola@firma.pt",
        "asia@firma.example",
        "nusantara@nusantara.example",
        "marcofoods@marcofoods.example",
        "alimentos@alimentos.es",
    ],
)
def test_a_function_beside_goods_a_department_or_a_place_is_one(address):
    assert is_role(address)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("info＠firma．example", "info@firma.example"),
        ("ｉｎｆｏ@firma.example", "info@firma.example"),
    ],
)
def test_full_width_letters_are_letters(text, address):
    assert read_email(text).address == address


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mail Jane.Roe@firm.example now", ["jane.roe@firm.example"]),
        ("jane.roe＠firm．example", ["jane.roe@firm.example"]),
        ("jane [at] firm.example, bob(at)firm(dot)example", ["jane@firm.example", "bob@firm.example"]),
        ("jane (a) firm.example", ["jane@firm.example"]),
        ("jane at firm dot example", ["jane@firm.example"]),
        ("?to=jane%40firm.example", ["jane@firm.example"]),
        ("jane&#64;firm.example", ["jane@firm.example"]),
        ('"jane roe"@firm.example', ['jane roe"@firm.example']),
        ("look at firm.example", []),
        ("sauce (a) hot one", []),
        ("nothing", []),
    ],
)
def test_addresses_in_running_text(text, found):
    assert [address for _, _, address in addresses_in(text)] == found


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
def test_addresses_lie_where_they_are_said_to(text):
    assert all(0 <= start < end <= len(text) for start, end, _ in addresses_in(text))


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("KvK 12345678", "NL"),
        ("KvK-nr.: 24123456", "NL"),
        ("BTW NL123456789B01", "NL"),
        ("VAT No. GB 123 4567 89", "GB"),
        ("CNPJ 12.345.678/0001-95", "BR"),
        ("NPWP: 01.234.567.8-901.000", "ID"),
        ("GSTIN 27 1234567890", "IN"),
        ("Reg. No. 201234567", "SG"),
        ("Company Reg No 02012345678", "GB"),
        ("SIRET 123 456 789 00012", "FR"),
        ("Org.nr. 912 345 678", "NO"),
        ("ABN 12 345 678 901", "AU"),
        ("USt-IdNr.: DE 123456789", "DE"),
        ("IBAN NL91 ABNA 0417 1643 00", "NL"),
    ],
)
def test_numbers_of_registers_taxes_and_banks_are_no_phones(text, country):
    assert read_phones(text, country=country) == ()


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("KvK 12345678, Tel 020 123 4567", "NL", "+31201234567"),
        ("Tel 020 123 4567 KvK 12345678", "NL", "+31201234567"),
        ("Tel. No. 020 7946 0018", "GB", "+442079460018"),
        ("Orders: 020 7946 0018", "GB", "+442079460018"),
        ("NL 020 123 4567", "NL", "+31201234567"),
    ],
)
def test_a_phone_beside_such_a_number_is_kept(text, country, number):
    assert [phone.e164 for phone in read_phones(text, country=country)] == [number]


# --- persons

GENERIC = frozenset({"asia", "food", "foods", "markt", "shop", "toko", "spice", "house", "kitchen", "nordic"})


@pytest.mark.parametrize(
    ("name", "country", "form"),
    [
        ("Adinda Contoh e.K.", None, "ek"),
        ("Asia Markt e.K.", "DE", None),
        ("Toko Contoh (eenmanszaak)", "NL", "eenmanszaak"),
        ("Adinda Contoh Einzelunternehmen", "DE", "einzelunternehmen"),
        ("Adinda Contoh h.o.d.n. Toko Contoh", None, "hodn"),
        ("A. Contoh t/a Spice House", "GB", "t/a"),
        ("Adinda Contoh trading as Spice House", "GB", "trading as"),
        ("Contoh Foods Ltd t/a Spice House", "GB", None),
        ("Spice House trading as Curry Club", "GB", None),
        ("Adinda Contoh d/b/a X", None, "d/b/a"),
        ("Café Contoh v/Adinda Contoh", "DK", "v/"),
        ("Asia Shop, Inh. Adinda Contoh", "DE", "inh"),
        ("Asia Shop GmbH, Inh. Adinda Contoh", "DE", None),
        ("ИП Примеров", None, "ип"),
        ("F.H.U. Adinda Contoh", "PL", "fhu"),
        ("Adinda Contoh s.p.", "SI", "sp"),
        ("Adinda Contoh s.p.", None, "sp"),
        ("SP Foods", None, None),
        ("個人事業主 例", None, "個人事業主"),
        ("Contoh Adinda e.v.", "HU", "ev"),
        ("Sportverein Contoh e.V.", "DE", None),
        ("Contoh EI", "FR", "ei"),
        ("Entreprise individuelle Contoh", None, "entreprise individuelle"),
        ("Adinda Contoh (autónomo)", "ES", "autonomo"),
        ("Autónomo S.L.", "ES", None),
        ("Adinda Contoh ENK", "NO", "enk"),
        ("ENK Nordic AS", "NO", None),
        ("Adinda Tmi", "FI", "tmi"),
        ("Nusantara Foods Ltd", None, None),
        ("UD Maju Contoh", "ID", None),
        ("PT Contoh Jaya", "ID", None),
        ("Toko Nusantara", None, None),
        ("Contoh Heijn", None, None),
        ("Foods II", "GB", None),
        ("Mei Foods", "BR", None),
        ("Sole Fish", "GB", None),
        ("", None, None),
    ],
)
def test_forms_behind_which_a_person_stands(name, country, form):
    assert sole_trader_form(name, country, GENERIC) == form


@given(st.text(max_size=60))
def test_any_name_has_a_form_or_none(name):
    assert sole_trader_form(name) is None or sole_trader_form(name)


@pytest.mark.parametrize(
    ("label", "person"),
    [
        ("janjansen", True),
        ("jan-jansen", True),
        ("mariacontoh", True),
        ("annasfoods", False),
        ("nusantara", False),
        ("marcotrading", False),
        ("alimentos", False),
    ],
)
def test_domains_called_like_a_person(label, person):
    assert is_persons_label(label) is person
