"""Quantities of requests to buy: whether somebody asks for a few single things, which no importer does."""

import re

from market_db.reference import table, words
from market_db.values.numbers import ascii_digits
from market_db.values.text import fold

LIMIT = 60
_FORM = re.compile(r"(?P<number>\d{1,9}(?:[.,]0+)?)\s*[/x×]?\s*(?P<unit>[^\d\s./()-]{0,20}(?:\s*/\s*[^\d\s./()-]{1,20})?)\.?")


def few_pieces(text: str) -> int | None:
    """Number of single things asked for, where it is too small for trade ("1 Piece/Pieces" -> 1); None for everything else.

    A number without a unit is None: a "5" may be tons or containers.
    """
    match = _FORM.fullmatch(fold(ascii_digits(text[: 2 * LIMIT]), LIMIT).replace("(s)", ""))
    if match is None:
        return None
    number = float(match["number"].replace(",", "."))
    units = [unit.strip() for unit in match["unit"].split("/")]
    if not all(unit in words("piece_words", "words") for unit in units):
        return None
    return int(number) if 0 < number <= table("piece_words")["few"] else None
