"""Which sources a night has to read: computed from the runs and each source's `every`, so that missed nights heal by themselves."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from market_db.runs import Run, SourceCard

FULL_WAIT = frozenset({"ok", "thin", "stopped", "blocked", "robots", "running"})
"""A source that answered, or said no, is asked again when its time comes and not before."""
SOON = frozenset({"broken"})
"""It may have been a passing fault, as one whose reason promises the next night is: tried again then, but not twice in one."""
SOON_AFTER = timedelta(hours=18)
MOST_SLACK = timedelta(hours=12)


def due_sources(cards: Iterable[SourceCard], runs: Mapping[str, Run], now: datetime) -> list[str]:
    """Names of the enabled sources that are due; `runs` is the newest believable live run by source (`newest`)."""
    return [card.name for card in cards if card.enabled and is_due(card, runs.get(card.name), now)]


def newest(runs: Sequence[Run], card: SourceCard, now: datetime) -> Run | None:
    """The newest of a source's runs (newest first) that can be true: one from far ahead of the clock hides those that came after it.

    A run that a source's period or less ahead is believed, as in `is_due`.
    """
    every = timedelta(hours=card.every_hours)
    return next((run for run in runs if _age(run, now) >= -every), None)


def is_ahead(run: Run, now: datetime) -> bool:
    """Whether a run is dated into the future."""
    return _age(run, now) < timedelta(0)


def is_due(card: SourceCard, run: Run | None, now: datetime) -> bool:
    """Never run, not run for want of a key or a network, aborted: due. Otherwise its age decides.

    A quarter of `every`, at most 12 hours, is forgiven: a night that began late must not push the next one away.
    """
    every = timedelta(hours=card.every_hours)
    wait = every - min(every / 4, MOST_SLACK)
    if run is None or run.verdict not in FULL_WAIT | SOON:
        return True
    age = _age(run, now)
    if age < timedelta(0):
        # From a clock that was wrong: believed for one period, so that setting it right asks nobody twice.
        return -age > every
    return age >= (min(wait, SOON_AFTER) if run.verdict in SOON or run.asks_again else wait)


def _age(run: Run, now: datetime) -> timedelta:
    try:
        started = datetime.fromisoformat(run.started)
    except ValueError:
        return timedelta.max
    return now - (started if started.tzinfo else started.replace(tzinfo=UTC))
