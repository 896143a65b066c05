"""Telephone numbers: E.164 by the numbering plans, never by guessing."""

import re
from dataclasses import dataclass

import phonenumbers

from market_db.values.text import fold

LIMIT = 300


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as printed and as dialled."""

    raw: str
    """As printed, one number."""
    e164: str | None
    """"+6221..." only where valid; None = cannot be dialled from abroad as printed."""
    valid: bool
    """By the numbering plan, not merely possible."""
    country: str | None
    """ISO2 of the plan; None for invalid and for international numbers."""


def read_phone(text: str, *, country: str | None = None) -> Phone | None:
    """First valid number of the text, else the first thing that looks like one (valid=False); None = no number at all."""
    phones = read_phones(text, country=country)
    return next((phone for phone in phones if phone.valid), phones[0] if phones else None)


_EXTENSION = re.compile(r"(?i)(?:\s|,|;|\()*(?:\bext(?:ension)?|\bdurchwahl|\bposte|\banexo|\bdoorkies|#)\s*[.:]?\s*\d{1,7}\)?")
_DATE = re.compile(r"(?<!\d)(?:(?:19|20)\d\d[-./]\d\d[-./]\d\d|\d\d[-./]\d\d[-./](?:19|20)\d\d)(?!\d)")
_TRUNK = re.compile(r"\(\s*0\s*\)")
_NUMBER = re.compile(r"(?:\+|00)?[(\[]?\d[\d\s().\-\[\]/·–‑]{4,30}\d")
_TWO = re.compile(r"\s/\s|[;|,\n]|\s(?:or|atau|und|oder|and|dan|et|ou|y|o|en|of)\s|(?<=\d)\s*/\s*(?=\+|0\d|\(0)")


def read_phones(text: str, *, country: str | None = None) -> tuple[Phone, ...]:
    """All numbers in printed order, each once. Words are never digits ("WhatsApp"), vanity numbers are refused."""
    printed = _EXTENSION.sub(" ", fold(text[: LIMIT * 4], LIMIT))
    found: dict[str, Phone] = {}
    for piece in _TWO.split(printed):
        for match in _NUMBER.finditer(piece):
            if not _is_vanity(piece, match.end()) and not _DATE.search(match.group()):
                phone = _read_one(match.group(), country)
                found.setdefault(phone.e164 or phone.raw, phone)
    return tuple(found.values())


def _is_vanity(piece: str, end: int) -> bool:
    return re.match(r"[\s-]?[a-z]{4,}(?![a-z:])\s*$", piece[end : end + 12]) is not None and piece[end : end + 1] == "-"


def _read_one(printed: str, country: str | None) -> Phone:
    raw = printed.strip(" -/.")
    digits = _TRUNK.sub("", raw)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return Phone(raw, None, False, None)
    if not phonenumbers.is_valid_number(number):
        return Phone(raw, None, False, None)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    region = phonenumbers.region_code_for_number(number)
    return Phone(raw, e164, True, region if region and len(region) == 2 and region.isalpha() else None)
