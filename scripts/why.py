"""Why a run got its verdict and what a passport says, in the person's language: both are noted down in English, and known here."""

from collections.abc import Mapping
from functools import cache

from scripts.failures import DISK_FULL
from scripts.translated import GAP, error_in, sentences
from scripts.words import Words
from spiders.by_hand import load_presets


def why_of(text: str, words: Words) -> str:
    """A run's reason as people are told it; as it was noted down where nobody wrote the sentence in their language."""
    if DISK_FULL.search(text):
        return words.say("errors.disk_full", error=error_in(text, words.language))
    for pattern, said in sentences("why", words.language):
        if found := pattern.fullmatch(text):
            inner = {name: why_of(value, words) if name == "what" else value for name, value in found.groupdict().items()}
            return GAP.sub(lambda gap, inner=inner: inner[gap[1]], said)  # type: ignore[misc]
    return text


def passport_text(text: str, words: Words) -> str:
    """What a passport says (note, basis, personal data, robots) in the person's language; what an operator wrote stays as it is."""
    if own := _presets(words.language).get(text):
        return own
    for pattern, said in sentences("passport", words.language):
        if found := pattern.fullmatch(text):
            return GAP.sub(lambda gap, found=found: passport_text(found[gap[1]], words), said)  # type: ignore[misc]
    return text


@cache
def _presets(language: str) -> Mapping[str, str]:
    """Why a list comes by hand, in English -> the same in the language."""
    return {preset.why["en"]: preset.why[language] for preset in load_presets().values()}
