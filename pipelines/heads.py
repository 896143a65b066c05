"""The head-noun rule: "beans in chili sauce" is beans, "sambal with shrimp" is sambal, "sambal crisps" is crisps."""

import re
import tomllib
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

from market_db.terms import Match, find_terms
from market_db.values.text import plain
from pipelines.product_words import ProductWords

TABLE = Path(__file__).with_name("head_words.toml")
HEAD, DISPUTED, TAIL, OTHER, NOTHING = "head", "disputed", "tail", "other", "nothing"
"""What a name says: the product is the head; it is, beside words of other goods; it only goes with the head; other goods; neither."""


@cache
def _head_first() -> frozenset[str]:
    return frozenset(tomllib.loads(TABLE.read_text("utf-8"))["head_first"])


@cache
def _links(language: str | None) -> re.Pattern[str]:
    found = tomllib.loads(TABLE.read_text("utf-8"))
    words = sorted([*found["links"], *found["links_in"].get(language, ())], key=len, reverse=True)
    return re.compile(r"(?<=\s)(?:" + "|".join(map(re.escape, dict.fromkeys(words))) + r")(?=\s)")


def read_head(words: ProductWords, name: str, language: str | None) -> tuple[str, str]:
    """(verdict, the word that decided); the language of the text decides on which side the head stands."""
    terms = find_terms(name, words.terms)
    if not terms:
        return _composed(words, name, language)
    spoken = frozenset[str]().union(*(words.languages[term.term] for term in terms))
    others = find_terms(name, words.exclusions_in(spoken | {language} if language else ()))
    own = [term for term in terms if not any(_inside(term, other) for other in others)]
    if not own:
        return OTHER, others[0].term
    others = [other for other in others if not any(_inside(other, term) for term in own)]
    shown = plain(name)
    cut = _end_of_head(shown, language, [*own, *others])
    heads, against = [t for t in own if t.start < cut], [o for o in others if o.start < cut]
    if heads and against and (_is_flavour(shown, against, heads) or _only_tastes(words, name, heads)):
        return OTHER, against[0].term
    return _judge(heads, against, _first(language, spoken), own[0].term)


def _composed(words: ProductWords, name: str, language: str | None) -> tuple[str, str]:
    """A name without any of the terms: what it is made of and its kind, apart from each other in one head, name the product too."""
    others = find_terms(name, words.exclusions_in({language} if language else ()))
    made, kinds = find_terms(name, words.product.made_of), find_terms(name, words.product.kinds)
    cut = _end_of_head(plain(name), language, [*made, *kinds, *others])
    if others:
        return OTHER, others[0].term
    if made and kinds and made[0].start < cut and kinds[0].start < cut:
        return HEAD, f"{made[0].term} + {kinds[0].term}"
    return NOTHING, ""


def _only_tastes(words: ProductWords, name: str, heads: Sequence[Match]) -> bool:
    """Whether all that names the product may be a taste, and no word for its kind stands by."""
    return all(head.term in words.product.tastes for head in heads) and not find_terms(name, words.product.kinds)


def _is_flavour(shown: str, others: Sequence[Match], own: Sequence[Match]) -> bool:
    """Whether the product stands behind a comma after other goods: "Potato Chips, Honey Sriracha" names a taste."""
    return others[-1].end <= own[0].start and "," in shown[others[-1].end : own[0].start]


def _judge(own: Sequence[Match], others: Sequence[Match], head_first: bool, found: str) -> tuple[str, str]:
    """Who is the head, among what stands before the first linking word."""
    if not own:
        return (OTHER, others[0].term) if others else (TAIL, found)
    if not others:
        return HEAD, own[0].term
    ours = own[0].start < others[0].start if head_first else own[-1].end > others[-1].end
    return (DISPUTED, own[0].term) if ours else (OTHER, others[0].term)


def _inside(inner: Match, outer: Match) -> bool:
    """Whether one match is part of, or overlaps the end of, a longer one ("in chili sauce" takes "chili sauce")."""
    longer = outer.end - outer.start > inner.end - inner.start
    return longer and inner.start < outer.end and outer.start < inner.end


def _end_of_head(folded: str, language: str | None, matches: Collection[Match]) -> int:
    """Offset of the first linking word that stands inside no term; one that ends a term ("beans in") still links.

    A part before a comma that names no goods is a brand ("Mother in Law's, Gochujang"): its words link nothing.
    """
    first = min((match.start for match in matches), default=0)
    brand = folded.rfind(",", 0, first) + 1
    for link in _links(language).finditer(folded, brand):
        if not any(match.start <= link.start() and link.end() < match.end for match in matches):
            return link.start()
    return len(folded)


def _first(language: str | None, spoken: Collection[str]) -> bool:
    """Whether the head comes first: by the text's language where the terms are of it, else if every language of the terms says so."""
    if language and (language in spoken or not spoken):
        return language in _head_first()
    return bool(spoken) and all(one in _head_first() for one in spoken)
