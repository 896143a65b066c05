"""What generated listings cannot teach: register numbers decide, and names that anybody could bear never unite two firms by themselves."""

from collections.abc import Sequence
from functools import lru_cache

from wordfreq import zipf_frequency

from pipelines.companies.faces import generic_words
from pipelines.companies.features import FEATURES, SAME
from pipelines.companies.likeness import nearly
from pipelines.companies.looks import Look

SAME_NUMBER = 8.0
"""Log-odds that one number of one register adds."""
SAME_POSTCODE = 1.0
"""Log-odds that a postcode in common adds where the addresses are not both known."""
DOUBT = -2.0
"""The most that a pair gets which must not be joined by itself."""
HALF_ALIKE = 4
"""Step of `letters` from which two spellings may be one word."""
COMMON = 3.5
"""Zipf frequency (log10 of uses in a billion words) from which a word, or the surname it is, is common: "Jansen" has 4.1 in Dutch."""
LANGUAGES = {
    "NL": "nl",
    "DE": "de",
    "AT": "de",
    "FR": "fr",
    "ES": "es",
    "MX": "es",
    "IT": "it",
    "SE": "sv",
    "PT": "pt",
    "BR": "pt",
    "ID": "id",
}
"""Country -> language whose word list is asked beside English."""
_LETTERS, _PHONE, _DOMAIN, _ADDRESS, _TOWN, _COUNTRY = map(
    list(FEATURES).index, ("letters", "phone", "domain", "address", "town", "country")
)


def cautious(odds: float, a: Look, b: Look, steps: Sequence[int]) -> float:
    """Log-odds after what is known of registers, postcodes and common names; `steps` begin as FEATURES does."""
    if a.registry and b.registry and not set(a.registry).isdisjoint(b.registry):
        return odds + SAME_NUMBER
    posted = bool(a.postcode) and a.postcode == b.postcode and not steps[_ADDRESS]
    odds += SAME_POSTCODE * posted
    if odds <= DOUBT:
        return odds
    proofs = posted + (steps[_PHONE] >= SAME) + (steps[_DOMAIN] >= SAME) + (steps[_ADDRESS] > SAME)
    if proofs >= 2:
        return odds
    doubtful = _strangers(a, b, steps[_LETTERS]) if proofs else _anybody(a, b, steps)
    return DOUBT if doubtful else odds


def _strangers(a: Look, b: Look, letters: int) -> bool:
    """Whether one phone, domain or address is all that two names in one script have in common."""
    if a.native or b.native or not a.words or not b.words or letters >= HALF_ALIKE:
        return False
    mine, yours = set(a.words) - generic_words(), set(b.words) - generic_words()
    if not mine or not yours or mine & yours or a.flat in b.flat or b.flat in a.flat:
        return False
    return not _initials(a, b) and not any(nearly(x, y) for x in mine for y in yours)


def _initials(a: Look, b: Look) -> bool:
    short, long = (a, b) if len(a.words[0]) < len(b.words[0]) else (b, a)
    return len(short.words[0]) >= 2 and "".join(word[0] for word in long.words).startswith(short.words[0])


def _anybody(a: Look, b: Look, steps: Sequence[int]) -> bool:
    """Whether nothing but a name speaks for the pair, and either its place is unknown or everybody could bear the name."""
    if steps[_COUNTRY] != SAME and steps[_TOWN] < SAME:
        return True
    if not (_own(a) and _own(b)):
        return steps[_TOWN] != SAME
    return len(a.words) == len(b.words) == 1 and a.words == b.words and is_common(a.words[0], a.country or b.country)


def _own(look: Look) -> set[str]:
    return {word for word in look.words if word not in generic_words() and word != look.city}


@lru_cache(maxsize=50_000)
def is_common(word: str, country: str) -> bool:
    """Whether a word is in daily use in English or the country's language."""
    languages = {"en", LANGUAGES.get(country, "en")}
    return any(zipf_frequency(word, language, wordlist="small") >= COMMON for language in sorted(languages))
