"""What a firm does with goods: as its source proves it, else as codes, tags and words tell it; unknown stays None."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from market_db.seen import Listing, Notice, Party, Place, Registration, Seen, parties_of
from market_db.terms import find_terms
from pipelines.context import Context, SourceHint
from pipelines.parties import with_parties
from pipelines.relevance import NACE_FAMILY

TABLE = Path(__file__).with_name("role_cues.toml")
CARRIER = "freight_forwarder"
_SENTENCE = re.compile(r"(?<=[.!?。])\s+|\s[|•]\s|\n")
MOST_READ, MOST_QUOTED = 2_000, 300
_SAID = re.compile(r"(?:[^.!?\n。！？]|[.](?=\w))+")
ASKING = frozenset({"tender", "award"})
"""Notices whose first party is a public buyer."""


@dataclass(frozen=True, slots=True)
class _Cues:
    """The table, ready to use."""

    nace: Mapping[str, str]
    tags: Mapping[str, str]
    words: tuple[tuple[str, tuple[str, ...]], ...]
    own: tuple[str, ...]
    seeks: tuple[str, ...]


@cache
def _cues() -> _Cues:
    found = tomllib.loads(TABLE.read_text("utf-8"))
    longest_first = dict(sorted(found["nace"].items(), key=lambda item: -len(item[0])))
    words = tuple((entry["role"], tuple(entry["words"])) for entry in found["words"])
    return _Cues(longest_first, found["tags"], words, tuple(found["sentences"]["own"]), tuple(found["sentences"]["seeks"]))


def name_role(record: Seen, context: Context) -> Seen:
    """The record with a role for every firm that shows one; a role with its proof is never overruled, but for carriers' names."""
    hint = context.hint(record.source)
    parties = parties_of(record)
    if not parties:
        return record
    named = tuple(_named(record, party, at, hint) for at, party in enumerate(parties))
    return record if named == parties else with_parties(record, named)


def _named(record: Seen, party: Party, at: int, hint: SourceHint) -> Party:
    """The firm with its role; importers of record that only carry goods for others are called what they are."""
    if party.role == "importer" and role_of_words(party.name) == CARRIER:
        return replace(party, role=CARRIER, role_proof=f"name: {party.name}")
    if party.role and party.role_proof:
        return party
    role, proof = _told(record, party, at, hint)
    if party.role:
        return replace(party, role_proof=proof) if role == party.role and proof else party
    return replace(party, role=role, role_proof=proof) if role else party


def _told(record: Seen, party: Party, at: int, hint: SourceHint) -> tuple[str | None, str | None]:
    """(role, proof) by the kind of record, else by the source, else by the name, which proves nothing."""
    match record:
        case Registration():
            role, proof = _of_register(record, hint)
        case Notice(kind=kind) if kind in ASKING and at == 0:
            role, proof = "tender_authority", f"{kind}: {record.title}"
        case Notice(description=about) if at == 0 and about:
            role, proof = role_sentence(about) or (None, None)
        case Place():
            role, proof = _of_place(record)
        case Listing():
            role, proof = hint.role, None
        case _:
            role, proof = None, None
    return (role, proof) if role else (role_of_words(party.name), None)


def _of_register(firm: Registration, hint: SourceHint) -> tuple[str | None, str | None]:
    """By the list it stands on, its activity codes, then the register's words about it."""
    if hint.role:
        return hint.role, ", ".join((*firm.product_codes, *firm.periods[-1:])) or None
    for code in firm.activity_codes:
        role = role_of_code(code)
        if role:
            return role, f"{code} {firm.activity_text or ''}".strip()
    role = role_of_words(firm.activity_text or "")
    return role, _saying(firm.activity_text or "", role) if role else None


def _saying(text: str, role: str) -> str:
    """The sentence of a text that says the role, else all of it."""
    return next((part.strip() for part in _SENTENCE.split(text) if role_of_words(part) == role), text)


def role_of_code(code: str) -> str | None:
    """Role by an activity code of the NACE family, e.g. "nace2:46.390"."""
    scheme, _, number = code.partition(":")
    digits = re.sub(r"\D", "", number)
    if scheme not in NACE_FAMILY:
        return None
    return next((role for prefix, role in _cues().nace.items() if digits.startswith(prefix)), None)


def role_of_words(text: str) -> str | None:
    """Role by the first kind of word that occurs."""
    return next((role for role, words in _cues().words if find_terms(text, words)), None)


def role_sentence(text: str) -> tuple[str, str] | None:
    """(role, sentence) of the first sentence in which a firm says what it is; what it looks for ("seeking a distributor") is no proof."""
    for match in _SAID.finditer(text[:MOST_READ]):
        said = match.group().strip()
        role = role_of_words(said) if find_terms(said, _cues().own) and not find_terms(said, _cues().seeks) else None
        if role:
            return role, said[:MOST_QUOTED]
    return None


def _of_place(place: Place) -> tuple[str | None, str | None]:
    """By its tags; a shop of a brand belongs to a chain."""
    tag = next((tag for tag in (place.shop_type, *place.tags) if tag in _cues().tags), None)
    role = _cues().tags[tag] if tag else None
    if role == "retailer" and place.brand:
        return "retail_chain", f"{tag}, brand={place.brand}"
    return role, tag
