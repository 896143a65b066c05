"""Entered records: what people decided. Written only through `store.py` and its neighbours, never touched by machines."""

from dataclasses import dataclass

from market_db.exporter import Offer
from market_db.workbook.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class DoNotContact:
    """Somebody asked to be left alone; only a keyed hash of what they named is kept."""

    kind: str
    """email, phone, domain, company."""
    hash: str
    """BLAKE2 of the normalised value, keyed with the home's secret: the list itself names nobody."""
    entered_at: str
    """UTC, ISO 8601."""
    entered_by: str
    """Account name of the operator; free text."""
    reason: str
    """Why, in words, without personal data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A person's judgement about identity, role or worth; keyed by source records so that it survives rebuilds."""

    kind: str
    """same, not_same, unsure, role_wrong, wrong_country, not_a_buyer, undone."""
    party_a: str
    """Party id."""
    party_b: str | None
    """Party id; None for judgements about one company."""
    entered_at: str
    entered_by: str
    note: str = ""
    id: int | None = None
    """Number in the desk; None = not kept yet."""
    undoes: int | None = None
    """For `undone`: number of the decision that no longer counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Where a lead stands with an advisor."""

    lead_id: str
    status: str
    """new, to_contact, contacted, replied, sample_sent, deal, no_interest."""
    entered_at: str
    entered_by: str
    note: str = ""
    shortlist: str | None = None
    """Id of the shortlist for which it was done; None = in general."""
    contacted_on: str | None = None
    """YYYY-MM-DD; None = not said."""
    due: str | None = None
    """YYYY-MM-DD of the next step; None = none planned."""
    owner: str | None = None
    """Who follows it up; None = who entered it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlist:
    """Buyers that one exporter writes to in one campaign."""

    id: str
    name: str
    exporter: str | None
    """Id of the exporter; None = for nobody in particular."""
    campaign: str
    """What it is for, in words; empty = not said."""
    owner: str
    """Who looks after it."""
    entered_at: str
    entered_by: str
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortlistEntry:
    """A lead on a shortlist; its id stays as it was entered and is led to the lead of today when it is read."""

    shortlist: str
    """Id of the shortlist."""
    lead_id: str
    position: int
    """Order within the list, from 1; gaps are fine."""
    entered_at: str
    entered_by: str
    product: str = ""
    """Product type of the lead."""
    company: str = ""
    """Name when it was added, for when the lead is gone from the data; cut out when the firm asks to be forgotten."""
    website: str | None = None
    party_id: str | None = None
    """A record of the company when it was added: by it the entry is found again where ids of companies changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExporterCard:
    """An exporter (a small firm that wants to sell abroad) as its advisor describes it; None = not said."""

    id: str
    name: str
    town: str
    offers: tuple[Offer, ...]
    """Products with pack and price."""
    languages: tuple[str, ...]
    """ISO 639-1, in which buyers can be answered."""
    certificates: tuple[str, ...]
    """Keys or kinds of requirements that are met."""
    capacity_kg_month: float | None
    minimum_order_kg: float | None
    note: str
    version: int
    """Goes up with every change: a form that was opened before somebody else's change is told so."""
    entered_at: str
    entered_by: str
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedWorkbook:
    """A filled workbook that came back."""

    id: str
    file_name: str
    """As the browser said it, cleaned."""
    shortlist: str | None
    """For which it was made; None = for a view of all buyers, or it does not say."""
    made_at: str | None
    """When it was made, UTC; None = it does not say."""
    columns: tuple[str, ...]
    """Columns to fill in that it has."""
    entered_at: str
    entered_by: str
    read: int
    """Rows with a lead."""
    same: int
    """Rows that said nothing new when it came."""
    taken_at: str | None = None
    """When it was taken over, UTC; None = not yet."""
    problems: tuple[Problem, ...] = ()
    """Cells and rows that could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedRow:
    """A row of a returned workbook that said something new; None = left empty."""

    workbook: str
    row: int
    """Row of the sheet, from 1."""
    lead_id: str
    company: str | None
    status: str | None
    contacted_on: str | None
    owner: str | None
    note: str | None
    verdict: str | None
    taken: bool | None = None
    """Whether it was taken over; None = nobody decided yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceApproval:
    """A person read a source's terms and decided; the newest of a source counts."""

    source: str
    """Name as in `tembus sources`."""
    approved: bool
    """False = it must not be read any more."""
    terms_read: str
    """When the terms were read, YYYY-MM-DD."""
    basis: str
    """On what ground it may (or may not) be read, in the person's words."""
    entered_at: str
    entered_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSearch:
    """A view of the list of buyers that somebody wants to see again."""

    name: str
    address: str
    """Query part of the view's address."""
    entered_at: str
    entered_by: str
