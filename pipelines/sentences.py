"""Reasons in words: templates from a table, numbers and dates as each language writes them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_skeleton
from babel.numbers import format_compact_decimal, format_decimal, format_percent

from market_db.proof_words import goods_in, reason_in, role_proof_in
from market_db.reference import role_label
from market_db.source_titles import source_title_in
from market_db.values.places import country_name

TABLE = Path(__file__).with_name("sentences.toml")
LANGUAGES = ("id", "en")
QUOTE_LIMIT = 160


@dataclass(frozen=True, slots=True)
class Share:
    """0..1, written as a percentage."""

    value: float


@dataclass(frozen=True, slots=True)
class Usd:
    """An amount in US dollars, written short ("306,4 jt")."""

    value: float


@dataclass(frozen=True, slots=True)
class Country:
    """ISO 3166-1 alpha-2, written as the country's name."""

    code: str


@dataclass(frozen=True, slots=True)
class Role:
    """Key of a role, written as its label."""

    key: str


@dataclass(frozen=True, slots=True)
class Words:
    """Keys of `[words]`, written as a list."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Language -> text, as product types carry it."""

    by_language: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Day:
    """YYYY-MM-DD, YYYY-MM or YYYY, written as precisely as it is known."""

    text: str


@dataclass(frozen=True, slots=True)
class RoleProof:
    """What proves a role: a sentence of ours in the language, a quote as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Titles of sources, written as people call them."""

    titles: tuple[str, ...]
    more: bool = False
    """Whether there are further ones."""


@dataclass(frozen=True, slots=True)
class Goods:
    """What was seen of a product: a code or tags in words, a quote as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a record is about a product, written as a list."""

    texts: tuple[str, ...]


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(TABLE.read_text("utf-8"))


def sentence(feature: str, variant: str, **fields: object) -> tuple[str, str]:
    """One sentence in Indonesian and in English.

    Raises KeyError for a sentence or field the table does not know.
    """
    template = _table()[feature][variant]
    first, second = (template[lang].format_map({name: _write(value, lang) for name, value in fields.items()}) for lang in LANGUAGES)
    return first, second


def _write(value: object, lang: str) -> str:
    """A value as the language writes it."""
    match value:
        case Share():
            return _percent(round(value.value, 2), lang)
        case Usd():
            return _short(value.value, lang)
        case Country():
            return country_name(value.code, lang)
        case Role():
            return role_label(value.key, lang).lower()
        case Words():
            return _list([_table()["words"][key][lang] for key in value.keys], lang)
        case Names():
            return value.by_language.get(lang) or value.by_language.get("en") or next(iter(value.by_language.values()))
        case Sources() | RoleProof() | Goods() | Reasons():
            return _quote(value, lang)[:QUOTE_LIMIT]
        case Day():
            return _day(value.text, lang)
        case int() | float():
            return _decimal(value, lang)
        case _:
            return str(value)[:QUOTE_LIMIT]


def _quote(value: Sources | RoleProof | Goods | Reasons, lang: str) -> str:
    """What sources and our judges noted, in the language where it is ours."""
    match value:
        case Sources():
            return ", ".join(source_title_in(title, lang) for title in value.titles) + (" ..." if value.more else "")
        case RoleProof():
            return role_proof_in(value.text, lang)
        case Goods():
            return goods_in(value.text, lang)
        case Reasons():
            return ", ".join(reason_in(text, lang) for text in value.texts)


@lru_cache(maxsize=10_000)
def _percent(value: float, lang: str) -> str:
    """Formatting is the dearest part of a lead, and leads repeat the same few values, hence the caches."""
    return str(format_percent(value, locale=lang))


@lru_cache(maxsize=10_000)
def _decimal(value: float, lang: str) -> str:
    return str(format_decimal(value, locale=lang))


@lru_cache(maxsize=10_000)
def _short(value: float, lang: str) -> str:
    """At most one decimal, thousands and millions as words."""
    return str(format_compact_decimal(value, locale=lang, fraction_digits=1)).replace("\u00a0", " ")


def _list(words: Sequence[str], lang: str) -> str:
    last = f" {_table()['words']['and'][lang]} "
    return last.join(part for part in (", ".join(words[:-1]), words[-1]) if part)


@lru_cache(maxsize=10_000)
def _day(text: str, lang: str) -> str:
    """8 Nov 2026, Nov 2026 or 2026; what is no date is printed as it is."""
    try:
        if len(text) == 7:
            return str(format_skeleton("yMMM", date.fromisoformat(f"{text}-01"), locale=lang))
        return str(format_date(date.fromisoformat(text[:10]), "d MMM y", locale=lang))
    except ValueError:
        return text[:10]
