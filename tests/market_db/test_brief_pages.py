"""The page: hostile texts stay texts, every script can be printed, one page whatever stands on it, and the same bytes each time."""

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.brief import Brief, Chart, Label, Line, Rect, Section, Tile
from market_db.brief.charts import bars, columns, cut, scores
from market_db.brief.html import to_html, to_svg
from market_db.brief.pdf import in_other_letters, shown, to_pdf

NOW = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)
EVIL = "<script>alert(1)</script>\" onload='x' & 東京食品 Łódź"


def brief(lines=3, text="Sambal"):
    return Brief(
        language="id",
        title=text,
        subtitle=text,
        tiles=tuple(Tile(text, "55 / 100", text) for _ in range(5)),
        charts=(
            columns(text, [("2024", 5.0, "5"), ("2025", 0.0, "0")], text),
            bars(text, [(text, 3.0, "3", True), ("B", 0.0, "0", False)], text),
            scores(text, [(text, 68.0), ("B", None)], text, "tidak ada data"),
        ),
        sections=(Section("price", text, tuple(Line(f"{text} {at}", "https://a.example/x?a=1&b=2") for at in range(lines))),),
        foot=(text,),
    )


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def test_hostile_texts_stay_texts():
    parser = Tags()
    parser.feed(to_html(brief(text=EVIL)))
    assert "script" not in {tag for tag, _ in parser.seen}
    assert not any("onload" in attrs for _, attrs in parser.seen)
    assert EVIL.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;").replace("'", "&#39;") in to_html(
        brief(text=EVIL)
    )


def test_the_page_needs_nothing_from_elsewhere():
    parser = Tags()
    parser.feed(to_html(brief()))
    assert not [tag for tag, attrs in parser.seen if "src" in attrs or tag == "link"]
    assert parser.seen[0] == ("html", {"lang": "id"})


@given(st.text(max_size=40))
def test_charts_are_well_formed_whatever_the_names(text):
    printable = "".join(char for char in text if char.isprintable())
    for chart in brief(text=printable).charts:
        root = ET.fromstring(str(to_svg(chart)))
        assert root.get("aria-label") == printable
        assert len(list(root)) == len(chart.marks)


@given(st.lists(st.floats(0, 1e12), max_size=12))
def test_bars_stay_inside_the_drawing(values):
    for chart in (
        columns("t", [(str(at), value, "x") for at, value in enumerate(values)], ""),
        bars("t", [("n", v, "x", False) for v in values], ""),
    ):
        for mark in chart.marks:
            if isinstance(mark, Rect):
                assert -1e-6 <= mark.x <= mark.x + mark.width <= 100 + 1e-6
                assert -1e-6 <= mark.y <= mark.y + mark.height <= chart.height + 1e-6
                assert mark.height >= 0


def test_what_is_not_known_has_words_and_no_bar():
    found = scores("t", [("A", 0.0), ("B", None)], "s", "no data")
    assert [mark.text for mark in found.marks if isinstance(mark, Label)] == ["A", "0", "B", "no data"]
    assert len([mark for mark in found.marks if isinstance(mark, Rect)]) == 2


def test_long_names_are_cut():
    assert cut("Amerika Serikat") == "Amerika Serikat"
    assert cut("Saint Vincent and the Grenadines") == "Saint Vincent and th…"


@pytest.mark.parametrize(
    ("text", "expected"), [("Łódź – 5 €", "Lódz - 5 EUR"), ("Müller · ×", "Müller · ×"), ("東京", "DongJing"), ("", ""), ("Ærø", "Ærø")]
)
def test_letters_that_no_built_in_font_has_are_written_in_latin(text, expected):
    assert shown(text) == expected


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=60))
def test_any_text_can_be_printed(text):
    assert to_pdf(brief(lines=1, text=text), NOW).startswith(b"%PDF-1.")


@pytest.mark.parametrize("lines", [0, 1, 20, 38])
def test_one_page(lines):
    data = to_pdf(brief(lines=lines, text="Sambal dan saus cabai dari Medan, untuk toko dan restoran " * 2), NOW)
    assert data.count(b"/Type /Page\n") == 1


def test_the_same_bytes_each_time():
    assert to_pdf(brief(), NOW) == to_pdf(brief(), NOW)
    assert to_html(brief()) == to_html(brief())


@pytest.mark.parametrize(("text", "told"), [("東京", True), ("Łódź", True), ("Müller – 5 €", False)])
def test_the_paper_says_where_names_were_written_in_latin_letters(text, told):
    page = replace(brief(text="Sambal"), sections=(Section("buyers", "Pembeli", (Line(text),)),), latin="Ditulis dengan huruf Latin.")
    assert in_other_letters(page) is told
    plain = replace(page, latin="")
    assert (len(to_pdf(page, NOW)) > len(to_pdf(plain, NOW))) is told


def test_an_empty_page():
    empty = Brief(language="en", title="T", subtitle="", tiles=(), charts=(), sections=(), foot=())
    assert to_pdf(empty, NOW).startswith(b"%PDF")
    assert "<h1>T</h1>" in to_html(empty)
    assert to_svg(Chart("t", 5.0, (), "")).startswith("<svg")
