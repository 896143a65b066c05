"""What people decided about companies, as it counts now: the newest entry about a pair or firm, without what was taken back."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from market_db.desk.entered import Decision

if TYPE_CHECKING:
    from market_db.queries import LeadDetail

RANK = {"unsure": 0, "same": 1, "not_same": 2}
"""Judgements of pairs; of equally new ones the highest counts."""
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One firm by the first decisions, two by the last: A is B, B is C, but A is not C."""

    same: tuple[Decision, ...]
    """The chain that ties them."""
    apart: Decision
    """What it contradicts."""


def parties_judged(kind: str, detail: "LeadDetail") -> list[str]:
    """Records of a company that a correction is about: those that say the wrong country or role, else all of them."""
    parties = {
        "wrong_country": [mention.party_id for mention in detail.mentions if mention.country == detail.company.country],
        "role_wrong": [mention.party_id for mention in detail.mentions if mention.role == detail.row.role],
    }.get(kind, list(detail.company.member_ids))
    return list(dict.fromkeys(parties))


def pair_of(decision: Decision) -> Pair | None:
    """The pair a decision is about, the smaller party first; None where it is about one firm."""
    if decision.party_b is None:
        return None
    return (min(decision.party_a, decision.party_b), max(decision.party_a, decision.party_b))


def numbered(decisions: Iterable[Decision]) -> list[Decision]:
    """Oldest first, each with a number; those that were never kept get one by their time."""
    known = list(decisions)
    if all(decision.id is not None for decision in known):
        return sorted(known, key=lambda decision: decision.id or 0)
    ordered = sorted(known, key=lambda d: (d.entered_at, RANK.get(d.kind, 0)))
    return [replace(decision, id=at) for at, decision in enumerate(ordered, 1)]


def living(decisions: Iterable[Decision]) -> list[Decision]:
    """All that were not taken back, oldest first; taking back can itself be taken back."""
    dead: set[int | None] = set()
    found: list[Decision] = []
    for decision in reversed(numbered(decisions)):
        if decision.id in dead:
            continue
        if decision.kind == "undone":
            dead.add(decision.undoes)
        else:
            found.append(decision)
    return found[::-1]


def standing(decisions: Iterable[Decision]) -> list[Decision]:
    """The decision that counts about each pair, and each kind of correction of each firm; oldest first."""
    newest: dict[tuple[str, ...], Decision] = {}
    for decision in living(decisions):
        pair = pair_of(decision)
        subject = pair or (decision.kind, decision.party_a)
        before = newest.get(subject)
        if not before or (before.entered_at, RANK.get(before.kind, 0)) <= (decision.entered_at, RANK.get(decision.kind, 0)):
            newest[subject] = decision
    return sorted(newest.values(), key=lambda decision: decision.id or 0)


def taken_back(decisions: Iterable[Decision]) -> dict[Pair, Decision]:
    """Pair -> who last withdrew what was said about it, by undoing it or by being unsure, and nobody has judged it since."""
    ordered = numbered(decisions)
    about = {decision.id: decision for decision in ordered}
    counted = {pair: one for one in standing(ordered) if (pair := pair_of(one)) and one.kind in ("same", "not_same")}
    found: dict[Pair, Decision] = {}
    for decision in ordered:
        subject = about.get(decision.undoes) if decision.kind == "undone" else decision
        pair = pair_of(subject) if subject else None
        if pair and decision.kind in ("undone", "unsure") and pair not in counted:
            found[pair] = decision
    return found


def contradictions(decisions: Iterable[Decision]) -> list[Contradiction]:
    """Every "not the same" that a chain of "the same" contradicts, with the shortest such chain."""
    counted = standing(decisions)
    beside: dict[str, dict[str, Decision]] = defaultdict(dict)
    for decision in counted:
        if decision.kind == "same" and decision.party_b:
            beside[decision.party_a][decision.party_b] = beside[decision.party_b][decision.party_a] = decision
    ways = ((one, _way(beside, one.party_a, one.party_b or "")) for one in counted if one.kind == "not_same")
    return [Contradiction(tuple(beside[a][b] for a, b in pairwise(way)), decision) for decision, way in ways if way]


def _way(beside: Mapping[str, Collection[str]], start: str, end: str) -> list[str]:
    """Shortest chain of parties from one to the other; [] = none."""
    before: dict[str, str] = {start: start}
    waiting = deque([start])
    while waiting and end not in before:
        at = waiting.popleft()
        for near in sorted(beside.get(at, ())):
            if near not in before:
                before[near] = at
                waiting.append(near)
    if end not in before:
        return []
    way = [end]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]
