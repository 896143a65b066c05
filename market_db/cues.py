"""What an advisor should look at before writing to a buyer: cues with what shows them, never verdicts; they change no score."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import sqlite_utils

from market_db.derived import Company, Mention
from market_db.reference import table
from market_db.rows import read_rows
from market_db.terms import find_terms
from market_db.values.places import country_of_domain, country_of_phone
from market_db.values.websites import is_shared_domain

LARGE = frozenset({"importer", "distributor", "wholesaler", "retail_chain"})
"""Roles of firms that have a domain of their own."""
ASKING = frozenset({"rfq", "buy_lead"})
MOST_NAMED = 4
_SENTENCE = re.compile(r"[^.!?\n。！？]+")
REPEATED = (
    "select distinct p.name from notices n join all_parties p on p.record_id = n.id"
    " where n.kind in ('rfq', 'buy_lead') and n.title = ? and coalesce(n.description, '') = ? order by p.name"
)
TEXTS = "select id, kind, title, description, evidence_id from notices where id in ({})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One thing to look at."""

    kind: str
    """free_mail, shared_phone, repeated_request, upfront_fee, one_source, country_conflict."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What the sentence `cues.<kind>` in scripts/words says."""
    evidence_ids: tuple[str, ...] = ()


def cues_of(db: sqlite_utils.Database, company: Company, mentions: tuple[Mention, ...]) -> list[Cue]:
    """Cues of a company, in a fixed order; none is not "harmless", only "nothing was seen"."""
    return [
        *_free_mail(company, mentions),
        *_shared_phone(db, company),
        *_of_requests(db, mentions),
        *_one_source(company),
        *_country_conflict(company),
    ]


def _free_mail(company: Company, mentions: tuple[Mention, ...]) -> Iterator[Cue]:
    roles = {mention.role for mention in mentions} & LARGE
    for contact in company.contacts:
        domain = contact.value.rpartition("@")[2]
        if contact.kind == "email" and roles and is_shared_domain(domain):
            yield Cue(kind="free_mail", values={"domain": domain}, evidence_ids=(contact.evidence_id,))


def _shared_phone(db: sqlite_utils.Database, company: Company) -> Iterator[Cue]:
    sql = (
        "select distinct c.name from company_contacts k join companies c on c.id = k.company_id"
        " where k.kind = 'phone' and k.value = ? and c.id <> ? order by c.name"
    )
    for contact in company.contacts:
        if contact.kind != "phone":
            continue
        names = [str(row["name"]) for row in read_rows(db, sql, (contact.value, company.id))]
        if names:
            values = {"phone": contact.value, "n": str(len(names)), "names": _named(names)}
            yield Cue(kind="shared_phone", values=values, evidence_ids=(contact.evidence_id,))


def _named(names: list[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (" ..." if len(names) > MOST_NAMED else "")


def _of_requests(db: sqlite_utils.Database, mentions: tuple[Mention, ...]) -> Iterator[Cue]:
    ids = sorted({mention.record_id for mention in mentions if mention.record_kind == "notice"})
    for row in read_rows(db, TEXTS.format(",".join("?" * len(ids))), ids) if ids else ():
        shown = (str(row["evidence_id"] or ""),)
        title, body = str(row["title"]), str(row["description"] or "")
        quote = upfront_fee(f"{title}\n{body}")
        if quote:
            yield Cue(kind="upfront_fee", values={"quote": quote}, evidence_ids=shown)
        names = [str(found["name"]) for found in read_rows(db, REPEATED, (title, body))] if row["kind"] in ASKING else []
        if len(names) > 1:
            yield Cue(kind="repeated_request", values={"n": str(len(names)), "title": title}, evidence_ids=shown)


def upfront_fee(text: str) -> str | None:
    """The sentence that asks for money before goods move (`reference/cue_words.toml`); None = none does."""
    words = table("cue_words")["upfront"]
    return next((part.group().strip() for part in _SENTENCE.finditer(text[:4_000]) if find_terms(part.group(), words)), None)


def _one_source(company: Company) -> Iterator[Cue]:
    alone = [contact for contact in company.contacts if contact.sources == 1]
    for contact in alone:
        yield Cue(kind="one_source", values={"contact": contact.value}, evidence_ids=(contact.evidence_id,))


def _country_conflict(company: Company) -> Iterator[Cue]:
    readers = {"phone": country_of_phone, "website": country_of_domain}
    for contact in company.contacts:
        told = readers[contact.kind](contact.value) if contact.kind in readers else None
        if told and company.country and told != company.country:
            values = {"contact": contact.value, "told": told, "country": company.country}
            yield Cue(kind="country_conflict", values=values, evidence_ids=(contact.evidence_id,))
