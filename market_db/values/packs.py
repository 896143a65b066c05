"""Net contents: how much is in the offer, in gram or millilitre."""

import re
from dataclasses import dataclass
from functools import cache

from market_db.reference import table, words
from market_db.values.numbers import ascii_digits, read_number
from market_db.values.text import fold

LIMIT = 400
# Above these (a container load, a tanker) a number is a code or a mistake, not a pack.
MOST_GRAMS = 30_000_000
MOST_COUNT = 10_000


@dataclass(frozen=True, slots=True)
class Pack:
    """What one offer holds."""

    net_grams: float | None
    """Whole offer, gram; None = sold by volume or unknown."""
    net_millilitres: float | None
    """Whole offer, millilitre."""
    count: int
    """Units in the offer, 1 where nothing is said."""


_FRACTION = re.compile(r"(?<![\d/⁄.,])([13])[/⁄]([24])(?=\s?[^\W\d_])")  # 1/2 l
_AMOUNT = r"\d{1,3}(?:[ ]\d{3})+(?:[.,]\d{1,3})?|\d[\d.,]{0,9}"


def read_pack(text: str) -> Pack | None:
    """Net content of the whole offer ("6 x 340 g" -> 2040 g, count 6); None = no unit of mass or volume printed.

    Where both are printed ("12 oz (340 g)") the metric one counts; a volume is never turned into a weight.
    """
    shown = _FRACTION.sub(lambda match: str(int(match[1]) / int(match[2])), fold(ascii_digits(text[:LIMIT]), LIMIT))
    found = [pack for pack in (_read_one(match, shown) for match in _pattern().finditer(shown)) if pack]
    if not found:
        return None
    metric, best = max(found, key=lambda entry: (entry[0], entry[1].count > 1))
    return best if metric or not _beside(found) else _beside(found)


def _beside(found: list[tuple[bool, Pack]]) -> Pack | None:
    return next((pack for _, pack in found if pack.count > 1), None)


@cache
def _units() -> dict[str, tuple[str, float]]:
    units = table("pack_units")
    return {unit: (kind, float(size)) for kind in ("grams", "millilitres") for unit, size in units[kind].items()}


@cache
def _pattern() -> re.Pattern[str]:
    units = "|".join(re.escape(unit) for unit in sorted(_units(), key=lambda unit: (-len(unit), unit)))
    counts = "|".join(re.escape(word) for word in sorted(words("pack_units", "counts.words"), key=lambda word: (-len(word), word)))
    return re.compile(
        rf"(?:(?<![\d.,])(?P<before>\d{{1,4}})\s?(?:{counts})?\s?[x×*]\s?(?:(?P<inner>\d{{1,3}})\s?[x×*]\s?)?)?"
        rf"(?:(?<![\d.,/])(?P<case>[4-9]|\d{{2,3}})\s?/\s?)?"  # 24/12 oz: a carton in American lists
        rf"(?<![\d.,])(?P<amount>{_AMOUNT})\s?-?(?P<unit>{units})\.?(?![^\W\d_]|\d)"
        rf"(?:\s?(?:[x×*]|à)\s?(?P<after>\d{{1,4}})(?![\d.,]|\s?(?:{units})(?![^\W\d_]))"
        rf"|[\s/,(]{{1,3}}(?P<units>\d{{1,4}})\s?(?:{counts})(?![^\W\d_])|\s?/\s?(?P<slash>\d{{1,3}})(?![\d.,\w]))?"
    )


def _read_one(match: re.Match[str], shown: str) -> tuple[bool, Pack] | None:
    kind, size = _units()[match["unit"]]
    amount = read_number(match["amount"], mark=_mark(match["amount"], match["unit"]))
    if not amount or (match["case"] is None and shown[: match.start("amount")].endswith("/")):
        return None
    count = 1
    for part in ("before", "inner", "case", "after", "units", "slash"):
        count *= int(match[part] or 1)
    total = amount * size * count
    if not 0 < count <= MOST_COUNT or total > MOST_GRAMS:
        return None
    total = round(total, 3)
    metric = match["unit"] not in words("pack_units", "counts.customary")
    return metric, Pack(total, None, count) if kind == "grams" else Pack(None, total, count)


def _mark(amount: str, unit: str) -> str | None:
    """For "1.500 g" and "1.500 kg", both one and a half kilo: the big units print decimals, the small ones thousands."""
    big = _units()[unit][1] >= 100
    return next((char for char in amount if char in ".,"), None) if big else None
