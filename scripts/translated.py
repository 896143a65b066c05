"""English sentences of the program in another language: the parts that stand in them keep what they hold, or are translated in turn."""

import re
import tomllib
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "words"
GAP = re.compile(r"\{(\w+)\}")
"""Where any text stands in a sentence."""
_OF_AN_ERROR = 800
"""Characters of a message that are looked at: a longer one is an answer of somebody else, quoted."""


@cache
def sentences(what: str, language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """(English sentence with gaps as a pattern, the same in the language) of `words/<what>_<language>.toml`; none for English."""
    path = _FOLDER / f"{what}_{language}.toml"
    if not path.exists():
        return ()
    pairs = tomllib.loads(path.read_text("utf-8"))["sentence"]
    return tuple((_pattern(english), own) for english, own in pairs)


def _pattern(english: str) -> re.Pattern[str]:
    parts = GAP.split(english)
    return re.compile("".join(f"(?P<{part}>.*)" if at % 2 else re.escape(part) for at, part in enumerate(parts)), re.DOTALL)


def error_in(text: str, language: str) -> str:
    """What an error says, in the person's language; as it was written where nobody wrote the sentence in it."""
    if len(text) > _OF_AN_ERROR:
        return text
    for pattern, own in sentences("errors", language):
        if found := pattern.fullmatch(text):
            return GAP.sub(lambda gap, found=found: error_in(found[gap[1]], language), own)  # type: ignore[misc]
    return text
