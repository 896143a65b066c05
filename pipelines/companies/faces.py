"""What identity reads of a mention: its look, with numbers of registers that number firms, and words that name a trade, not a firm."""

import re
import tomllib
from functools import cache
from pathlib import Path

from market_db.derived import Mention
from market_db.values.names import is_placeholder
from market_db.values.websites import is_shared_domain
from pipelines.companies.looks import Look, look_of

WORDS = Path(__file__).with_name("generic_words.toml")
PREMISES_KINDS = frozenset({"place"})
"""Record kinds that describe premises."""
MIN_PHONE_DIGITS = 7
"""Below it a "number" is a country code or a short code and names nobody."""
MOST_TOWN_WORDS = 4

_PUNCTUATION = re.compile(r"[\s./-]+")


@cache
def generic_words() -> frozenset[str]:
    """All words of the table."""
    groups = tomllib.loads(WORDS.read_text("utf-8"))
    return frozenset(word for group in groups.values() for word in group)


def face_of(mention: Mention, *, country_wrong: bool = False) -> Look:
    """The look of a mention; a country that people called wrong is unknown. What is empty, shared or a placeholder ties nobody."""
    return look_of(
        mention.name,
        country="" if country_wrong else mention.country or "",
        city=mention.city or "",
        address=mention.address or "",
        postcode=mention.postcode or "",
        phones=tuple(sorted({phone for phone in mention.phones if _is_phone(phone)})),
        domain=mention.domain.lower() if mention.domain and not is_shared_domain(mention.domain) else "",
        source=mention.source,
        registry=_number(mention),
        premises=mention.record_kind in PREMISES_KINDS,
    )


def chain_of(look: Look) -> str | None:
    """Key of the chain whose shops name themselves alike on one website of their own, in one country; None = nothing says so.

    The town is left out of the name ("Wahana Leeds"). A register's entry of that name and site belongs to the same chain.
    """
    words = _without_town(look.words, look.city)
    return f"{look.country}|{look.domain}|{' '.join(sorted(words))}" if look.domain and words else None


def _without_town(words: tuple[str, ...], town: str) -> tuple[str, ...]:
    """Words but those that are the town's name, which is folded without spaces ("newyork"), words without the s of a plural."""
    names = {town, town.removesuffix("s")} - {""}
    runs = ((at, end) for at in range(len(words)) for end in range(at + 1, min(at + MOST_TOWN_WORDS, len(words)) + 1))
    return next((words[:at] + words[end:] for at, end in runs if "".join(words[at:end]) in names), words)


def _is_phone(phone: str) -> bool:
    digits = [char for char in phone if char.isdigit()]
    return phone.startswith("+") and len(digits) >= MIN_PHONE_DIGITS and set(digits[3:]) != {"0"}


def _number(mention: Mention) -> tuple[tuple[str, str], ...]:
    """Register and number; a country code before the number and points in it are left out: "NL 1234.567" is 1234567."""
    text = (mention.registry_id or "").strip().upper()
    if not mention.registry or not _is_number(text):
        return ()
    bare = _PUNCTUATION.sub("", text)
    country = (mention.country or mention.registry[:2]).upper()
    bare = bare.removeprefix(country) if any(map(str.isdigit, bare.removeprefix(country))) else bare
    return ((mention.registry, bare.lstrip("0") or bare),)


def _is_number(text: str) -> bool:
    """Whether a register could have issued it: zeros and dashes stand for none, words must not mean "none"."""
    if any(char.isdigit() for char in text):
        return bool(set(text) - set("0 -/."))
    return bool(text) and not is_placeholder(text)
