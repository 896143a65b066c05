"""Parties of seen records as identity and scoring read them."""

import json
from collections.abc import Collection, Iterator
from typing import Any

import sqlite_utils

from market_db.derived import Mention
from market_db.rows import batched, read_rows
from market_db.values.websites import is_shared_domain, registrable_domain

# Per kind: table, expression for the product proof, expression for the date the record speaks of.
KINDS = {
    "listing": ("listings", "r.name", "null"),
    "notice": ("notices", "r.title", "r.published"),
    "registration": (
        "registrations",
        "coalesce((select group_concat(value, ', ') from json_each(r.product_codes)), '') || coalesce(' ' || r.activity_text, '')",
        "(select max(value) from json_each(r.periods))",
    ),
    "place": (
        "places",
        "coalesce(r.shop_type, '') || coalesce(' ' || (select group_concat(value, ', ') from json_each(r.tags)), '')",
        "null",
    ),
}
POINT = {"place": "r.latitude, r.longitude"}
SQL = """
select p.id as party_id, p.record_id, p.record_kind, {notice} as notice_kind, r.url as record_url, p.source, p.name, p.role, p.role_proof,
  p.country, p.city, p.address, p.postcode, p.registry, p.registry_id, p.contacts, r.product, r.relevance, r.relevance_why,
  trim({proof}) as product_proof, {date} as proof_date, {point}, r.first_seen, r.last_seen, coalesce(r.evidence_id, '') as evidence_id
from all_parties p join "{table}" r on r.id = p.record_id where p.record_kind = '{kind}'
"""
CHUNK = 500


def load_mentions(db: sqlite_utils.Database, party_ids: Collection[str] | None = None) -> Iterator[Mention]:
    """Mentions of the given parties, or all; in the order of party ids within a kind."""
    for kind in KINDS:
        if party_ids is None:
            yield from map(_mention, read_rows(db, _sql(kind) + " order by p.id"))
            continue
        for part in batched(sorted(party_ids), CHUNK):
            marks = ",".join("?" * len(part))
            yield from map(_mention, read_rows(db, f"{_sql(kind)} and p.id in ({marks}) order by p.id", part))


def _sql(kind: str) -> str:
    table, proof, date = KINDS[kind]
    point = POINT.get(kind, "null as latitude, null as longitude")
    notice = "r.kind" if kind == "notice" else "null"
    return SQL.format(table=table, proof=proof, date=date, point=point, kind=kind, notice=notice)


def _mention(row: dict[str, Any]) -> Mention:
    """One row, with its contacts taken apart."""
    contacts = json.loads(row.pop("contacts") or "[]")
    row["relevance_why"] = tuple(json.loads(row["relevance_why"] or "[]"))
    emails = _values(contacts, "email")
    website = next(iter(_values(contacts, "website")), None)
    phones = tuple(contact["value"] for contact in contacts if contact["kind"] == "phone" and contact["value"] and contact["valid"])
    row["product_proof"] = row["product_proof"] or None
    faded = {c["value"]: (c["last_seen"], c.get("evidence_id") or "") for c in contacts if c["value"] and c.get("last_seen")}
    return Mention(**row, phones=phones, emails=emails, website=website, domain=_domain(website, emails), faded=faded)


def _values(contacts: list[dict[str, Any]], kind: str) -> tuple[str, ...]:
    """Readable values of one kind."""
    return tuple(contact["value"] for contact in contacts if contact["kind"] == kind and contact["value"])


def _domain(website: str | None, emails: tuple[str, ...]) -> str | None:
    """The company's own domain: of its website, else of its mailbox; shared ones say nothing."""
    for text in (website, *(email.rpartition("@")[2] for email in emails)):
        domain = registrable_domain(text) if text else None
        if domain and not is_shared_domain(domain):
            return domain
    return None


def of_records(db: sqlite_utils.Database, columns: str, party_ids: Collection[str]) -> Iterator[tuple[Any, ...]]:
    """Some columns of parties (p) and of their records (r), for those of the given parties that are there."""
    for kind, (table, *_) in KINDS.items():
        sql = f"select {columns} from all_parties p join \"{table}\" r on r.id = p.record_id where p.record_kind = '{kind}'"
        for part in batched(sorted(party_ids), CHUNK):
            yield from db.conn.execute(f"{sql} and p.id in ({','.join('?' * len(part))})", part)


def first_seen(db: sqlite_utils.Database, party_ids: Collection[str]) -> dict[str, str]:
    """Party -> when its record was first seen."""
    return dict(of_records(db, "p.id, r.first_seen", party_ids))


def touched_parties(db: sqlite_utils.Database, since: str | None) -> set[str]:
    """Parties of records that are new or changed since a refresh (its id), or all of them.

    Run and refresh ids begin with their UTC second, so they compare as text; a tie counts as touched.
    """
    if since is None:
        return {party for (party,) in db.conn.execute("select id from all_parties")}
    touched: set[str] = set()
    for table, *_ in KINDS.values():
        # the bare column, so that its index is used: beside a prefix of 16 letters the rest of a longer text changes nothing
        sql = f'select p.id from all_parties p join "{table}" r on r.id = p.record_id where r.changed_run >= substr(?, 1, 16)'
        touched.update(party for (party,) in db.conn.execute(sql, (since,)))
    return touched
