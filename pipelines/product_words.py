"""A product type's words made ready for searching: which languages use a term, and which exclusions a language brings."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from market_db.products import ProductType
from market_db.values.text import plain


class ProductWords:
    """Built once a run; looks up are cheap."""

    def __init__(self, product: ProductType) -> None:
        self.product = product
        self.languages: dict[str, frozenset[str]] = _languages(product.terms)
        """Term -> languages that use it."""
        self.terms: tuple[str, ...] = tuple(self.languages)
        self.exclusions: tuple[str, ...] = tuple(dict.fromkeys(word for words in product.exclude.values() for word in words))
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
            words = (word for language, own in self.product.exclude.items() if language in wanted for word in own)
            self._by_languages[key] = tuple(dict.fromkeys(words))
        return self._by_languages[key]


def _languages(terms: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for language, words in terms.items():
        for word in words:
            found[word].add(language)
    return {word: frozenset(languages) for word, languages in found.items()}
