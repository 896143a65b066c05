"""What identity reads of a mention: folded names, strong keys and towns, computed once and shared by mentions that look alike."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from market_db.derived import Mention
from market_db.values.names import core_name, is_placeholder, legal_form
from market_db.values.text import plain
from market_db.values.websites import is_shared_domain

WORDS = Path(__file__).with_name("generic_words.toml")
PREMISES_REGISTRIES = frozenset({"osm", "gb-hmrc-trader", "gb-fhrs", "mx-denue", "us-snap"})
"""Registers whose number names a shop or a list entry, not a firm: HMRC gives one firm several trader ids, so two are no contradiction."""
PREMISES_KINDS = frozenset({"place"})
"""Record kinds that describe premises."""
MIN_PHONE_DIGITS = 7
"""Below it a "number" is a country code or a short code and names nobody."""
NAME_LIMIT = 200
MIN_WORD = 4
"""Letters a word needs to be worth looking for in its town."""

Key = tuple[str, str]
"""Kind (registry, domain, phone, name) and value."""


@dataclass(frozen=True, slots=True)
class Face:
    """Everything that can tell two mentions apart or tie them together."""

    core: str
    """Name without legal form, folded; "" for a placeholder."""
    tokens: frozenset[str]
    """Words of the core that are not generic."""
    form: str | None
    """Legal form."""
    country: str | None
    """ISO 3166-1 alpha-2."""
    city: str
    """Folded, "" = unknown."""
    postcode: str
    """Upper case without spaces, "" = unknown."""
    keys: tuple[Key, ...]
    """Strong keys, sorted."""
    premises: bool
    """A shop rather than a firm."""

    @property
    def registry(self) -> dict[str, str]:
        """Register -> number, for registers that number firms."""
        pairs = (value.split("|", 1) for kind, value in self.keys if kind == "registry")
        return {register: number for register, number in pairs if register not in PREMISES_REGISTRIES}


@cache
def generic_words() -> frozenset[str]:
    """All words of the table."""
    groups = tomllib.loads(WORDS.read_text("utf-8"))
    return frozenset(word for group in groups.values() for word in group)


@lru_cache(maxsize=200_000)
def _named(name: str) -> tuple[str, frozenset[str], str | None]:
    """Core, distinctive words and legal form of a name; chains and marketplaces repeat names, hence the cache."""
    short = name[:NAME_LIMIT]
    if is_placeholder(short):
        return "", frozenset(), None
    core = core_name(short)
    return core, frozenset(word for word in core.split() if word not in generic_words()), legal_form(short)


def face_of(mention: Mention, *, country_wrong: bool = False) -> Face:
    """The face of a mention; a country that people called wrong is unknown."""
    core, tokens, form = _named(mention.name)
    country, city = None if country_wrong else mention.country, plain(mention.city or "", NAME_LIMIT)
    return Face(
        core=core,
        tokens=tokens,
        form=form,
        country=country,
        city=city,
        postcode=plain(mention.postcode or "", 20).replace(" ", "").upper(),
        keys=tuple(sorted({*_keys(mention, core, country), *_seats(core, city, country)})),
        premises=mention.record_kind in PREMISES_KINDS,
    )


def _seats(core: str, city: str, country: str | None) -> Iterable[Key]:
    """The first word of its own in its town: weak, but it brings spellings of one name together."""
    head = next((word for word in core.split() if word not in generic_words()), "")
    if city and country and len(head) >= MIN_WORD:
        yield ("seat", f"{head}|{city}|{country}")


def _is_number(text: str) -> bool:
    """Whether a register could have issued it: zeros and dashes stand for none, words must not mean "none"."""
    if any(char.isdigit() for char in text):
        return bool(set(text) - set("0 -/."))
    return bool(text) and not is_placeholder(text)


def _keys(mention: Mention, core: str, country: str | None) -> Iterable[Key]:
    """Strong keys; what is empty, shared by everybody or a placeholder makes none."""
    number = (mention.registry_id or "").strip().upper()
    if mention.registry and _is_number(number):
        yield ("registry", f"{mention.registry}|{number}")
    if mention.domain and not is_shared_domain(mention.domain):
        yield ("domain", mention.domain.lower())
    for phone in mention.phones:
        if phone.startswith("+") and sum(map(str.isdigit, phone)) >= MIN_PHONE_DIGITS:
            yield ("phone", phone)
    if country and len(core.replace(" ", "")) >= 3:
        yield ("name", f"{core}|{country}")
