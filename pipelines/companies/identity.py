"""Who is who among mentions: what changed is compared with its neighbours and clustered with the companies it touches; the rest stands."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from market_db.companies.history import Merge
from market_db.companies.identity_store import IdentityStore
from market_db.derived import Match, Mention
from market_db.desk.entered import Decision
from market_db.desk.judgements import Pair, numbered, pair_of, standing, taken_back
from pipelines.companies.clusters import Named, name_clusters
from pipelines.companies.explain import Said, topics
from pipelines.companies.faces import face_of
from pipelines.companies.looks import Look
from pipelines.companies.nightly import Memory, Night
from pipelines.companies.resolve import stop_for
from pipelines.companies.scorecard import Scorecard, probability
from pipelines.companies.world import Listed, World

SAID, CHAIN = 99.0, 98.0
"""Stand for log-odds where a person said so, and between shops of one chain."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a pass over the mentions found."""

    named: Named
    """Clusters of the neighbourhood with their ids."""
    matches: tuple[Match, ...]
    """Why the parties of each company are one: a tree of pairs with reasons, not all pairs."""
    parties: frozenset[str]
    """Parties that were looked at."""
    before: Mapping[str, str] = field(default_factory=dict)
    """Party -> company as it was, for the companies in question, vanished parties included."""
    said: Mapping[Pair, tuple[Said, ...]] = field(default_factory=dict)
    """What each match rests on."""
    looks: Mapping[str, int] = field(default_factory=dict)
    """Party -> number of its look: entries shown again have the same."""
    merges: tuple[Merge, ...] = ()
    """What other companies took over of these parties."""


def identify(
    mentions: Iterable[Mention],
    decisions: Sequence[Decision] = (),
    *,
    old: Mapping[str, str] | None = None,
    touched: Collection[str] | None = None,
    store: IdentityStore | None = None,
    merges: Sequence[Merge] = (),
    card: Scorecard | None = None,
) -> Identity:
    """`identify_in` of mentions at hand. `old` is party id -> company id as stored, `merges` what other companies took over."""
    return identify_in(Listed(mentions, old, merges), decisions, touched=touched, store=store, card=card)


def identify_in(
    world: World,
    decisions: Sequence[Decision] = (),
    *,
    touched: Collection[str] | None = None,
    store: IdentityStore | None = None,
    card: Scorecard | None = None,
) -> Identity:
    """Companies of all mentions, or of the neighbourhood of `touched` parties; of those alone anything is read.

    `store` remembers what earlier nights compared; without one, or with an empty one, everything is compared. Judged parties are
    always looked at again. `card`: other weights than the shipped ones.
    """
    verdicts = Verdicts.of(decisions)
    memory = Memory(store or IdentityStore(), card)
    changed = None if store is None or not memory.size or touched is None else {*touched, *verdicts.parties}
    looks = {mention.party_id: face_of(mention, country_wrong=mention.party_id in verdicts.wrong) for mention in world.mentions(changed)}
    new, moved = memory.change((changed or set()) - looks.keys(), looks, verdicts.parties)
    memory.score(new)
    start = new | moved if touched is None or changed else set(memory.store.looks_of({*touched, *verdicts.parties}).values())
    nodes = start if touched is None else _neighbourhood(memory, start, world, touched)
    return _identity(memory, nodes, world, verdicts=verdicts, touched=touched)


def _identity(memory: Memory, nodes: Collection[int], world: World, *, verdicts: "Verdicts", touched: Collection[str] | None) -> Identity:
    """Clusters of looks as companies of parties."""
    parties: dict[int, list[str]] = defaultdict(list)
    for look, party in memory.store.parties_of(nodes):
        parties[look].append(party)
    look_of = {party: look for look, group in parties.items() for party in group}
    told, chained = verdicts.pairs(verdicts.together, look_of), memory.chains(nodes)
    night = memory.cluster(nodes, verdicts.pairs(verdicts.apart, look_of), told | chained)
    groups = [tuple(sorted(party for look in cluster for party in parties[look])) for cluster in night.clusters]
    ties = list(_ties(memory, night, parties, told, chained))
    before = world.members(None if touched is None else set(world.company_of({*look_of, *touched}).values()))
    merges = tuple(world.merges(None if touched is None else look_of))
    named = name_clusters(groups, before, world, world.first_seen(look_of), merges)
    return Identity(
        named=named,
        matches=tuple(tie.match() for tie in ties),
        parties=frozenset(look_of),
        before=before,
        said={(tie.party_a, tie.party_b): tie.said for tie in ties},
        looks=look_of,
        merges=merges,
    )


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What people decided: the newest judgement of a pair counts; of equally new ones "not the same"."""

    together: frozenset[tuple[str, str]]
    apart: frozenset[tuple[str, str]]
    wrong: frozenset[str]
    """Parties whose country is wrong."""
    parties: frozenset[str]
    """All parties that were ever judged, also where the judgement was taken back."""
    judged: Mapping[Pair, Decision] = field(default_factory=dict)
    """What counts about each pair."""
    withdrawn: Mapping[Pair, Decision] = field(default_factory=dict)
    """Who took back what was said about a pair."""

    @classmethod
    def of(cls, decisions: Iterable[Decision]) -> "Verdicts":
        """Judgements of pairs and of countries."""
        ordered = numbered(decisions)
        counted = standing(ordered)
        judged = {pair: decision for decision in counted if (pair := pair_of(decision))}
        return cls(
            together=frozenset(pair for pair, decision in judged.items() if decision.kind == "same"),
            apart=frozenset(pair for pair, decision in judged.items() if decision.kind == "not_same"),
            wrong=frozenset(decision.party_a for decision in counted if decision.kind == "wrong_country"),
            parties=frozenset(_looked_at(ordered)),
            judged=judged,
            withdrawn=taken_back(ordered),
        )

    def pairs(self, judged: Collection[tuple[str, str]], look_of: Mapping[str, int]) -> set[tuple[int, int]]:
        """Pairs of looks of judged pairs of parties that are here."""
        known = ((look_of[a], look_of[b]) for a, b in judged if a in look_of and b in look_of)
        return {(min(pair), max(pair)) for pair in known}


def _looked_at(decisions: Iterable[Decision]) -> Iterator[str]:
    for decision in decisions:
        if decision.party_b:
            yield from (decision.party_a, decision.party_b)
        elif decision.kind in ("wrong_country", "undone"):
            yield decision.party_a


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)


def _neighbourhood(memory: Memory, start: Collection[int], world: World, touched: Collection[str]) -> set[int]:
    """Looks that a change of `start` can alter: over pairs that may join, and over what was one company before."""
    low, reached, fresh = min(0.0, stop_for(memory.size)), set(start), set(start)
    companies, opened = set(world.company_of(touched).values()), set[str]()
    while fresh or companies:
        companies |= set(world.company_of([party for _, party in memory.store.parties_of(fresh)]).values())
        beside = set(memory.store.looks_of(world.members(companies - opened)).values())
        opened |= companies
        fresh = (memory.store.partners(fresh, low) | beside | memory.chained(fresh)) - reached
        reached |= fresh
        companies = set()
    return reached


@dataclass(frozen=True, slots=True)
class _Tie:
    """Two parties of one company, with what ties them."""

    party_a: str
    party_b: str
    score: float
    said: tuple[Said, ...]

    def match(self) -> Match:
        """As it is stored, in both languages."""
        words = {name: tuple(one.text(language) for one in self.said) for name, language in (("reasons", "en"), ("reasons_id", "id"))}
        return Match(party_a=self.party_a, party_b=self.party_b, score=self.score, **words)


def _ties(
    memory: Memory,
    night: Night,
    parties: Mapping[int, Sequence[str]],
    told: Collection[tuple[int, int]],
    chained: Collection[tuple[int, int]],
) -> Iterator[_Tie]:
    """For each look of a company but one the best pair that ties it to the others, and the parties of equal looks."""
    of = {number: at for at, cluster in enumerate(night.clusters) for number in cluster}
    for number in sorted(of):
        first, *others = sorted(parties[number])
        yield from (_Tie(first, party, 1.0, (Said("twin"),)) for party in others)
    tied: dict[int, int] = {number: number for number in of}
    every = [*((value, pair) for pair, value in night.odds.items()), *((SAID, pair) for pair in told), *((CHAIN, pair) for pair in chained)]
    inside = [(value, pair) for value, pair in every if of[pair[0]] == of[pair[1]]]
    for value, (a, b) in sorted(inside, key=lambda edge: (-edge[0], edge[1])):
        one, two = _root(tied, a), _root(tied, b)
        if one != two:
            tied[two] = one
            yield _tie(memory, (a, b), value, parties)


def _root(tied: dict[int, int], number: int) -> int:
    while tied[number] != number:
        number = tied[number]
    return number


def _tie(memory: Memory, pair: tuple[int, int], value: float, parties: Mapping[int, Sequence[str]]) -> _Tie:
    a, b = (memory.load(pair)[number] for number in pair)
    one, two = _pair(min(parties[pair[0]]), min(parties[pair[1]]))
    fixed = {SAID: Said("person"), CHAIN: Said("chain", {"value": a.domain})}
    return _Tie(one, two, round(probability(value), 3), (fixed[value],) if value in fixed else why(memory, a, b))


def why(memory: Memory, a: Look, b: Look) -> tuple[Said, ...]:
    """What speaks for and against one company: shared register numbers first, then the topics, the heaviest first."""
    shared = sorted(set(a.registry) & set(b.registry))
    numbers = tuple(Said("number", {"register": register, "value": value}) for register, value in shared)
    return numbers + topics(a, b, memory, memory.card)
