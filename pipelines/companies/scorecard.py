"""The weights: every step of every feature adds to the log-odds that two parties are one company, and can be shown as a reason."""

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipelines.companies.features import FEATURES

WEIGHTS = Path(__file__).with_name("scorecard.toml")


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One version of the weights."""

    version: str
    bias: float
    """Log-odds of a pair that shows nothing."""
    weights: Mapping[str, Sequence[float]]
    """Feature -> weight of each step."""

    def rows(self) -> tuple[Sequence[float], ...]:
        """Weights in the order of FEATURES."""
        return tuple(self.weights[name] for name in FEATURES)

    def log_odds(self, steps: Iterable[int]) -> float:
        """Natural logarithm of the odds that a pair with these steps is one company."""
        return self.bias + sum(row[step] for row, step in zip(self.rows(), steps, strict=True))


def read_scorecard(path: Path = WEIGHTS) -> Scorecard:
    """Weights of a file. Raises ValueError where a feature is missing or has another number of steps: made for another version."""
    data = tomllib.loads(path.read_text("utf-8"))
    for name, size in FEATURES.items():
        if len(data["weights"].get(name, ())) != size:
            raise ValueError(f"{path}: {name} needs {size} weights: run `python -m scripts.evaluation.fit_identity` to make the file anew")
    return Scorecard(data["version"], data["bias"], {name: tuple(data["weights"][name]) for name in FEATURES})


@cache
def scorecard() -> Scorecard:
    """The shipped weights."""
    return read_scorecard()


def probability(log_odds: float) -> float:
    """0..1."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


def write_scorecard(card: Scorecard, path: Path, about: str) -> None:
    """Write weights as a file that `read_scorecard` reads; `about` says from what they were made."""
    lines = [f"# {line}" for line in about.splitlines()]
    lines += [f'version = "{card.version}"', f"bias = {card.bias}", "", "[weights]"]
    lines += [f"{name} = [{', '.join(map(str, card.weights[name]))}]" for name in FEATURES]
    path.write_text("\n".join(lines) + "\n", "utf-8")
