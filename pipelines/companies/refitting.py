"""New weights from what people judged, measured on judgements they were not made from, and kept in the home when a person says so."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from market_db.companies.identity_store import IdentityStore
from market_db.desk.entered import Decision
from market_db.desk.judgements import pair_of, standing
from market_db.home import Home
from pipelines.companies.caution import cautious
from pipelines.companies.features import steps_of
from pipelines.companies.fitting import Steps
from pipelines.companies.learning import MIN_JUDGED, refit
from pipelines.companies.looks import Look
from pipelines.companies.nightly import Memory
from pipelines.companies.resolve import stop_for
from pipelines.companies.scorecard import Scorecard, probability, read_scorecard, scorecard, write_scorecard

MIN_OF_EACH = 10
"""Fewer "the same" or "not the same" teach only half."""
FOLDS = 5
LEAST = 1e-6
ABOUT = """Weights of company identity of this home: the shipped ones ({start}), refitted from {pairs} judgements of people.
Made by `tembus refit --apply`; take the file away to go back to the shipped ones, then run `tembus rebuild`."""


class CannotRefit(ValueError):
    """There is too little to learn from, or nothing to compare with; `key` and `values` name the sentence that says so."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"{key}: {', '.join(f'{name} {value}' for name, value in values.items())}")
        self.key, self.values = key, values


@dataclass(frozen=True, slots=True)
class Judged:
    """One judged pair of records."""

    parties: tuple[str, str]
    a: Look
    b: Look
    steps: Steps
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How well weights answer judgements that they were not made from."""

    wrong: int
    precision: float | None
    """None = they call nothing the same."""
    recall: float | None
    log_loss: float
    """Mean, natural logarithm: lower is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refitted:
    """What refitting brings."""

    pairs: int
    same: int
    gone: int
    """Judgements about records that are no more."""
    before: Figures
    after: Figures
    card: Scorecard

    @property
    def better(self) -> bool:
        """Whether the new weights answer better, and are wrong no more often."""
        return self.after.log_loss < self.before.log_loss and self.after.wrong <= self.before.wrong


def card_of(home: Home) -> Scorecard:
    """Weights of a home: its own where it has any that fit this program, else the shipped ones (`weights_trouble` says why)."""
    return scorecard() if weights_trouble(home) or not home.identity_weights.exists() else read_scorecard(home.identity_weights)


def weights_trouble(home: Home) -> str | None:
    """Why a home's own weights cannot be used and the shipped ones stand in; None = nothing is wrong."""
    if not home.identity_weights.exists():
        return None
    try:
        read_scorecard(home.identity_weights)
    except (ValueError, KeyError, TypeError, OSError) as error:
        name = home.identity_weights.name
        return f"{name} cannot be used ({error}): the shipped weights count; `tembus refit --apply` makes it anew, or take it away"
    return None


def judged_pairs(store: IdentityStore, decisions: Sequence[Decision]) -> tuple[list[Judged], int]:
    """What people called the same and not the same, as features; and how many of these are about records that are no more."""
    counted = {pair: one.kind == "same" for one in standing(decisions) if one.kind in ("same", "not_same") and (pair := pair_of(one))}
    of = store.looks_of({party for pair in counted for party in pair})
    memory = Memory(store)
    looks = memory.load(set(of.values()))
    found = []
    for (one, two), same in sorted(counted.items()):
        if one in of and two in of:
            a, b = looks[of[one]], looks[of[two]]
            found.append(Judged((one, two), a, b, steps_of(a, b, memory), same))
    return found, len(counted) - len(found)


def refitted(store: IdentityStore, decisions: Sequence[Decision], *, day: str, start: Scorecard | None = None) -> Refitted:
    """Weights after the judgements, with figures before and after from five parts, each answered by weights made of the others.

    Raises CannotRefit where there are fewer than MIN_JUDGED judgements or MIN_OF_EACH of a kind, or no comparison to count rarity in.
    """
    if not store.size():
        raise CannotRefit("no_comparison")
    judged, gone = judged_pairs(store, decisions)
    same = sum(one.same for one in judged)
    if len(judged) < MIN_JUDGED or min(same, len(judged) - same) < MIN_OF_EACH:
        raise CannotRefit("too_few", pairs=len(judged), same=same, other=len(judged) - same, least=MIN_JUDGED, each=MIN_OF_EACH)
    start, stop = start or scorecard(), stop_for(store.size())
    version = f"{scorecard().version}+{len(judged)}@{day}"

    def learned(known: Iterable[Judged]) -> Scorecard:
        return refit(start, [(one.steps, one.same) for one in known], version=version, least=1)

    before = _figures([(_odds(start, one), one.same) for one in judged], stop)
    after = _figures(_held_out(judged, learned), stop)
    return Refitted(pairs=len(judged), same=same, gone=gone, before=before, after=after, card=learned(judged))


def keep(home: Home, found: Refitted) -> None:
    """Make the new weights those of the home; the next refresh compares with them, `tembus rebuild` everywhere."""
    home.make()
    temp = home.identity_weights.with_suffix(".new")
    write_scorecard(found.card, temp, ABOUT.format(start=scorecard().version, pairs=found.pairs))
    temp.replace(home.identity_weights)


def _odds(card: Scorecard, one: Judged) -> float:
    return cautious(card.log_odds(one.steps), one.a, one.b, one.steps)


def _held_out(judged: Sequence[Judged], learned: Callable[[Iterable[Judged]], Scorecard]) -> list[tuple[float, bool]]:
    """(log-odds by weights that never saw the firm, truth) of every pair."""
    folds = _folds(judged)
    found: list[tuple[float, bool]] = []
    for fold in folds:
        card = learned(one for other in folds if other is not fold for one in other)
        found += [(_odds(card, one), one.same) for one in fold]
    return found


def _folds(judged: Sequence[Judged]) -> list[list[Judged]]:
    """Parts of about one size; pairs that share a record, over any number of pairs, stand in one part."""
    root: dict[str, str] = {}

    def top(party: str) -> str:
        while root.setdefault(party, party) != party:
            party = root[party]
        return party

    for one in judged:
        root[top(one.parties[0])] = top(one.parties[1])
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[top(one.parties[0])].append(one)
    folds: list[list[Judged]] = [[] for _ in range(FOLDS)]
    for group in sorted(groups.values(), key=lambda group: (-len(group), group[0].parties)):
        min(folds, key=len).extend(group)
    return folds


def _figures(answers: Sequence[tuple[float, bool]], stop: float) -> Figures:
    """Errors at the bar at which two records are joined; the loss counts odds from that bar on."""
    said = [(odds > stop, same) for odds, same in answers]
    right, called, true = sum(a and b for a, b in said), sum(a for a, _ in said), sum(b for _, b in said)
    chances = [(probability(odds - stop), same) for odds, same in answers]
    loss = -sum(math.log(max(LEAST, chance if same else 1 - chance)) for chance, same in chances)
    return Figures(
        wrong=sum(a != b for a, b in said),
        precision=round(right / called, 4) if called else None,
        recall=round(right / true, 4) if true else None,
        log_loss=round(loss / len(answers), 4),
    )
