"""How often a printed price, country or telephone number is read right, over tables that people wrote."""

import argparse
import csv
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from market_db.seen import Listing
from market_db.values.country_clues import read_clue
from market_db.values.money import read_price
from market_db.values.phones import read_phones
from market_db.values.places import country_in_address
from pipelines.context import Context, SourceHint
from pipelines.pricing import read_price_of
from scripts.evaluation.measuring import CannotMeasure, Row, read_rows


@dataclass(frozen=True, slots=True)
class Judged:
    """One row: what was found, and what it should be; None = nothing."""

    text: str
    found: str | None
    wanted: str | None


def prices(path: Path) -> tuple[dict[str, Any], list[Judged]]:
    """Shares of right amounts (all rows; to half a per mille) and of right ISO currencies (rows that name one)."""
    rows, judged, right, named, asked = read_rows(path, ("raw",)), [], 0, 0, 0
    for row in rows:
        money = read_price(row["raw"], country=row.get("country"))
        wanted = row.get("amount")
        near = money is not None and wanted is not None and abs(money.amount - wanted) <= 0.0005 * max(1.0, abs(wanted))
        right += near or (money is None and wanted is None)
        judged.append(Judged(row["raw"], str(money.amount) if money else None, None if wanted is None else str(float(wanted))))
        if row.get("currency"):
            asked += 1
            code = currency_said(row["raw"], row.get("country"))
            named += code == row["currency"]
            judged.append(Judged(row["raw"], code, row["currency"]))
    wrong = [row for row in judged if row.found != row.wanted]
    return {"n": len(rows), "amount": _share(right, len(rows)), "currency": _share(named, asked), "currency_n": asked}, wrong


def currency_said(text: str, country: str | None) -> str | None:
    """Currency of a price in a shop of a declared country, as the steps read it."""
    context = Context(as_of=date(2026, 11, 25), hints={"site": SourceHint(country=country)})
    listing = Listing(key="1", name="-", url="https://x.example", source="site", price_text=text)
    read = read_price_of(listing, context)
    return read.currency if isinstance(read, Listing) else None


def places(path: Path) -> tuple[dict[str, Any], list[Judged]]:
    """Precision and recall of the country of a text (a name, a code or an address line)."""
    judged = [Judged(row["text"], country_of(row["text"]), row["country"].upper() or None) for row in _table(path, ("text", "country"))]
    return _scored(judged)


def country_of(text: str) -> str | None:
    """ISO 3166-1 alpha-2 that a text tells, as the steps read it: by itself (name, code, VAT number, phone), else as an address."""
    clue = read_clue(text)
    return clue.country if clue else country_in_address([line for line in text.replace("\\n", "\n").split("\n") if line.strip()])


def phones(path: Path) -> tuple[dict[str, Any], list[Judged]]:
    """Precision and recall of telephone numbers in E.164; an empty e164 is no number, several are set apart by blanks.

    `n` counts the rows. Where one number is asked for, a second one in the cell is no mistake.
    """
    rows = _table(path, ("raw", "region", "e164"))
    judged: list[Judged] = []
    for row in rows:
        found = [phone.e164 for phone in read_phones(row["raw"], country=row["region"].upper() or None) if phone.e164]
        wanted = row["e164"].split()
        others = [e164 for e164 in found if e164 not in wanted]
        judged += [Judged(row["raw"], one if one in found else next(iter(others), None), one) for one in wanted or [None]]
    result, wrong = _scored(judged)
    return {**result, "n": len(rows)}, wrong


def _scored(judged: Sequence[Judged]) -> tuple[dict[str, Any], list[Judged]]:
    right = sum(row.found == row.wanted for row in judged if row.found)
    result = {
        "n": len(judged),
        "precision": _share(right, sum(row.found is not None for row in judged)),
        "recall": _share(right, sum(row.wanted is not None for row in judged)),
    }
    return result, [row for row in judged if row.found != row.wanted]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _table(path: Path, needed: Sequence[str]) -> list[Row]:
    """Rows of a TSV with a header. Raises CannotMeasure."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError) as error:
        raise CannotMeasure(f"{path}: cannot be read ({error})") from error
    if not rows or any(key not in rows[0] for key in needed):
        raise CannotMeasure(f"{path}: a TSV with the header {', '.join(needed)} is expected")
    return [{key: row[key] or "" for key in needed} for row in rows]


def command(about: str, measure: Callable[[Path], tuple[dict[str, Any], list[Judged]]]) -> Any:
    """A sub-command of `scripts.evaluate` around one of the measures above."""

    def declare(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH")
        parser.add_argument("--json", action="store_true", help="one object instead of the table")

    def run(options: argparse.Namespace) -> bool:
        result, wrong = measure(options.path)
        if options.json:
            sys.stdout.write(json.dumps({name: value for name, value in result.items() if name != "currency_n"}) + "\n")
            return True
        sys.stdout.write(", ".join(f"{name} {value}" for name, value in result.items()) + "\n")
        sys.stdout.write("".join(f"  {row.text!r}: {row.found}, should be {row.wanted}\n" for row in wrong))
        return True

    return SimpleNamespace(ABOUT=about, declare=declare, run=run)


COMMANDS = {
    "prices": command("amount and currency of printed prices (JSON lines: raw, amount, country, currency)", prices),
    "places": command("country of texts (TSV: text, country)", places),
    "phones": command("telephone numbers (TSV: raw, region, e164)", phones),
}
