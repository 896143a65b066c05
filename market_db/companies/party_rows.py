"""What becomes of a party whose record shows less than before: known facts stay, and a contact keeps the day it was last shown."""

import json
from collections.abc import Mapping
from typing import Any

from market_db.values.text import fold

TOGETHER = (
    ("country", "country_text", "country_basis"),
    ("role", "role_proof"),
    ("registry", "registry_id"),
    ("website",),
    ("phones_text",),
    ("emails_text",),
)
"""Columns that are kept or replaced as one; the first decides."""
PLACE = ("region", "city", "address", "postcode")
EMPTY = (None, "[]")


def merged_row(old: Mapping[str, Any], new: Mapping[str, Any], seen: str, evidence_id: str | None) -> dict[str, Any]:
    """The row of a party as the new answer shows it, with what only the old one showed.

    `seen` and `evidence_id` are those of the record before the new answer. Another name is another firm (a shop that changed hands,
    a register number given again): then nothing of the old one stays.
    """
    if fold(old["name"]) != fold(new["name"]):
        return dict(new)
    row = dict(new)
    for names in TOGETHER:
        if row[names[0]] in EMPTY:
            row |= {name: old[name] for name in names}
    if row["role"] == old["role"]:
        row["role_proof"] = row["role_proof"] or old["role_proof"]
    if all(row[name] in (None, old[name]) for name in PLACE):  # parts of two addresses are never mixed
        row |= {name: row[name] or old[name] for name in PLACE}
    row["contacts"] = _contacts(old["contacts"], new["contacts"], seen, evidence_id)
    return row


def faded_row(old: Mapping[str, Any], seen: str, evidence_id: str | None) -> dict[str, Any]:
    """The row of a party that the record no longer names: it stays, and its contacts count as no longer shown."""
    return {**old, "contacts": _contacts(old["contacts"], "[]", seen, evidence_id)}


def _contacts(old: str | None, new: str | None, seen: str, evidence_id: str | None) -> str:
    """Contacts shown now, then those that were shown before with `last_seen` and `evidence_id` of their last showing."""
    shown = json.loads(new or "[]")
    known = {_key(contact) for contact in shown}
    gone = [contact for contact in json.loads(old or "[]") if _key(contact) not in known]
    last = {"last_seen": seen, "evidence_id": evidence_id}
    return json.dumps([*shown, *(contact if "last_seen" in contact else {**contact, **last} for contact in gone)], ensure_ascii=False)


def _key(contact: Mapping[str, Any]) -> tuple[str, str]:
    return contact["kind"], contact["value"] or contact["raw"]
