"""What steps may know beside the record: products, the do-not-contact list, the day, and what is known of each source."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from market_db.products import ProductType
from market_db.values.money import SHIPPED, Rates
from pipelines.product_words import ProductWords


class SuppressionList(Protocol):
    """Who must not be stored; `market_db.desk.store.Suppressed` is one."""

    def covers(self, kind: str, value: str) -> bool:
        """Whether an email, phone, website, domain or company is on the list."""
        ...


class Nobody:
    """The empty list."""

    def covers(self, kind: str, value: str) -> bool:
        """Nobody asked to be left alone."""
        return False


class Dropped(Protocol):
    """Counts what a step takes out of a record that is kept."""

    def add(self, source: str, what: str) -> None:
        """One more of `what`: personal_email, shared_website, suppressed_contact ..."""
        ...


class DropCount:
    """Keeps the counts in memory."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    def add(self, source: str, what: str) -> None:
        """One more."""
        self.counts[source, what] += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHint:
    """What holds for everything a source shows, where its records do not say otherwise."""

    country: str | None = None
    """ISO 3166-1 alpha-2 of a site's market or a register's state."""
    currency: str | None = None
    """ISO 4217."""
    language: str | None = None
    """ISO 639-1."""
    date_order: str | None = None
    """How it writes 03/04/2026: dmy or mdy."""
    zone: str | None = None
    """IANA name of the zone of its dates and deadlines, e.g. Asia/Jakarta."""
    role: str | None = None
    """Role that appearing there proves, e.g. importer for a list of importers."""


NO_HINT = SourceHint()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One run's knowledge; steps read it and change nothing but the counts in `dropped`."""

    as_of: date
    """The day of the run; later dates are refused."""
    products: tuple[ProductType, ...] = ()
    suppressed: SuppressionList = field(default_factory=Nobody)
    hints: Mapping[str, SourceHint] = field(default_factory=dict)
    """Source name -> hint."""
    dropped: Dropped = field(default_factory=DropCount)
    rates: Rates = SHIPPED
    """Exchange rates refreshed by crawls."""
    words: tuple[ProductWords, ...] = field(init=False, default=())
    """The products' words made ready for searching."""

    def __post_init__(self) -> None:
        """Make the words ready once."""
        object.__setattr__(self, "words", tuple(ProductWords(product) for product in self.products))

    def hint(self, source: str) -> SourceHint:
        """What is known of a source."""
        return self.hints.get(source, NO_HINT)
