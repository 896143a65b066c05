"""One key for all spellings of a company's name, and the pattern that finds them in text."""

import re
import unicodedata
from functools import cache

from market_db.reference import words
from market_db.values.names import LIMIT, core_name, legal_form
from market_db.values.text import clean, plain

MARKS = 4
"""Most characters of punctuation and spaces between two words of one name."""
WORD = re.compile(r"[^\W_]+")
_DIGRAPH = re.compile("ae|oe|ue|aa")
"""German and Nordic ways to write a letter that the keyboard lacks: Müller, Mueller and Muller are one firm."""
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xFE6B: "@", 0x3002: ".", 0xFF61: ".", 0x2024: "."}
_LATIN = [chr(code) for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)) if chr(code).isalpha()]


def narrow(text: str) -> str:
    """Full-width letters, digits and signs (＠ ．) as their common forms; as long as before, so that positions hold."""
    return text if text.isascii() else text.translate(_FULL_WIDTH)


def letters_of(text: str) -> str:
    """Letters and digits of folded words, written together, umlauts in their shortest spelling."""
    return _DIGRAPH.sub(lambda found: found[0][0], text)


def company_key(name: str) -> str:
    """What all spellings of a company's name share: no legal form, accents, spaces, signs or "and"; "" where no letter is left."""
    return key_of_words(WORD.findall(core_name(narrow(name))))


def key_of_words(parts: list[str]) -> str:
    """The key of words that were folded by `plain`."""
    ands = words("legal_forms", "and_words")
    return letters_of("".join([part for part in parts if part not in ands] or parts))


def is_only_a_form(name: str) -> bool:
    """Whether the name is nothing but a legal form ("B.V.", "PT"): it would stand for every firm of a country."""
    core = core_name(name)
    bare = name.replace(",", " ").strip()
    return bool(core) and (
        core_name(f"Qqqq {bare}") == "qqqq" or core_name(f"{bare} Qqqq") == "qqqq" or core_name(f"Qqqq, {bare}") == "qqqq"
    )


def form_words(name: str) -> bool:
    """Whether a legal form stands in the name beside something else."""
    return legal_form(name) is not None and not is_only_a_form(name)


@cache
def _letter_forms() -> dict[str, str]:
    """Letter without accents -> the letters that become it."""
    found: dict[str, str] = {}
    for char in _LATIN:
        base = plain(char)
        if len(base) == 1 and base.isascii() and char.casefold() == char:
            found[base] = found.get(base, "") + char
    return found


def _letter(char: str) -> str:
    """Pattern of one letter of a key, in every spelling the key stands for."""
    if not char.isascii() or not char.isalpha():
        return re.escape(char)
    one = f"[{char}{_letter_forms().get(char, '')}]"
    more = {"a": f"(?:{one}[ea]?|æ)", "o": f"(?:{one}e?|œ)", "u": f"{one}e?"}
    return more.get(char, one)


def _word_pattern(word: str) -> str:
    key = letters_of(word)
    between = r"[.\s'’]{0,2}" if len(key) <= 3 else r"[\u0300-\u036f'’]?"
    spelt = between.join("(?:ß|" + _letter("s") + between + _letter("s") + ")" if part == "ss" else _letter(part) for part in _pieces(key))
    return spelt + r"[\u0300-\u036f]*"


def _pieces(key: str) -> list[str]:
    return re.findall("ss|.", key, re.DOTALL)


def name_pattern(name: str, *, whole: bool = False) -> str:
    """Pattern, to be used with IGNORECASE, of a name in any case, accents, umlauts and punctuation, bounded by what is no letter.

    `whole` keeps the words of the legal form. Raises ValueError for a name without letter or digit.
    """
    text = plain(clean(narrow(name), LIMIT)) if whole else core_name(narrow(name))
    ands = words("legal_forms", "and_words")
    parts = [part for part in WORD.findall(text) if part not in ands] or WORD.findall(text)
    if not parts:
        raise ValueError("a name without letters or digits cannot be looked for")
    gap = rf"(?:[\W_]{{0,{MARKS}}}(?:{'|'.join(re.escape(word) for word in sorted(ands))})(?![^\W_]))?[\W_]{{0,{MARKS}}}"
    return r"(?<![^\W_])" + gap.join(map(_word_pattern, parts)) + r"(?![^\W_])"


def composed(text: str) -> str:
    """NFC: a letter and its accent are one character."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
