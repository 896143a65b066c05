"""Both languages say the same things, and what Excel limits in length is short enough."""

import re
from datetime import UTC, date, datetime

import pytest

from market_db.runs import VERDICTS
from market_db.workbook.words import LANGUAGES, glossary, words_of


def keys(language):
    return {(group, key) for group, entries in words_of(language).table.items() for key in entries}


def test_indonesian_and_english_have_the_same_words():
    assert keys("id") == keys("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_agree(language):
    for group, key in keys(language):
        found = re.findall(r"\{\w+\}", words_of(language).table[group][key])
        assert sorted(found) == sorted(re.findall(r"\{\w+\}", words_of("en").table[group][key])), (group, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_excel_limits(language):
    words = words_of(language)
    for name in words.lines("sheets"):
        assert len(name) <= 31
        assert not re.search(r"[\[\]:*?/\\']", name)
    assert all(len(text) <= (32 if key.endswith("title") else 255) for key, text in words.table["validation"].items())
    assert len(set(words.lines("statuses"))) == 7


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_has_words(language):
    assert set(VERDICTS) <= words_of(language).table["verdicts"].keys()


@pytest.mark.parametrize(
    ("code", "indonesian", "english"),
    [
        ("HK", "Hong Kong", "Hong Kong"),
        ("MO", "Makau", "Macao"),
        ("NL", "Belanda", "Netherlands"),
        ("AE", "Uni Emirat Arab", "United Arab Emirates"),
        ("PS", "Palestina", "Palestine"),
        ("MM", "Myanmar", "Myanmar"),
        ("GB", "Inggris Raya", "United Kingdom"),
        ("QQ", "QQ", "QQ"),
        (None, None, None),
    ],
)
def test_countries(code, indonesian, english):
    assert (words_of("id").country(code), words_of("en").country(code)) == (indonesian, english)


def test_numbers_and_dates():
    assert (words_of("id").number(50_000), words_of("en").number(50_000)) == ("50.000", "50,000")
    assert (words_of("id").day(date(2026, 8, 8)), words_of("en").day(date(2026, 8, 8))) == ("8 Agu 2026", "8 Aug 2026")
    assert words_of("id").moment(datetime(2026, 5, 8, 4, 5, tzinfo=UTC)) == "8 Mei 2026 04:05 UTC"


def test_unknown_keys_from_data_show_themselves():
    assert words_of("id").role("tea_house") == "tea house"
    assert words_of("id").role(None) is None
    assert words_of("id").label("statuses", "on_hold") == "on hold"
    assert words_of("id").label("statuses", None) is None
    with pytest.raises(KeyError):
        words_of("id").say("statuses", "on_hold")


def test_glossary_is_whole():
    assert len({entry["term"] for entry in glossary()}) == len(glossary())
    assert all(entry.keys() == {"term", "long", "id", "en"} and entry["id"] and entry["en"] for entry in glossary())
