"""Words and facets as the full-text index of the snapshot knows them."""

import re
import unicodedata

from market_db.values.text import LETTERS

CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\u0e00-\u0e7f"
_EACH_CJK = re.compile(f"([{CJK}])")
_WORD = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+")
_NOT_TOKEN = re.compile(r"[^a-z0-9]")
MAX_QUERY = 200
SPELT = LETTERS | str.maketrans({"ß": "ss", "ẞ": "SS", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D"})


def facet(name: str, value: str) -> str:
    """One token for a filter; letters and digits only, so that no tokenizer splits it."""
    return f"x{name}x{_NOT_TOKEN.sub('', value.lower())}"


def spelt(text: str) -> str:
    """Letters that an Indonesian keyboard lacks as they are typed there: Østlandet is found by ostlandet, and the other way round."""
    return text if text.isascii() else text.translate(SPELT)


def indexed(text: str) -> str:
    """A text as the index holds it; scripts without spaces a character a word: a phrase of characters finds any part of a word."""
    return _EACH_CJK.sub(r" \1 ", spelt(text))


def words_of(text: str) -> list[str]:
    """Searchable words of what a person typed; any input is fine, and yields none at worst."""
    folded = unicodedata.normalize("NFKC", text[:MAX_QUERY]).encode("utf-8", "ignore").decode()
    return _WORD.findall(folded)


def match_words(words: list[str], *, beginning: bool = True) -> str:
    """An FTS5 expression: every word, the last one as a beginning or whole; quoted, so that nothing typed is syntax."""
    parts = [f'words : "{indexed(word).strip()}"' for word in words]
    return " ".join(parts) + ("*" if parts and beginning else "")


def match_facets(groups: list[list[str]]) -> str:
    """An FTS5 expression: of each group of facets at least one."""
    return " AND ".join("(" + " OR ".join(f'facets : "{token}"' for token in group) + ")" for group in groups)
