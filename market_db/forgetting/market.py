"""Takes a contact or company out of every table of market.db, so that nothing rebuilt from it shows it again."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlite_utils

from market_db.desk.store import Suppressed
from market_db.forgetting.silence import Silence
from market_db.forgetting.texts import cut_notes, cut_texts
from market_db.markets.offers import forget_prices
from market_db.opening import at_once
from market_db.rows import read_rows
from market_db.values.phones import read_phones
from market_db.values.websites import is_shared_domain, registrable_domain

PARTY_TABLES = ("parties", "parties_share_alike")
RECORD_TABLES = {"listing": "listings", "notice": "notices", "registration": "registrations", "place": "places"}

COMPANY_TABLES = (
    ("companies", "id"),
    ("company_members", "company_id"),
    ("company_contacts", "company_id"),
    ("leads", "company_id"),
    ("not_leads", "company_id"),
)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was taken out of market.db."""

    contacts: int
    parties: int
    records: int
    examples: int
    names: tuple[str, ...] = ()
    """Spellings of the parties that went, for what is kept outside the database; never logged."""
    domains: tuple[str, ...] = ()
    """Own domains of those parties."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure will change, worked out before anything is changed."""

    parties: tuple["Dropped", ...] = ()
    contacts: tuple[tuple[str, str, tuple[str | None, ...]], ...] = ()
    names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


def plan_erasure(db: sqlite_utils.Database, suppressed: Suppressed) -> Plan:
    """Who and what the list covers; reads only."""
    parties, contacts = _split(db, suppressed)
    parties = _with_company(db, parties)
    found = [(table, party) for table, party, *_ in parties]
    return Plan(tuple(parties), tuple(contacts), _names_of(db, found), _domains_of(db, found))


def erase(
    db: sqlite_utils.Database,
    suppressed: Suppressed,
    needle: str,
    mark: str,
    *,
    plan: Plan | None = None,
    generic: frozenset[str] = frozenset(),
) -> Erased:
    """Erase everything the list covers, in one transaction.

    Contacts on the list leave their party; parties on the list (company name, or own domain) go with their record where it
    speaks of them alone. All that is listed, `needle` and the names of those parties are also cut out of free texts (names of goods,
    titles, descriptions, addresses, proofs, rejection examples, issues); an empty `needle` looks for names by their hashes alone,
    which takes longer. `mark` is a run id of now: records whose company fell apart are marked as changed, so that the next refresh
    builds what remains of it. `generic` are words that no firm is found by alone.
    """
    with db.atomic():
        plan = plan or plan_erasure(db, suppressed)
        for table, party, kept in plan.contacts:
            db.conn.execute(f'update "{table}" set contacts=?, phones_text=?, emails_text=?, website=? where id=?', (*kept, party))
        _drop_derived(db, [party for _, party, _, _ in plan.parties], suppressed, mark)
        records = sum(_drop_party(db, *row) for row in plan.parties) + _drop_pages(db, suppressed)
        forget_prices(db)
        silence = _silence(suppressed, needle.strip("\0 "), plan, generic)
        examples = cut_texts(db, silence, mark)
    return Erased(len(plan.contacts), len(plan.parties), records, examples, plan.names, plan.domains)


def forget_in_notes(db: sqlite_utils.Database, suppressed: Suppressed, needle: str, plan: Plan, generic: frozenset[str]) -> int:
    """Cut it out of the notes of a desk.db, or of a backup of one; returns how many notes changed."""
    with at_once(db):  # colleagues write meanwhile
        changed = cut_notes(db, _silence(suppressed, needle, plan, generic))
    if changed:
        compact(db)
    return changed


def _silence(suppressed: Suppressed, needle: str, plan: Plan, generic: frozenset[str]) -> Silence:
    """What to cut out of free texts: contacts by the list and by the domains of who goes, names in the clear or by their hashes."""
    listed = suppressed.having(*(("domain", domain) for domain in plan.domains)) if plan.domains else suppressed
    named = bool(needle) and suppressed.covers("company", needle)
    return Silence(listed, names=(*plan.names, *((needle,) if named else ())), by_hash=not needle, generic=generic)


Dropped = tuple[str, str, str, str]
"""Table, party id, record kind, record id."""


def _with_company(db: sqlite_utils.Database, parties: list[Dropped]) -> list[Dropped]:
    """The parties and all others that were taken for the same company: whoever asked did not ask for one spelling."""
    marks = "select b.party_id from company_members a join company_members b on b.company_id = a.company_id where a.party_id = ?"
    ids = {other for _, party, _, _ in parties for (other,) in db.conn.execute(marks, (party,))} - {party for _, party, _, _ in parties}
    found = list(parties)
    for table in PARTY_TABLES:
        sql = f'select id, record_kind, record_id from "{table}" where id = ?'
        found += [(table, *row) for party in sorted(ids) for row in db.conn.execute(sql, (party,))]
    return found


def _domains_of(db: sqlite_utils.Database, parties: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Own domains of the given parties; those that many firms share are nobody's."""
    found = set()
    for table, party in parties:
        for (text,) in db.conn.execute(f'select contacts from "{table}" where id=?', (party,)):
            hosts = [c["value"].rpartition("@")[2] for c in json.loads(text or "[]") if c["kind"] in ("email", "website") and c["value"]]
            found |= {domain for host in hosts if (domain := registrable_domain(host)) and not is_shared_domain(domain)}
    return tuple(sorted(found))


def _drop_pages(db: sqlite_utils.Database, suppressed: Suppressed) -> int:
    """Records whose own page stands on a listed domain."""
    gone = 0
    for table in RECORD_TABLES.values():
        listed = [key for key, url in db.conn.execute(f'select id, url from "{table}"') if suppressed.covers("website", url)]
        for key in listed:
            for parties in PARTY_TABLES:
                db.conn.execute(f'delete from "{parties}" where record_id=?', (key,))
            db.conn.execute(f'delete from "{table}" where id=?', (key,))
        gone += len(listed)
    return gone


def _names_of(db: sqlite_utils.Database, parties: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """All printed names of the given parties."""
    found = {name for table, party in parties for (name,) in db.conn.execute(f'select name from "{table}" where id=?', (party,))}
    return tuple(sorted(found))


def _split(db: sqlite_utils.Database, suppressed: Suppressed) -> tuple[list[Dropped], list[tuple[str, str, tuple[str | None, ...]]]]:
    """Parties to drop, and parties that only lose contacts with what they keep."""
    drop: list[Dropped] = []
    strip: list[tuple[str, str, tuple[str | None, ...]]] = []
    for table in PARTY_TABLES:
        for row in read_rows(
            db, f'select id, record_kind, record_id, name, country, website, contacts, phones_text, emails_text from "{table}"'
        ):
            if suppressed.covers("company", row["name"]) or _on_listed_domain(row, suppressed):
                drop.append((table, row["id"], row["record_kind"], row["record_id"]))
            elif kept := _kept(row, suppressed):
                strip.append((table, row["id"], kept))
    return drop, strip


def _on_listed_domain(row: Mapping[str, Any], suppressed: Suppressed) -> bool:
    """Whether the party's own site or mailbox stands on a listed domain: then the party itself asked."""
    contacts = json.loads(row["contacts"] or "[]")
    hosts = [c["value"] or c["raw"] for c in contacts if c["kind"] in ("email", "website")]
    hosts += [*json.loads(row["emails_text"] or "[]"), *([row["website"]] if row["website"] else [])]
    return any(suppressed.covers("domain", host) for host in hosts)


def _kept(row: Mapping[str, Any], suppressed: Suppressed) -> tuple[str | None, ...] | None:
    """Contact columns without what the list covers; None where nothing is covered."""
    contacts = json.loads(row["contacts"] or "[]")
    kept = [c for c in contacts if not suppressed.covers(c["kind"], c["value"] or c["raw"])]
    phones = _filtered(row["phones_text"], lambda text: _covers_phone(suppressed, text, row["country"]))
    emails = _filtered(row["emails_text"], lambda text: suppressed.covers("email", text))
    website = None if row["website"] and suppressed.covers("website", row["website"]) else row["website"]
    new = (json.dumps(kept, ensure_ascii=False), phones, emails, website)
    same = len(kept) == len(contacts) and (phones, emails, website) == (row["phones_text"], row["emails_text"], row["website"])
    return None if same else new


def _covers_phone(suppressed: Suppressed, text: str, country: str | None) -> bool:
    """Whether a printed number, read with its country, is on the list."""
    return suppressed.lists("phone") and (
        suppressed.covers("phone", text) or any(suppressed.covers("phone", p.e164 or p.raw) for p in read_phones(text, country=country))
    )


def _filtered(text: str | None, covered: Callable[[str], bool]) -> str | None:
    """A JSON list without covered entries; untouched where none is."""
    items = json.loads(text or "[]")
    kept = [item for item in items if not covered(item)]
    return text if len(kept) == len(items) else json.dumps(kept, ensure_ascii=False)


def _drop_party(db: sqlite_utils.Database, table: str, party: str, kind: str, record: str) -> int:
    """The party, and its record unless that names others too; returns how many records went."""
    db.conn.execute(f'delete from "{table}" where id=?', (party,))
    others = db.conn.execute("select count(*) from all_parties where record_id=?", (record,)).fetchone()[0]
    if others:
        return 0
    return int(db.conn.execute(f'delete from "{RECORD_TABLES[kind]}" where id=?', (record,)).rowcount)


def _drop_derived(db: sqlite_utils.Database, parties: Iterable[str], suppressed: Suppressed, mark: str) -> None:
    """Derived rows at once; the next refresh rebuilds what remains of the companies."""
    for party in parties:
        for (company,) in db.conn.execute("select company_id from company_members where party_id=?", (party,)).fetchall():
            _mark_members(db, company, mark)
            for table, column in COMPANY_TABLES:
                db.conn.execute(f'delete from "{table}" where "{column}"=?', (company,))
        for table in ("matches", "review_questions"):
            db.conn.execute(f'delete from "{table}" where party_a=? or party_b=?', (party, party))
    for row in list(read_rows(db, "select company_id, kind, value from company_contacts")):
        if suppressed.covers(row["kind"], row["value"]):
            db.conn.execute("delete from company_contacts where company_id=? and kind=? and value=?", tuple(row.values()))


def _mark_members(db: sqlite_utils.Database, company: str, mark: str) -> None:
    """Records of a company that falls apart count as changed."""
    sql = "select record_kind, record_id from all_parties where id in (select party_id from company_members where company_id=?)"
    for kind, record in db.conn.execute(sql, (company,)).fetchall():
        db.conn.execute(f'update "{RECORD_TABLES[kind]}" set changed_run=? where id=?', (mark, record))


def compact(db: sqlite_utils.Database) -> None:
    """Rewrite the file and empty the WAL, so that no freed page keeps what was erased."""
    db.conn.commit()
    db.conn.execute("vacuum")
    db.conn.execute("pragma wal_checkpoint(truncate)").fetchall()
