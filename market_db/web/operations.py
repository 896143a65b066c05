"""What the operator's pages need from above and may not import: the doctor, the register of sources, last night, and their sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from market_db.home import Home
from market_db.runs import Run, SourceCard, SourceCheck
from market_db.saying import Language, Words

GOOD, LOOK, WAITING, OFF = "good", "look", "waiting", "off"
GROUPS: Mapping[str, str] = {
    "ok": GOOD,
    "ok_zero": GOOD,
    "imported": GOOD,
    "thin": LOOK,
    "broken": LOOK,
    "blocked": LOOK,
    "robots": LOOK,
    "aborted": LOOK,
    "stopped": LOOK,
    "not_run": LOOK,
    "running": WAITING,
    "never": WAITING,
    "no_key": WAITING,
    "off_terms": OFF,
    "off": OFF,
    "by_hand": OFF,
}
"""State of a source -> where it stands on the pages; any other state is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the doctor's."""

    check: str
    """python, sqlite, disk ..."""
    status: str
    """ok, warn, fail."""
    text: str
    """What was found and, where something is to be done, what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLook:
    """A source and how it is doing."""

    card: SourceCard
    state: str
    """ok, ok_zero, thin, broken, blocked, robots, not_run, no_key, never, off, off_terms ..."""
    said: str
    """The state in words, with when and how much."""
    why: str
    """Why the newest run ended as it did, in words; empty = nothing to say."""
    run: Run | None
    due: bool
    """Whether the next night reads it."""

    @property
    def group(self) -> str:
        """good, look, waiting, off."""
        return GROUPS.get(self.state, LOOK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    """Everything about one source, in words."""

    look: SourceLook
    facts: Mapping[str, str]
    """Heading -> what the passport says."""
    check: SourceCheck | None
    checked: str
    """What the last check against the live source found, in words; empty where there is nothing to check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightLine:
    """One source of the last night."""

    source: str
    verdict: str
    scraped: int
    usual: float | None
    new: int
    changed: int
    rejected: int
    why: str
    """In words."""
    good: bool
    counted: bool
    """False = it did not answer: its counts are no noughts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightLook:
    """The last night, as its report says."""

    night: str
    outcome: str
    """ok, partly, failed, config, running."""
    headline: str
    started: str
    ended: str
    old: bool
    """A later night should have come since."""
    next_run: str
    sources: tuple[NightLine, ...]
    counts: Mapping[str, int | None]
    """leads, leads_new, companies_new, companies_changed, companies_gone, not_due; None = that step did not run."""
    problems: tuple[str, ...]
    backups: int
    data: Mapping[str, object] = field(default_factory=dict)
    """The report as it was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What was looked at and is no source."""

    title: str
    home: str
    """Page a person can open; empty = none."""
    said: str
    """Why, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A file or folder of the home."""

    name: str
    size: int
    """Bytes."""
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """Handed in by `scripts/serve.py`."""

    words: Callable[[Home, Language], Words]
    """The sentences of the command line: verdicts, modes, reasons, checks."""
    why: Callable[[str, Words], str]
    """Why a run ended so, in words."""
    reason: Callable[[str, Words], str]
    """A reason to refuse a record, in words."""
    health: Callable[[Home, Language], list[Check]]
    """Everything the doctor looks at, worst first; databases at most once a minute."""
    register: Callable[[Home, Language], list[SourceLook]]
    """All sources. Raises CannotDo where the configuration or a declared site is wrong."""
    passport: Callable[[Home, str, Language], Passport | None]
    night: Callable[[Home, Language], NightLook | None]
    """None = there never was one."""
    sizes: Callable[[Home], list[Size]]
    unread: Callable[[Home, Language], list[Unread]]
    """What was looked at and is not read."""
