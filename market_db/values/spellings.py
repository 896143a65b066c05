"""One key for all spellings of a company's name, and the pattern that finds them in text."""

import re
from functools import cache

from market_db.reference import words
from market_db.values.names import LIMIT, core_name, legal_form
from market_db.values.text import clean, plain

MARKS = 4
"""Most characters of punctuation and spaces between two words of one name."""
START = 3
"""Letters of a key that are listed beside it, so that text is searched for whole names only where one may begin."""
WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile("['’‘`´]")
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


def accented(char: str) -> str:
    """Lower-case letters that are this one with an accent."""
    return _letter_forms().get(char, "")


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


def name_words(name: str, *, whole: bool = False) -> list[str]:
    """Folded words of a name, those of its legal form only with `whole`, and never "and"."""
    apart = _APOSTROPHE.sub(" ", narrow(name))  # "L'Epicerie" is also printed "L Epicerie"
    shown = apart if company_key(apart) == company_key(name) else narrow(name)
    text = plain(clean(shown, LIMIT)) if whole else core_name(shown)
    ands = words("legal_forms", "and_words")
    return [part for part in WORD.findall(text) if part not in ands] or WORD.findall(text)


def name_pattern(name: str, *, whole: bool = False) -> str:
    """Pattern, to be used with IGNORECASE, of a name in any case, accents, umlauts and punctuation, bounded by what is no letter.

    `whole` keeps the words of the legal form. Raises ValueError for a name without letter or digit.
    """
    parts = name_words(name, whole=whole)
    if not parts:
        raise ValueError("a name without letters or digits cannot be looked for")
    ands = "|".join(re.escape(word) for word in sorted(words("legal_forms", "and_words")))
    gap = rf"(?:[\W_]{{0,{MARKS}}}(?:{ands})(?![^\W_]))?[\W_]{{0,{MARKS}}}"
    front, end = (r"(?<![^\W_])", "" if is_unspaced(parts[-1][-1]) else r"(?![^\W_])")
    return ("" if is_unspaced(parts[0][0]) else front) + gap.join(map(_word_pattern, parts)) + end


def is_unspaced(char: str) -> bool:
    """Whether the script puts no space between words (Chinese, Japanese, Thai), or none before a legal form (Korean)."""
    return not char.isascii() and any(low <= char <= high for low, high in UNSPACED)


UNSPACED = (
    ("\u0e00", "\u0eff"),
    ("\u1000", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u3005", "\u30ff"),
    ("\u3400", "\u9fff"),
    ("\uac00", "\ud7af"),
)
"""First and last letter of Thai and Lao, Burmese, Khmer, Japanese syllables, Chinese, Korean."""
