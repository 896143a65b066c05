"""Premises: a chain of shops is one company with many addresses, in one go and night by night, and never takes its namesakes along."""

from collections import Counter

import pytest

from market_db.companies.identity_store import IdentityStore
from market_db.derived import Mention
from market_db.desk.entered import Decision
from pipelines.companies.companies import build_company
from pipelines.companies.faces import chain_of
from pipelines.companies.identity import identify
from pipelines.companies.looks import look_of
from pipelines.companies.nightly import Memory
from pipelines.companies.review import open_questions

TOWNS = ("Leeds", "York", "Hull", "Bath", "Derby", "Luton", "Poole", "Truro", "Wells", "Ely")
AT = {"record_id": "r", "record_kind": "place", "source": "map", "first_seen": "2026-11-01", "last_seen": "2026-11-20", "evidence_id": "e"}


def party(party_id, name, **more):
    return Mention(party_id=party_id, name=name, **{**AT, "country": "GB", **more})


def shops(name, count=40, key="s", **more):
    found = []
    for at in range(count):
        town = TOWNS[at % 10]
        about = {field: value(at) if callable(value) else value for field, value in more.items()}
        street = f"{at + 1} High Street"
        found.append(
            party(f"{key}{at:03}", name.format(town=town), city=town, address=street, registry="osm", registry_id=f"{key}{at}", **about)
        )
    return found


def sizes(mentions, **more):
    return sorted(Counter(len(group) for group in identify(mentions, **more).named.members.values()).items())


def line(at):
    return (f"+44113496{at:04}",)


SITE = {"domain": "wahana.example"}
CHAINS = {
    "one site": shops("Wahana Asian Market", **SITE),
    "one site, a line a shop": shops("Wahana Asian Market", phones=line, **SITE),
    "the town in the name": shops("Wahana Market {town}", **SITE),
    "one line, no site": shops("Wahana Asian Market", phones=("+441134960000",)),
    "more shops than a key holds": shops("Wahana Asian Market", 200, **SITE),
}


@pytest.mark.parametrize("case", CHAINS)
def test_a_chain_is_one_company(case):
    world = CHAINS[case]
    assert sizes(world) == [(len(world), 1)]


def test_shops_of_a_chain_are_addresses_of_one_lead():
    world = shops("Wahana Asian Market", **SITE)
    (members,) = identify(world).named.members.values()
    company = build_company("c", [mention for mention in world if mention.party_id in members])
    assert len({mention.address for mention in world}) == 40
    assert company.name == "Wahana Asian Market"


def test_namesakes_stay_apart_from_a_chain_and_from_each_other():
    own_sites = shops("Golden Dragon", 10, "n", domain=lambda at: f"golden{at}.example")
    bare = shops("Golden Dragon", 10, "m", phones=lambda at: (f"+44113497{at:04}",))
    found = identify([*shops("Golden Dragon", domain="goldendragon.example"), *own_sites, *bare]).named.members.values()
    chain = next(group for group in found if "s000" in group)
    assert {party[0] for party in chain} == {"s"}
    assert len(chain) == 40


def test_a_head_office_in_a_register_belongs_to_its_chain_and_franchisees_do_not():
    office = {"record_kind": "registration", "source": "list", "registry": "gb-coh", **SITE}
    head = party("h", "Wahana Market Ltd", city="Leeds", registry_id="01", **office)
    assert sizes([*shops("Wahana Market", **SITE), head]) == [(41, 1)]
    other = party("i", "Wahana Market Ltd", city="York", registry_id="02", **office)
    found = identify([*shops("Wahana Market", **SITE), head, other]).named.members.values()
    assert not any({"h", "i"} <= set(group) for group in found)


def test_listings_alone_make_no_chain():
    """Outlets of a franchise share name and site, and are firms of their own."""
    world = [
        party(f"l{at}", "Wahana Asian Market", city=TOWNS[at], address=f"{at} High Street", record_kind="listing", phones=line(at), **SITE)
        for at in range(10)
    ]
    assert sizes(world) == [(1, 10)]


def test_other_sites_other_names_other_countries_and_shared_sites_make_no_chain():
    for more in (
        {"domain": lambda at: f"w{at}.example"},
        {"domain": "facebook.com"},
        {"country": lambda at: "GB" if at % 2 else "IE", **SITE},
    ):
        matches = identify(shops("Wahana Asian Market", 2, **more)).matches
        assert not any("chain" in reason for match in matches for reason in match.reasons)


def test_a_new_shop_joins_its_chain_at_night_and_a_person_can_keep_it_out():
    world, store = shops("Wahana Asian Market", **SITE), IdentityStore()
    first = identify(world[:39], store=store).named
    (name,) = first.members
    old = dict.fromkeys(first.members[name], name)
    night = identify(world, old=old, touched={"s039"}, store=store)
    assert night.named.members == {name: tuple(mention.party_id for mention in world)}
    apart = Decision(kind="not_same", party_a="s000", party_b="s039", entered_at="1", entered_by="x")
    night = identify(world, [apart], old=dict.fromkeys((m.party_id for m in world), name), touched=set(), store=store)
    assert ("s039",) in night.named.members.values()


def test_nobody_is_asked_about_pairs_of_one_chain():
    world, store = shops("Wahana Asian Market", 6, **SITE), IdentityStore()
    found = identify(world, store=store)
    company_of = {party_: name for name, group in found.named.members.items() for party_ in group}
    assert not open_questions(Memory(store), found, lambda _: company_of, set())


def test_the_reason_is_said_in_both_languages():
    (match,) = identify(shops("Wahana Asian Market", 2, **SITE)).matches
    assert match.reasons == ("shops of one chain: same name on one website, wahana.example",)
    assert match.reasons_id == ("toko dari satu jaringan: nama sama di satu situs web, wahana.example",)


@pytest.mark.parametrize(
    ("name", "town", "key"),
    [
        ("Wahana Market Leeds", "Leeds", "GB|x.example|market wahana"),
        ("Wahana Market New York", "New York", "GB|x.example|market wahana"),
        ("Wahana Market", None, "GB|x.example|market wahana"),
        ("Leeds", "Leeds", None),
    ],
)
def test_the_key_of_a_chain_leaves_the_town_out(name, town, key):
    assert chain_of(look_of(name, country="GB", city=town or "", domain="x.example")) == key
