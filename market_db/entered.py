"""Entered records: what people decided. Written only through `desk.py`, never touched by machines."""

from dataclasses import dataclass


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
    """same, not_same, unsure, role_wrong, wrong_country, not_a_buyer."""
    party_a: str
    """Party id."""
    party_b: str | None
    """Party id; None for judgements about one company."""
    entered_at: str
    entered_by: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Where a lead stands with an advisor."""

    lead_id: str
    status: str
    """new, to_contact, contacted, replied, sample_sent, deal, no_interest."""
    entered_at: str
    entered_by: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortlistEntry:
    """A lead on a named shortlist."""

    shortlist: str
    lead_id: str
    position: int
    entered_at: str
    entered_by: str


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
