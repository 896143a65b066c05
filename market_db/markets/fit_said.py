"""How an exporter's offer fits, in sentences: one table of words for the terminal and the pages."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel import Locale

from market_db.markets.fit import FITS, MISFIT, UNKNOWN, Finding
from market_db.proof_words import goods_in
from market_db.saying import Language, Words, words_from
from market_db.values.text import clean

FOLDER = Path(__file__).parent / "fit_words"
SIGNS = {FITS: "✓", MISFIT: "✗", UNKNOWN: "?"}
MONEY, SHARES = frozenset({"own", "low", "high", "border"}), frozenset({"share"})
LEAST_SHARE = 0.001
"""Below it a share would read 0.0 %, which it is not."""


@cache
def fit_words(language: Language) -> Words:
    """The sentences of a language."""
    return words_from(FOLDER, language)


def said(finding: Finding, language: Language) -> str:
    """What a finding says, with what it is about."""
    words = fit_words(language)
    return f"{words.say(f'about.{finding.about}')}: {words.say(f'why.{finding.why}', **_filled(finding, words))}"


def _filled(finding: Finding, words: Words) -> Mapping[str, object]:
    """Facts as people read them."""
    filled = {name: _fact(name, value, finding, words) for name, value in finding.facts.items()}
    return {**filled, "title": clean(str(finding.facts.get(f"title_{words.language}", "")), 200)}


def _fact(name: str, value: object, finding: Finding, words: Words) -> object:
    if name == "languages" and isinstance(value, tuple):
        return ", ".join(str(Locale(words.language).languages.get(code, code)) for code in value)
    if isinstance(value, tuple):
        return ", ".join(words.say(f"{name}.{item}") if name in ("missing", "kinds") else str(item) for item in value)
    if name == "role":
        return words.role(str(value)).lower()
    if name == "proof":
        return goods_in(clean(str(value), 200), words.language)
    if not isinstance(value, int | float):
        return clean(str(value), 200)
    if name in SHARES:
        return f"<{words.percent(LEAST_SHARE)}" if 0 < value < LEAST_SHARE else words.percent(value)
    return words.usd(value) if name in MONEY and finding.about == "price" else words.number(value)
