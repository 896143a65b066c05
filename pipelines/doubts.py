"""Figures that cannot be right beside their neighbours: shown as doubtful, and kept out of the index."""

from collections.abc import Hashable, Mapping
from statistics import median_high, median_low
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
DOUBTFUL, DOUBTFUL_WEIGHT = "doubtful", "doubtful_weight"
FACTOR = 300.0
"""Thousands taken for units are a factor of 1,000; trade itself never moves by 300 from one year to the others' median."""
LEAST_OTHERS = 2
"""Other years it takes to say which one is off."""


def far_off(values: Mapping[K, float]) -> list[K]:
    """Keys whose value is 300 times above or below the median of the others; values of 0 neither count nor are judged."""
    known = {key: value for key, value in values.items() if value > 0}
    if not known or max(known.values()) < FACTOR * min(known.values()):
        return []
    return [key for key, value in known.items() if _is_far(value, [other for name, other in known.items() if name != key])]


def _is_far(value: float, others: list[float]) -> bool:
    if len(others) < LEAST_OTHERS:
        return False
    low, high = median_low(others), median_high(others)
    return value >= high * FACTOR or value <= low / FACTOR
