"""The pairs a person should judge next: the answer that puts most records right comes first, and before it what grew suspiciously."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from market_db.derived import Question
from market_db.desk.judgements import Pair
from pipelines.companies.alarms import Alarm
from pipelines.companies.identity import Identity, why
from pipelines.companies.learning import Question as Gain
from pipelines.companies.learning import questions
from pipelines.companies.nightly import Memory
from pipelines.companies.resolve import stop_for
from pipelines.companies.scorecard import probability

MOST_ASKED = 500
"""Questions that one refresh adds: nobody answers more before the next."""


def open_questions(
    memory: Memory,
    found: Identity,
    company_of: Callable[[Collection[str]], Mapping[str, str]],
    judged: Collection[Pair],
    *,
    alarms: Iterable[Alarm] = (),
    count: int = MOST_ASKED,
) -> list[Question]:
    """Questions about the neighbourhood that nobody has answered, best first. `company_of`: parties -> their companies, as it is now."""
    nodes = set(found.looks.values())
    odds = memory.store.edges_of(nodes)
    parties = _parties(memory, {number for pair in odds for number in pair} | nodes)
    of_first = company_of([group[0] for group in parties.values()])
    company = {look: of_first[group[0]] for look, group in parties.items() if group[0] in of_first}
    clusters: dict[str, list[int]] = defaultdict(list)
    for look, name in company.items():
        clusters[name].append(look)
    known = {pair: value for pair, value in odds.items() if pair[0] in company and pair[1] in company}
    answered = _answered(memory, parties, judged)
    chains = memory.store.chains_of(company)
    asked = {pair for pair in known if answered & {_texts(memory, pair)} or _ends(parties, pair) in judged or _one_chain(chains, pair)}
    gains = questions(known, clusters.values(), stop_for(memory.size), asked, count)
    urgent = list(_urgent(alarms, found, known, asked))
    first = {gain.pair for gain, _ in urgent}
    ordered = [*urgent, *((gain, None) for gain in gains if gain.pair not in first)]
    return [_question(memory, gain, parties, company, alarm) for gain, alarm in ordered[:count]]


def _parties(memory: Memory, looks: Collection[int]) -> dict[int, list[str]]:
    parties: dict[int, list[str]] = defaultdict(list)
    for look, party in memory.store.parties_of(looks):
        parties[look].append(party)
    return {look: sorted(group) for look, group in parties.items()}


def _one_chain(chains: Mapping[int, str], pair: tuple[int, int]) -> bool:
    """Shops of one chain are held for one company whatever their odds: nobody is asked about each pair of them."""
    return pair[0] in chains and chains[pair[0]] == chains.get(pair[1])


Texts = frozenset[str]


def _texts(memory: Memory, pair: Sequence[int]) -> Texts:
    """What two looks show: entries shown again show the same."""
    return frozenset(repr(look) for look in memory.load(pair).values())


def _answered(memory: Memory, parties: Mapping[int, Sequence[str]], judged: Collection[Pair]) -> set[Texts]:
    """What the judged pairs look like: an answer holds for the same entry shown again, which must not be asked about a second time."""
    of = {party: look for look, group in parties.items() for party in group}
    return {_texts(memory, (of[a], of[b])) for a, b in judged if a in of and b in of}


def _urgent(
    alarms: Iterable[Alarm], found: Identity, known: Mapping[tuple[int, int], float], asked: Collection[tuple[int, int]]
) -> Iterator[tuple[Gain, str]]:
    """For each alarm the weakest tie that holds its company together."""
    for alarm in alarms:
        members = found.named.members.get(alarm.company_id, ())
        inside = {found.looks[party] for party in members}
        ties = ((m.score, m.party_a, m.party_b) for m in found.matches if m.party_a in found.looks and m.party_b in found.looks)
        held = ((score, _pair(found.looks[a], found.looks[b])) for score, a, b in ties if found.looks[a] in inside)
        open_ones = [(score, pair) for score, pair in held if pair in known and pair not in asked]
        if open_ones:
            score, pair = min(open_ones)
            yield Gain(round((1 - score) * len(members), 3), pair, known[pair]), alarm.kind


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _question(memory: Memory, gain: Gain, parties: Mapping[int, Sequence[str]], company: Mapping[int, str], alarm: str | None) -> Question:
    one, two = gain.pair
    looks = memory.load(gain.pair)
    said = why(memory, looks[one], looks[two])
    a, b = _ends(parties, gain.pair)
    return Question(
        party_a=a,
        party_b=b,
        gain=round(gain.gain, 3),
        score=round(probability(gain.log_odds), 3),
        together=company[one] == company[two],
        alarm=alarm,
        reasons=tuple(one.text("en") for one in said),
        reasons_id=tuple(one.text("id") for one in said),
    )


def _ends(parties: Mapping[int, Sequence[str]], pair: tuple[int, int]) -> Pair:
    a, b = parties[pair[0]][0], parties[pair[1]][0]
    return (a, b) if a < b else (b, a)
