"""How a party looks to identity: its name, seat and contacts folded to what can be compared, whatever script and spelling they came in."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from anyascii import anyascii

from market_db.values.names import core_and_form, is_placeholder, without_leading_form
from market_db.values.text import plain

TABLE = Path(__file__).with_name("words.toml")
NAME_LIMIT = 200
"""Letters of a name that are read; longer ones are texts."""
MAX_WORDS = 12
STEM = 5
"""Letters from which on a plural "s" is taken off."""
PREMISES_REGISTRIES = frozenset({"osm", "gb-hmrc-trader", "gb-fhrs", "mx-denue", "us-snap"})
"""Registers whose number names a shop or a list entry, not a firm: HMRC gives one firm several trader ids, so two are no contradiction."""
_WORD = re.compile(r"[^\W_]+")
_TOKENS = re.compile(r"[a-z]+|\d+")
_STREET_END = re.compile(r"(?<=[a-z]{3})(strasse|straat|str\b\.?)")
_VOWELLESS = re.compile(r"[\u0590-\u06ff]")
_TAG = re.compile(r"\s+[|•·]\s+.*$|\s+[-–—]\s+(?=(?:since|official|importer|wholesaler|distributor)\b).*$", re.IGNORECASE)
_INSIDE = re.compile(r"[\s\-–—,(]*[(\-–—,]\s*([^()\-–—,]{2,40})\)?\s*$")


@cache
def table() -> dict[str, Any]:
    """`words.toml` as it stands."""
    return tomllib.loads(TABLE.read_text("utf-8"))


class Look(NamedTuple):
    """Everything of a party that can tie it to another or tell the two apart; "" and empty = unknown."""

    words: tuple[str, ...]
    """Core of the name, Latin letters, in order; empty for a placeholder."""
    flat: str
    """The words without spaces."""
    form: str
    """Family of the legal form."""
    native: bool
    """Whether the name was printed in another script."""
    country: str
    """ISO 3166-1 alpha-2."""
    city: str
    """Folded town without spaces."""
    postcode: str
    phones: tuple[str, ...]
    """E.164, or bare digits where the country is not known."""
    domain: str
    """Registrable domain of its own."""
    address: str
    """Sorted tokens of the street address, without rooms."""
    source: str
    registry: tuple[tuple[str, str], ...] = ()
    """Register and number, of registers that number firms."""
    premises: bool = False
    """A shop rather than a firm."""


def look_of(
    name: str,
    *,
    country: str = "",
    city: str = "",
    address: str = "",
    postcode: str = "",
    phones: tuple[str, ...] = (),
    domain: str = "",
    source: str = "",
    registry: tuple[tuple[str, str], ...] = (),
    premises: bool = False,
) -> Look:
    """The look of a party; what it is given is as printed, but for `country`, `phones` and `domain`."""
    words, form, native = _named(name[:NAME_LIMIT], city)
    return Look(
        words=words,
        flat="".join(words),
        form=form,
        native=native,
        country=country,
        city=town(city),
        postcode=plain(postcode, 20).replace(" ", ""),
        phones=phones,
        domain=domain,
        address=street(address),
        source=source,
        registry=registry,
        premises=premises,
    )


@lru_cache(maxsize=20_000)
def _named(name: str, city: str) -> tuple[tuple[str, ...], str, bool]:
    """Words, legal form and whether another script; shops and marketplaces repeat names, hence the cache."""
    if is_placeholder(name):
        return (), "", False
    core, form = core_and_form(_without_branch(_TAG.sub("", name), city))
    native = not core.isascii()
    words: Sequence[str] = _latin(core) if native else _WORD.findall(core)
    if not form:
        words, form = without_leading_form(words)
    return tuple(_folded_words(words))[:MAX_WORDS], form or "", native


def _without_branch(name: str, city: str) -> str:
    """Name without a branch or the town of it behind the last dash, comma or bracket."""
    found = _INSIDE.search(name)
    if not found or not name[: found.start()].strip():
        return name
    tail = plain(found[1], NAME_LIMIT)
    is_branch = not set(tail.split()).isdisjoint(table()["branch"]["words"])
    return name[: found.start()] if is_branch or (city and town(found[1]) == town(city)) else name


def _latin(core: str) -> list[str]:
    """Words of a name in another script: those of the trade by the table, the others letter by letter."""
    words: list[str] = []
    for word in _WORD.findall(_native_pattern().sub(lambda found: f" {table()['native'][found[0]]} ", core)):
        words += [word] if _VOWELLESS.search(word) else ["".join(_WORD.findall(anyascii(word).casefold()))]
    return [word for word in words if word]


@cache
def _native_pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, table()["native"]), key=len, reverse=True)))


def _folded_words(words: Sequence[str]) -> list[str]:
    short: dict[str, str] = table()["abbreviations"]
    found: list[str] = []
    for word in words:
        bare = word[:-1] if len(word) >= STEM and word.endswith("s") and not word.endswith("ss") else word
        full = short.get(bare) or short.get(word) or bare
        found += full.split()
    return [word for word in found if word != "and"] or found


@lru_cache(maxsize=20_000)
def town(city: str) -> str:
    """A town's name for comparing."""
    if not city:
        return ""
    shown = plain(city, 80)
    towns: dict[str, str] = table()["towns"]
    if shown in towns:
        return towns[shown]
    words = _WORD.findall(shown if shown.isascii() else anyascii(shown).casefold())
    kept = [word for word in words if word not in table()["city"]["drop"]] or words
    flat = "".join(kept)
    return towns.get(flat, flat)


@lru_cache(maxsize=20_000)
def street(address: str) -> str:
    """Sorted tokens of a street address; rooms, and what is written either way, are folded."""
    if not address:
        return ""
    shown = plain(address, NAME_LIMIT)
    tokens = _TOKENS.findall(_STREET_END.sub(" str ", shown if shown.isascii() else anyascii(shown).casefold()))
    rooms, streets = table()["room"]["words"], table()["street"]
    kept: list[str] = []
    skip = False
    for at, token in enumerate(tokens):
        if skip:
            skip = False
        elif token in rooms and at:
            skip = True
        elif word := streets.get(token, token):
            kept.append(word)
    return " ".join(sorted(kept))
