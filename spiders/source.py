"""The passport of a source: no passport, no request."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from market_db.desk.entered import SourceApproval


class IncompletePassport(ValueError):
    """Raised by `Source` when a source could be crawled without saying on what basis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast one host may be asked; robots' Crawl-delay and Retry-After can only slow it down."""

    delay: float = 2.0
    """Least seconds between two requests to one host; pages never below 2."""
    concurrency: int = 1
    """Requests under way at once per host."""
    max_requests: int = 200
    """Requests in one run."""
    max_items: int = 50_000
    """Records in one run; reaching it stops the run and quarantines nothing that was stored before."""
    max_bytes: int = 200_000_000
    """Bytes of answers in one run, after decompression."""
    max_seconds: int = 3_600
    """Wall-clock seconds of one run."""
    max_per_pattern: int = 1_000
    """Requests to addresses of one shape (digits and values folded): stops calendars and facet traps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """Least and most records of a healthy run; below the least it is broken, above the most it warns."""

    least: int = 1
    most: int = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a source is, who publishes it, on what basis it is read, and how."""

    title: str
    """As staff see it."""
    publisher: str
    """Who answers for the data."""
    home: str
    """Page a person can open."""
    licence: str
    """Name of the licence, or "unknown": then only facts and a link are kept."""
    attribution: str
    """Line that every export carries."""
    terms_url: str
    """Where the terms stand."""
    terms_read: date | None
    """When somebody read them for the project; None = nobody did, and the source stays off."""
    basis: str
    """Why it may be read: "open licence", "robots and terms", "permission of ..."."""
    hosts: tuple[str, ...]
    """The fence: any other host is refused before connecting."""
    countries: tuple[str, ...] = ()
    """ISO 3166-1 alpha-2 covered; empty = the world."""
    roles: tuple[str, ...] = ()
    """Roles its records can prove."""
    personal_data: str = "none"
    """What it shows of natural persons, and what happens to it here."""
    every: timedelta = timedelta(days=1)
    """How often it is due."""
    expect: Expect = field(default_factory=Expect)
    """Size of a healthy run."""
    pace: Pace = field(default_factory=Pace)
    """How fast, how much."""
    api: bool = False
    """A documented API: robots is consulted, its own terms decide where its host shuts robots out in general."""
    api_robots: str | None = None
    """The reason for that, where it applies; None = robots decides."""
    post_hosts: tuple[str, ...] = ()
    """Hosts whose documentation asks for POST."""
    retry_403: int = 0
    """Times a 403 is retried because the documentation calls it transient; 0 = stop."""
    wait_403: float = 30.0
    """Seconds before the first such retry; doubles."""
    empty_statuses: tuple[int, ...] = ()
    """Statuses the documentation gives to an empty result."""
    key_env: str | None = None
    """Environment variable that holds the key; unset = "not run: no key", never an error. Requests carry `keys.PLACEHOLDER`."""
    share_alike: bool = False
    """The licence asks for derived databases under the same licence (ODbL): kept in tables of its own."""
    enabled: bool = True
    """Off until a person turns it on."""
    note: str = ""
    """What an operator should know."""

    def __post_init__(self) -> None:
        """Refuse a passport that could be crawled without a basis."""
        missing = [name for name in ("title", "publisher", "home", "attribution", "terms_url", "basis") if not getattr(self, name)]
        if not self.hosts:
            missing.append("hosts")
        if missing:
            raise IncompletePassport(f"passport of {self.title or '?'} lacks {', '.join(missing)}")

    @property
    def ready(self) -> bool:
        """Whether it may be crawled at all: switched on, and its terms were read."""
        return self.enabled and self.terms_read is not None

    def key(self, environ: Mapping[str, str]) -> str | None:
        """The key from the environment without the blanks and line ends that copying brings along, or None."""
        return environ.get(self.key_env, "").strip() or None if self.key_env else None

    def decided(self, approval: SourceApproval | None) -> "Source":
        """The passport after a person's decision on its terms; without one as it is."""
        if approval is None:
            return self
        if not approval.approved:
            return replace(self, enabled=False, note=f"switched off: {approval.basis}")
        return replace(self, enabled=True, terms_read=date.fromisoformat(approval.terms_read), basis=approval.basis)
