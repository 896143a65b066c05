"""E-mail addresses: only what a page prints plainly, and whether a role or a person answers it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from market_db import reference
from market_db.values.persons import given_names, is_persons_label
from market_db.values.places import read_country
from market_db.values.spellings import narrow
from market_db.values.text import clean
from market_db.values.websites import is_free_mail, registrable_domain

LIMIT = 1_000
PLURALS, LEAST_STEM = ("s", "es", "en", "n", "e"), 6
"""Endings of functions in the plural ("ausschreibungen"), of words with more letters than these."""


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
_ADDRESS = re.compile(
    r"(?:\"[^\"\n]{1,64}\"|[^\s<>()\[\],;:\"'|/\\=&?@]{1,64})(?:@|%40|&#0{0,4}64;|&#[xX]0{0,4}40;|&commat;)[^\s<>()\[\],;:\"'|/\\=&?@]{1,253}"
)
_AT = r"(?:\s{0,2}[\[({]\s?(?:at|a|@|arroba|snabel-?a|ät|æt|kukac|zavin[aá][cč]|ma[lł]pa)\s?[\])}]\s{0,2}|\s{1,3}(?:at|arroba)\s{1,3})"
_DOT = r"(?:\s{0,2}[\[({]\s?(?:dot|punto?|punkt|\.)\s?[\])}]\s{0,2}|\s{1,3}(?:dot|punto)\s{1,3}|\.)"
_CLOAKED = re.compile(rf"(?i)(?<![\w.+-])[\w.+-]{{1,64}}{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,3}}{_DOT}[^\W\d_]{{2,24}}(?![\w-])")
_SIGNS = (
    "@",
    "%40",
    "&#",
    "&commat",
    "＠",
    "﹫",
    "(a",
    "[a",
    "{a",
    "( a",
    "[ a",
    "{ a",
    "(ät",
    "(æt",
    "arroba",
    "snabel",
    "kukac",
    "zavin",
    "malpa",
    "małpa",
)
"""One of these, or "at" and "dot" in words, stands in every text with an address: looking for them first is quick."""
_FILE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|ico|bmp|css|js|mjs|json|woff2?|mp4|pdf)$")
_SPLIT = re.compile(r"[._+-]+|\d+")


def read_email(text: str) -> Email | None:
    """First usable address as printed; cloaked ones ("[at]", scripts) are left alone. Traps, machines and file names are None."""
    for found in _CANDIDATE.finditer(narrow(clean(text, LIMIT))):
        email = _read_one(found.group().strip(".-_*“”‘’«»").removeprefix("mailto:"))
        if email:
            return email
    return None


def addresses_in(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, address in lower case) of everything in a text that is an address to its readers, cloaked and escaped ones too.

    Not checked for being deliverable. A plain "at" counts only where the point is written out too ("jane at firm dot example").
    """
    low = text.lower()
    if not any(sign in low for sign in _SIGNS) and " dot " not in low:
        return
    shown = narrow(text)
    for found in _ADDRESS.finditer(shown):
        plainly = re.sub(r"%40|&#0*64;|&#[xX]0*40;|&commat;", "@", found.group().rstrip(".,;:!?-_*"))
        yield found.start(), found.start() + len(found.group().rstrip(".,;:!?-_*")), plainly.strip('.-_*"').lower()
    for found in _CLOAKED.finditer(shown):
        if re.search(r"[\[({]|\s(?:dot|punto)\s", found.group(), re.IGNORECASE):
            at_once = re.sub(rf"(?i){_AT}", "@", found.group(), count=1)
            yield found.start(), found.end(), re.sub(rf"(?i){_DOT}", ".", at_once).lower()


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
    """Whether the part before the @ names a function: every word of it, a function and a place or goods ("sales.asia"), or the firm's name.

    A function beside any other word ("sales.john"), also one that is a given name and a country ("sales.jordan"), counts as a person's:
    what cannot be told is not kept. The firm's own name does not count where it is a person's ("janjansen@janjansen.nl").
    """
    local, _, host = address.casefold().partition("@")
    parts = [part for part in _SPLIT.split(local) if part]
    if not parts or parts[0] in _names_at(host):
        return False
    if local in reference.words("role_mailboxes", "roles"):
        return True
    own = (registrable_domain(host) or "").partition(".")[0] if host else ""
    if own and "".join(parts) == own.replace("-", "") and not is_free_mail(host):
        return not is_persons_label(own) and own not in given_names()
    return _is_function(parts[0]) and all(_is_function(part) or _is_beside(part) for part in parts[1:])


def _names_at(host: str) -> frozenset[str]:
    """Words that are given names where the address ends so ("ola" in Norway)."""
    names = reference.table("given_names")["by_ending"].get(host.rpartition(".")[2], ())
    return frozenset(names)


def _is_function(word: str) -> bool:
    roles = reference.words("role_mailboxes", "roles")
    if word in roles or any(
        word.endswith(end) and word.removesuffix(end) in roles and len(word) > LEAST_STEM + len(end) for end in PLURALS
    ):
        return True
    # Two functions, or a function and a place, written together: exportsales, infojakarta.
    return any(word[:cut] in roles and (word[cut:] in roles or _is_beside(word[cut:], glued=True)) for cut in range(4, len(word) - 1))


def _is_beside(word: str, *, glued: bool = False) -> bool:
    """Whether a word that stands beside a function is a place, a department or goods; codes of countries only where they stand apart."""
    if word in given_names() or word in reference.words("given_names", "short"):
        return False
    if any(word in reference.words("role_mailboxes", group) for group in ("places", "departments", "products")):
        return True
    if len(word) == 2:
        return not glued and read_country(word.upper()) is not None
    return read_country(word) is not None or (not glued and _is_code(word))


def _is_code(word: str) -> bool:
    """Letters without a vowel ("gbr", "smt"): a country or branch in short, where a name would have vowels."""
    return re.fullmatch(r"[bcdfghjklmnpqrstvwxz]{3,4}", word) is not None


def is_personal(address: str) -> bool:
    """Whether a person rather than a function answers; True for anything that cannot be told, so that it is dropped."""
    return "@" not in address or not is_role(address)


def on_free_mail(email: Email) -> bool:
    """Whether the address proves nothing about a company's own domain."""
    return is_free_mail(email.domain)
