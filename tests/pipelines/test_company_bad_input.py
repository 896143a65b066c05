"""Listings that nobody should have published: identity neither stops nor slows down at them."""

import random
import time
import unicodedata
from string import ascii_lowercase

import pytest

from market_db.companies.identity_store import IdentityStore
from market_db.desk.entered import Decision
from pipelines.companies.faces import face_of
from pipelines.companies.features import FEATURES, steps_of
from pipelines.companies.identity import identify
from pipelines.companies.index import Index
from pipelines.companies.keys import keys_of
from pipelines.companies.looks import MAX_WORDS, look_of
from pipelines.companies.nightly import Memory
from pipelines.companies.resolve import resolve

NAMES = {
    "10,000 letters": "A" * 10_000,
    "10,000 characters of words": "alba " * 2_000,
    "5,000 different words": " ".join(f"w{n}" for n in range(5_000)),
    "only punctuation": "--- ... !!! ///",
    "only a legal form": "PT",
    "only two legal forms": "Sdn Bhd",
    "mixed scripts": "Торговый 商贸 Traders شركة 무역",
    "NUL inside": "Al\x00ba\x00 Tirta",
    "only NULs": "\x00\x00",
    "emoji": "🌶️🔥👨‍👩‍👧‍👦",
    "emoji in a name": "Sambal 🌶️ King",
    "lone surrogate": "Alba \ud83d Tirta",
    "accents without letters": "\u0301" * 300,
    "many accents": unicodedata.normalize("NFD", "é" * 3_000),
    "brackets": "(" * 5_000,
    "open quotes": "«" * 5_000 + "Alba",
    "points": "a." * 5_000,
    "commas": "Alba," * 2_000,
    "dashes": "Alba -" * 2_000,
    "blanks": " \t\n\u00a0\u3000",
    "direction marks": "\u202eabla\u202c",
    "empty": "",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_any_name_is_read_fast_and_stays_small(name):
    began = time.process_time()
    look = look_of(name, country="GB", city=name, address=name, phones=("+442079460000",), domain="alba.example")
    keys = keys_of(look, len)
    assert time.process_time() - began < 2
    assert len(look.words) <= MAX_WORDS
    assert len(keys) < 60
    assert resolve([look, look_of(name, country="GB")]).clusters
    steps = steps_of(look, look, Index([look, look]))
    assert all(0 <= step < size for step, size in zip(steps, FEATURES.values(), strict=True))


def test_strange_names_all_at_once_are_remembered_and_read_again(tmp_path):
    store = IdentityStore(tmp_path / "identity.db")
    looks = {f"{at:02}": look_of(name, country="GB") for at, name in enumerate(NAMES.values())}
    memory = Memory(store)
    new, _ = memory.change((), looks)
    memory.score(new)
    store.keep("now")
    assert set(Memory(store).load(sorted(new)).values()) == set(looks.values())
    store.close()


def test_names_without_a_name_never_make_one_company():
    empty = [name for key, name in NAMES.items() if key in {"only punctuation", "only NULs", "emoji", "blanks", "empty", "brackets"}]
    assert max(map(len, resolve([look_of(name, country="GB", city="Leeds", source=str(n)) for n, name in enumerate(empty)]).clusters)) == 1


@pytest.mark.parametrize("phone", ["0", "000000000", "+0000000000", "+620000000000", "", "+"])
def test_phones_of_zeros_are_no_phones(mention, phone):
    assert face_of(mention("1", "Alba Tirta", phones=(phone,))).phones == ()


def firms(count, **shared):
    chance = random.Random(5)
    return [look_of(f"{''.join(chance.choices(ascii_lowercase, k=8))} Traders", country="GB", source="s", **shared) for _ in range(count)]


@pytest.mark.parametrize(
    "shared",
    [
        {"phones": ("+442079460000",)},
        {"domain": "plaza.example"},
        {"address": "1 Mill Road"},
        {"phones": ("+442079460000",), "domain": "plaza.example", "address": "1 Mill Road", "city": "Leeds"},
    ],
    ids=["phone", "domain", "address", "all of them"],
)
def test_five_thousand_strangers_with_one_contact_cost_little_and_stay_apart(shared):
    began = time.process_time()
    assert max(map(len, resolve(firms(5_000, **shared)).clusters)) == 1
    assert time.process_time() - began < 30


def test_five_thousand_listings_of_one_name_cost_little():
    looks = [look_of("Alba Tirta", country="GB", city=f"Town{n}", source=str(n)) for n in range(5_000)]
    began = time.process_time()
    assert max(map(len, resolve(looks).clusters)) == 1
    assert time.process_time() - began < 30


def test_judgements_in_a_circle_end_and_a_person_s_no_stands(mention):
    said = [("1", "2", "same"), ("2", "3", "same"), ("3", "1", "not_same"), ("3", "4", "same"), ("4", "1", "same")]
    decisions = [
        Decision(party_a=a, party_b=b, kind=kind, entered_at=f"2026-01-0{at}T00:00:00+00:00", entered_by="test")
        for at, (a, b, kind) in enumerate(said, 1)
    ]
    names = ("Alba Tirta", "Krakatau Bricks", "Vokaria Jaya", "Zeno Wijaya")
    members = identify([mention(str(at + 1), name) for at, name in enumerate(names)], decisions).named.members.values()
    assert not any({"1", "3"} <= set(group) for group in members)
    assert sorted(party for group in members for party in group) == ["1", "2", "3", "4"]
