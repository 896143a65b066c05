"""How a contact or a company is written on the do-not-contact list, and under which entries a printed one has to be looked up."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import unquote

import phonenumbers

from market_db.reference import words
from market_db.values.names import core_name
from market_db.values.phones import read_phones
from market_db.values.spellings import START, WORD, company_key, is_only_a_form, key_of_words, narrow
from market_db.values.text import fold
from market_db.values.websites import host_of, is_shared_domain, registrable_domain

LIMIT = 1_000
LEAST_DIGITS, MOST_DIGITS = 6, 17
_ADDRESS = re.compile(r"[^\s<>\"',;:?&()\[\]|\\/]+@[^\s<>\"',;:?&()\[\]|\\/@]+")
_COMMON_HOSTS = frozenset({"www", "m", "mail", "webmail", "smtp", "shop", "web", "mobile"})


class BadSuppression(ValueError):
    """A value cannot be that kind of contact, or would stand for many firms; the message says how to write it.

    `key` and `values` find the same sentence in the reader's language (`forget_bad.<key>` in scripts/words).
    """

    def __init__(self, message: str, key: str = "", **values: str) -> None:
        super().__init__(message)
        self.key, self.values = key, values


def email_of(value: str) -> str | None:
    """The one address of a text in lower case, without mailto:, name and query; None = none."""
    text = fold(unquote(narrow(value)), LIMIT)
    found = _ADDRESS.search(text.partition("mailto:")[2] or text)
    if not found:
        return None
    local, _, host = found.group().strip(".-_*“”‘’«»").rpartition("@")
    return f"{local}@{_readable(host.rstrip('.'))}" if local and host else None


def domain_of(value: str) -> str | None:
    """The domain somebody registered; on a site builder the firm's own host ("firm.myshopify.com"); None = no domain."""
    host = _readable(host_of(fold(narrow(value), LIMIT).rpartition("@")[2]) or "")
    own = _own_host(host)
    return own or registrable_domain(host)


def _own_host(host: str) -> str | None:
    """A firm's host on a platform that gives each customer one."""
    domain = registrable_domain(host)
    if not domain or host == domain or domain not in words("shared_domains", "platforms"):
        return None
    own = host.removesuffix(f".{domain}").rpartition(".")[2]
    return None if own in _COMMON_HOSTS else f"{own}.{domain}"


def _readable(host: str) -> str:
    """Letters instead of punycode: both stand for one domain."""
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def _dialled(text: str) -> phonenumbers.PhoneNumber | None:
    """A number written with its country; not necessarily one that the plan knows."""
    shown = re.sub(r"\(\s*0\s*\)", "", fold(narrow(text), LIMIT)).removeprefix("tel:").strip()
    shown = re.sub(r"^\D*(?=(?:\+|00)[\s(]*\d)", "", shown)
    shown = f"+{shown[2:]}" if shown.startswith("00") else shown
    try:
        return phonenumbers.parse(shown, None) if shown.startswith("+") else None
    except phonenumbers.NumberParseException:
        return None


def _plusless(digits: str) -> phonenumbers.PhoneNumber | None:
    """Digits that make a valid number when a plus is put before them ("31201234567")."""
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def without_trunk(digits: str) -> Iterator[str]:
    """National digits without the prefix dialled inside the country: 0, in Russia 8, in Hungary 06, in North America 1."""
    yield digits.lstrip("0")
    if len(digits) == 11 and digits[0] in "81":
        yield digits[1:]
    if digits.startswith("06") and len(digits) >= 10:
        yield digits[2:]


def _phone_entries(value: str) -> tuple[str, ...]:
    """What is stored of a number: with its country also as it is written without; without, its national part in any country."""
    if len(read_phones(value)) > 1:
        raise BadSuppression(f"{value!r} holds more than one number: forget them one by one", "many_numbers", value=value)
    number, digits = _dialled(value), _digits(value)
    if number:
        national = str(number.national_number)
        return (_e164(number), f"bare:{national}", f"bare:{number.country_code}{national}") if len(national) >= LEAST_DIGITS - 2 else ()
    if not LEAST_DIGITS <= len(digits.lstrip("0")) <= MOST_DIGITS:
        return ()
    plusless = None if digits.startswith("0") else _plusless(digits)
    known = (_e164(plusless), f"bare:{plusless.national_number}") if plusless else ()
    return (*known, *dict.fromkeys(f"national:{part}" for part in without_trunk(digits)))


def _phone_faces(value: str) -> Iterator[str]:
    number, digits = _dialled(value), _digits(value)
    if number:
        national = str(number.national_number)
        yield _e164(number)
        yield f"national:{national}"
        yield from (f"digits:{form}" for form in (national, f"0{national}", f"{number.country_code}{national}"))
        return
    yield f"digits:{digits}"
    for part in without_trunk(digits):
        yield f"bare:{part}"
        yield f"national:{part}"
    if not digits.startswith("0") and (plusless := _plusless(digits)):
        yield from _phone_faces(_e164(plusless))


def faces_of_digits(digits: str) -> Iterator[str]:
    """What `faces` finds of a number written in digits alone, and some more: whether it is valid anywhere is not asked."""
    yield f"digits:{digits}"
    for part in without_trunk(digits):
        yield f"bare:{part}"
        yield f"national:{part}"
    code = next((size for size in (1, 2, 3) if int(digits[:size]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), 0)
    if code and not digits.startswith("0"):
        national = digits[code:].lstrip("0")
        yield f"+{digits}"
        yield f"national:{national}"
        yield from (f"digits:{form}" for form in (national, f"0{national}", f"{digits[:code]}{national}"))


def _email_entries(value: str) -> tuple[str, ...]:
    address = email_of(value)
    return (address,) if address else ()


def _domain_entries(value: str) -> tuple[str, ...]:
    domain = domain_of(value)
    if domain and is_shared_domain(domain) and not _own_host(domain):
        message = f"{domain} is used by many firms: forget the e-mail address or the company's name instead"
        raise BadSuppression(message, "shared_domain", value=domain)
    return (domain,) if domain else ()


def _company_entries(value: str) -> tuple[str, ...]:
    if is_only_a_form(value):
        message = f"{value!r} is only a legal form, every firm has one: write the company's name as the lead shows it"
        raise BadSuppression(message, "only_a_form", value=value)
    key = company_key(value)
    return (key, f"start:{key[:START]}") if key else ()


ENTRIES: dict[str, Callable[[str], tuple[str, ...]]] = {
    "email": _email_entries,
    "phone": _phone_entries,
    "domain": _domain_entries,
    "company": _company_entries,
}
"""Kind -> the texts whose hashes are stored, the main one first; () = the value is not of that kind."""


@lru_cache(maxsize=100_000)
def faces(kind: str, value: str) -> tuple[tuple[str, str], ...]:
    """(kind, text) of every entry that would cover a printed email, phone, website, domain or company.

    Remembered, because one firm's contacts stand in many records.
    """
    match kind:
        case "email":
            address = email_of(value)
            return (*_domain_faces(value), *((("email", address),) if address else ()))
        case "website" | "domain":
            return tuple(_domain_faces(value))
        case "phone":
            return tuple(("phone", face) for face in dict.fromkeys(_phone_faces(value)))
        case "company":
            core = core_name(narrow(value))
            return tuple(("company", form) for form in dict.fromkeys((key_of_words(WORD.findall(core)), core)) if form)
        case _:
            return ()


def word_face(kind: str, value: str) -> tuple[str, str]:
    """Entry under which a key of words ("words"), or the start of one ("start"), is listed; not remembered, texts have too many."""
    return "company", f"start:{value}" if kind == "start" else value


def _domain_faces(value: str) -> Iterator[tuple[str, str]]:
    """The domain somebody registered, and a firm's own host on a platform."""
    host = _readable(host_of(narrow(value).rpartition("@")[2]) or "").lower()
    if domain := registrable_domain(host):
        yield "domain", domain
        if host != domain and (own := _own_host(host)):
            yield "domain", own
