"""Reads a filled workbook in a process of its own, with limits on time and memory: whatever is in the file, the pages go on."""

import json
import subprocess
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from market_db.workbook.problem import Problem
from market_db.workbook.reader import FilledRow, ReadBack, read_back, refused

SECONDS = 120
MOST_MEMORY = 1_500_000_000
"""Bytes of address space; 100,000 leads with their texts take a third of it."""


def read_apart(path: Path, seconds: float = SECONDS) -> ReadBack:
    """As `read_back`, but a file that takes too long or too much memory is a problem of the file. OSError where it cannot be opened."""
    path.stat()
    command = [sys.executable, "-m", "market_db.workbook.apart", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=False, cwd=Path(__file__).parents[2])
    except subprocess.TimeoutExpired:
        return refused("too_slow")
    if done.returncode:
        return refused("too_big")
    return from_text(done.stdout.decode("utf-8"))


def to_text(found: ReadBack) -> str:
    """What was read, as JSON."""
    return json.dumps({**asdict(found), "columns": sorted(found.columns)}, default=lambda moment: moment.isoformat())


def from_text(text: str) -> ReadBack:
    """What `to_text` wrote."""
    told: dict[str, Any] = json.loads(text)
    return ReadBack(
        rows=tuple(FilledRow(**{**row, "contacted_on": _day(row["contacted_on"])}) for row in told["rows"]),
        problems=tuple(Problem(**one) for one in told["problems"]),
        columns=frozenset(told["columns"]),
        made_at=datetime.fromisoformat(told["made_at"]) if told["made_at"] else None,
        shortlist=told["shortlist"],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _limit() -> None:
    """Less memory than the machine has; where the system knows no such limit, the time alone holds."""
    try:
        import resource
    except ImportError:
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def main(path: str) -> int:
    """Read one file; 0 and JSON on standard output, or 3 where memory ran out."""
    _limit()
    try:
        text = to_text(read_back(Path(path)))
    except (MemoryError, RecursionError):
        return 3
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
