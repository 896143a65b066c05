"""Measure how often the core of a company's name is found: the legal form taken off, whatever tradition it comes from."""

import argparse
import json
import sys
from pathlib import Path

from market_db.values.names import core_name, normal_name
from scripts.evaluation.measuring import CannotMeasure

ABOUT = "cores of company names (TSV: name, core expected)"


def declare(parser: argparse.ArgumentParser) -> None:
    """Arguments of `names`."""
    parser.add_argument("file", type=Path, metavar="PATH", help="TSV without header: name as printed, core expected")
    parser.add_argument("--json", action="store_true", help='one object: {"n", "accuracy"}')
    parser.add_argument("--wrong", action="store_true", help="show the names that were read otherwise (to stderr)")


def run(options: argparse.Namespace) -> bool:
    """Measure and print; returns True: nothing can fail on the way. Raises CannotMeasure."""
    pairs = read_pairs(options.file)
    wrong = [(name, core) for name, core in pairs if core_name(name) != normal_name(core)]
    accuracy = round(1 - len(wrong) / len(pairs), 4)
    if options.wrong:
        sys.stderr.writelines(f"{name}\t{core}\t{core_name(name)}\n" for name, core in wrong)
    if options.json:
        sys.stdout.write(json.dumps({"n": len(pairs), "accuracy": accuracy}) + "\n")
        return True
    sys.stdout.write(f"{len(pairs)} names: core right {accuracy:.4f}\n")
    sys.stdout.writelines(f"  {name!r}: {core_name(name)!r}, should be {normal_name(core)!r}\n" for name, core in wrong)
    return True


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Names and their cores. Raises CannotMeasure naming the line that has no two columns."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotMeasure(f"{path}: cannot be read as UTF-8 ({error})") from error
    pairs = []
    for number, line in enumerate(lines, 1):
        name, tab, core = line.partition("\t")
        if line.strip() and not (tab and core.strip()):
            raise CannotMeasure(f"{path}, line {number}: not two columns; write the name, a tab, and its core")
        if line.strip():
            pairs.append((name, core.split("\t")[0]))
    if not pairs:
        raise CannotMeasure(f"{path}: no row in it, so there is nothing to measure")
    return pairs
