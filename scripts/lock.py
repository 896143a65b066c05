"""One writer at a time: a lock of the kernel that dies with its process, so that no crash can leave it behind."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from market_db.home import Home


class AlreadyRunning(Exception):
    """Another process of Tembus writes to this home; `holder` says which, where it is known."""

    def __init__(self, holder: "Holder | None") -> None:
        super().__init__(f"already running: {holder.job} since {holder.since}, process {holder.pid}" if holder else "already running")
        self.holder = holder


class Holder:
    """Who holds the lock, as it wrote down itself."""

    def __init__(self, job: str, pid: int, since: str) -> None:
        self.job, self.pid, self.since = job, pid, since


def _card(home: Home) -> Path:
    return home.root / "tembus.lock.json"


def holder(home: Home) -> Holder | None:
    """What the holder wrote; None where nothing readable is there."""
    try:
        data = json.loads(_card(home).read_text("utf-8"))
        return Holder(str(data["job"]), int(data["pid"]), str(data["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def one_writer(home: Home, job: str) -> Iterator[None]:
    """Hold the lock of a home while writing to it. Raises AlreadyRunning at once where another process holds it.

    The lock is `flock`: the kernel lets go of it when the process ends, however it ends; the file stays and means nothing.
    """
    from filelock import FileLock, Timeout

    home.make()
    lock = FileLock(home.lock, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout as busy:
        raise AlreadyRunning(holder(home)) from busy
    try:
        _sign(home, job)
        yield
    finally:
        with suppress(OSError):
            _card(home).unlink(missing_ok=True)
        lock.release()


def _sign(home: Home, job: str) -> None:
    """Say who holds the lock; a full disk must not stop the job for that."""
    card = {"job": job, "pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
    with suppress(OSError):
        _card(home).write_text(json.dumps(card), "utf-8")


def is_held(home: Home) -> bool:
    """Whether somebody writes now."""
    from filelock import FileLock, Timeout

    if not home.lock.exists():
        return False
    try:
        with FileLock(home.lock, timeout=0):
            return False
    except Timeout:
        return True
