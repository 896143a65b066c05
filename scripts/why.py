"""Why a run got its verdict and what a passport says, in the person's language: both are noted down in English, and known here."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from scripts.failures import DISK_FULL
from scripts.words import Words
from spiders.by_hand import load_presets

_GAP = re.compile(r"\{(\w+)\}")


def why_of(text: str, words: Words) -> str:
    """A run's reason as people are told it; as it was noted down where nobody wrote the sentence in their language."""
    if DISK_FULL.search(text):
        return words.say("errors.disk_full", error=text)
    for pattern, said in _sentences("why", words.language):
        if found := pattern.fullmatch(text):
            inner = {name: why_of(value, words) if name == "what" else value for name, value in found.groupdict().items()}
            return _GAP.sub(lambda gap, inner=inner: inner[gap[1]], said)  # type: ignore[misc]
    return text


def passport_text(text: str, words: Words) -> str:
    """What a passport says (note, basis, personal data, robots) in the person's language; what an operator wrote stays as it is."""
    if own := _presets(words.language).get(text):
        return own
    for pattern, said in _sentences("passport", words.language):
        if found := pattern.fullmatch(text):
            return _GAP.sub(lambda gap, found=found: passport_text(found[gap[1]], words), said)  # type: ignore[misc]
    return text


@cache
def _presets(language: str) -> Mapping[str, str]:
    """Why a list comes by hand, in English -> the same in the language."""
    return {preset.why["en"]: preset.why[language] for preset in load_presets().values()}


@cache
def _sentences(what: str, language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """(English sentence with gaps as a pattern, the same in the language); none for English."""
    path = Path(__file__).parent / "words" / f"{what}_{language}.toml"
    if not path.exists():
        return ()
    pairs = tomllib.loads(path.read_text("utf-8"))["sentence"]
    return tuple((_pattern(english), own) for english, own in pairs)


def _pattern(english: str) -> re.Pattern[str]:
    parts = _GAP.split(english)
    return re.compile("".join(f"(?P<{part}>.*)" if at % 2 else re.escape(part) for at, part in enumerate(parts)), re.DOTALL)
