"""Why nothing is asked: a source that is off, is read by hand only or does not exist, said in the person's language with the way on."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Self

from scripts.words import Language, Words, words_in
from spiders.by_hand import load_presets
from spiders.not_read import not_read
from spiders.source import Source

Spoken = str | Mapping[str, str]
"""A text, or language -> text."""


class NothingToCrawl(Exception):
    """No source may be crawled as asked; the message says why and what to do, in English for logs, in words by `told`."""

    key = ""
    """Sentence of `errors` in the words; "" where only the message is known."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.values: Mapping[str, Spoken] = {}

    @classmethod
    def of(cls, key: str, **values: Spoken) -> Self:
        """The failure that `errors.<key>` tells."""
        error = cls(words_in("en").say(f"errors.{key}", **_spoken(values, "en")))
        error.key, error.values = key, values
        return error

    def told(self, words: Words) -> str:
        """The sentence in a person's language; only where there is a `key`."""
        return words.say(f"errors.{self.key}", **_spoken(self.values, words.language))


class UnknownSource(NothingToCrawl):
    """A name is no source of ours."""


class NotCrawled(NothingToCrawl):
    """A name that the register lists and nobody crawls: boards read by hand, and what was looked at and is not read."""


class NoNetwork(NothingToCrawl):
    """None of the sources can be reached."""


def _spoken(values: Mapping[str, Spoken], language: Language) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[language] for name, value in values.items()}


def unknown(name: str, known: Mapping[str, object]) -> NothingToCrawl:
    """What to say of a name that is no source to crawl: how its rows come in, why it is not read, or what was meant."""
    preset = load_presets().get(name.removeprefix("import:"))
    if preset is not None:
        return NotCrawled.of("by_hand", name=name, why=preset.why, preset=preset.name)
    if (row := next((row for row in not_read() if row.name == name), None)) is not None:
        return NotCrawled.of("not_read", name=name, why=row.why)
    near = get_close_matches(name, list(known), 1, 0.5)
    return UnknownSource.of("no_source_near" if near else "no_source", name=name, near=near[0] if near else "")


def switched_off(name: str, about: Source) -> NothingToCrawl:
    """What to say of a source that is off: whether its terms are unread or somebody switched it off, and how it is approved."""
    return NothingToCrawl.of("off_terms" if about.terms_read is None else "off", name=name, terms=about.terms_url)
