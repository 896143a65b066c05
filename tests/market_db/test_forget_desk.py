from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.desk.store import BadSuppression, Suppressed, do_not_contact, open_desk, suppressed
from market_db.forgetting.contact_faces import faces, faces_of_digits
from market_db.forgetting.market import compact, erase
from market_db.forgetting.silence import Silence
from market_db.retention import purge_contacts
from market_db.rows import read_rows
from market_db.schema import open_market
from market_db.seen import Contact, Listing, Notice, Party, Registration
from market_db.store import save_seen

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)


def contact(kind, value):
    return Contact(kind=kind, raw=value, value=value, valid=True)


def firm(name, *contacts, emails=(), phones=(), website=None):
    return Party(name=name, country="NL", contacts=contacts, emails_text=emails, phones_text=phones, website=website)


ASKED = firm(
    "Leave Us Alone B.V.",
    contact("email", "info@alone.example"),
    contact("phone", "+31201234567"),
    emails=("Info@Alone.example",),
    phones=("020 123 45 67",),
)
OTHER = firm("Other Foods Ltd", contact("email", "sales@other.example"), contact("phone", "+442079460123"))


@pytest.fixture
def seeded(home):
    db = open_market(home)
    records = [
        Registration(key="1", party=ASKED, url="https://r.example/1", source="r"),
        Registration(key="2", party=OTHER, url="https://r.example/2", source="r"),
        Notice(key="3", kind="award", title="Sauces", url="https://t.example/3", source="t", parties=(ASKED, OTHER)),
        Listing(key="4", name="Sambal", url="https://s.example/4", source="s", description="Write to info@alone.example", seller=OTHER),
    ]
    save_seen(db, records, run_id="r1", now=NOW)
    return home, db


def everything(home):
    return b"".join(path.read_bytes() for path in home.root.iterdir() if path.is_file() and path.name.startswith("market.db"))


def forget(home, db, kind, value):
    do_not_contact(home, kind, value, by="operator", reason="asked by mail", now=NOW)
    done = erase(db, suppressed(home), value, "20261125T020000Z-forget")
    compact(db)
    return done


@pytest.mark.parametrize(
    ("kind", "value", "stays"),
    [
        ("email", "INFO@alone.example", b"Leave Us Alone"),
        ("phone", "+31 20 123 4567", b"Leave Us Alone"),
    ],
)
def test_a_contact_leaves_every_row_and_the_firm_stays(seeded, kind, value, stays):
    home, db = seeded
    done = forget(home, db, kind, value.lower() if kind == "email" else value)
    assert (done.contacts, done.parties) == (2, 0)
    text = everything(home)
    assert stays in text
    assert (b"info@alone.example" not in text.lower()) if kind == "email" else (b"31201234567" not in text and b"020 123 45 67" not in text)
    assert b"sales@other.example" in text


@pytest.mark.parametrize(("kind", "value"), [("company", "Leave us alone BV"), ("domain", "alone.example")])
def test_a_firm_that_asked_is_gone_and_what_names_others_stays(seeded, kind, value):
    home, db = seeded
    done = forget(home, db, kind, value)
    assert (done.parties, done.records) == (2, 1)
    assert b"Leave Us Alone" not in everything(home)
    assert [row["title"] for row in read_rows(db, "select title from notices")] == ["Sauces"]
    assert [row["name"] for row in read_rows(db, "select name from parties where record_kind='notice'")] == ["Other Foods Ltd"]


def test_the_list_names_nobody_and_covers_by_domain(home):
    do_not_contact(home, "domain", "https://www.alone.example/contact", by="op", reason="asked", now=NOW)
    do_not_contact(home, "domain", "alone.example", by="op", reason="asked twice", now=NOW)
    db = open_desk(home)
    rows = list(read_rows(db, "select * from do_not_contact"))
    db.close()
    assert len(rows) == 1
    assert b"alone" not in b"".join(p.read_bytes() for p in home.root.glob("desk.db*"))
    listed = suppressed(home)
    assert listed.covers("email", "anybody@shop.alone.example")
    assert listed.covers("website", "http://alone.example/x")
    assert not listed.covers("email", "info@notalone.example")
    assert not listed.covers("phone", "+31201234567")


@pytest.mark.parametrize(("kind", "value"), [("email", "no address"), ("phone", "12"), ("domain", "x"), ("company", " "), ("person", "x")])
def test_what_cannot_be_read_as_that_kind_is_refused(home, kind, value):
    with pytest.raises(BadSuppression):
        do_not_contact(home, kind, value, by="op", reason="-", now=NOW)


def test_contacts_nobody_showed_for_a_year_go_and_the_firm_stays(seeded):
    _, db = seeded
    assert purge_contacts(db, date(2026, 11, 25)) == 0
    assert purge_contacts(db, date(2026, 11, 26)) == 5
    rows = list(read_rows(db, "select name, contacts, phones_text, emails_text from all_parties"))
    assert {row["name"] for row in rows} == {"Leave Us Alone B.V.", "Other Foods Ltd"}
    assert {(row["contacts"], row["phones_text"], row["emails_text"]) for row in rows} == {("[]", "[]", "[]")}


# --- what is one contact, however it is written


@pytest.mark.parametrize(
    "value", ["020 123 4567", "(020) 123-45-67", "0201234567", "Tel. 020 123 4567", "+31 (0)20 123 4567", "0031201234567"]
)
def test_a_number_in_any_spelling_takes_out_all_others(seeded, value):
    home, db = seeded
    done = forget(home, db, "phone", value)
    assert done.contacts == 2
    text = everything(home)
    assert b"31201234567" not in text
    assert b"020 123 45 67" not in text
    assert b"442079460123" in text


@pytest.mark.parametrize(
    ("listed", "printed", "covered"),
    [
        ("020 123 4567", "+31201234567", True),
        ("020 123 4567", "020-1234567", True),
        ("+31 20 123 4567", "020 123 4567", True),
        ("+31 20 123 4567", "31201234567", True),
        ("31201234567", "+31201234567", True),
        ("+31 20 123 4567", "+49201234567", False),
        ("+31 20 123 4567", "+31201234568", False),
        ("8 (495) 123-45-67", "+74951234567", True),
        ("06 1 234 5678", "+3612345678", True),
        ("+7 495 123-45-67", "8 495 1234567", True),
        ("+39 06 1234 5678", "06 12345678", True),
        ("٠٢٠ ١٢٣ ٤٥٦٧", "+31201234567", True),
        ("＋31 20 123 4567", "+31201234567", True),
        ("(212) 555-0123", "+12125550123", True),
        ("1 212 555 0123", "+12125550123", True),
    ],
)
def test_numbers_with_and_without_their_country(home, listed, printed, covered):
    do_not_contact(home, "phone", listed, by="op", reason="asked", now=NOW)
    assert suppressed(home).covers("phone", printed) is covered


def test_an_entry_of_an_older_program_still_counts(home):
    from market_db.desk.store import _hash

    old = {("phone", "digits:0201234567"), ("company", "leave us alone"), ("email", "info@alone.example")}
    listed = Suppressed(b"k", frozenset((kind, _hash(b"k", kind, text)) for kind, text in old))
    assert listed.covers("phone", "+31201234567")
    assert listed.covers("phone", "020 1234567")
    assert listed.covers("company", "Leave Us Alone B.V.")
    assert listed.covers("email", "Info@Alone.example")


@pytest.mark.parametrize(
    ("kind", "listed", "printed"),
    [
        ("email", "mailto:Info@Alone.Example?subject=x", "info@alone.example"),
        ("email", "Jane Roe <info@alone.example>", "info@alone.example"),
        ("email", "info＠alone．example", "info@alone.example"),
        ("email", "info%40alone.example", "INFO@ALONE.EXAMPLE"),
        ("email", "info@münchen.example", "info@xn--mnchen-3ya.example"),
        ("domain", "www.alone.example", "alone.example"),
        ("domain", "https://shop.alone.example/x?y", "alone.example"),
        ("domain", "info@alone.example", "www.alone.example"),
        ("domain", "xn--mnchen-3ya.example", "https://www.münchen.example/"),
        ("domain", "alone.myshopify.com", "https://alone.myshopify.com/products"),
        ("company", "Müller & Söhne GmbH", "Mueller und Soehne"),
        ("company", "Muller Sohne", "MÜLLER + SÖHNE GmbH & Co. KG"),
        ("company", "Strasse 7 Foods", "Straße 7 Foods Ltd"),
        ("company", "Ærø Smørrebrød ApS", "Aeroe Smoerrebroed"),
        ("company", "A.B.C. Foods", "ABC Foods Ltd"),
        ("company", "ＡＢＣ Foods", "abc-foods"),
        ("company", "東京食品", "東京食品株式会社"),
    ],
)
def test_one_entry_covers_every_spelling(home, kind, listed, printed):
    do_not_contact(home, kind, listed, by="op", reason="asked", now=NOW)
    assert suppressed(home).covers(kind, printed)
    other = Registration(key="1", party=firm("Other"), url="https://r.example/1", source="r")
    assert not suppressed(home).covers("company", other.party.name)


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("domain", "gmail.com", "many firms"),
        ("domain", "www.facebook.com/alone", "many firms"),
        ("domain", "info@yahoo.co.id", "many firms"),
        ("domain", "amazon.de", "many firms"),
        ("domain", "myshopify.com", "many firms"),
        ("domain", "co.uk", "cannot be read"),
        ("company", "B.V.", "legal form"),
        ("company", "PT", "legal form"),
        ("company", "...", "cannot be read"),
        ("phone", "123", r"\+31"),
        ("phone", "+31 20 123 4567 / +31 20 123 4568", "one by one"),
        ("email", "info at alone.example", "info@"),
    ],
)
def test_what_would_stand_for_many_is_refused_and_said(home, kind, value, message):
    with pytest.raises(BadSuppression, match=message):
        do_not_contact(home, kind, value, by="op", reason="-", now=NOW)
    assert not home.desk.exists() or not suppressed(home)


@pytest.mark.parametrize(
    ("listed", "printed"),
    [
        ("Müller & Söhne GmbH", "Mu\u0308ller + So\u0308hne KG"),
        ("Smørrebrød ApS", "SMOERREBROED A/S"),
        ("Großhandel Weiß", "GROSSHANDEL WEISS"),
        ("L'Épicerie d'Asie", "L’EPICERIE D’ASIE"),
        ("L'Épicerie d'Asie", "L Epicerie d Asie"),
        ("O'Contoh's Foods Ltd", "OContohs Foods"),
        ("A.B.C. Import B.V.", "A B C Import"),
        ("Łódź Spółka z o.o.", "LODZ SP. Z O.O."),
        ("Çiğdem Gıda A.Ş.", "cigdem gida"),
        ("東京食品", "東京食品株式会社"),
    ],
)
def test_a_name_in_running_text_is_found_in_every_spelling(listed, printed):
    text = f"buy at {printed}, today"
    entries = Suppressed(b"k").having(("company", listed))
    for silence in (Silence(entries), Silence(entries, names=[listed], by_hash=False)):
        assert "[removed]" in silence(text)
        assert silence(text).startswith("buy at [removed]")
        assert silence(text).endswith(", today")
        assert silence("buy at others, today") == "buy at others, today"


@settings(max_examples=300)
@given(st.from_regex(r"[0-9]{6,15}", fullmatch=True), st.sampled_from(["", "31", "39", "62", "1", "7", "36", "852"]))
def test_no_number_is_passed_over_for_looking_like_a_figure(digits, code):
    """`faces_of_digits` is a sieve: whatever `faces` would find must pass it."""
    number = f"{code}{digits}"[:15]
    found = {text for kind, text in faces("phone", number) if kind == "phone"}
    entries = {text for text in found if text.startswith(("bare:", "national:", "digits:"))}
    assert entries <= set(faces_of_digits(number)) or number.startswith("00")
