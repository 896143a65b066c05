"""From what a person typed to a question the snapshot understands; what is unknown is answered with what exists."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import sqlite_utils

from market_db.queries import SORTS, LeadQuery, meta
from market_db.reference import role_keys, role_label, table
from market_db.values.places import read_country
from scripts.session import WrongUse
from scripts.words import Words

CONTACTS: Mapping[str, str] = {
    "email": "email",
    "e-mail": "email",
    "mail": "email",
    "phone": "phone",
    "telepon": "phone",
    "telpon": "phone",
    "telephone": "phone",
    "website": "website",
    "situs": "website",
    "web": "website",
}
_SINCE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}T\d{6}Z[\w-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The filters as typed."""

    product: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    grade: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    fresh_days: int | None = None
    since: str | None = None
    new: bool = False
    text: str = ""
    sort: str = "score"
    limit: int = 20
    offset: int = 0


def query_of(typed: Typed, db: sqlite_utils.Database, words: Words) -> LeadQuery:
    """The question, with every name in the form the snapshot has it. Raises WrongUse with what would do."""
    since = meta(db)["refresh_id"] if typed.new else typed.since
    if since and not typed.new and not _SINCE.fullmatch(since):
        raise WrongUse(words.say("errors.since", value=since))
    return LeadQuery(
        products=tuple(_product(value, db, words) for value in typed.product),
        countries=tuple(_country(value, words) for value in typed.country),
        roles=tuple(_role(value, words) for value in typed.role),
        grades=tuple(choose(value, dict.fromkeys("ABC", ""), "grade", words) for value in typed.grade),
        sources=tuple(_source(value, db, words) for value in typed.source),
        has=tuple(_contact(kind, words) for kind in typed.has),
        fresh_days=typed.fresh_days,
        since=since,
        text=typed.text,
        sort=choose(typed.sort, dict.fromkeys(SORTS, ""), "sort", words),
        limit=typed.limit,
        offset=typed.offset,
    )


def choose(value: str, known: Mapping[str, str], what: str, words: Words) -> str:
    """The key a person means by a key or its label, whatever the case. Raises WrongUse with the nearest and the list."""
    wanted = value.strip().casefold()
    for key, label in known.items():
        if wanted in (key.casefold(), label.casefold()):
            return key
    if len(within := [key for key, label in known.items() if wanted in _words_of(key) | _words_of(label)]) == 1:
        return within[0]
    near = get_close_matches(wanted, [key.casefold() for key in known], 1)
    hint = words.say("errors.near", name=near[0]) if near else ""
    raise WrongUse(words.say(f"errors.{what}", value=value, known=words.one_of(known), hint=hint).strip())


def _words_of(text: str) -> set[str]:
    """Words of a name, so that "kopi" is enough for "Kopi bubuk"."""
    return set(re.findall(r"[^\W_]{3,}", text.casefold()))


def product_names(words: Words) -> dict[str, str]:
    """Key of each product type -> its name."""
    from market_db.products import load_products

    return {key: product.names[words.language] for key, product in load_products().items()}


def _product(value: str, db: sqlite_utils.Database, words: Words) -> str:
    names = product_names(words)
    stored = {key: key for (key,) in db.conn.execute("select distinct product from lead_rows")}
    return choose(value, {**stored, **names}, "product", words)


def country_code(value: str | None, words: Words) -> str | None:
    """ISO2 of a code or a name in any of forty languages. Raises WrongUse."""
    return None if value is None else _country(value, words)


def _country(value: str, words: Words) -> str:
    code = read_country(value) or read_country(value.upper())
    if code is None:
        raise WrongUse(words.say("errors.country", value=value))
    return code


def _role(value: str, words: Words) -> str:
    labels = {key: role_label(key, words.language) for key in role_keys()}
    other = {role_label(key, "en" if words.language == "id" else "id").casefold(): key for key in role_keys()}
    for key in role_keys():
        if value.strip().casefold() in table("roles")[key].get("also", ()):
            return key
    return other.get(value.strip().casefold()) or choose(value, labels, "role", words)


def _source(value: str, db: sqlite_utils.Database, words: Words) -> str:
    titles = dict(db.conn.execute("select name, title from sources order by name").fetchall())
    shown = {name: name for (found,) in db.conn.execute("select distinct sources from lead_rows") for name in _names(found)}
    return choose(value, {**shown, **titles}, "source", words)


def _names(text: str) -> list[str]:
    import json

    return [str(name) for name in json.loads(text)]


def _contact(value: str, words: Words) -> str:
    kind = CONTACTS.get(value.strip().casefold())
    if kind is None:
        raise WrongUse(words.say("errors.has", value=value, known="email, phone, website"))
    return kind


def in_words(query: LeadQuery, words: Words, *, new: bool = False) -> str:
    """The filter as a person would say it; empty = no filter."""
    names = product_names(words)
    parts = [
        ("product", " / ".join(names.get(key, key) for key in query.products)),
        ("country", " / ".join(words.country(code) for code in query.countries)),
        ("role", " / ".join(words.role(key) for key in query.roles)),
        ("grade", " / ".join(query.grades)),
        ("source", " / ".join(query.sources)),
        ("has", " + ".join(words.say(f"contacts.{kind}") for kind in query.has)),
        ("fresh", words.number(query.fresh_days) if query.fresh_days is not None else None),
        ("since", None if new else query.since),
        ("text", query.text),
    ]
    said = [words.say(f"filters.{name}", value=value) for name, value in parts if value]
    return ", ".join([*said, words.say("filters.new")] if new else said)
