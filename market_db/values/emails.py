"""E-mail addresses: only what a page prints plainly, and whether a role or a person answers it."""

import re
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from market_db import reference
from market_db.values.places import read_country
from market_db.values.text import clean
from market_db.values.websites import is_free_mail, registrable_domain

LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Email:
    """An address that could be written to."""

    address: str
    """Lower case."""
    role: bool
    """A mailbox of a function (info, import), not of a person."""
    domain: str
    """Registrable domain."""


_CANDIDATE = re.compile(r"[^\s<>()\[\],;:\"'|/\\=&?]{1,64}@[^\s<>()\[\],;:\"'|/\\=&?@]{1,253}")
_FILE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|ico|bmp|css|js|mjs|json|woff2?|mp4|pdf)$")
_SPLIT = re.compile(r"[._+-]+|\d+")


def read_email(text: str) -> Email | None:
    """First usable address as printed; cloaked ones ("[at]", scripts) are left alone. Traps, machines and file names are None."""
    for found in _CANDIDATE.finditer(clean(text, LIMIT)):
        email = _read_one(found.group().strip(".-_*“”‘’«»").removeprefix("mailto:"))
        if email:
            return email
    return None


def _read_one(candidate: str) -> Email | None:
    if _FILE.search(candidate.lower()):
        return None
    try:
        address = validate_email(candidate, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None
    local, _, host = address.partition("@")
    domain = registrable_domain(host)
    if domain is None or _never(local, domain):
        return None
    return Email(address, is_role(address), domain)


def _never(local: str, domain: str) -> bool:
    compact = re.sub(r"[._+-]", "", local)
    refused = reference.words("role_mailboxes", "never")
    return compact in refused or local in refused or domain in reference.words("role_mailboxes", "never_domains")


def is_role(address: str) -> bool:
    """Whether the part before the @ names a function: every word of it, a function and a place ("sales.asia"), or the firm's own name.

    A function beside any other word ("sales.john") counts as a person's: what cannot be told is not kept.
    """
    local, _, host = address.casefold().partition("@")
    parts = [part for part in _SPLIT.split(local) if part]
    if not parts or local in reference.words("role_mailboxes", "roles"):
        return bool(parts)
    own = (registrable_domain(host) or "").partition(".")[0].replace("-", "") if host else ""
    if own and "".join(parts) == own and not is_free_mail(host):
        return True
    return _is_function(parts[0]) and all(_is_function(part) or _is_place(part) for part in parts[1:])


def _is_function(word: str) -> bool:
    roles = reference.words("role_mailboxes", "roles")
    if word in roles:
        return True
    # Two functions, or a function and a place, written together: exportsales, infojakarta.
    return any(word[:cut] in roles and (word[cut:] in roles or _is_place(word[cut:])) for cut in range(4, len(word) - 1))


def _is_place(word: str) -> bool:
    return len(word) == 2 or word in reference.words("role_mailboxes", "places") or read_country(word) is not None or _is_code(word)


def _is_code(word: str) -> bool:
    """Letters without a vowel ("gbr", "smt"): a country or branch in short, where a name would have vowels."""
    return re.fullmatch(r"[bcdfghjklmnpqrstvwxz]{3,4}", word) is not None


def is_personal(address: str) -> bool:
    """Whether a person rather than a function answers; True for anything that cannot be told, so that it is dropped."""
    return "@" not in address or not is_role(address)


def on_free_mail(email: Email) -> bool:
    """Whether the address proves nothing about a company's own domain."""
    return is_free_mail(email.domain)
