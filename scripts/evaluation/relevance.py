"""How often a product's name is rightly taken for the product type, over Open Food Facts names labelled by rules and by a person."""

import argparse
import csv
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from market_db.products import load_products
from market_db.seen import Listing
from pipelines.context import Context
from pipelines.language import detect_language
from pipelines.rejections import OtherProduct
from pipelines.relevance import keep_relevant
from scripts.evaluation.measuring import CannotMeasure

ABOUT = "recall and false positives of the product classifier over DIR (products_*weaklabel.jsonl.gz, handchecked.tsv)"
FIGURES = ("recall", "false_positive_rate", "handchecked_precision", "handchecked_recall")
WANTED, OTHERS = "chili_sauce", ("other_sauce", "chili_other", "other_food")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A name with what it is."""

    code: str
    name: str
    language: str | None
    label: str


def declare(parser: argparse.ArgumentParser) -> None:
    """Arguments of `relevance`."""
    parser.add_argument("dir", type=Path, metavar="DIR", help="folder as corpus/demand/off")
    parser.add_argument("--product", default="sambal", help="key of the product type")
    parser.add_argument("--json", action="store_true", help="one object with recall, false_positive_rate and the handchecked figures")
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="also print N wrong names a group")


def run(options: argparse.Namespace) -> bool:
    """Measure and print. Raises CannotMeasure."""
    known = load_products()
    if options.product not in known:
        raise CannotMeasure(f"no product type {options.product}; there are {', '.join(known)}")
    context = Context(as_of=date(2026, 11, 25), products=(known[options.product],))
    weak = list(weak_labels(options.dir))
    taken = {row.code + row.name: is_product(row, context) for row in weak}
    hand = list(hand_labels(options.dir))
    result = measured(weak, taken, hand, [is_product(row, context) for row in hand])
    shown = {name: result[name] for name in FIGURES}
    sys.stdout.write(json.dumps(shown) + "\n" if options.json else table(result, Counter(row.label for row in weak)))
    for label in (WANTED, *OTHERS) if options.misses else ():
        wrong = [row.name for row in weak if row.label == label and taken[row.code + row.name] is not (label == WANTED)]
        sys.stdout.write("".join(f"  {label}: {name}\n" for name in wrong[: options.misses]))
    return True


def weak_labels(folder: Path) -> Iterator[Labelled]:
    """Rows of the rule-labelled file."""
    paths = sorted(folder.glob("products_*weaklabel.jsonl.gz"))
    if not paths:
        raise CannotMeasure(f"{folder}: no products_*weaklabel.jsonl.gz there")
    with gzip.open(paths[0], "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Labelled(str(row["code"]), str(row["product_name"] or ""), row.get("front_image_lang"), str(row["weak_label"]))


def hand_labels(folder: Path) -> Iterator[Labelled]:
    """Rows that a person read; borderline ones are left out."""
    path = folder / "handchecked.tsv"
    if not path.is_file():
        raise CannotMeasure(f"{folder}: no handchecked.tsv there")
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["is_chili_sauce"] in ("yes", "no"):
                language = row["front_image_lang"]
                yield Labelled(row["code"], row["product_name"], None if language == "None" else language, row["is_chili_sauce"])


def is_product(row: Labelled, context: Context) -> bool:
    """Whether the steps would take the name for the product."""
    listing = Listing(key=row.code or "-", name=row.name, url="https://x.example", source="off", language_text=row.language)
    try:
        return keep_relevant(detect_language(listing, context), context) is not None
    except OtherProduct:
        return False


def measured(weak: Sequence[Labelled], taken: dict[str, bool], hand: Sequence[Labelled], verdicts: Sequence[bool]) -> dict[str, object]:
    """The figures; `n` beside them says of how many."""
    shares = {label: _share([taken[row.code + row.name] for row in weak if row.label == label]) for label in (WANTED, *OTHERS)}
    right = sum(got for row, got in zip(hand, verdicts, strict=True) if row.label == "yes")
    return {
        "n": len(weak),
        "recall": shares[WANTED],
        "false_positive_rate": {label: shares[label] for label in OTHERS},
        "handchecked_n": len(hand),
        "handchecked_precision": round(right / max(sum(verdicts), 1), 4),
        "handchecked_recall": _share([got for row, got in zip(hand, verdicts, strict=True) if row.label == "yes"]),
    }


def _share(values: Iterable[bool]) -> float | None:
    values = list(values)
    return round(sum(values) / len(values), 4) if values else None


def table(result: dict[str, object], sizes: Counter[str]) -> str:
    """The same for people."""
    lines = [f"recall {result['recall']} of {sizes[WANTED]} labelled {WANTED} by rules"]
    rates = result["false_positive_rate"]
    assert isinstance(rates, dict)
    lines += [f"taken by mistake: {rate} of {sizes[label]} {label}" for label, rate in rates.items()]
    hand = f"read by a person ({result['handchecked_n']}): precision {result['handchecked_precision']}"
    return "\n".join([*lines, f"{hand}, recall {result['handchecked_recall']}"]) + "\n"
