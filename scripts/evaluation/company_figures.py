"""How well clusters agree with the truth: pairwise and B-cubed figures, and the largest cluster that mixes companies."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Any


def figures(truth: Sequence[Hashable], found: Iterable[Sequence[int]]) -> dict[str, Any]:
    """Pairwise and B-cubed precision, recall and F1 (0..1; 1 where there is nothing to find), number and size of clusters."""
    real = Counter(truth)
    mixed = [Counter(truth[number] for number in cluster) for cluster in found]
    sizes = [sum(counts.values()) for counts in mixed]
    hits = sum(_pairs(count) for counts in mixed for count in counts.values())
    n = len(truth)
    precise = sum(count * count / size for counts, size in zip(mixed, sizes, strict=True) for count in counts.values())
    recalled = sum(count * count / real[name] for counts in mixed for name, count in counts.items())
    return {
        "n": n,
        "pairwise": _three(_share(hits, sum(map(_pairs, sizes))), _share(hits, sum(map(_pairs, real.values())))),
        "bcubed": _three(_share(precise, n), _share(recalled, n)),
        "clusters": len(mixed),
        "largest": max(sizes, default=0),
        "largest_wrong": max((size for counts, size in zip(mixed, sizes, strict=True) if len(counts) > 1), default=0),
    }


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _three(precision: float, recall: float) -> dict[str, float]:
    total = precision + recall
    f1 = 2 * precision * recall / total if total else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
