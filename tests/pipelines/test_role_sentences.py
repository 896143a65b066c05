"""What a firm says of itself proves its role; what it looks for does not."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.reference import role_keys
from market_db.seen import Notice, Party
from pipelines.context import Context
from pipelines.roles import _cues, name_role, role_of_code, role_of_words, role_sentence

TABLE = Path(__file__).with_name("role_sentences.tsv")


def rows():
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["role"] or None) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


@pytest.mark.parametrize(("text", "role"), rows())
def test_a_sentence_proves_a_role(text, role):
    found = role_sentence(text)
    assert (found[0] if found else None) == role
    assert found is None or found[1] in text


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("nace2:46.38", "wholesaler"),
        ("nace2:46.17", "distributor"),
        ("nace2:47.11", "retailer"),
        ("nace2:56.10", "food_service"),
        ("nace2:52.29", "freight_forwarder"),
        ("nace2:10.84", "supplier"),
        ("nace2:84.11", "tender_authority"),
        ("nace2:62.01", None),
    ],
)
def test_a_code_proves_a_role(code, role):
    assert role_of_code(code) == role


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Gemeente Rotterdam", "tender_authority"),
        ("Oslo kommune", "tender_authority"),
        ("Ayuntamiento de Madrid", "tender_authority"),
        ("Ministry of Defence", "tender_authority"),
        ("Kedutaan Besar (contoh)", "other"),
        ("Handelskammer Hamburg", "other"),
        ("Nusantara Import GmbH (contoh)", "importer"),
        ("Jawa Logistics BV (contoh)", "freight_forwarder"),
        ("Toko Contoh", "retailer"),
        ("Contoh Foods Ltd", None),
    ],
)
def test_a_name_only_suggests_a_role(name, role):
    assert role_of_words(name) == role


def test_every_role_of_the_table_is_known():
    assert {role for role, _ in _cues().words} | set(_cues().nace.values()) | set(_cues().tags.values()) <= set(role_keys())


def test_a_request_is_given_the_role_its_writer_states_with_the_sentence():
    about = "Hello. We are an importer of sauces in Rotterdam. Please quote."
    notice = Notice(
        key="1",
        kind="rfq",
        title="Sambal",
        description=about,
        url="https://b.example/1",
        source="board",
        parties=(Party(name="Contoh BV"),),
    )
    found = name_role(notice, Context(as_of=date(2026, 11, 25))).parties[0]
    assert (found.role, found.role_proof) == ("importer", "We are an importer of sauces in Rotterdam")


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_it(text):
    found = role_sentence(text)
    assert found is None or found[1] in text
