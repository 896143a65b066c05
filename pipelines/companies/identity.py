"""Who is who among mentions: only the neighbourhood of what changed is compared, and the result is that of comparing all."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from market_db.derived import Match, Mention
from market_db.entered import Decision
from pipelines.companies.clusters import Named, cluster, name_clusters
from pipelines.companies.faces import Face, face_of
from pipelines.companies.matching import THRESHOLD, Compared, compare
from pipelines.companies.pairs import MAX_NAMES, KeyIndex, Shared, candidate_pairs, group_by_face


@dataclass(frozen=True, slots=True)
class Identity:
    """What a pass over the mentions found."""

    named: Named
    """Clusters of the neighbourhood with their ids."""
    matches: tuple[Match, ...]
    """Pairs taken for one company, with reasons."""
    parties: frozenset[str]
    """Parties that were looked at."""


def identify(
    mentions: Iterable[Mention],
    decisions: Sequence[Decision] = (),
    *,
    old: Mapping[str, str] | None = None,
    touched: Collection[str] | None = None,
) -> Identity:
    """Companies of all mentions, or of the neighbourhood of `touched` parties.

    `old` is party id -> company id as stored. Judged parties are always looked at again.
    """
    old = old or {}
    mentions = list(mentions)
    seen = {mention.party_id: mention.first_seen for mention in mentions}
    wrong = {decision.party_a for decision in decisions if decision.kind == "wrong_country"}
    faces = {mention.party_id: face_of(mention, country_wrong=mention.party_id in wrong) for mention in mentions}
    judged = {party for decision in decisions for party in (decision.party_a, decision.party_b) if party}
    groups = list(group_by_face(faces, judged).values())
    index = KeyIndex(faces[group[0]] for group in groups)
    within = None if touched is None else _neighbourhood(index, groups, old, {*touched, *judged})
    numbers = range(len(groups)) if within is None else sorted(within)
    matches = tuple(_matches(index, groups, numbers, within))
    parties = frozenset(party for number in numbers for party in groups[number])
    clusters = cluster({party: faces[party] for party in sorted(parties)}, matches, decisions)
    return Identity(name_clusters(clusters, _old_part(old, parties, touched), set(old.values()), seen), matches, parties)


def _old_part(old: Mapping[str, str], parties: Collection[str], touched: Collection[str] | None) -> dict[str, str]:
    """What is stored of the companies in question, their vanished parties included."""
    affected = {old[party] for party in (*parties, *(old if touched is None else touched)) if party in old}
    return {party: name for party, name in old.items() if name in affected}


def _neighbourhood(index: KeyIndex, groups: Sequence[tuple[str, ...]], old: Mapping[str, str], touched: Collection[str]) -> set[int]:
    """Group numbers that a change of the touched parties can alter: over keys, and over what was one company before."""
    number_of = {party: number for number, group in enumerate(groups) for party in group}
    members: dict[str, list[str]] = defaultdict(list)
    for party, name in old.items():
        members[name].append(party)
    start, companies = {number_of[party] for party in touched if party in number_of}, {old[party] for party in touched if party in old}
    reached: set[int] = set()
    while True:
        start |= {number_of[party] for name in companies for party in members[name] if party in number_of}
        grown = index.neighbours(start | reached)
        if grown == reached:
            return reached
        reached, start = grown, set()
        companies = {old[party] for number in reached for party in groups[number] if party in old}


def _matches(index: KeyIndex, groups: Sequence[tuple[str, ...]], numbers: Iterable[int], within: Collection[int] | None) -> Iterator[Match]:
    """Matches inside equal faces, then between faces."""
    for number in numbers:
        yield from _inside(index, index.faces[number], groups[number])
    for pair in candidate_pairs(index, within):
        a, b = index.faces[pair.a], index.faces[pair.b]
        score, reasons = compare(Compared(a, b, pair.shared, _towns(index, pair.shared)))
        if score >= THRESHOLD:
            yield _match(groups[pair.a][0], groups[pair.b][0], score, reasons)


def _match(a: str, b: str, score: float, reasons: tuple[str, ...]) -> Match:
    first, second = sorted((a, b))
    return Match(party_a=first, party_b=second, score=score, reasons=reasons)


def _inside(index: KeyIndex, face: Face, parties: tuple[str, ...]) -> Iterator[Match]:
    """Mentions that look alike are one company only where the same face would match itself."""
    if len(parties) < 2:
        return
    rare = ((key, index.names(key)) for key in face.keys)
    shared = tuple(Shared(key[0], key[1], names) for key, names in rare if names <= MAX_NAMES)
    score, reasons = compare(Compared(face, face, shared, _towns(index, shared)))
    if score >= THRESHOLD:
        yield from (_match(parties[0], party, score, reasons) for party in parties[1:])


def _towns(index: KeyIndex, shared: Iterable[Shared]) -> int:
    """Towns in which a shared name occurs."""
    return max((index.towns((key.kind, key.value)) for key in shared if key.kind == "name"), default=1)
