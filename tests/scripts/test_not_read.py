"""What is looked at and not read: whole rows, in both languages, naming sources that exist, and shown in the register."""

import json
import re
import tomllib

import pytest

from spiders.catalogue import load_spiders
from spiders.not_read import FILE, STATES, not_read

NAMES_OF_SOURCES = re.compile(rf"(?<![:\w])(?:{'|'.join(load_spiders())})\b")


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


def test_the_register_lists_them_as_json_and_by_name(home, tembus):
    rows = {row["name"]: row for row in json.loads(tembus("sources", "--json").out)}
    assert {one.name for one in not_read()} < set(rows)
    row = rows["sam_gov"]
    assert set(row) == set(rows["ted"])
    assert (row["state"], row["enabled"], row["licence"], row["last_run"]) == ("not_read_needs_key", False, None, None)
    assert "belum ada pembacanya" in row["state_in_words"]
    assert json.loads(tembus("sources", "sam_gov", "--json").out) == [row]
    shown = tembus("sources", "sam_gov", "--lang", "en")
    assert shown.code == 0
    assert "Needs a key: free key, no reader yet" in shown.out
    assert "https://sam.gov/" in shown.out
    assert "sam_gov" in tembus("sources").out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("crawl", "import:rasff"), ("tidak dirayapi", "tembus import BERKAS --preset rasff")),
        (("crawl", "alibaba_rfq", "--lang", "en"), ("its terms refuse crawling", "tembus import FILE --preset alibaba_rfq")),
        (("crawl", "sam_gov"), ("sam_gov tidak dibaca: kunci gratis",)),
        (("crawl", "sam_gov", "--dry-run"), ("sam_gov tidak dibaca: kunci gratis",)),
        (("sources", "approve", "sam_gov", "--basis", "x"), ("sam_gov tidak dibaca: kunci gratis",)),
        (("check", "sam_gov", "--lang", "en"), ("sam_gov is not read: free key",)),
        (("crawl", "bronnoysnd"), ("Maksud Anda bronnoysund?",)),
        (("crawl", "zzz", "--lang", "en"), ("There is no source zzz.",)),
    ],
)
def test_asked_to_crawl_what_is_not_crawled_says_why_and_the_way_on(home, tembus, command, said):
    found = tembus(*command)
    assert (found.code, found.out) == (2, "")
    assert all(text in found.err for text in said)
    assert not home.root.exists()


@pytest.mark.parametrize(
    ("name", "language", "said"),
    [
        ("rasff", "id", "rasff mati: ketentuannya belum dibaca. Bacalah (https://"),
        ("rasff", "en", "rasff is off: nobody has read its terms. Read them (https://"),
        ("open_food_facts_dump", "en", "open_food_facts_dump is switched off"),
    ],
)
def test_a_source_that_is_off_says_how_it_is_approved(home, tembus, name, language, said):
    found = tembus("crawl", name, "--lang", language)
    assert found.code == 5
    assert said in found.err
    assert f"tembus sources approve {name} --basis" in found.err


def test_a_dry_run_needs_no_network(home, tembus, monkeypatch):
    def refused(_):
        raise AssertionError("a dry run looked for the network")

    monkeypatch.setattr("scripts.crawl.reachable", refused)
    monkeypatch.delenv("CENSUS_API_KEY", raising=False)
    found = tembus("crawl", "--dry-run")
    assert found.code == 0
    assert "ted: akan meminta ke api.ted.europa.eu, ted.europa.eu, paling banyak 300 permintaan" in found.err
    assert "Tidak ada yang diminta atau disimpan" in found.err
    assert not home.root.exists()
