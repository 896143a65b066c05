"""One night of identity: new and changed looks are looked for, scored and clustered with the clusters they touch; the rest stands."""

import hashlib
import json
import struct
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from market_db.companies.identity_store import IdentityStore
from market_db.rows import batched
from pipelines.companies.edges import Edge, Edges
from pipelines.companies.faces import chain_of, generic_words
from pipelines.companies.index import MANY, Index, distinct, rarity
from pipelines.companies.keys import CAPS, ENOUGH, STRONG, Frequency, Key, contact_keys, keys_of, kind_of
from pipelines.companies.looks import Look
from pipelines.companies.resolve import (
    KEEP,
    Scorer,
    beside_each_other,
    cluster_all,
    compare_all,
    conflict,
    conflict_between,
    harder_between,
    stop_for,
    telling,
)
from pipelines.companies.scorecard import Scorecard, scorecard

AT_ONCE = 5_000
"""Looks of a new market from which on all are compared at once, in memory."""
PER_TURN = 2_000
"""New looks whose neighbours are read at once."""
LOOKS_VERSION = "3"
"""Raised whenever looks or keys are made otherwise: what was remembered is then made anew."""


def version(card: Scorecard) -> str:
    """What the remembered scores were made with."""
    return f"{LOOKS_VERSION}/{card.version}"


@dataclass(slots=True)
class Night:
    """What changed, and the clusters of everything it could change."""

    looks: dict[int, Look] = field(default_factory=dict)
    clusters: list[list[int]] = field(default_factory=list)
    """Numbers of looks."""
    odds: dict[tuple[int, int], float] = field(default_factory=dict)
    """Scored pairs among them."""


class Memory:
    """The store as features and candidates ask it, with what this night has already read."""

    def __init__(self, store: IdentityStore, card: Scorecard | None = None) -> None:
        self.store = store
        self.card = card or scorecard()
        self.looks: dict[int, Look] = {}
        self._words: dict[str, int] = {}
        self._weights: dict[str, float] = {}
        self._counts: dict[int, int] = {}
        self._behind: dict[tuple[Key, str], int] = {}
        self.size = store.size()

    def frequency(self, word: str) -> int:
        """In how many names a word stands."""
        if word not in self._words:
            self._words[word] = self.store.word(word)
        return self._words[word]

    def weight(self, word: str) -> float:
        """See `index.Counts`."""
        if word not in self._weights:
            self._weights[word] = rarity(self.frequency(word), self.size, generic=word in generic_words())
        return self._weights[word]

    def crowded(self, key: Key) -> bool:
        """See `index.Counts`."""
        return self._count(hashed(key)) > CAPS[kind_of(key)]

    def _count(self, code: int) -> int:
        if code not in self._counts:
            self._counts[code] = self.store.count(code)
        return self._counts[code]

    def behind(self, key: Key, what: str) -> int:
        """See `index.Counts`."""
        if (key, what) not in self._behind:
            self._behind[key, what] = MANY if self.crowded(key) else distinct(self.load(self.store.bucket(hashed(key))).values(), what)
        return self._behind[key, what]

    def load(self, numbers: Collection[int]) -> dict[int, Look]:
        """Looks by number."""
        missing = [number for number in numbers if number not in self.looks]
        self.looks |= {number: _look(text) for number, text in self.store.load(missing).items()}
        return {number: self.looks[number] for number in numbers if number in self.looks}

    # ---- what changes ---------------------------------------------------------------------------------------------------------------

    def change(self, gone: Collection[str], seen: Mapping[str, Look], alone: Collection[str] = ()) -> tuple[set[int], set[int]]:
        """Take parties out and in; (looks that are new, looks that lost or got a party). `alone` share their look with nobody."""
        known = self.store.looks_of({*gone, *seen})
        new: dict[int, Look] = {}
        moved: set[int] = set()
        for party in sorted(gone):
            self.store.set_party(party, None)
        for party in sorted(seen):
            number = self._number(party, seen[party], alone, new)
            if known.get(party) != number:
                self.store.set_party(party, number)
            moved.add(number)
        left = set(known.values())
        orphans = self.store.orphans(sorted(left))
        for number in orphans:
            self.store.leave_chain(number)
            self._drop(number)
        self._put_under_keys(new)
        self.store.join_chains((number, chain) for number, look in new.items() if look.premises and (chain := chain_of(look)))
        return set(new), (moved | left) - set(orphans)

    def _number(self, party: str, look: Look, alone: Collection[str], new: dict[int, Look]) -> int:
        text = _text(look)
        own = party if party in alone or not telling(look) else ""
        digest = hashlib.blake2b(f"{own}\n{text}".encode("utf-8", "surrogatepass"), digest_size=12).digest()
        number = self.store.find(digest)
        if number is None:
            number = self.store.add_look(digest, text)
            new[number] = self.looks[number] = look
        return number

    def _drop(self, number: int) -> None:
        look = self.load([number])[number]
        self.store.add_words(dict.fromkeys(look.words, -1))
        self.store.drop_look(number)
        del self.looks[number]

    def _put_under_keys(self, new: Mapping[int, Look]) -> None:
        self.store.add_words(Counter(word for look in new.values() for word in set(look.words)))
        for known in (self._words, self._weights, self._counts, self._behind):
            known.clear()
        self.size = self.store.size()
        self.store.add_keys(_Keys(new, self.frequency))

    # ---- what follows ---------------------------------------------------------------------------------------------------------------

    def score(self, new: Collection[int]) -> None:
        """Compare new looks with everybody who shares enough keys with them, and remember the pairs that are not hopeless."""
        if len(new) == self.size > AT_ONCE:
            self.store.add_edges(self._all_pairs(new))
            return
        scorer, fresh = Scorer(self, self.card), set(new)
        for part in batched(sorted(fresh), PER_TURN):
            self.store.add_edges(list(self._turn(part, fresh, scorer)))

    def _turn(self, numbers: Sequence[int], fresh: Collection[int], scorer: Scorer) -> Iterator[Edge]:
        """Pairs of some new looks; what they need is read for all of them at once, because questions one by one take most of the time."""
        partners = self._partners(self.load(numbers), fresh)
        beside = {other for others in partners.values() for other in others}
        looks = self.load(beside | set(numbers))
        self._prepare(looks.values())
        profiles = {number: scorer.profile(look) for number, look in looks.items()}
        for number, others in partners.items():
            for other in others:
                if not conflict(looks[number], looks[other]) and (odds := scorer.odds(profiles[number], profiles[other])) >= KEEP:
                    yield min(number, other), max(number, other), odds

    def _prepare(self, looks: Iterable[Look]) -> None:
        """Read how often the words and contacts of looks stand."""
        looks = list(looks)
        self._words |= self.store.words({word for look in looks for word in look.words} - self._words.keys())
        self._read_counts({hashed(key) for look in looks for key in contact_keys(look)})

    def _read_counts(self, codes: set[int]) -> None:
        self._counts |= self.store.counts(codes - self._counts.keys())

    def _partners(self, looks: Mapping[int, Look], fresh: Collection[int]) -> dict[int, list[int]]:
        """Who shares enough keys with each, as in `Index.partners`; of two new ones only the later looks for the earlier."""
        self._prepare(looks.values())
        coded = {number: [(hashed(key), kind_of(key)) for key in keys_of(look, self.frequency)] for number, look in looks.items()}
        self._read_counts({code for codes in coded.values() for code, _ in codes})
        useful = {number: [code for code in codes if 1 < self._counts[code[0]] <= CAPS[code[1]]] for number, codes in coded.items()}
        buckets = self.store.buckets({code for codes in useful.values() for code, _ in codes})
        found: dict[int, list[int]] = {}
        for number, codes in useful.items():
            shares: dict[int, float] = defaultdict(float)
            for code, kind in codes:
                share = 1.0 if kind in STRONG else 1.0 / (self._counts[code] - 1)
                for other in buckets.get(code, ()):
                    shares[other] += share
            shares.pop(number, None)
            found[number] = sorted(o for o, share in shares.items() if share >= ENOUGH and (o < number or o not in fresh))
        return found

    def _all_pairs(self, numbers: Iterable[int]) -> list[Edge]:
        """Every pair of a market that is met for the first time: in memory, by all cores."""
        order = sorted(numbers)
        looks = self.load(order)
        places = beside_each_other([looks[number] for number in order], range(len(order)))
        order = [order[at] for at in places]
        found = compare_all(Index([looks[number] for number in order]), self.card)
        return sorted((min(order[a], order[b]), max(order[a], order[b]), odds) for a, b, odds in found)

    def chains(self, nodes: Collection[int]) -> set[tuple[int, int]]:
        """Ties between the shops of each chain among these looks: all to the first. Without a shop on a map there is no chain.

        Entries of registers come in where none contradicts another (franchisees of one site are many firms).
        """
        shops: dict[str, list[int]] = {}
        for number, chain in sorted(self.store.chains_of(nodes).items()):
            shops.setdefault(chain, []).append(number)
        offices: dict[str, list[int]] = {}
        for number, look in sorted(self.load(nodes).items()) if shops else ():
            if not look.premises and look.domain and (chain_ := chain_of(look)) in shops:
                offices.setdefault(str(chain_), []).append(number)
        found: set[tuple[int, int]] = set()
        for chain, (first, *rest) in shops.items():
            others = offices.get(chain, [])
            looks = self.load(others)
            alone = any(conflict(looks[a], looks[b]) for a in others for b in others if a < b)
            found |= {_both(first, number) for number in (rest if alone else [*rest, *others])}
        return found

    def chained(self, numbers: Collection[int]) -> set[int]:
        """Shops of the chains of these looks, and what else has the name and site of such a shop."""
        known = {number: chain for number, look in self.load(numbers).items() if look.domain and (chain := chain_of(look))}
        found = self.store.in_chains(set(known.values()))
        for domain in {self.looks[number].domain for number in known if self.looks[number].premises}:
            found |= {other for other, look in self.load(self.store.bucket(hashed(f"domain|{domain}"))).items() if not look.premises}
        return found

    def cluster(
        self,
        nodes: Collection[int],
        apart: Collection[tuple[int, int]] = (),
        together: Iterable[tuple[int, int]] = (),
        stop: float | None = None,
    ) -> Night:
        """Clusters of these looks."""
        order = sorted(nodes)
        place = {number: at for at, number in enumerate(order)}
        looks = self.load(order)
        in_order = [looks[number] for number in order]
        found = self.store.edges(order)
        edges = Edges((place[a], place[b], value) for (a, b), value in found.items())
        groups = cluster_all(
            len(order),
            edges,
            stop_for(self.size) if stop is None else stop,
            contradict=conflict_between(in_order),
            harder=harder_between(in_order, self.size),
            together=[_sorted(place, pair) for pair in together],
            apart={_sorted(place, pair) for pair in apart},
        )
        return Night(looks, sorted([order[at] for at in group] for group in groups), found)


class _Keys(Mapping[int, Sequence[int]]):
    """Look -> hashes of its keys, worked out when they are asked for: those of a million would not fit."""

    def __init__(self, looks: Mapping[int, Look], frequency: Frequency) -> None:
        self.looks, self.frequency = looks, frequency

    def __getitem__(self, number: int) -> list[int]:
        return sorted({hashed(key) for key in keys_of(self.looks[number], self.frequency)})

    def __iter__(self) -> Iterator[int]:
        return iter(self.looks)

    def __len__(self) -> int:
        return len(self.looks)


def _both(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _sorted(place: Mapping[int, int], pair: tuple[int, int]) -> tuple[int, int]:
    a, b = place[pair[0]], place[pair[1]]
    return (a, b) if a < b else (b, a)


def hashed(key: Key) -> int:
    """64 bits of a key; two keys of one hash share a bucket, which costs a comparison and no wrong answer."""
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int(struct.unpack("<q", digest)[0])


def _text(look: Look) -> str:
    return json.dumps(look)


def _look(text: str) -> Look:
    look = Look(*json.loads(text))
    registry = tuple((register, number) for register, number in look.registry)
    return look._replace(words=tuple(look.words), phones=tuple(look.phones), registry=registry)
