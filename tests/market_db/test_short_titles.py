"""Titles of two to four words of food, in 18 languages: a wrong language is never told, "unknown" may be."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from market_db.values.languages import read_language

with Path(__file__).with_name("short_titles.tsv").open(encoding="utf-8", newline="") as file:
    TITLES = [(row["title"], row["language"].split()) for row in csv.DictReader(file, delimiter="\t")]


@pytest.mark.parametrize(("title", "languages"), TITLES)
def test_a_short_title_is_never_called_another_language(title, languages):
    assert read_language(title) in {None, *languages}


def test_most_of_them_are_told():
    told = Counter(read_language(title) is not None for title, _ in TITLES)
    assert told[True] / len(TITLES) > 0.75


@pytest.mark.parametrize(
    ("title", "site", "language"),
    [
        ("Sopa de tomate", "pt", "pt"),  # Spanish and Portuguese alike
        ("Sopa de tomate", "es", "es"),
        ("Minyak goreng sawit", "id", "id"),
        ("Minyak masak sawit", "ms", "ms"),
        ("Tomaten ketchup", "nl", "nl"),
        ("Salsa rosa", "it", "it"),
        ("Tomato soup basil jar", "nl", "en"),
    ],
)
def test_the_site_settles_what_two_languages_write_alike(title, site, language):
    assert read_language(title, declared=site) == language


@pytest.mark.parametrize(
    ("title", "language"),
    [("Tomatensuppe", None), ("Cremige Tomatensuppe", "de"), ("Knoflooksaus mild", "nl"), ("Beerenberg Roadhouse Steak Sauce", "en")],
)
def test_words_of_two_nouns_are_taken_apart(title, language):
    assert read_language(title) in {None, language}
