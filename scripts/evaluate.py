"""`python -m scripts.evaluate WHAT ...`: measure what was built against answers read by people; one sub-command a kind of answer."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from scripts.evaluation import companies, extraction, names, relevance, titles, values
from scripts.evaluation.measuring import CannotMeasure
from scripts.failures import FAILED, USAGE

COMMANDS: dict[str, Any] = {
    "extraction": extraction,
    "titles": titles,
    "relevance": relevance,
    "companies": companies,
    "names": names,
    **values.COMMANDS,
}
"""Name -> module with ABOUT, `declare(parser)` and `run(options) -> exit code`; `run` raises CannotMeasure for what it cannot read."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command; returns 0 when it measured, 1 when an extractor failed on the way, 2 for what was asked wrongly."""
    parser = argparse.ArgumentParser(prog="python -m scripts.evaluate", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="WHAT")
    for name, module in COMMANDS.items():
        module.declare(commands.add_parser(name, help=module.ABOUT, description=module.ABOUT))
    options = parser.parse_args(arguments)
    try:
        return 0 if COMMANDS[options.command].run(options) else FAILED
    except BrokenPipeError:  # `| head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except CannotMeasure as error:
        sys.stderr.write(f"{error}\n")
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
