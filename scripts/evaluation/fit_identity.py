"""`python -m scripts.evaluation.fit_identity FILE ...`: make the weights of company identity from listings whose companies are known.

Judged pairs refit the same weights (`pipelines/companies/learning.py`); this makes the set to start from.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipelines.companies.features import steps_of
from pipelines.companies.fitting import Steps, fit, gathered
from pipelines.companies.index import Index
from pipelines.companies.resolve import collapse, pairs_of
from pipelines.companies.scorecard import WEIGHTS, write_scorecard
from scripts.evaluation.company_rows import Labelled, read_labelled
from scripts.evaluation.measuring import CannotMeasure
from scripts.failures import USAGE

PULL = 5.0
"""Pairs that speak for a weight of 0: steps seldom met stay near it."""
ABOUT = """Weights of company identity: natural logarithms, one a step of each feature (steps: pipelines/companies/features.py).
Made by `python -m scripts.evaluation.fit_identity` from {pairs} candidate pairs of {listings} generated listings ({files}).
Change nothing by hand: run the script, compare with `python -m scripts.evaluate companies`, and give the set a new version."""


def known_pairs(listings: Labelled) -> Iterator[tuple[Steps, bool]]:
    """Steps of every candidate pair, and whether it is one company."""
    kept, _ = collapse(listings.looks)
    looks = [listings.looks[number] for number in kept]
    index = Index(looks)
    for a, b in pairs_of(index, range(len(looks))):
        yield steps_of(looks[a], looks[b], index), listings.truth[kept[a]] == listings.truth[kept[b]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the weights; returns 0, or 2 where a file cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m scripts.evaluation.fit_identity", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="CSV in the generator's format, with company_id")
    parser.add_argument("--version", required=True, help="name of this set of weights, e.g. 2026-11-26")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args(arguments)
    try:
        sets = [read_labelled(path) for path in options.files]
    except CannotMeasure as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    pairs = [pair for listings in sets for pair in known_pairs(listings)]
    card = fit(gathered(pairs), version=options.version, pull=PULL)
    named = ", ".join(path.name for path in options.files)
    about = ABOUT.format(pairs=len(pairs), listings=sum(len(listings.looks) for listings in sets), files=named)
    write_scorecard(card, options.out, about)
    sys.stdout.write(f"{options.out}: {len(pairs)} pairs, version {card.version}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
