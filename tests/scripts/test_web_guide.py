"""The guide: the same in both languages, and true about the pages it speaks of."""

import re
import tomllib
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from market_db.web.guide import TEXTS, read_guide
from scripts.serve import workspace


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url="http://127.0.0.1:8350", raise_server_exceptions=False)


def test_both_languages_have_the_same_parts():
    tables = [tomllib.loads((TEXTS / f"{language}.toml").read_text("utf-8")) for language in ("id", "en")]
    for kind in ("section", "term"):
        one, other = ([(part["key"], sorted(part)) for part in table[kind]] for table in tables)
        assert one == other
    assert [len(part["text"]) for part in tables[0]["section"]] == [len(part["text"]) for part in tables[1]["section"]]


@pytest.mark.parametrize(
    ("language", "words"),
    [("id", ("MOQ", "Mereka minta tidak dihubungi", "Arti skor")), ("en", ("RFQ", "They asked not to be contacted", "What the score"))],
)
def test_the_page_has_its_parts_and_is_in_the_menu(client, language, words):
    page = client.get(f"/bantuan?lang={language}").text
    assert all(word in page for word in words)
    assert 'href="/bantuan" aria-current="page"' in page


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_the_guide_quotes_is_written_so_on_the_pages(language):
    """A reader looks for the very words: a button by another name is not found."""
    pages = (TEXTS.parent / "locale" / f"{language}.toml").read_text("utf-8").casefold()
    quoted = [quote for section in read_guide(language).sections for text in section.text for quote in re.findall("“([^”]+)”", text)]
    assert len(quoted) > 10
    assert [quote for quote in quoted if quote.casefold() not in pages] == [{"id": "tidak punya", "en": "has none"}[language]]


def test_what_the_guide_says_of_the_score_is_how_it_is_made():
    most = tomllib.loads((Path(__file__).parents[2] / "pipelines" / "scoring.toml").read_text("utf-8"))["most"]
    told = next(one for one in read_guide("en").sections if one.key == "score").text[0]
    assert all(f"({points}" in told for points in most.values())


def test_pictures_are_served_as_what_they_are(client):
    assert client.get("/static/guide/find-id.webp").headers["content-type"] == "image/webp"


def test_every_picture_is_there_with_words_for_who_does_not_see_it():
    for language in ("id", "en"):
        with_pictures = [one for one in read_guide(language).sections if one.picture]
        assert [one.key for one in with_pictures] == ["find", "buyer", "exporter", "shortlist", "workbook", "markets"]
        assert all(one.alt for one in with_pictures)
