"""Every source of ours is called something in Indonesian too; names of firms and sites stay names."""

import re

import pytest

from market_db.source_titles import indonesian_titles, source_title_in
from pipelines.currency import SOURCES
from spiders.by_hand import load_presets
from spiders.catalogue import load_spiders
from spiders.not_read import not_read

NAMES = {"Google Trends", "Amazon, Walmart, Tesco, LinkedIn", "ITC Trade Map, Market Access Map, Export Potential Map"}
ENGLISH = re.compile(r"\b(the|of|and|with|for|from|by|in|to|firms|files?|wholesalers|importers|tenders|imports|prices|register|rules)\b")


def titles():
    yield from (spider.about.title for spider in load_spiders().values())
    yield from (one.title for one in not_read())
    yield from (preset.titles["en"] for preset in load_presets().values() if preset.titles["id"] != preset.titles["en"])


@pytest.mark.parametrize("name", load_spiders())
def test_a_source_has_an_indonesian_title(name):
    title = load_spiders()[name].about.title
    assert title in indonesian_titles(), f"{name}: add {title!r} to market_db/words/source_titles_id.toml"


def test_every_title_has_its_own():
    assert {title for title in titles() if title not in indonesian_titles()} - NAMES == set()


def test_no_row_is_left_over_or_english():
    known = {*titles(), *SOURCES.values()}
    assert {title for title in indonesian_titles() if title not in known} == set()
    assert [own for own in indonesian_titles().values() if ENGLISH.search(own.replace("bill of lading", ""))] == []


@pytest.mark.parametrize(("title", "language"), [("Sambal Toko (contoh)", "id"), ("UN Comtrade: annual imports", "en"), ("", "id")])
def test_names_and_english_stay(title, language):
    assert source_title_in(title, language) == title
