"""Which pairs are compared, and that it does not matter where: in one process or two, in memory or from the cache of earlier nights."""

import random
from string import ascii_lowercase

import pytest

from market_db.companies.identity_store import IdentityStore
from pipelines.companies import cores, index, nightly, resolve
from pipelines.companies.edges import Edges, edges_of
from pipelines.companies.index import Index
from pipelines.companies.keys import CAPS, STRONG
from pipelines.companies.looks import look_of
from pipelines.companies.nightly import Memory


def market(count=120):
    """Firms that are listed two or three times each, with a slip now and then."""
    chance = random.Random(3)
    looks = []
    for n in range(count):
        name = "".join(chance.choices(ascii_lowercase, k=7)).title() + chance.choice([" Foods", " Trading", " Import"])
        phone = f"+4420794{n:05}"
        looks += [
            look_of(name + " Ltd", country="GB", city="Leeds", phones=(phone,), source="a"),
            look_of(name, country="GB", city="Leeds"),
        ]
        looks += [look_of(name[1:], country="GB", phones=(phone,), source="b")] * (n % 2)
    return looks


def test_two_processes_find_what_one_finds(monkeypatch):
    looks = market()
    alone = resolve.resolve(looks)
    monkeypatch.setattr(cores, "SHARED_FROM", 1)
    monkeypatch.setattr(cores, "_cores", two)
    monkeypatch.setattr(index, "PORTION", 50)
    monkeypatch.setattr(resolve, "PORTION", 50)
    shared = resolve.resolve(looks)
    assert shared.clusters == alone.clusters
    assert shared.odds == pytest.approx(alone.odds)
    assert len(alone.clusters) < len(looks) / 2


def test_work_that_fails_in_another_process_is_told(monkeypatch):
    monkeypatch.setattr(cores, "SHARED_FROM", 1)
    monkeypatch.setattr(cores, "_cores", two)
    with pytest.raises(ZeroDivisionError):
        list(cores.shared_out(divided, 1, [1, 0], size=2))
    assert list(cores.shared_out(divided, 6, [1, 2, 3], size=3)) == [6, 3, 2]


def two():
    return 2


def divided(given, part):
    return given // part


def test_a_market_compared_at_once_has_the_pairs_of_one_compared_night_by_night(monkeypatch, tmp_path):
    looks = {f"{number:04}": look for number, look in enumerate(market())}
    found = []
    for at_once in (1, 10**9):
        monkeypatch.setattr(nightly, "AT_ONCE", at_once)
        store = IdentityStore(tmp_path / f"{at_once}.db")
        memory = Memory(store)
        new, _ = memory.change((), looks)
        memory.score(new)
        found.append(store.edges(new))
        store.close()
    assert found[0] == pytest.approx(found[1])


def test_a_night_reads_no_more_than_its_neighbourhood(tmp_path):
    store = IdentityStore(tmp_path / "identity.db")
    memory = Memory(store)
    memory.score(memory.change((), {f"{number:04}": look for number, look in enumerate(market())})[0])
    again = Memory(store)
    new, _ = again.change((), {"new": look_of("Zzyzx Bricks", country="FR", city="Lyon", phones=("+33478000000",))})
    again.score(new)
    assert set(again.looks) == new
    store.close()


def test_a_strong_key_is_enough_and_a_weak_one_of_many_is_not():
    town = [look_of(f"{letter * 6} Foods", country="GB", city="Leeds") for letter in ascii_lowercase]
    phones = [look_of("Alba", country="GB", phones=("+442079460000",)), look_of("Krakatau", country="GB", phones=("+442079460000",))]
    built = Index([*town, *phones])
    assert all(built.partners(number) == [] for number in range(len(town)))
    assert built.partners(len(town)) == [len(town) + 1]
    assert tuple(CAPS)[: len(STRONG)] == STRONG


def test_edges_are_a_list_of_pairs():
    edges = edges_of({(0, 1): 2.0, (1, 2): -1.0})
    more = Edges([(5, 6, 0.5)])
    edges.extend(more)
    assert list(edges) == [(0, 1, 2.0), (1, 2, -1.0), (5, 6, 0.5)]
    assert len(edges) == 3
