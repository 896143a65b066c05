"""How many entries a list says it has ("1-20 of 345", "345 Firmen"), so that what was read can be compared with it."""

import re
from collections.abc import Iterable
from functools import cache

from market_db.values.numbers import ascii_digits
from market_db.values.text import fold
from spiders.extract.labelled import label_words

MAX_LINES = 600
LONGEST = 140
"""Characters of the longest line that is believed."""
_NUMBER = r"\d{1,3}(?:[.,'\u202f\xa0 ]\d{3})+|\d{1,7}"


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A part ("1-20 of 345") and a bare count ("345 companies")."""
    table = label_words()["totals"]
    to, of, results = ("|".join(re.escape(word) for word in sorted(table[name], key=len, reverse=True)) for name in ("to", "of", "results"))
    about = r"(?:\s*(?:ca\.?|about|over|more than|über|etwa|circa|environ|sekitar|lebih dari))?"
    part = rf"(?<![\d.,])(?P<first>{_NUMBER})\s*(?:{to})\s*(?P<last>{_NUMBER})\s*(?:{of}){about}\s*(?P<total>{_NUMBER})(?![\d.,]?\d)"
    whole = rf"(?<![\d.,/-])(?P<total>{_NUMBER})\+?\s*(?:{results})(?![^\W\d_])"
    return re.compile(part), re.compile(whole)


def printed_total(lines: Iterable[str]) -> int | None:
    """Entries of the whole list as the page prints it, or None; "1-20 of 345" is believed before a bare count."""
    part, whole = _patterns()
    counted: int | None = None
    for line, _ in zip(lines, range(MAX_LINES), strict=False):
        if len(line) > LONGEST or not any(map(str.isdigit, line)):
            continue
        shown = fold(ascii_digits(line), LONGEST)
        if match := part.search(shown):
            first, last, total = (_whole(match[name]) for name in ("first", "last", "total"))
            if 0 <= first <= last <= total:
                return total
        if counted is None and len(shown) <= 80 and (match := whole.search(shown)):
            counted = _whole(match["total"])
    return counted


def _whole(text: str) -> int:
    return int(re.sub(r"\D", "", text))
