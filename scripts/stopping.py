"""What a night does when it is told to stop: the first signal lets the batch end, the second ends everything at once."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
AT_ONCE = 130


class Interrupted(BaseException):
    """The first SIGTERM or Ctrl-C; no Exception, so that no step takes it for a failure of its own."""


def children() -> list[int]:
    """Processes this one started and that still run; empty where the system does not say."""
    try:
        return [int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]
    except OSError:
        return []


def _at_once() -> None:
    """No batch is finished: SQLite rolls back what was open."""
    for pid in children():
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    os._exit(AT_ONCE)


@contextmanager
def stoppable() -> Iterator[None]:
    """Within it the first signal raises Interrupted and the second ends the process and its children."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen = 0

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen > 1:
            _at_once()
        raise Interrupted

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
