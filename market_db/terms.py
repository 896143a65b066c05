"""Finding a product's words in texts of any language, tolerant of spelling, strict about word ends."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from market_db.products import ProductType
from market_db.values.text import plain

LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class Match:
    """A term found."""

    term: str
    """As in the product's table."""
    start: int
    """Offset in the folded text (`values.text.plain`)."""
    end: int
    """Offset behind the last character."""


def find_terms(text: str, terms: Sequence[str]) -> list[Match]:
    """Non-overlapping matches from the left, longest first; word ends count in spaced scripts, not in CJK, Thai, Lao, Khmer and Burmese.

    Accents, hyphens, spaces inside a term, "chilli"/"chili"/"chile" and a plural s are no difference. The text is cut at 4,000 characters.
    """
    return _find(_shown(text[:LIMIT]), tuple(terms))


def find_product(text: str, product: ProductType) -> tuple[list[Match], list[Match]]:
    """Terms and exclusions of a product in a text of any language; of two that overlap the longer speaks, of equals the exclusion.

    So "pepper sauce" is not found in "black pepper sauce", nor the exclusion "powder" in a term "chili powder".
    """
    shown = _shown(text[:LIMIT])
    wanted = _find(shown, _all(tuple(product.terms.values())))
    refused = _find(shown, _all(tuple(product.exclude.values())))
    kept = [term for term in wanted if not any(_covers(other, term) for other in refused)]
    against = [term for term in refused if not any(_covers(other, term) and not _covers(term, other) for other in wanted)]
    return kept, against


def _covers(outer: Match, inner: Match) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


@lru_cache(maxsize=100)
def _all(groups: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for words in groups for word in words))


# Scripts written without spaces: a term may stand anywhere. Hangul has spaces but glues particles and compounds.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_MARKED = "(?:[^\\W_]|[\u064b-\u065f\u0900-\u0dff])+"  # vowel signs are no letters to `re`, but part of the word
_WORD = re.compile(f"{_MARKED}(?:['’]{_MARKED})?")
_GAP = re.compile(r"[\s\-_–/&]{1,3}")
_SPELLINGS = (
    (re.compile(r"chilli"), "chili"),
    (re.compile(r"^(?:chilie|chile|chille|chilly|chily)(?=s?$|sauce|paste|powder)"), "chili"),
    (re.compile(r"^chilis$"), "chili"),
    (re.compile(r"^flavour"), "flavor"),
    (re.compile(r"^siracha"), "sriracha"),
)
_PLURALS = ("s", "es", "'s", "’s")
_PLURAL_ENDS = tuple({tail[-1] for tail in _PLURALS})


@dataclass(frozen=True, slots=True)
class _Index:
    """Terms by their letters without spaces, so that "sweet chili", "sweet-chili" and "sweetchilli" are one key."""

    spaced: dict[str, str]
    starts: frozenset[str]
    """Every beginning of a key: what is none of them, and no plural, leads nowhere."""
    unspaced: tuple[tuple[str, str], ...]
    most_words: int


@lru_cache(maxsize=200)
def _index(terms: tuple[str, ...]) -> _Index:
    folded = {term: plain(term) for term in terms}
    spaced: dict[str, str] = {}
    for term, word in folded.items():
        if not _UNSPACED.search(word):
            spaced.setdefault("".join(map(_canonical, _WORD.findall(word))), term)
    unspaced = sorted(((word, term) for term, word in folded.items() if _UNSPACED.search(word)), key=lambda entry: -len(entry[0]))
    # One more than the longest term has: a text may split a compound that the term glues.
    most_words = 1 + max((len(_WORD.findall(word)) for word in folded.values()), default=0)
    spaced.pop("", None)
    starts = frozenset(key[:length] for key in spaced for length in range(1, len(key) + 1))
    return _Index(spaced, starts, tuple(unspaced), most_words)


@lru_cache(maxsize=20_000)
def _canonical(word: str) -> str:
    for spelling, usual in _SPELLINGS:
        word = spelling.sub(usual, word)
    return word


def _find(shown: str, terms: tuple[str, ...]) -> list[Match]:
    index = _index(terms)
    found = _spaced_matches(shown, index)
    if index.unspaced and _UNSPACED.search(shown):
        found += _unspaced_matches(shown, index)
    return _without_overlaps(found)


@lru_cache(maxsize=256)
def _shown(text: str) -> str:
    """The folded text; one text is asked about many lists of terms in a row."""
    return plain(text, LIMIT)


@lru_cache(maxsize=256)
def _words(shown: str) -> tuple[tuple[int, int, str, bool], ...]:
    """(start, end, canonical word, whether it only follows the one before by a space or hyphen)."""
    words = list(_WORD.finditer(shown))
    ends = [0, *(word.end() for word in words)]
    return tuple(
        (word.start(), word.end(), _canonical(word.group()), _GAP.fullmatch(shown, ends[at], word.start()) is not None)
        for at, word in enumerate(words)
    )


def _spaced_matches(shown: str, index: _Index) -> list[Match]:
    words, found = _words(shown), []
    for first, (start, _, _, _) in enumerate(words):
        key = ""
        for at in range(first, min(first + index.most_words, len(words))):
            _, end, word, follows = words[at]
            if at > first and not follows:
                break
            key += word
            term = _singular(key, index)
            if term is not None:
                found.append(Match(term, start, end))
            if key not in index.starts:
                break
    return found


def _singular(key: str, index: _Index) -> str | None:
    if key in index.spaced:
        return index.spaced[key]
    if not key.endswith(_PLURAL_ENDS):
        return None
    stems = (key.removesuffix(tail) for tail in _PLURALS if key.endswith(tail))
    return next((index.spaced[stem] for stem in stems if stem in index.spaced), None)


def _unspaced_matches(shown: str, index: _Index) -> list[Match]:
    found = []
    for word, term in index.unspaced:
        start = shown.find(word)
        while start >= 0:
            found.append(Match(term, start, start + len(word)))
            start = shown.find(word, start + len(word))
    return found


def _without_overlaps(found: list[Match]) -> list[Match]:
    kept: list[Match] = []
    for match in sorted(found, key=lambda match: (match.start, -match.end)):
        if not kept or match.start >= kept[-1].end:
            kept.append(match)
    return kept
