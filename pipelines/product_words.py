"""A product type's words made ready for searching: which languages use a term, and which exclusions a language brings."""

import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path

from market_db.products import ProductType
from market_db.values.text import plain

SAFE, SAFE_ENGLISH = 5, 4
"""Letters a general word needs to speak in a text of unknown language: "is" is ice in Danish only; English is mixed in everywhere."""


class ProductWords:
    """Built once a run; looks up are cheap."""

    def __init__(self, product: ProductType) -> None:
        self.product = product
        self.languages: dict[str, frozenset[str]] = _languages(product.terms)
        """Term -> languages that use it."""
        self.terms: tuple[str, ...] = tuple(self.languages)
        self.foods = _other_foods(frozenset(self.terms))
        """Language -> goods of a grocer that are not the product."""
        self.exclusions: tuple[str, ...] = tuple(dict.fromkeys([*_all(product.exclude), *_safe(self.foods)]))
        self.brands: frozenset[str] = frozenset(plain(brand) for brand in product.brands)
        self.origins: frozenset[str] = frozenset(product.shop_origins)
        self._by_languages: dict[frozenset[str], tuple[str, ...]] = {}

    def exclusions_in(self, languages: Collection[str]) -> tuple[str, ...]:
        """Exclusions of some languages and of English, which every shop mixes in; of all where none is known."""
        if not languages:
            return self.exclusions
        key = frozenset(languages)
        if key not in self._by_languages:
            wanted = {*languages, "en"}
            tables = (self.product.exclude, self.foods)
            words = (word for table in tables for language, own in table.items() if language in wanted for word in own)
            self._by_languages[key] = tuple(dict.fromkeys(words))
        return self._by_languages[key]


def _all(table: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    return (word for words in table.values() for word in words)


def _safe(foods: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """General words long enough for a text of unknown language."""
    return (word for code, words in foods.items() for word in words if len(word) >= (SAFE_ENGLISH if code == "en" else SAFE))


@cache
def _foods() -> Mapping[str, list[str]]:
    return tomllib.loads(Path(__file__).with_name("food_words.toml").read_text("utf-8"))


def _other_foods(own: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """The general goods without those that are the product itself (coffee for coffee)."""
    return {language: tuple(word for word in words if word not in own) for language, words in _foods().items()}


def _languages(terms: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for language, words in terms.items():
        for word in words:
            found[word].add(language)
    return {word: frozenset(languages) for word, languages in found.items()}
