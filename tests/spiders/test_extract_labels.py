"""What stands beside a label, selectors of rows, relative dates, printed totals, and texts without contacts."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from market_db.values.quantities import few_pieces
from market_db.values.text import clean
from spiders.extract.firm_blocks import names_person
from spiders.extract.labelled import by_field, fields_of, is_never, label_words, meant_by, normal_label, pairs_in
from spiders.extract.moment import moment_of
from spiders.extract.request_blocks import without_contacts
from spiders.extract.selectors import fault_of, text_by
from spiders.extract.totals import printed_total
from spiders.reading import Answer


def block(markup: str) -> html.HtmlElement:
    return html.fromstring(f"<div>{markup}</div>")


def pairs(markup: str) -> dict[str, str]:
    return {pair.label: pair.value for pair in pairs_in(block(markup))}


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<table><tr><th>Phone</th><td>123</td></tr><tr><th>Since</th><td>1999</td></tr></table>", {"Phone": "123", "Since": "1999"}),
        ("<table><tr><td>Phone</td><td>1</td><td>Fax</td><td>2</td></tr></table>", {"Phone": "1", "Fax": "2"}),
        ("<table><tr><th>Fax</th><td></td></tr><tr><th>Founded</th><td>1999</td></tr></table>", {"Fax": "", "Founded": "1999"}),
        ("<dl><dt>Anschrift</dt><dd>Weg 1<br>1010 Wien</dd><dt>Land</dt><dd>AT</dd></dl>", {"Anschrift": "Weg 1 1010 Wien", "Land": "AT"}),
        ("<p><b>Telepon:</b> (021) 1<br><b>Situs:</b> <a href=x>a.example</a></p>", {"Telepon": "(021) 1", "Situs": "a.example"}),
        ("<li><span>Quantity</span><span>5 t</span></li>", {"Quantity": "5 t"}),
        ("<div><div>País</div><div>Chile</div></div>", {"País": "Chile"}),
        ("<p>Ville : Lyon</p><p>Pays: France</p>", {"Ville": "Lyon", "Pays": "France"}),
        ("<p>国家：中国</p><p>数量：500 件</p>", {"国家": "中国", "数量": "500 件"}),
        ("<p>الدولة: قطر</p>", {"الدولة": "قطر"}),
        ("<p>Posted in:</p><p>Date Posted: today</p>", {"Date Posted": "today", "Posted in": ""}),
        ("<p>Opening hours: 9-17</p><p>Hello world</p>", {}),
        ("<p style='display:none'><b>Phone:</b> 1</p>", {}),
        ("", {}),
    ],
)
def test_values_beside_labels(markup: str, expected: dict[str, str]) -> None:
    found = pairs(markup)
    assert {label: value for label, value in found.items() if value or label in expected} == {
        k: v for k, v in expected.items() if v or k in found
    }


def test_labels_of_a_column_stand_above_a_row() -> None:
    table = block("<table><tr><th>Company</th><th>Country</th></tr><tr><td>Firma Contoh</td><td>Peru</td></tr></table>")
    assert {pair.label: pair.value for pair in pairs_in(table.findall(".//tr")[1])} == {"Company": "Firma Contoh", "Country": "Peru"}


@pytest.mark.parametrize(
    "label", ["Contact person", "Ansprechpartner:", "Kontak Person", "Personne de contact", "الشخص المسؤول", "联系人", "担当者"]
)
def test_what_announces_a_person_is_never_read(label: str) -> None:
    assert is_never(label)
    assert by_field(pairs_in(block(f"<p>{label}: X Y</p>"))) == {}


def test_no_label_announces_a_person_and_a_field() -> None:
    assert [label for label in label_words()["never"] if fields_of(label)] == []
    assert all(normal_label(label) for labels in label_words()["fields"].values() for label in labels)


@pytest.mark.parametrize(
    "label", ["Telephone", "Telefon", "Téléphone", "Teléfono", "Telepon", "Телефон", "الهاتف", "电话", "電話番号", "전화"]
)
def test_a_label_of_a_row_is_found_in_any_language(label: str) -> None:
    shown = block(f"<table><tr><td>{label}</td><td>040 1</td></tr></table>")
    assert text_by(shown, "label:Phone", pairs_in(shown)) == "040 1"


def test_a_label_the_table_does_not_have_is_found_as_written() -> None:
    shown = block("<p><b>Trading code</b> AB-12</p><p>Zone: North</p>")
    wanted = meant_by("Trading code") | meant_by("Zone")
    found = pairs_in(shown, wanted)
    assert [text_by(shown, f"label:{label}", found) for label in ("trading CODE", "Zone:", "Other")] == ["AB-12", "North", None]


_WORDS = st.text(st.characters(categories=("L", "N"), max_codepoint=0xFFFF), min_size=1, max_size=20)
_SHAPES = (
    "<table><tr><td>{label}</td><td>{value}</td></tr></table>",
    "<table><tr><th>{label}:</th><td><b>{value}</b></td></tr></table>",
    "<dl><dt>{label}</dt><dd>{value}</dd></dl>",
    "<p><b>{label}:</b> {value}</p>",
    "<div><span>{label}</span> <span>{value}</span></div>",
    "<div><div>{label}</div><div>{value}</div></div>",
    "<p>{label}: {value}</p>",
)


@settings(max_examples=120, deadline=None)
@given(_WORDS, _WORDS, st.sampled_from(_SHAPES), st.booleans())
def test_a_label_selector_finds_its_value_in_every_shape(label: str, value: str, shape: str, noise: bool) -> None:
    if not normal_label(label) or fields_of(label) or fields_of(value) or is_never(value) or normal_label(value) == normal_label(label):
        return
    text = f"{value} 1"
    shown = block(f"{'<p>Fax: 99</p>' if noise else ''}{shape.format(label=label, value=text)}")
    assert text_by(shown, f"label:{label}", pairs_in(shown, meant_by(label))) == clean(text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=40))
def test_any_markup_and_any_selector_raise_nothing(markup: str, selector: str) -> None:
    shown = html.fromstring(f"<div><p>{''.join(char for char in markup if char.isprintable())}</p></div>")
    found = pairs_in(shown)
    assert by_field(found) is not None
    if fault_of(selector) is None:
        text_by(shown, selector, found)


@pytest.mark.parametrize(
    ("selector", "found"),
    [("css:.a::text", "Firma"), (".a", "Firma"), ("css:a::attr(href)", "/x"), ("css:.none", None), ("label:Kota", "Bogor")],
)
def test_selectors_of_rows(selector: str, found: str | None) -> None:
    shown = block("<b class=a>Firma</b><a href='/x'>y</a><p>Kota: Bogor</p>")
    assert fault_of(selector) is None
    assert text_by(shown, selector, pairs_in(shown)) == found


@pytest.mark.parametrize("selector", ["css:", "", "css:a[", "label:", "label: : ", "css:a:nth-child(", "css:a::before"])
def test_selectors_that_cannot_be_used_are_told(selector: str) -> None:
    assert fault_of(selector)


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        ("Thu, 26 Nov 2026 00:05:00 GMT", "2026-11-26T00:05:00+00:00"),
        ("Thu, 26 Nov 2026 00:05:00 +0700", "2026-11-25T17:05:00+00:00"),
        ("yesterday", "2026-01-02T23:59:00+00:00"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "2026-01-02T23:59:00+00:00"),
        (None, "2026-01-02T23:59:00+00:00"),
    ],
)
def test_relative_dates_count_from_the_answer(header: str | None, moment: str) -> None:
    answer = Answer(body=b"", url="https://a.example/", headers={"date": header} if header else {})
    assert moment_of(answer, date(2026, 1, 2)).isoformat() == moment


@pytest.mark.parametrize(
    ("line", "total"),
    [
        ("Showing 1-20 of 345 results", 345), ("1 - 20 von 1.234 Firmen", 1234), ("Resultaten 21 t/m 40 van 120", 120), ("1–20 sur 99", 99),
        ("Menampilkan 1-10 dari 57 perusahaan", 57), ("1-20 из 300", 300), ("345 companies found", 345), ("1,204 buyers", 1204),
        ("عرض 1-10 من 87 شركة", 87), ("10 of 1000", None), ("Page 1 of 5", None), ("2019-2026 of the firm", None), ("Tel. 020 1-20", None),
        ("40-20 of 10", None), ("We know 500 ways", None), ("", None),
    ],
)  # fmt: skip
def test_printed_totals(line: str, total: int | None) -> None:
    assert printed_total([line]) == total


def test_a_part_is_believed_before_a_bare_count() -> None:
    assert printed_total(["12 members online", "1-20 of 345"]) == 345


@pytest.mark.parametrize(
    ("text", "few"),
    [
        ("1 Piece/Pieces", 1), ("1 pc", 1), ("2 Stück", 2), ("٣ قطع", 3), ("3件", 3), ("5 bottles", 5), ("6 bottles", None), ("100 pieces", None),
        ("1 ton", None), ("1", None), ("5", None), ("1 x 20ft container", None), ("a few", None), ("0 pieces", None), ("1.5 pieces", None), ("", None),
    ],
)  # fmt: skip
def test_quantities_no_trader_asks_for(text: str, few: int | None) -> None:
    assert few_pieces(text) == few


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Call +20 2 1234 5678 now", "Call [...] now"),
        ("mail x.y@mail.example please", "mail [...] please"),
        ("valid 01/02/2026 to 03/04/2026, 5000 kg", "valid 01/02/2026 to 03/04/2026, 5000 kg"),
        ("HS 2103.90.90, 20,000 pcs", "HS 2103.90.90, 20,000 pcs"),
        ("wa 0812-3456-7890", "wa [...]"),
    ],
)
def test_texts_without_contacts(text: str, left: str) -> None:
    assert without_contacts(text) == left


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Jan Voorbeeld", True), ("Maria Contoh - Contoh Winkel", True), ("Jan Voorbeeld B.V.", False), ("Maria Trading", False),
        ("Golden Spoon", False), ("Toko Rasa", False), ("Nusantara", False), ("شركة التوابل", False), ("", False),
    ],
)  # fmt: skip
def test_firms_called_like_persons(name: str, person: bool) -> None:
    assert names_person(name) is person
