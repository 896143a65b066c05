"""What every sub-command of `scripts.evaluate` needs: rows read with their line numbers, CPU times, one way to say what is wrong."""

import json
import resource
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, TypeVar

Row = dict[str, Any]
Got = TypeVar("Got")


class CannotMeasure(Exception):
    """What was given cannot be measured; the message says what to do."""


def read_rows(path: Path, needed: Collection[str]) -> list[Row]:
    """Objects of a JSON-lines file, each with the keys `needed`; blank lines are skipped.

    Raises CannotMeasure naming file and line.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise CannotMeasure(f"{path}: cannot be read ({error.strerror}); give the folder that holds it") from error
    except UnicodeDecodeError as error:
        raise CannotMeasure(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    rows = [_row(line, f"{path}, line {number}", needed) for number, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise CannotMeasure(f"{path}: no row in it, so there is nothing to measure")
    return rows


def _row(line: str, where: str, needed: Collection[str]) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CannotMeasure(f"{where}: is no JSON ({error}); correct or remove the line") from error
    if not isinstance(row, dict):
        raise CannotMeasure(f"{where}: is no object; each line must be {{...}} with {', '.join(needed)}")
    if missing := [key for key in needed if not isinstance(row.get(key), str) or not row[key]]:
        raise CannotMeasure(f"{where}: has no text in {', '.join(missing)}")
    return row


def timed(work: Callable[[], Got]) -> tuple[Got, float]:
    """The result and the CPU time it took in milliseconds, all threads of this process together."""
    start = process_time()
    result = work()
    return result, (process_time() - start) * 1_000


def peak_mb() -> float:
    """Largest memory of this process and of each child that has ended, MB, to 0.1.

    Of the process itself VmHWM counts (Linux): `ru_maxrss` outlives exec, so a small process that a large one started says as much
    as the large one. Where there is no /proc, `ru_maxrss` (kB) it is.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
    except OSError:
        status = ""
    marks = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    own = next(marks, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return round(max(own, children) / 1024, 1)


def quantiles(times: Sequence[float]) -> dict[str, float | int | None]:
    """Number, median and 95th percentile (nearest rank), rounded to 0.01; None where nothing was measured."""
    ranked = sorted(times)
    if not ranked:
        return {"n": 0, "median": None, "p95": None}
    return {"n": len(ranked), "median": round(median(ranked), 2), "p95": round(ranked[max(0, -(-len(ranked) * 95 // 100) - 1)], 2)}


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write JSON lines; raises CannotMeasure where the file cannot be written."""
    try:
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    except OSError as error:
        raise CannotMeasure(f"{path}: cannot be written ({error.strerror})") from error
