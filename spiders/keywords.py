"""What to type into a shop's search: few words that find a product type in the shop's own language."""

from collections.abc import Iterable, Iterator

from market_db.products import ProductType
from market_db.reference import table
from market_db.values.text import plain

MOST = 12
"""Keywords of one product type: each costs a request at least."""
MOST_LANGUAGES = 2
"""Languages of a country that are asked, where the row of a site names none."""
EXPORTER = "id"
"""Language whose first word for the goods is used abroad too (sambal)."""


def search_words(products: Iterable[ProductType], lang: str | None, country: str | None = None) -> tuple[str, ...]:
    """Keywords of all product types: the exporter's own word, the site's language, then English; at most MOST a product type."""
    found: dict[str, None] = {}
    for product in products:
        found |= dict.fromkeys(_apart(_words(product, languages_of(lang, country)))[:MOST])
    return tuple(found)


def languages_of(lang: str | None, country: str | None) -> tuple[str, ...]:
    """Languages to search in: the row's, else those of the country's shops; English last."""
    spoken = [lang] if lang else list(table("languages")["countries"].get(country or "", ()))[:MOST_LANGUAGES]
    return tuple(dict.fromkeys([*spoken, "en"]))


def _words(product: ProductType, languages: Iterable[str]) -> Iterator[str]:
    yield from product.terms.get(EXPORTER, ())[:1]
    for language in languages:
        yield from product.terms.get(language, ())


def _apart(words: Iterable[str]) -> list[str]:
    """Without words that another finds too: a search for "chili sauce" also finds "sweet chili sauce"."""
    asked = list(dict.fromkeys(words))
    return [word for word in asked if not any(other != word and _finds(other, word) for other in asked)]


def _finds(word: str, text: str) -> bool:
    """Whether searching all parts of a word, anywhere within words, finds a text."""
    shown = plain(text)
    return all(part in shown for part in plain(word).split())
