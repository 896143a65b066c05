"""Golden small worlds of companies: what must be one, what must never be one, and that nothing depends on order or history."""

import itertools
import random
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.companies.history import Merge
from market_db.companies.identity_store import IdentityStore
from market_db.derived import Mention
from market_db.desk.entered import Decision
from market_db.seen import record_id
from pipelines.companies.clusters import name_clusters
from pipelines.companies.explain import SENTENCES, reasons
from pipelines.companies.faces import face_of
from pipelines.companies.features import steps_of
from pipelines.companies.identity import identify
from pipelines.companies.index import Index
from pipelines.companies.keys import keys_of
from pipelines.companies.looks import look_of
from pipelines.companies.scorecard import scorecard

AT = {
    "record_id": "r",
    "record_kind": "registration",
    "source": "s",
    "first_seen": "2026-11-01",
    "last_seen": "2026-11-20",
    "evidence_id": "e",
}


def party(party_id, name, **more):
    return Mention(party_id=party_id, name=name, **{**AT, **more})


def clusters(mentions, decisions=(), **more):
    return sorted(identify(mentions, decisions, **more).named.members.values())


def one(mentions, decisions=()):
    return len(clusters(mentions, decisions)) == 1


SAME = {
    "register number": [
        ("Nordsjø Mat AS", {"registry": "no-brreg", "registry_id": "999999999", "country": "NO"}),
        ("Nordsjo", {"registry": "no-brreg", "registry_id": "999999999"}),
    ],
    "own domain, name inside": [
        ("Amazonas Import BV", {"domain": "amazonas.example", "country": "NL"}),
        ("Amazonas", {"domain": "amazonas.example", "country": "NL"}),
    ],
    "domain without a country on one side": [
        ("Selatan Foods Ltd", {"domain": "selatan.example", "country": "GB"}),
        ("Selatan", {"domain": "selatan.example"}),
    ],
    "phone, name inside": [
        ("Borneo Trading GmbH", {"phones": ("+493012345678",), "country": "DE"}),
        ("Borneo", {"phones": ("+493012345678",), "country": "DE"}),
    ],
    "rare name and country": [
        ("Krakatau Maluku Foods Ltd", {"country": "GB", "city": "Leeds"}),
        ("KRAKATAU MALUKU FOODS LIMITED", {"country": "GB", "city": "Leeds"}),
    ],
    "rare word in its town": [
        ("Krakatau Brands Ltd", {"country": "GB", "city": "Leeds"}),
        ("Krakatau Limited", {"country": "GB", "city": "Leeds"}),
    ],
    "number with and without the country's code": [
        ("Fjord Krydder", {"country": "NL", "registry": "nl-kvk", "registry_id": "01234567"}),
        ("Geheel Anders", {"country": "NL", "registry": "nl-kvk", "registry_id": "NL 1234567"}),
    ],
    "PT prefix": [
        ("PT Sumber Rasabaru", {"country": "ID", "city": "Medan"}),
        ("PT. SUMBER RASABARU", {"country": "ID", "city": "Medan"}),
    ],
}


@pytest.mark.parametrize("case", SAME)
def test_one_company(case):
    assert one([party(str(at), name, **more) for at, (name, more) in enumerate(SAME[case])])


APART = {
    "marketplace domain": [(f"Seller {name}", {"domain": "tokopedia.com", "country": "ID"}) for name in ("Adi", "Budi")],
    "free mail": [("Wira Kencana", {"domain": "gmail.com", "country": "ID"}), ("Suka Bumi", {"domain": "gmail.com", "country": "ID"})],
    "one word in a town, two firms": [
        ("Krakatau Travel Desk", {"country": "GB", "city": "Leeds"}),
        ("Krakatau Bricks", {"country": "GB", "city": "Leeds"}),
    ],
    "one name, two towns": [
        ("Krakatau Ltd", {"country": "GB", "city": "Leeds"}),
        ("Krakatau Ltd", {"country": "GB", "city": "Bath"}),
    ],
    "unlisted platform": [
        (f"{name} Kitchenware", {"domain": "pasar.example", "country": "GB"}) for name in ("Alba", "Bora", "Cira", "Dova", "Ezra", "Fila")
    ],
    "call centre": [
        (f"{name} Ltd", {"phones": ("+442079460000",), "country": "GB"}) for name in ("Alba", "Bora", "Cira", "Dova", "Ezra", "Fila")
    ],
    "shared phone, other name": [
        ("Alba Ltd", {"phones": ("+442079460000",), "country": "GB"}),
        ("Bora Ltd", {"phones": ("+442079460000",), "country": "GB"}),
    ],
    "generic names": [
        ("Asia Market", {"country": "DE", "city": "Berlin"}),
        ("Asia Market", {"country": "DE", "city": "München"}),
    ],
    "generic names without a town": [("Asian Food Store", {"country": "GB"}), ("Asian Food Store", {"country": "GB"})],
    "Royal Bank / Royal Mail": [
        ("Royal Bank", {"country": "GB", "phones": ("+442079460001",)}),
        ("Royal Mail", {"country": "GB", "phones": ("+442079460001",)}),
    ],
    "West / East": [("Bank of the West", {"country": "US"}), ("Bank of the East", {"country": "US"})],
    "Rimi / Maxima": [("SIA Rimi Latvia", {"country": "LV"}), ("SIA Maxima Latvija", {"country": "LV"})],
    "Rimi / Maxima at one phone": [
        ("SIA Rimi Latvia", {"country": "LV", "phones": ("+37167000000",)}),
        ("SIA Maxima Latvija", {"country": "LV", "phones": ("+37167000000",)}),
    ],
    "same name, other country": [("Selatan Foods", {"country": "NL"}), ("Selatan Foods", {"country": "BE"})],
    "same domain, other country": [
        ("Selatan", {"country": "NL", "domain": "selatan.example"}),
        ("Selatan", {"country": "BE", "domain": "selatan.example"}),
    ],
    "two numbers of one register": [
        ("Fjord Krydder AS", {"country": "NO", "registry": "no-brreg", "registry_id": "1"}),
        ("Fjord Krydder AS", {"country": "NO", "registry": "no-brreg", "registry_id": "2"}),
    ],
    "a surname in one town": [("Jansen BV", {"country": "NL", "city": "Delft"}), ("Jansen B.V.", {"country": "NL", "city": "Delft"})],
    "PT alone": [("PT Maju", {"country": "ID"}), ("PT Jaya", {"country": "ID"})],
    "unknown": [("unknown", {"country": "NL", "phones": ("+1",)}), ("Unknown", {"country": "NL", "phones": ("+1",)})],
    "empty": [("", {"country": "NL", "domain": ""}), ("", {"country": "NL", "domain": ""})],
    "phone +1": [("Alba Tirta", {"phones": ("+1",)}), ("Alba Tirta", {"phones": ("+1",)})],
    "restaurants of one name": [
        ("Golden Dragon", {"country": "GB", "city": city, "record_kind": "place"}) for city in ("Leeds", "York", "Hull", "Bath")
    ],
    "Enterprise Solutions / The Solutions Co": [("Enterprise Solutions", {"country": "IN"}), ("The Solutions Co", {"country": "IN"})],
    "Industry Motors / Motors": [("Industry Motors", {"country": "IN"}), ("Motors", {"country": "IN"})],
}


@pytest.mark.parametrize("case", APART)
def test_never_one_company(case):
    world = [party(str(at), name, **more) for at, (name, more) in enumerate(APART[case])]
    assert len(clusters(world)) == len(world)


def test_a_chain_never_crosses_a_border():
    world = [
        party("a", "Selatan Foods BV", country="NL", domain="selatan.example"),
        party("b", "Selatan Foods", domain="selatan.example"),
        party("c", "Selatan Foods NV", country="BE", domain="selatan.example"),
    ]
    for order in itertools.permutations(world):
        assert clusters(order) == [("a", "b"), ("c",)]


def test_people_overrule_the_machine_both_ways():
    world = [party("a", "Alba", country="GB", domain="alba.example"), party("b", "Alba", country="GB", domain="alba.example")]
    other = party("c", "Quite Another", country="US")
    apart = Decision(kind="not_same", party_a="b", party_b="a", entered_at="2026-11-01", entered_by="advisor")
    same = Decision(kind="same", party_a="a", party_b="c", entered_at="2026-11-01", entered_by="advisor")
    assert clusters([*world, other], [apart, same]) == [("a", "c"), ("b",)]


def test_not_the_same_beats_the_same_whatever_comes_first():
    world = [party("a", "Alba", country="GB"), party("b", "Bora", country="GB")]
    verdicts = [Decision(kind=kind, party_a="a", party_b="b", entered_at="t", entered_by="x") for kind in ("same", "not_same")]
    for order in itertools.permutations(verdicts):
        assert clusters(world, order) == [("a",), ("b",)]


def test_a_wrong_country_no_longer_blocks():
    world = [party("a", "Selatan", country="NL", domain="selatan.example"), party("b", "Selatan", country="US", domain="selatan.example")]
    wrong = Decision(kind="wrong_country", party_a="b", party_b=None, entered_at="t", entered_by="x")
    assert clusters(world) == [("a",), ("b",)]
    assert clusters(world, [wrong]) == [("a", "b")]


def test_every_match_says_why():
    found = identify(
        [party("a", "Amazonas BV", domain="amazonas.example", country="NL"), party("b", "Amazonas", domain="amazonas.example")]
    )
    (match,) = found.matches
    assert (match.party_a, match.party_b) == ("a", "b")
    assert any(reason.startswith("same website domain amazonas.example, used under 1 name(s) (+") for reason in match.reasons)
    assert match.score >= 0.6


def test_reasons_add_up_and_exist_in_both_languages():
    looks = [
        look_of("Alba Tirta Ltd", country="GB", phones=("+441134960000",)),
        look_of("Alba Tirta", country="GB", phones=("+441134960000",)),
    ]
    index = Index(looks)
    said = [reasons(*looks, index, scorecard(), language) for language in ("en", "id")]
    assert len(said[0]) == len(said[1])
    assert any("nomor telepon sama" in reason for reason in said[1])
    total = sum(float(reason.rsplit("(", 1)[1].rstrip(")")) for reason in said[0])
    odds = scorecard().log_odds(steps_of(*looks, index))
    assert total == pytest.approx(odds - scorecard().bias, abs=1.5)  # the weight of "unknown" is not shown
    table = tomllib.loads(SENTENCES.read_text("utf-8"))
    assert table["en"].keys() == table["id"].keys()


def once(_):
    return 1


NAMES = st.sampled_from(["Alba Tirta Ltd", "Alba Tirta", "Bora", "Asia Market", "unknown", "Selatan Foods", "PT Selatan Foods"])
MENTIONS = st.lists(
    st.tuples(
        NAMES,
        st.sampled_from([None, "GB", "NL"]),
        st.sampled_from([None, "alba.example", "bora.example"]),
        st.sampled_from([(), ("+442079460000",), ("+31205550000",)]),
        st.sampled_from([None, "Leeds", "Delft"]),
    ),
    max_size=12,
)


def world_of(rows):
    return [
        party(f"p{at:02}", name, country=country, domain=domain, phones=phones, city=city)
        for at, (name, country, domain, phones, city) in enumerate(rows)
    ]


@settings(max_examples=150, deadline=None)
@given(MENTIONS, st.randoms(use_true_random=False))
def test_order_does_not_matter(rows, chance: random.Random):
    world = world_of(rows)
    shuffled = world[:]
    chance.shuffle(shuffled)
    assert identify(world).named == identify(shuffled).named


@settings(max_examples=150, deadline=None)
@given(MENTIONS)
def test_no_company_in_two_countries_and_nobody_lost(rows):
    world = world_of(rows)
    countries = {mention.party_id: mention.country for mention in world}
    found = clusters(world)
    assert sorted(p for group in found for p in group) == sorted(countries)
    assert all(len({countries[p] for p in group} - {None}) <= 1 for group in found)


@settings(max_examples=150, deadline=None)
@given(MENTIONS, MENTIONS)
def test_the_neighbourhood_of_what_changed_is_clustered_as_everything_is(rows, more):
    world = world_of([*rows, *more])
    first = identify(world[: len(rows)])
    old = {p: name for name, group in first.named.members.items() for p in group}
    part = identify(world, old=old, touched={mention.party_id for mention in world[len(rows) :]})
    whole = identify(world, old=old)
    inside = {group for group in whole.named.members.values() if part.parties.intersection(group)}
    assert set(part.named.members.values()) == inside


@settings(max_examples=60, deadline=None)
@given(MENTIONS, MENTIONS)
def test_night_after_night_nobody_is_lost_and_what_is_untouched_stands(rows, more):
    world, store = world_of([*rows, *more]), IdentityStore()
    first = identify(world[: len(rows)], store=store)
    stored = {p: name for name, group in first.named.members.items() for p in group}
    for at in range(len(rows), len(world)):
        night = identify(world[: at + 1], old=stored, touched={world[at].party_id}, store=store)
        assert all(name in night.named.merged or name in night.named.members for p, name in stored.items() if p in night.parties)
        stored = {p: name for p, name in stored.items() if p not in night.parties}
        stored.update({p: name for name, group in night.named.members.items() for p in group})
    assert stored.keys() == {mention.party_id for mention in world}


def test_a_vanished_party_leaves_its_company_and_a_changed_one_moves():
    world = [
        party("a", "Krakatau Maluku Foods", country="GB", city="Leeds"),
        party("b", "Krakatau Maluku Foods Ltd", country="GB", city="Leeds"),
    ]
    store = IdentityStore()
    (name,) = identify(world, store=store).named.members
    night = identify(world[:1], old={"a": name, "b": name}, touched={"b"}, store=store)
    assert night.named.members == {name: ("a",)}
    moved = party("a", "Bora Selatan", country="GB", city="Leeds")
    night = identify([moved, world[1]], old={"a": name}, touched={"a", "b"}, store=store)
    assert sorted(night.named.members.values()) == [("a",), ("b",)]


@settings(max_examples=100, deadline=None)
@given(MENTIONS)
def test_a_second_pass_changes_nothing(rows):
    world = world_of(rows)
    first = identify(world)
    old = {p: name for name, group in first.named.members.items() for p in group}
    again = identify(world, old=old)
    assert again.named.members == first.named.members
    assert not again.named.merged
    assert not again.named.gone


def test_ids_outlive_merge_and_split():
    old = {"a": "c1", "b": "c1", "c": "c2"}
    merged = name_clusters([("a", "b", "c")], old)
    assert merged.members == {"c1": ("a", "b", "c")}
    assert merged.merged == {"c2": "c1"}
    split = name_clusters([("a",), ("b",)], {"a": "c1", "b": "c1"})
    assert split.members["c1"] == ("a",)
    assert len(split.members) == 2
    assert name_clusters([("a",)], old).gone == {"c2"}


def test_what_moved_comes_home_with_the_id_of_its_home():
    """a and b were c1, c was c2; b went to c, and comes back: whichever id is lower, and however many came along."""
    for one, two in (("c1", "c2"), ("c2", "c1")):
        move = Merge(one, two, frozenset({"b", "d"}), moved=True)
        home = name_clusters([("a", "b", "d"), ("c",)], {"a": one, "b": two, "d": two, "c": two}, merges=[move])
        assert home.members == {one: ("a", "b", "d"), two: ("c",)}
        tie = name_clusters([("a", "b"), ("c",)], {"a": one, "b": two, "c": two})
        assert tie.members == {one: ("a", "b"), two: ("c",)}


def test_a_company_that_was_merged_comes_back_only_where_most_of_it_is():
    merge = Merge("c2", "c1", frozenset({"b1", "b2", "b3"}), frozenset({"a1", "a2"}))
    old = dict.fromkeys(("a1", "a2", "b1", "b2", "b3", "n"), "c1")
    back = name_clusters([("a1", "a2"), ("b1", "b2", "b3", "n")], old, merges=[merge])
    assert back.members == {"c1": ("a1", "a2"), "c2": ("b1", "b2", "b3", "n")}
    part = name_clusters([("a1", "a2", "b1", "b2"), ("b3",)], old, merges=[merge])
    assert part.members["c1"] == ("a1", "a2", "b1", "b2")
    assert "c2" not in part.members
    taken = name_clusters([("a1", "a2"), ("b1", "b2", "b3", "n")], old, reserved=["c2"], merges=[merge])
    assert taken.members["c1"] == ("b1", "b2", "b3", "n")
    assert "c2" not in taken.members


def test_a_new_id_never_takes_one_in_use():
    fresh = next(iter(name_clusters([("a",)], {}).members))
    taken = name_clusters([("a",), ("b",)], {"b": fresh}, reserved=[fresh])
    assert taken.members[fresh] == ("b",)
    assert len(taken.members) == 2


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.integers(0, 30), st.tuples(st.integers(0, 5), st.integers(1, 4)), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_a_new_id_is_the_same_whatever_came_first_and_in_however_many_nights(world, chance: random.Random):
    """Party -> (company it belongs to, day first seen)."""
    seen = {str(party): str(day) for party, (_, day) in world.items()}

    def clusters_until(day):
        groups = {}
        for party, (company, first) in world.items():
            if first <= day:
                groups.setdefault(company, []).append(str(party))
        found = [tuple(sorted(group)) for group in groups.values()]
        chance.shuffle(found)
        return found

    once = name_clusters(clusters_until(4), {}, seen=seen)
    stored = {}
    for day in range(1, 5):
        night = name_clusters(clusters_until(day), stored, stored.values(), seen)
        assert not night.merged
        stored = {party: name for name, group in night.members.items() for party in group}
    assert stored == {party: name for name, group in once.members.items() for party in group}


def test_parties_of_one_night_may_come_in_any_order():
    world = [
        party("3", "Krakatau Maluku Foods Ltd", country="GB", city="Leeds"),
        party("1", "KRAKATAU MALUKU FOODS LIMITED", country="GB", city="Leeds", first_seen="2026-11-02"),
        party("2", "Krakatau Maluku Foods", country="GB", city="Leeds"),
        party("4", "Alba Tirta Ltd", country="GB", city="Bath"),
    ]
    found = {tuple(sorted(identify(order).named.members.items())) for order in itertools.permutations(world)}
    assert len(found) == 1
    (named,) = found
    assert {"c" + record_id("company", first) for first in ("2", "4")} == {name for name, _ in named}


def test_ids_are_equal_on_every_machine():
    (name,) = name_clusters([("a", "b")], {}).members
    assert name == "c" + record_id("company", "a")


@pytest.mark.parametrize(("name", "keys"), [("n/a", 0), ("+1", 0), ("Alba Tirta", 4)])
def test_placeholders_make_no_key(name, keys):
    assert len(keys_of(face_of(party("a", name, country="GB")), once)) >= keys
    assert bool(keys_of(face_of(party("a", name, country="GB")), once)) == bool(keys)
