import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.values.emails import Email, is_personal, read_email
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
