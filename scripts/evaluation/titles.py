"""How often the language of a short title is read right, alone and with a site whose language is right four times in five."""

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from market_db.values.languages import read_language
from scripts.evaluation.measuring import Row, read_rows

ABOUT = "accuracy of the language of titles (JSON lines with title and lang)"
RIGHT, SEED = 0.8, 20261126
"""Share of titles whose site speaks their language; drawn with this seed, so that two runs agree."""


def declare(parser: argparse.ArgumentParser) -> None:
    """Arguments of `titles`."""
    parser.add_argument("path", type=Path, metavar="PATH", help="e.g. titles.jsonl")
    parser.add_argument("--json", action="store_true", help='one object: {"n", "accuracy", "accuracy_with_site"}')


def run(options: argparse.Namespace) -> bool:
    """Measure and print. Raises CannotMeasure."""
    rows = read_rows(options.path, ("title", "lang"))
    result = measured(rows)
    if options.json:
        sys.stdout.write(json.dumps(result) + "\n")
        return True
    text, site = result["accuracy"], result["accuracy_with_site"]
    sys.stdout.write(f"{result['n']} titles: language right {text:.3f} from the text alone, {site:.3f} with the site's language\n")
    for row in rows:
        found = read_language(row["title"])
        if found != row["lang"]:
            sys.stdout.write(f"  {row['lang']} read as {found}: {row['title']}\n")
    return True


def measured(rows: Sequence[Row]) -> dict[str, float]:
    """Shares of right answers; `no` and `nb` are one language."""
    languages = sorted({row["lang"] for row in rows})
    draw = random.Random(SEED)
    alone = with_site = 0
    for row in rows:
        wanted = {"no": "nb"}.get(row["lang"], row["lang"])
        others = [code for code in languages if code != row["lang"]]
        site = row["lang"] if draw.random() < RIGHT or not others else draw.choice(others)
        alone += read_language(row["title"]) == wanted
        with_site += read_language(row["title"], declared=site) == wanted
    return {"n": len(rows), "accuracy": round(alone / len(rows), 4), "accuracy_with_site": round(with_site / len(rows), 4)}
