"""Run records: what a source's run did, and the verdict; a run is never judged by its exit code."""

from collections.abc import Mapping
from dataclasses import dataclass, field

VERDICTS = ("ok", "thin", "broken", "blocked", "robots", "not_run", "aborted", "stopped", "running")
"""ok: as expected. thin: fewer records than usual, fields went missing, or all records were about other goods. broken: below the least, the
answers could not be read, or every record was refused. Neither a broken nor a thin run is a norm for later ones.
blocked: the source said no. robots: robots.txt refused or could not be read. not_run: no key, switched off, terms not read, no network.
aborted: the process died. stopped: a budget or time limit ended it, what was read is kept. running: under way."""


COUNTED = frozenset({"ok", "thin", "stopped", "running"})
"""Verdicts after which nought records means nought."""
ASKS_AGAIN = "the next night asks again"
"""How the reason of a run ends that promises another try: robots.txt that did not come, a server that was busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one source; `scraped = stored_new + stored_changed + unchanged + rejected`, or `adds_up` is False."""

    run_id: str
    source: str
    mode: str
    """live, replay, sample."""
    started: str
    """UTC, ISO 8601."""
    ended: str | None = None
    verdict: str = "running"
    """One of VERDICTS."""
    why: str = ""
    """The verdict in one sentence, with what to do next."""
    as_of: str = ""
    """Day the run's periods were computed from, YYYY-MM-DD."""
    requests: int = 0
    answers: int = 0
    received_bytes: int = 0
    not_modified: int = 0
    failed: int = 0
    """Requests that got no usable answer."""
    scraped: int = 0
    """Records read out of the answers, including the rejected ones."""
    stored_new: int = 0
    stored_changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    issues: int = 0
    adds_up: bool = True
    coverage: Mapping[str, float] = field(default_factory=dict)
    """Field -> share of records that had it."""
    countries: tuple[str, ...] = ()
    """Of a source that goes round countries: those whose answer was read, ISO 3166-1 alpha-2; empty = it asks for all at once, or none."""

    @property
    def asks_again(self) -> bool:
        """Whether its reason says that the next night asks again, whatever the source's period is."""
        return self.why.endswith(ASKS_AGAIN)

    @property
    def counted(self) -> bool:
        """Whether its counts of records say something: a source that said no, or that nobody asked, has not answered nought."""
        return self.scraped > 0 or self.verdict in COUNTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """How often one reason refused records of a run, with one example."""

    run_id: str
    source: str
    reason: str
    count: int
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceIssue:
    """Something odd about a source, for people to act on."""

    run_id: str
    source: str
    kind: str
    detail: str
    url: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCard:
    """A source as the register shows it: the passport in plain words."""

    name: str
    title: str
    publisher: str
    home: str
    licence: str
    attribution: str
    terms_url: str
    terms_read: str | None
    basis: str
    countries: tuple[str, ...]
    roles: tuple[str, ...]
    every_hours: float
    share_alike: bool
    enabled: bool
    key_env: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCheck:
    """What the last `tembus check` found: a few live requests, judged by the reader's own shape."""

    source: str
    state: str
    """ok, changed, empty, blocked, robots, no_key, terms, off, no_network, failed."""
    detail: str
    """What to look at: fields or headers by name, or the source's own words."""
    records: int | None
    """Rows read from the few answers; None = nothing was asked."""
    requests: int
    terms_days: int | None
    """Days since somebody read the terms; None = nobody did."""
    checked_at: str
    """UTC, ISO 8601."""
