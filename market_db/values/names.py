"""Company names: the part that is identity, and the legal form around it."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from market_db.reference import table, words
from market_db.values.text import clean, plain

LIMIT = 300
_DOTTED = re.compile(r"(?<![^\W\d_])([^\W\d_]\.(?:\s?[^\W\d_]\.){0,6}(?:[^\W\d_](?![^\W\d_]))?)(?![^\W\d_])")
_BETWEEN = re.compile(r"(\s*[,;]\s*|\s+)")
_JUNK = re.compile(r"[\"“”„‟«»‹›「」『』【】*|_]+|(?<=\s)[-–—.]+(?=\s|$)|^[-–—.\s]+")
_WEIGHT = re.compile(r"(?<![^\W_])\d[\d.,]*\s?kgs?\W*$", re.IGNORECASE)
"""A name of goods that ends in its kilograms, not in "KG"."""
_GERSHAYIM = re.compile(r"(?<=[\u05d0-\u05ea])[\"“”'’׳״]{1,2}(?=[\u05d0-\u05ea])")
"""Marks inside a Hebrew word that is an abbreviation, as all legal forms are."""
_EDGE = ".'’`-–—:/"
_PAREN = re.compile(r"[()\[\]{}]")


class _Token(NamedTuple):
    """A word of the name with what its print says about it."""

    text: str
    """Folded, without points."""
    sure: bool
    """Points, a comma before it, or capitals in a mixed-case name: good enough for an ambiguous form."""
    dotted: bool


def core_name(name: str) -> str:
    """Name without legal form, accents and punctuation, casefolded, "&" as "and", for comparing; "" only where no letter or digit is left.

    A name that is nothing but legal forms keeps them ("PT", "The Company Ltd" -> "the").
    """
    return core_and_form(name)[0]


def core_and_form(name: str) -> tuple[str, str | None]:
    """`core_name` and `legal_form` of a name, read once."""
    tokens, family = _stripped(name)
    return _joined(tokens) or normal_name(name), family


def without_leading_form(tokens: Sequence[str]) -> tuple[Sequence[str], str | None]:
    """Folded words without an end form that somebody put at the start ("Sdn Bhd Kawan"), and its family; one word always stays."""
    longest = min(7, len(tokens) - 1) if tokens and tokens[0] in _outer("suffixes", 0) else 0
    for length in range(longest, 0, -1):
        family = _forms("suffixes").get(tuple(tokens[:length]))
        if family and not (length == 1 and tokens[0] in words("legal_forms", "ambiguous")):
            return tokens[length:], family
    return tokens, None


def normal_name(name: str) -> str:
    """As `core_name`, with the legal form left in."""
    return _joined(_tokens(clean(name, LIMIT)))


def legal_form(name: str) -> str | None:
    """Family of the legal form at an end of the name (a key of `reference/legal_forms.toml`: "gmbh", "ltd", "indonesian"); None = none."""
    return None if _WEIGHT.search(name) else _stripped(name)[1]


def is_placeholder(name: str) -> bool:
    """Whether the text stands for "no name": n/a, unknown, test, or nothing with a letter in it."""
    shown = plain(name, LIMIT).strip(" .-_*'\"()[]")
    return not any(char.isalpha() for char in shown) or shown in words("legal_forms", "placeholders") or len(set(shown)) == 1 < len(shown)


def looks_like_company(name: str) -> bool:
    """Whether the name carries a legal form or the word of an institution; False also for companies that trade without one."""
    tokens = {token.text for token in _tokens(clean(name, LIMIT))}
    return legal_form(name) is not None or bool(tokens & words("legal_forms", "institutions"))


def _tokens(shown: str) -> list[_Token]:
    mixed = any(char.islower() for char in shown)
    tokens: list[_Token] = []
    text = _DOTTED.sub(lambda match: match[1].replace(".", "").replace(" ", "") + "\u0001 ", _JUNK.sub(" ", _GERSHAYIM.sub("", shown)))
    pieces = _BETWEEN.split(text)
    after_comma = False
    for word, gap in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        if word:
            dotted = "\u0001" in word or word.endswith(".")
            bare = word.replace("\u0001", "").strip(_EDGE)
            folded = _folded(bare)
            if folded:
                tokens.append(_Token(folded, dotted or after_comma or (mixed and bare.isupper()), dotted))
            after_comma = False
        after_comma = after_comma or "," in gap or ";" in gap
    return tokens


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    """A word for comparing; most words of names are met again and again."""
    return plain(word.replace(".", ""), LIMIT).strip(_EDGE)


def _joined(tokens: list[_Token]) -> str:
    together = words("legal_forms", "and_words")
    return " ".join(_PAREN.sub(" ", " ".join("and" if token.text in together else token.text for token in tokens)).replace("'", "").split())


@cache
def _forms(side: str) -> dict[tuple[str, ...], str]:
    """Spelling as words -> family; the first family listed keeps a spelling that several countries use."""
    found: dict[tuple[str, ...], str] = {}
    for family, spellings in table("legal_forms")[side].items():
        for spelling in map(plain, spellings):
            found.setdefault(tuple(spelling.split()), family)
    return found


@cache
def _outer(side: str, at: int) -> frozenset[str]:
    """First (0) or last (-1) words of the spellings: most names have none of them there, which is asked faster."""
    return frozenset(spelling[at] for spelling in _forms(side))


@cache
def _glued() -> tuple[tuple[str, str], ...]:
    found = [(plain(spelling), family) for family, spellings in table("legal_forms")["glued"].items() for spelling in spellings]
    return tuple(sorted(found, key=lambda entry: -len(entry[0])))


def _stripped(name: str) -> tuple[list[_Token], str | None]:
    shown, family = _without_glued(clean(name, LIMIT))
    tokens = _tokens(shown)
    for _ in range(4):
        rest, found = _without_one(tokens, family)
        if found is None:
            break
        tokens, family = rest, family or found
    tails = words("legal_forms", "tails")
    if family and len(tokens) > 1 and tokens[-1].text in tails:
        tokens = tokens[:-1]
    return tokens, family


def _without_one(tokens: list[_Token], known: str | None) -> tuple[list[_Token], str | None]:
    """Tokens without the longest form at the end, else at the start; at least one token always stays."""
    longest = min(7, len(tokens) - 1) if tokens and tokens[-1].text in _outer("suffixes", -1) else 0
    for length in range(longest, 0, -1):
        family = _family("suffixes", tokens[-length:])
        if family:
            return _without_and(tokens[:-length]), family
    longest = min(6, len(tokens) - 1) if tokens and tokens[0].text in _outer("prefixes", 0) else 0
    for length in range(longest, 0, -1):
        family = _family("prefixes", tokens[:length])
        if family and not (known and family in words("legal_forms", "weak_prefixes")):
            return tokens[length:], family
    return tokens, None


def _family(side: str, tokens: list[_Token]) -> str | None:
    spelling = tuple(token.text for token in tokens)
    family = _forms(side).get(spelling)
    if len(spelling) > 1:
        return family
    if side == "suffixes":
        return None if spelling[0] in words("legal_forms", "ambiguous") and not tokens[0].sure else family
    return None if spelling[0] in words("legal_forms", "initials") and tokens[0].dotted else family


def _without_and(tokens: list[_Token]) -> list[_Token]:
    return tokens[:-1] if len(tokens) > 1 and tokens[-1].text in words("legal_forms", "and_words") else tokens


def _without_glued(shown: str) -> tuple[str, str | None]:
    """Chinese, Japanese, Korean and Thai forms stand at an end without a space."""
    if shown.isascii():
        return shown, None
    text, family = plain(shown, LIMIT), None
    for spelling, kind in _glued():
        rest = text.removesuffix(spelling).removeprefix(spelling).strip()
        if rest and rest != text:
            text, family = rest, family or kind
    return (text, family) if family else (shown, None)
