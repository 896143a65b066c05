"""The pairs a person should judge next, out of what the nights remember: the answer that puts most records right comes first."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from market_db.identity_store import IdentityStore
from pipelines.companies.explain import reasons
from pipelines.companies.learning import questions
from pipelines.companies.nightly import Memory
from pipelines.companies.resolve import stop_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question: whether these two parties are one company."""

    party_a: str
    party_b: str
    gain: float
    """Records that the answer is expected to put right."""
    together: bool
    """Whether the machine holds them for one company now."""
    reasons: tuple[str, ...]


def open_questions(
    store: IdentityStore, company_of: Mapping[str, str], judged: Collection[tuple[str, str]], *, language: str, count: int
) -> list[Asked]:
    """Questions nobody has answered, best first. `judged` are pairs of parties, the smaller first; `company_of` is party -> company."""
    memory = Memory(store)
    odds = {(a, b): value for a, b, value in store.all_edges()}
    parties: dict[int, list[str]] = defaultdict(list)
    for look, party in store.parties_of({number for pair in odds for number in pair}):
        parties[look].append(party)
    company = {look: company_of[min(group)] for look, group in parties.items() if min(group) in company_of}
    clusters: dict[str, list[int]] = defaultdict(list)
    for look, name in company.items():
        clusters[name].append(look)
    known = {pair: value for pair, value in odds.items() if pair[0] in company and pair[1] in company}
    asked = {pair for pair in known if _ends(parties, pair) in judged}
    found = []
    for question in questions(known, clusters.values(), stop_for(memory.size), asked, count):
        one, two = question.pair
        looks = memory.load(question.pair)
        a, b = _ends(parties, question.pair)
        why = reasons(looks[one], looks[two], memory, memory.card, language)
        found.append(Asked(party_a=a, party_b=b, gain=round(question.gain, 3), together=company[one] == company[two], reasons=why))
    return found


def _ends(parties: Mapping[int, list[str]], pair: tuple[int, int]) -> tuple[str, str]:
    a, b = min(parties[pair[0]]), min(parties[pair[1]])
    return (a, b) if a < b else (b, a)
