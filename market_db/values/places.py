"""Countries by name, code, address, phone prefix and domain: exact or unknown, never the nearest."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import phonenumbers
import pycountry
from babel import Locale, UnknownLocaleError

from market_db.reference import table
from market_db.values.text import clean, plain
from market_db.values.websites import host_of

LIMIT = 120
_EDGE = " \t.,;:-–—*•|()[]/\"'"
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2190-\u2bff]")
_TAG = re.compile(r"^[a-z]{2}:(?=[a-z])")
_UK_POSTCODE = re.compile(r"(?<![A-Z0-9])(?:GIR ?0AA|[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})$")
_CANADA_POSTCODE = re.compile(r"(?<![A-Z0-9])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?\d[ABCEGHJ-NPRSTV-Z]\d$")
_US_ZIP = re.compile(r"(?<![A-Z])([A-Z]{2})[ ,.]+\d{5}(?:-\d{4})?$")
_PREFIX = re.compile(r"(?:^|[\s,])([A-Z]{1,3})\s?[-–]\s?(?:\d{4,5}|\d{2}-\d{3}|\d{3} \d{2})(?=\s|$|,)")
_JAPAN_POSTCODE = re.compile(r"〒\s?\d{3}-?\d{4}")
_SINGAPORE = re.compile(r"(?:^|[\s,])Singapore \(?\d{6}\)?$", re.IGNORECASE)
_RUN = re.compile(r"[^\W\d_]+")
_LIKE_POSTCODE = re.compile(r"[A-Z]\W{0,4}\d|\d ?[A-Z]{2}|Singapore", re.ASCII)
_OF_CHINA = frozenset({"HK", "MO", "TW"})
"""Named with "China" behind them."""


def read_country(text: str) -> str | None:
    """ISO2 of a country's name (40 languages), ISO2 or ISO3 code or alias; None where unknown or shared ("Korea")."""
    shown = clean(text, LIMIT).strip(_EDGE)
    if shown.isupper() and shown.isascii():
        code = _by_code(shown.replace(".", ""))
        if code:
            return code
    exact = table("country_aliases")["exact"].get(shown.casefold())
    if exact:
        return str(exact)
    key = _key(text)
    aliases = _aliases()
    if key in aliases:
        return aliases[key] or None
    return _names().get(key) or _bilingual(shown)


def _bilingual(shown: str) -> str | None:
    """For "Belgique / België" and "Schweiz/Suisse": every part must mean the same country."""
    parts = [part.strip() for part in shown.split("/")]
    codes = {read_country(part) for part in parts} if 1 < len(parts) <= 4 else set()
    return codes.pop() if len(codes) == 1 else None


def _by_code(code: str) -> str | None:
    alias = table("country_aliases")["codes"].get(code)
    if alias:
        return str(alias)
    if len(code) == 2:
        return code if code in _iso2_codes() else None
    return iso2(code) if len(code) == 3 else None


def _key(text: str) -> str:
    name = _TAG.sub("", plain(text, LIMIT)).replace("’", "'").replace("-", " ").strip(_EDGE)
    name = _EMOJI.sub(" ", name)
    return " ".join(name.removeprefix("the ").split())


@cache
def _aliases() -> dict[str, str]:
    return {_key(name): str(code) for name, code in table("country_aliases")["names"].items()}


@cache
def _names() -> dict[str, str]:
    """Name in any language -> ISO2, without the names that languages give to different countries."""
    found: dict[str, set[str]] = {}
    for locale in table("languages")["country_name_locales"]:
        for code, name in Locale.parse(locale).territories.items():
            if code in _iso2_codes():
                found.setdefault(_key(name), set()).add(code)
    for entry in pycountry.countries:
        for attribute in ("name", "official_name", "common_name"):
            name = getattr(entry, attribute, None)
            if name:
                found.setdefault(_key(name), set()).add(entry.alpha_2)
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1 and len(name) > 1}


@cache
def _iso2_codes() -> frozenset[str]:
    return frozenset(entry.alpha_2 for entry in pycountry.countries) | {"XK"}


def may_end_address(text: str) -> bool:
    """A cheap look at a line: whether `country_in_address` may find a country in it or a part of it; always so outside ASCII."""
    if not text.isascii() or _LIKE_POSTCODE.search(text):
        return True
    return any(run.lower() in _last_runs() or run in _codes() for run in _RUN.findall(text))


@cache
def _last_runs() -> frozenset[str]:
    """The last letters that stand together in the names of countries."""
    names = (*table("country_aliases")["exact"], *_aliases(), *_names())
    return frozenset(run for name in names for run in _RUN.findall(_key(name))[-1:])


def country_in_address(lines: Sequence[str]) -> str | None:
    """ISO2 of the country an address ends with: a name, or a postcode that only one country writes that way ("CB8 7AB", "D-20457")."""
    parts = [clean(line, 300) for line in lines if line and line.strip()]
    if not parts:
        return None
    last = parts[-1]
    pieces = [piece.strip(_EDGE) for piece in re.split(r"[,;\n|，、؛،]|\s[-–]\s", last) if piece.strip(_EDGE)]
    name = pieces[-1] if pieces else ""
    part = _country_at_end(pieces[-2]) if len(pieces) > 1 else None
    named = part if part in _OF_CHINA else _country_at_end(name)
    return named or _at_start(last) or _by_postcode(last.strip(_EDGE)) or _by_prefix(last)


def _at_start(line: str) -> str | None:
    """As in 中国广东省广州市: the country first and nothing between, where the next words can only be an address."""
    for rule in table("country_aliases")["address"]["first"]:
        if line.startswith(rule["name"]) and any(mark in line for mark in rule["with"]):
            return str(rule["code"])
    return None


@cache
def _codes() -> frozenset[str]:
    """Codes of countries, in capitals."""
    codes = (code for entry in pycountry.countries for code in (entry.alpha_2, entry.alpha_3))
    return frozenset((*codes, *table("country_aliases")["codes"], "XK", "XKX"))


@cache
def _last_words() -> frozenset[str]:
    """Words with which a name or code of a country ends, in any language."""
    known = (*table("country_aliases")["exact"], *_aliases(), *_names(), *_codes())
    return frozenset(_key(word) for name in known for word in _key(name).split()[-1:])


def _may_name(word: str) -> bool:
    """A cheap look at the last word of a text: with hardly any a country's name ends."""
    last = _key(word).split()[-1:]
    return not last or "/" in word or last[0] in _last_words() or last[0].replace(".", "") in _last_words()


def _country_at_end(piece: str) -> str | None:
    words = piece.split()
    if not words or not _may_name(words[-1]):
        return None
    for start in range(max(0, len(words) - 5), len(words)):
        name = " ".join(words[start:])
        if _key(name) in table("country_aliases")["address"]["unsure"]:
            return None
        # Two capitals at the end of an address are more often a state or province than a country.
        short = name.isascii() and len(name.replace(".", "")) <= 2 and name.replace(".", "") != "UK"
        code = None if short or (start > 0 and len(name) <= 3 and name not in ("UAE", "USA", "UK")) else read_country(name)
        if code:
            return code
    return None


def _by_postcode(line: str) -> str | None:
    if _JAPAN_POSTCODE.search(line):
        return "JP"
    if _SINGAPORE.search(line):
        return "SG"
    if _UK_POSTCODE.search(line):
        return "GB"
    if _CANADA_POSTCODE.search(line):
        return "CA"
    state = _US_ZIP.search(line)
    return "US" if state and state[1] in table("country_aliases")["address"]["us_states"] else None


def _by_prefix(line: str) -> str | None:
    match = _PREFIX.search(line)
    code: Any = table("country_aliases")["address"]["prefixes"].get(match[1]) if match else None
    return str(code) if code else None


def country_of_phone(e164: str) -> str | None:
    """ISO2 of the numbering plan; None for invalid numbers, shared and international codes."""
    try:
        number = phonenumbers.parse(clean(e164, 40), None)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    return str(region) if region and region in _iso2_codes() else None


def country_of_domain(host: str) -> str | None:
    """ISO2 of a country-code domain; None for generic domains and for codes used by everybody (.io, .co, .tv)."""
    name = host_of(host) or ""
    suffix = name.rpartition(".")[2]
    domains = table("country_aliases")["domains"]
    if suffix in domains["generic"] or "." not in name:
        return None
    if suffix in domains:
        return str(domains[suffix])
    return suffix.upper() if suffix.upper() in _iso2_codes() else None


@cache
def country_name(code: str, lang: str) -> str:
    """Display name in a language (ISO 639-1), English where the language is unknown; the code itself where nobody has a name for it."""
    display = table("country_aliases")["display"].get(lang, {}).get(code)
    if display:
        return str(display)
    try:
        territories = Locale.parse(lang).territories
    except (UnknownLocaleError, ValueError):
        territories = Locale.parse("en").territories
    return str(territories.get(code, code))


@lru_cache(maxsize=1_024)
def iso3(code: str) -> str | None:
    """ISO2 -> ISO3; XKX for Kosovo, as the World Bank writes it."""
    entry = pycountry.countries.get(alpha_2=code.upper()) if len(code) == 2 else None
    return str(entry.alpha_3) if entry else "XKX" if code.upper() == "XK" else None


@lru_cache(maxsize=1_024)
def iso2(code: str) -> str | None:
    """ISO3 -> ISO2."""
    entry = pycountry.countries.get(alpha_3=code.upper()) if len(code) == 3 else None
    return str(entry.alpha_2) if entry else "XK" if code.upper() == "XKX" else None
