"""Many looks at once to clusters: re-posted ones collapsed, pairs scored, average link in each component."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from pipelines.companies.average_link import CLIP, Conflict, Harder, average_link, joined
from pipelines.companies.caution import cautious, is_common
from pipelines.companies.cores import portions, shared_out
from pipelines.companies.edges import Edges
from pipelines.companies.features import LEVELS, NAMED, TOWN, all_steps, contact_steps, name_steps
from pipelines.companies.index import PORTION, Counts, Index
from pipelines.companies.looks import PREMISES_REGISTRIES, Look
from pipelines.companies.profiles import Profile
from pipelines.companies.scorecard import Scorecard, scorecard

KEEP = -3.0
"""Log-odds below which a pair is not remembered: it counts as never compared."""


def stop_for(size: int) -> float:
    """Log-odds an average must be above to join, by the number of parties: the same odds are right less often in a large database.

    Measured on generated listings: -1 is best at 20,000 and 0 at 100,000. Above it hardly rises: what a large market gets wrong are
    namesakes, and those `harder_between` parts at less cost.
    """
    tenfolds = math.log10(max(size, 1) / 100_000)
    return max(-1.0, (RISE_BELOW if tenfolds < 0 else RISE_ABOVE) * tenfolds)


RISE_BELOW, RISE_ABOVE = 1.3, 0.1
"""Log-odds a tenfold, below and above 100,000 parties."""
APART, ALONE, GROWN = 4.0, 1.0, 0.2
"""Log-odds a tenfold above 100,000 parties by which groups must agree better that share no phone, domain, address or number of a register:
where both have phones and addresses, where both have one of the two; and for each party above FEW. In a large market many firms of one
town have one name, and each pair of their entries says so less clearly than all of them together. At 1,000,000 generated listings without
it (stop 0.5): precision .941, recall .870, B-cubed F1 .953, largest wrong company 36; with it: .960, .869, .955, 19."""
FEW = 8


def harder_between(looks: Sequence[Look], size: int) -> Harder | None:
    """By how much better two groups must agree in a market of `size` parties; None where it is small."""
    tenfolds = math.log10(max(size, 1) / 100_000)
    if tenfolds <= 0:
        return None

    def harder(one: Collection[int], two: Collection[int]) -> float:
        strange = _strangers([looks[number] for number in one], [looks[number] for number in two])
        return tenfolds * (strange + GROWN * max(0, len(one) + len(two) - FEW))

    return harder


def _strangers(one: Sequence[Look], two: Sequence[Look]) -> float:
    """What speaks against two groups as wholes, for a tenfold."""
    phones, addresses, others = ((_of_all(one, of), _of_all(two, of)) for of in (_phones, _address, _others))
    if not all(mine.isdisjoint(theirs) for mine, theirs in (phones, addresses, others)):
        return 0.0
    return (0.0, ALONE, APART)[all(phones) + all(addresses)]


def _of_all(group: Sequence[Look], of: Callable[[Look], Iterable[Hashable]]) -> set[Hashable]:
    return {value for look in group for value in of(look)}


def _phones(look: Look) -> Iterable[Hashable]:
    return look.phones


def _address(look: Look) -> Iterable[Hashable]:
    return (look.address,) if look.address else ()


def _others(look: Look) -> Iterable[Hashable]:
    return (*look.registry, look.domain) if look.domain else look.registry


def conflict(a: Look, b: Look) -> bool:
    """Whether two parties cannot be one company: different countries, or different numbers of one register of firms."""
    if a.country and b.country and a.country != b.country:
        return True
    if not a.registry or not b.registry:
        return False
    numbers = dict(b.registry)
    return any(numbers.get(register, number) != number for register, number in a.registry if register not in PREMISES_REGISTRIES)


class Scorer:
    """Log-odds of pairs; equal steps of names and of contacts are added up once."""

    def __init__(self, counts: Counts, card: Scorecard | None = None) -> None:
        self.counts = counts
        self.card = card or scorecard()
        self._rows = self.card.rows()
        self._names: dict[tuple[int, ...], float] = {}
        self._beside: dict[tuple[int, ...], tuple[float, ...]] = {}

    def profile(self, look: Look) -> Profile:
        """What `odds` compares; keep it for as long as a look is compared with others."""
        return Profile(look, self.counts)

    def __call__(self, a: Look, b: Look) -> float:
        """Natural logarithm of the odds that two parties are one company."""
        return self.odds(self.profile(a), self.profile(b))

    def odds(self, a: Profile, b: Profile) -> float:
        """As `__call__`, of profiles."""
        beside = contact_steps(a, b, self.counts)
        names, level = name_steps(a, b, beside[TOWN], self.counts)
        said = self._names.get(names)
        if said is None:
            said = self._names[names] = self.card.bias + _summed(self._rows, names)
        levels = self._beside.get(beside)
        if levels is None:
            levels = self._beside[beside] = tuple(self._at_level(beside, at) for at in range(len(LEVELS) + 1))
        return cautious(said + levels[level], a.look, b.look, names + beside)

    def _at_level(self, beside: tuple[int, ...], level: int) -> float:
        """What contacts add under names that are so much alike."""
        return _summed(self._rows[NAMED:], all_steps((), beside, level))


def _summed(rows: Sequence[Sequence[float]], steps: Sequence[int]) -> float:
    return sum(row[step] for row, step in zip(rows, steps, strict=False))


def pairs_of(index: Index, numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Candidates that do not contradict each other, the smaller number first."""
    looks = index.looks
    for number in numbers:
        look = looks[number]
        for other in index.partners(number):
            if not conflict(look, looks[other]):
                yield number, other


@dataclass(frozen=True, slots=True)
class Resolved:
    """Clusters of numbers, and the odds they come from."""

    clusters: list[list[int]]
    pairs: Edges
    """Pairs of places in `order`."""
    order: list[int]
    """Numbers of the looks that were compared."""

    @property
    def odds(self) -> dict[tuple[int, int], float]:
        """The odds by pair of numbers, the smaller first."""
        return {_rising(self.order[a], self.order[b]): odds for a, b, odds in self.pairs}


def _rising(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def resolve(looks: Sequence[Look], *, card: Scorecard | None = None, stop: float | None = None) -> Resolved:
    """Clusters of all looks, sorted, each number in one of them."""
    kept, twins = collapse(looks)
    kept = beside_each_other(looks, kept)
    index = Index([looks[number] for number in kept])
    odds = compare_all(index, card or scorecard())
    stop, harder = stop_for(len(looks)) if stop is None else stop, harder_between(index.looks, len(looks))
    groups = cluster_all(len(kept), odds, stop, contradict=conflict_between(index.looks), harder=harder)
    return Resolved(sorted(sorted(n for at in group for n in twins[kept[at]]) for group in groups), odds, kept)


def beside_each_other(looks: Sequence[Look], numbers: Iterable[int]) -> list[int]:
    """The numbers in such an order that those who will be compared are near: by country, rarest word, and name."""
    words = Counter(word for look in looks for word in set(look.words))

    def place(number: int) -> tuple[str, str, str, int]:
        look = looks[number]
        return look.country, min(look.words, key=lambda word: (words[word], word), default=""), look.flat, number

    return sorted(numbers, key=place)


def compare_all(index: Index, card: Scorecard) -> Edges:
    """Pairs that are not hopeless; many looks are shared out to a process a core."""
    found = Edges()
    for part in shared_out(_score_part, (index, Scorer(index, card)), portions(len(index.looks), PORTION), size=len(index.looks)):
        found.extend(part)
    return found


def _score_part(given: tuple[Index, Scorer], numbers: Iterable[int]) -> Edges:
    (index, scorer), found = given, Edges()
    looks = index.looks
    profiles: dict[int, Profile] = {}
    for number in numbers:
        look = looks[number]
        mine = profiles.pop(number, None) or scorer.profile(look)
        for other in index.partners(number):
            if conflict(look, looks[other]):
                continue
            theirs = profiles.get(other)
            if theirs is None:
                theirs = profiles[other] = scorer.profile(looks[other])
            odds = scorer.odds(mine, theirs)
            if odds >= KEEP:
                found.add(number, other, odds)
    return found


def collapse(looks: Sequence[Look]) -> tuple[list[int], dict[int, list[int]]]:
    """First of each run of equal looks of one source, and everything it stands for; without a name or contact nobody is equal."""
    first: dict[Look, int] = {}
    twins: dict[int, list[int]] = defaultdict(list)
    for number, look in enumerate(looks):
        twins[first.setdefault(look, number) if telling(look) else number].append(number)
    return list(twins), twins


def telling(look: Look) -> bool:
    """Whether equal looks of one source are one listing posted again."""
    if not look.words or not look.source:
        return False
    if look.phones or look.address or look.domain or look.registry:
        return True
    return bool(look.city) and not (len(look.words) == 1 and is_common(look.words[0], look.country))


def conflict_between(looks: Sequence[Look]) -> Conflict:
    """Whether any two parties of two groups contradict each other."""
    return lambda one, two: any(conflict(looks[a], looks[b]) for a in one for b in two)


def cluster_all(
    size: int,
    edges: Edges,
    stop: float,
    *,
    contradict: Conflict,
    harder: Harder | None = None,
    together: Iterable[tuple[int, int]] = (),
    apart: Collection[tuple[int, int]] = (),
) -> list[list[int]]:
    """Average link in each component; whoever has no edge stands alone. `together`, `apart`: what people said."""
    same = sorted(together)
    roots = joined(size, chain(edges, ((a, b, CLIP) for a, b in same)), min(0.0, stop))
    inside: dict[int, list[int]] = defaultdict(list)
    for at, (a, b) in enumerate(zip(edges.first, edges.second, strict=True)):
        if roots[a] == roots[b]:
            inside[roots[a]].append(at)
    called: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in same:
        called[roots[pair[0]]].append(pair)
    groups: dict[int, list[int]] = defaultdict(list)
    for number, root in enumerate(roots):
        groups[root].append(number)
    found: list[list[int]] = []
    for root, group in groups.items():
        if len(group) == 1:
            found.append(group)
            continue
        if len(group) == 2 and root not in called and tuple(group) not in apart:
            found += _two(group, edges.odds[inside[root][0]], stop, contradict, harder)
            continue
        near = {(edges.first[at], edges.second[at]): edges.odds[at] for at in inside[root]}
        found += average_link(group, near, stop, conflict=contradict, harder=harder, together=called.get(root, ()), apart=apart)
    return found


def _two(group: list[int], odds: float, stop: float, contradict: Conflict, harder: Harder | None) -> list[list[int]]:
    """What average link makes of two with one edge."""
    one, two = group[:1], group[1:]
    joins = odds > stop + (harder(one, two) if harder else 0.0) and not contradict(one, two)
    return [group] if joins else [one, two]
