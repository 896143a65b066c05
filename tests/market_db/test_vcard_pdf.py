"""A buyer for an address book and a list on paper: every payload inert, names as they are where a font has them, nobody's person."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.derived import Company, CompanyContact
from market_db.exports import pdf_letters
from market_db.exports import shortlist_pdf as paper
from market_db.exports.pdf_letters import Letters, letters_for
from market_db.exports.shortlist_pdf import Block, Sheet, Text, contact_lines, shortlist_pdf
from market_db.exports.vcard import vcard

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
PAYLOADS = [
    "Toko\r\nEMAIL:evil@evil.example",
    "A;B,C\\D\nEND:VCARD",
    '=HYPERLINK("http://evil.example")',
    "<script>alert(1)</script>",
    "\u202egpj.exe",
    "a\ud800b",
    "x" * 5_000,
    "東京食品株式会社・輸入部門 " * 10,
]  # fmt: skip


def company(name="Toko (contoh)", **more):
    none = dict.fromkeys(("address", "postcode", "latitude", "longitude", "since_run", "city", "country"))
    given = {
        "id": "c",
        "names": (name,),
        "roles": (),
        "sources": (),
        "licences_share_alike": False,
        "first_seen": "",
        "last_seen": "",
        "member_ids": (),
        "contacts": (),
    }
    return Company(name=name, **{**none, **given, **more})


def contact(kind, value):
    return CompanyContact(company_id="c", kind=kind, value=value, raw=value, first_seen="", last_seen="", sources=1, evidence_id="-")


def card(one, *contacts, note="Sumber: R"):
    return vcard(one, contacts, uid="00ab", note=note, kind="Importir", revised=NOW).decode()


def unfolded(text):
    return text.replace("\r\n ", "").split("\r\n")


def test_a_card_holds_what_is_known():
    one = company(address="Jalan 1, Lantai 2", city="Den Haag", postcode="2511", country="NL", latitude=52.1, longitude=4.3)
    lines = unfolded(
        card(one, contact("email", "info@x.example"), contact("phone", "+31201234567"), contact("website", "https://x.example/"))
    )
    assert lines[:3] == ["BEGIN:VCARD", "VERSION:4.0", "KIND:org"]
    assert lines[-2:] == ["END:VCARD", ""]
    for line in (
        "FN:Toko (contoh)", "ORG:Toko (contoh)", "ADR:;;Jalan 1\\, Lantai 2;Den Haag;;2511;NL", "EMAIL;TYPE=work:info@x.example",
        "TEL;VALUE=uri;TYPE=work:tel:+31201234567", "URL:https://x.example/", "GEO:geo:52.100000,4.300000", "REV:20261125T013000Z",
    ):  # fmt: skip
        assert line in lines


@pytest.mark.parametrize("text", PAYLOADS)
def test_nothing_in_a_name_becomes_a_line_of_its_own(text):
    odd = (contact("email", text), contact("phone", text), contact("website", text), contact("website", "javascript:alert(1)"))
    told = card(company(text, address=text, city=text), *odd, note=text)
    assert told.count("BEGIN:VCARD") == 1
    assert len(re.findall(r"(?m)^END:VCARD", told)) == 1
    assert not re.search(r"(?m)^(EMAIL|TEL|URL)", told)
    assert all(len(line.encode()) <= 75 for line in told.split("\r\n"))
    assert all(line.startswith(" ") or ":" in line for line in told.split("\r\n")[:-1])


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_name_gives_a_whole_card(text):
    lines = unfolded(card(company(text)))
    assert (lines[0], lines[-2]) == ("BEGIN:VCARD", "END:VCARD")
    assert len(lines) == 11


def sheet(*titles, **more):
    blocks = tuple(
        Block(title=title, lines=(Text(title), *contact_lines("https://x.example", "info@x.example", "+31201234567"))) for title in titles
    )
    return Sheet(
        language="id",
        title="Sambal",
        subtitle=("CV Sambal Ibu (contoh)",),
        blocks=blocks,
        latin="Sebagian nama ditulis dengan huruf Latin.",
        **more,
    )


@pytest.mark.parametrize(
    "text", [*PAYLOADS, "ŁÓDŹ Żywność", "Công ty Thực phẩm", "Ελληνικά τρόφιμα", "Продукты", "مواد غذائية", "อาหาร", "🌶 Sambal", ""]
)
def test_any_name_is_printed_and_nothing_in_it_runs(text):
    body = shortlist_pdf(sheet(text), NOW)
    assert body.startswith(b"%PDF")
    for word in (b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction /", b"/EmbeddedFile", b"javascript:"):
        assert word not in body


def test_links_lead_to_plain_addresses_only():
    lines = contact_lines("javascript:alert(1)", "a@b.example?subject=x", "+31")
    assert [line.url for line in lines] == [None, None, None]
    assert [line.url for line in contact_lines("https://x.example", "info@x.example", None)] == [
        "https://x.example",
        "mailto:info@x.example",
    ]


def test_many_buyers_go_over_pages_and_the_same_list_gives_the_same_bytes():
    one = sheet(*(f"{n}. Toko {n} (contoh)" for n in range(60)))
    body = shortlist_pdf(one, NOW)
    assert len(re.findall(rb"/Type /Page\b", body)) > 3
    assert body == shortlist_pdf(one, NOW)


def test_letters_come_from_a_font_that_has_them_or_are_written_in_latin(tmp_path):
    assert letters_for(["Toko Ærø"]).fonts == ()
    bare = Letters()
    assert bare.shown("Łódź 東京") == "Lódz DongJing"
    assert bare.changed == ["Łódź 東京"]
    found = letters_for(["Łódź Ελληνικά"])
    if found.fonts:
        assert found.shown("Łódź Ελληνικά") == "Łódź Ελληνικά"
    (tmp_path / "no.ttf").write_bytes(b"no font")
    assert isinstance(letters_for(["東"], tmp_path), Letters)
    assert isinstance(letters_for(["東"], Path("nowhere")), Letters)


def made_font(path, letters):
    """A font that has these letters and nothing else."""
    builder = FontBuilder(1000)
    names = {ord(char): f"g{ord(char)}" for char in letters}
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((500, 0))
    pen.lineTo((0, 500))
    pen.closePath()
    glyph = pen.glyph()
    builder.setupGlyf(dict.fromkeys((".notdef", *names.values()), glyph))
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", *names.values()), (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": path.stem, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    builder.setupPost()
    builder.save(path)
    return path


LATIN = "".join(map(chr, range(32, 127)))


def test_a_font_without_latin_letters_stands_beside_one_that_has_them(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf_letters, "_machine_fonts", tuple)
    made_font(tmp_path / "a-only-cjk.ttf", "東京")
    made_font(tmp_path / "b-latin.ttf", LATIN)
    found = letters_for(["Toko 東京"], tmp_path)
    assert [path.name for _, path, _ in found.fonts] == ["b-latin.ttf", "a-only-cjk.ttf"]
    assert found.shown("Toko 東京") == "Toko 東京"
    assert found.changed == []
    assert found.shown("Toko 食品") == "Toko ShiPin"
    assert found.changed == ["Toko 食品"]
    assert shortlist_pdf(sheet("Toko 東京", fonts=tmp_path), NOW).startswith(b"%PDF")


@pytest.mark.parametrize(("text", "shapes"), [("مواد", True), ("ירושלים", True), ("मसाला", True), ("Toko", False), ("東京", False)])
def test_joined_scripts_are_shaped(tmp_path, text, shapes):
    made_font(tmp_path / "letters.ttf", LATIN + text)
    found = letters_for([text], tmp_path)
    assert (found.shown(text), found.shapes, found.changed) == (text, shapes, [])
    assert shortlist_pdf(sheet(text, fonts=tmp_path), NOW).startswith(b"%PDF")


@pytest.mark.parametrize(("title", "told"), [("東京 (contoh)", True), ("Toko – Æ (contoh)", False)])
def test_the_paper_says_that_letters_were_changed(monkeypatch, title, told):
    written = []
    monkeypatch.setattr(paper, "letters_for", lambda *_: Letters())
    monkeypatch.setattr(paper, "_write", lambda *drawn: written.append(drawn[1].shown(drawn[2].text)))
    shortlist_pdf(sheet(title), NOW)
    assert ("Sebagian nama ditulis dengan huruf Latin." in written) is told
