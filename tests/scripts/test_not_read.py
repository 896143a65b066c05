"""What is looked at and not read: whole rows, in both languages, naming sources that exist, and shown in the register."""

import json
import re
import tomllib

import pytest

from spiders.catalogue import load_spiders
from spiders.not_read import FILE, STATES, not_read

NAMES_OF_SOURCES = re.compile(r"\b(?:un_comtrade|wikipedia_views|open_prices|open_food_facts|us_census|common_crawl|world_bank|ted)\b")


@pytest.mark.parametrize("one", not_read(), ids=lambda one: one.name)
def test_each_row_is_whole(one):
    assert one.state in STATES
    assert one.home.startswith("https://") or not one.home
    assert all(one.why[language] and not one.why[language].endswith(".") for language in ("id", "en"))
    assert set(NAMES_OF_SOURCES.findall(one.why["en"])) <= set(load_spiders())
    assert NAMES_OF_SOURCES.findall(one.why["id"]) == NAMES_OF_SOURCES.findall(one.why["en"])


def test_no_name_is_used_twice_or_is_a_source():
    names = [row["name"] for row in tomllib.loads(FILE.read_text("utf-8"))["source"]]
    assert len(set(names)) == len(names)
    assert not set(names) & set(load_spiders())
    assert json.dumps(names).isascii()
