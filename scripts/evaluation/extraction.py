"""Run the extractors over every page a person has read, and score them with the scorer that lies beside the pages.

What a page costs is the CPU time from its bytes to its flat object, in a process that has worked for a while: modules and tables are
loaded, what an earlier page left for the garbage collector is gone, but nothing is remembered of the page itself. Opening and unpacking
the file is not counted.
"""

import argparse
import gc
import importlib.util
import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from scripts.evaluation.measuring import CannotMeasure, Row, quantiles, read_rows, timed, write_rows
from spiders.extract.flat import flat_records, opened

ABOUT = "precision and recall of the extractors over DIR/truth.jsonl, and their CPU time a page"
KINDS = frozenset({"product", "company", "other", "listing", "company_list", "rfq"})
SCORER = Path("bench") / "score_extraction.py"


@dataclass(slots=True)
class Guesses:
    """One flat object a file, the CPU milliseconds each took, and what an extractor raised where one did."""

    rows: list[Row] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def declare(parser: argparse.ArgumentParser) -> None:
    """Arguments of `extraction`."""
    parser.add_argument("dir", type=Path, metavar="DIR", help="folder with truth.jsonl and the files it names")
    parser.add_argument("--scorer", type=Path, metavar="PATH", help=f"default: DIR/../../{SCORER}")
    parser.add_argument("--predictions", type=Path, metavar="OUT.jsonl", help="also write what was found, one flat object a file")
    parser.add_argument("--json", action="store_true", help="one object with fields, misses, cpu_ms and failed instead of the table")


def run(options: argparse.Namespace) -> bool:
    """Measure and print; returns whether every page was read. Raises CannotMeasure."""
    truth = read_truth(options.dir)
    scorer = load_scorer(options.scorer or options.dir / ".." / ".." / SCORER)
    guesses = extract_all(options.dir, truth)
    if options.predictions:
        write_rows(options.predictions, guesses.rows)
    result = scorer.evaluate(truth, {row["file"]: row for row in guesses.rows})
    result |= {"cpu_ms": quantiles(guesses.times), "failed": guesses.failed}
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n" if options.json else table(result))
    for name, error in guesses.failed.items():
        sys.stderr.write(f"{name}: the extractor failed: {error}\n")
    return not guesses.failed


def read_truth(folder: Path) -> list[Row]:
    """Rows of DIR/truth.jsonl, each of a known type and with a file that is there; raises CannotMeasure."""
    if not folder.is_dir():
        raise CannotMeasure(f"{folder}: no such folder; give the one that holds truth.jsonl")
    path = folder / "truth.jsonl"
    rows = read_rows(path, ("file", "url", "type"))
    seen: set[str] = set()
    for row in rows:
        if row["type"] not in KINDS:
            raise CannotMeasure(f"{path}: {row['file']} is of type {row['type']!r}; known are {', '.join(sorted(KINDS))}")
        if row["file"] in seen:
            raise CannotMeasure(f"{path}: {row['file']} has two rows; keep one")
        if not (folder / row["file"]).is_file():
            raise CannotMeasure(f"{path}: names {row['file']}, which is not in {folder}")
        seen.add(row["file"])
    return rows


def load_scorer(path: Path) -> ModuleType:
    """The scorer as it stands there; raises CannotMeasure where it is absent or has no `evaluate`."""
    spec = importlib.util.spec_from_file_location("score_extraction", path) if path.is_file() else None
    if spec is None or spec.loader is None:
        raise CannotMeasure(f"{path}: no scorer there; name it with --scorer PATH")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not callable(getattr(module, "evaluate", None)):
        raise CannotMeasure(f"{path}: has no function `evaluate`; name the scorer with --scorer PATH")
    return module


def extract_all(folder: Path, truth: Sequence[Row]) -> Guesses:
    """What the extractors find; all files are read once before, so that no import or table is counted as a page's cost."""
    for row in truth:
        _extract(folder, row, Guesses())
    _forget_values()
    guesses = Guesses()
    with _collected():
        for row in truth:
            _extract(folder, row, guesses)
    return guesses


def _forget_values() -> None:
    """Empty the memories of bounded size (`lru_cache`): they hold what pages had, unlike the tables, which are kept without bound."""
    for each in gc.get_objects():
        if isinstance(each, type(_known)) and each.cache_parameters()["maxsize"] is not None:
            each.cache_clear()
    re.purge()


@lru_cache(maxsize=1)
def _known() -> None:
    """Stands for its type, which has no public name."""


@contextmanager
def _collected() -> Iterator[None]:
    """Set what is loaded aside from the garbage collector, as a crawl does that runs for hours."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _extract(folder: Path, row: Row, guesses: Guesses) -> None:
    body = opened(folder / row["file"])
    gc.collect()
    try:
        found, spent = timed(lambda: list(flat_records(body, row["url"], {})))
    except Exception as error:  # noqa: BLE001 - a crash on one page must not hide the score of the others; it is told and ends with 1
        guesses.failed[row["file"]] = f"{type(error).__name__}: {error}"
        found, spent = [], 0.0
    else:
        guesses.times.append(spent)
    guesses.rows.append({**(found[0] if found else {}), "file": row["file"]})


def table(result: dict[str, Any]) -> str:
    """Counts, precision and recall a field, then the CPU time; "-" where nothing was predicted or nothing was to be found."""
    lines = [f"{'field':<24}{'correct':>8}{'predicted':>10}{'truth':>7}{'P':>8}{'R':>8}"]
    lines += [
        f"{name:<24}{count['correct']:>8}{count['predicted']:>10}{count['truth']:>7}{_share(count['precision'])}{_share(count['recall'])}"
        for name, count in result["fields"].items()
    ]
    cpu = result["cpu_ms"]
    return "\n".join([*lines, f"CPU ms a page: median {cpu['median']}, 95 % below {cpu['p95']}, pages {cpu['n']}"]) + "\n"


def _share(value: float | None) -> str:
    return f"{'-' if value is None else format(value, '.3f'):>8}"
