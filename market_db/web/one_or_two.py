"""One firm or two: records of a company that a person may take out of it, and another buyer that is the same firm."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sqlite_utils

from market_db.derived import Mention
from market_db.desk.store import Suppressed
from market_db.forgetting.allowed import without_listed
from market_db.queries import LeadDetail, lead_detail
from market_db.values.text import fold

MOST_RECORDS = 30
"""Kinds of records that the page lists."""
MOST_PAIRS = 400
"""Judgements that one press of a button writes: a shop of hundreds of offers is told apart by the first of them."""
_LEAD = re.compile(r"(?<![0-9a-f])[0-9a-f]{20}(?![0-9a-f])")
Pairs = list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Held:
    """Records of one source under one name: they go together."""

    party: str
    """Of the newest; names the group in a form."""
    name: str
    source: str
    country: str | None
    city: str | None
    evidence: str
    parties: tuple[str, ...]


def records_of(detail: LeadDetail, titles: Mapping[str, str]) -> list[Held]:
    """What a company is made of, the newest first; one group alone is nothing to take apart."""
    groups: dict[tuple[str, str], list[Mention]] = {}
    for mention in detail.mentions:
        groups.setdefault((mention.source, fold(mention.name)), []).append(mention)
    return [_held(group, titles) for group in groups.values()] if len(groups) > 1 else []


def _held(group: list[Mention], titles: Mapping[str, str]) -> Held:
    first = group[0]
    parties = tuple(dict.fromkeys(mention.party_id for mention in group))
    source = titles.get(first.source, first.source)
    return Held(first.party_id, first.name, source, first.country, first.city, first.evidence_id, parties)


def apart(detail: LeadDetail, party: str) -> Pairs:
    """That the records of a group are another firm than all others of the company. Nothing for no group of it."""
    groups = records_of(detail, {})
    chosen = next((group for group in groups if group.party == party), None)
    if chosen is None:
        return []
    others = [other for group in groups if group is not chosen for other in group.parties]
    pairs: Pairs = [(one, other) for one in chosen.parties for other in others]
    return pairs[:MOST_PAIRS]


def together(db: sqlite_utils.Database, detail: LeadDetail, text: str, listed: Suppressed) -> Pairs:
    """That a company and the buyer whose address or id somebody pasted are one firm. Nothing where that is nobody else who may be shown."""
    found = _LEAD.findall(text.lower()[:400])
    other = lead_detail(db, found[-1]) if found else None
    if other is None or other.company.id == detail.company.id or without_listed(other.row, listed) is None:
        return []
    return [(min(detail.company.member_ids), min(other.company.member_ids))]
