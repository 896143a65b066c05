"""Everything `tembus` says to people, in Indonesian and English: sentences from `words/*.toml`, and which language somebody reads."""

from collections.abc import Mapping
from pathlib import Path

from market_db.saying import LANGUAGES, Language, Words, words_from

__all__ = ["LANGUAGES", "Language", "UnknownLanguage", "Words", "pick_language", "words_in"]

_FOLDER = Path(__file__).parent / "words"


class UnknownLanguage(ValueError):
    """Raised by `pick_language` for a language nobody wrote words in."""


def pick_language(flag: str | None, environ: Mapping[str, str], configured: str | None) -> Language:
    """`--lang` before TEMBUS_LANG before the home's `language`, else Indonesian.

    Raises UnknownLanguage for a flag in no language of ours; a strange variable or configuration is passed over.
    """
    if flag is not None and flag not in LANGUAGES:
        raise UnknownLanguage(flag)
    for wish in (flag, environ.get("TEMBUS_LANG", "").strip().lower()[:2], configured):
        for language in LANGUAGES:
            if wish == language:
                return language
    return "id"


def words_in(language: Language, zone: str = "UTC") -> Words:
    """The words of a language; an unknown zone shows times as UTC."""
    return words_from(_FOLDER, language, zone)
