"""How each judged value of a lead was read: the printed text, the rule that read it and the answer that shows it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlite_utils

from market_db.derived import Mention
from market_db.markets.shelf import shelves
from market_db.rows import batched, read_rows

CHUNK = 500
PLACES = "select id, country, country_text, country_basis, phones_text, address, website from all_parties where id in ({})"
OFFERS = (
    "select id, url, product, country, price_text, price, currency, price_usd_kg, rate_date, language, language_text from listings"
    " where id in ({})"
)
REQUESTS = (
    "select id, deadline_text, deadline, published_text, published, value_text, value, currency, language, language_text from notices"
    " where id in ({})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One value with how it came about."""

    field: str
    """country, role, relevance, price, language, deadline, published, value."""
    value: str
    """As judged: ISO code, role key, "0.90", "2.49 EUR" ..."""
    raw: str | None
    """As printed; None = nothing was printed, the rule alone decided."""
    rule: str
    """Key of the rule (`judged.*` in scripts/words), e.g. address, declared; for relevance the reasons in words."""
    evidence_id: str
    detail: str = ""
    """More of the rule: a rate with its day, how far a price stands from the median."""


def judged_values(db: sqlite_utils.Database, mentions: Sequence[Mention]) -> list[Judged]:
    """All judged values of a lead's mentions, each once, in the order of the mentions."""
    places = _rows(db, PLACES, {mention.party_id for mention in mentions})
    offers = _rows(db, OFFERS, {mention.record_id for mention in mentions if mention.record_kind == "listing"})
    requests = _rows(db, REQUESTS, {mention.record_id for mention in mentions if mention.record_kind == "notice"})
    found: dict[tuple[str, str, str | None, str], Judged] = {}
    for mention in mentions:
        read = [*_of_party(mention, places.get(mention.party_id, {})), *_of_product(mention)]
        read += _of_offer(db, mention, offers[mention.record_id]) if mention.record_id in offers else []
        read += _of_request(mention, requests[mention.record_id]) if mention.record_id in requests else []
        for value in read:
            found.setdefault((value.field, value.value, value.raw, value.rule), value)
    return list(found.values())


def _rows(db: sqlite_utils.Database, sql: str, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for part in batched(sorted(ids), CHUNK):
        found |= {str(row["id"]): row for row in read_rows(db, sql.format(",".join("?" * len(part))), part)}
    return found


def _of_party(mention: Mention, row: dict[str, Any]) -> Iterator[Judged]:
    if mention.country:
        basis = str(row.get("country_basis") or "stated")
        raw = {"address": mention.address, "phone": ", ".join(mention.phones), "tld": mention.website, "vat": mention.registry_id}
        raw["city"] = ", ".join(part for part in (mention.address, mention.city) if part)
        printed = row.get("country_text") or raw.get(basis) or (mention.registry if basis == "register" else None)
        yield Judged(field="country", value=mention.country, raw=printed, rule=basis, evidence_id=mention.evidence_id)
    if mention.role:
        rule = "proof" if mention.role_proof else "name"
        raw_role = mention.role_proof or mention.name
        yield Judged(field="role", value=mention.role, raw=raw_role, rule=rule, evidence_id=mention.evidence_id)


def _of_product(mention: Mention) -> Iterator[Judged]:
    if mention.product and mention.relevance is not None:
        why = "; ".join(mention.relevance_why)
        yield Judged(
            field="relevance",
            value=f"{mention.relevance:.2f}",
            raw=mention.product_proof,
            rule="reasons",
            detail=why,
            evidence_id=mention.evidence_id,
        )


def _of_offer(db: sqlite_utils.Database, mention: Mention, row: dict[str, Any]) -> Iterator[Judged]:
    if row["price"] is not None:
        amount = f"{row['price']:g} {row['currency'] or '?'}"
        far = far_off(db, row)
        rate = f"{row['price_usd_kg']:.2f} USD/kg, {row['rate_date']}" if row["price_usd_kg"] else ""
        detail = rate if far is None else f"{rate}; {far:.1f} x"
        rule = "printed" if far is None else "far_off"
        yield Judged(field="price", value=amount, raw=row["price_text"], rule=rule, detail=detail, evidence_id=mention.evidence_id)
    yield from _language(mention, row)


def _language(mention: Mention, row: dict[str, Any]) -> Iterator[Judged]:
    if row["language"]:
        said = row["language_text"]
        rule = "declared" if said and str(said).lower().startswith(str(row["language"])) else "words"
        raw = said or mention.product_proof
        yield Judged(field="language", value=row["language"], raw=raw, rule=rule, evidence_id=mention.evidence_id)


def far_off(db: sqlite_utils.Database, row: dict[str, Any]) -> float | None:
    """How many times the median of its product, country and unit a price stands at, where that is odd; None = not odd, or too few."""
    if not (row["product"] and row["country"] and row["price_usd_kg"]):
        return None
    shelf = shelves(db, row["product"], row["country"]).get((row["product"], row["country"]))
    middle = shelf.median if shelf else None
    odd = next((price for price in shelf.prices if price.url == row["url"] and price.odd == "far_off"), None) if shelf else None
    return odd.usd_kg / middle if odd and middle else None


def _of_request(mention: Mention, row: dict[str, Any]) -> Iterator[Judged]:
    for field in ("published", "deadline"):
        if row[field]:
            yield Judged(field=field, value=row[field], raw=row[f"{field}_text"], rule="printed", evidence_id=mention.evidence_id)
    if row["value"] is not None:
        amount = f"{row['value']:g} {row['currency'] or '?'}"
        yield Judged(field="value", value=amount, raw=row["value_text"], rule="printed", evidence_id=mention.evidence_id)
    yield from _language(mention, row)
