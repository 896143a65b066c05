"""Work on many parties is shared out to a process a core, and what they all read is handed over without being copied."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

SHARED_FROM = 50_000
"""Parties from which on more than one process pays."""
Given = TypeVar("Given")
Part = TypeVar("Part")
Result = TypeVar("Result")

_given: list[Any] = []
"""Work and what it reads, as forked processes find them when they start: nothing has to be sent to them."""


def shared_out(work: Callable[[Given, Part], Result], given: Given, parts: Iterable[Part], *, size: int) -> Iterator[Result]:
    """Results of `work(given, part)` in the order of the parts; in this process where `size` is small or processes cannot be forked."""
    cores = _cores()
    if size < SHARED_FROM or cores < 2:
        yield from (work(given, part) for part in parts)
        return
    before = list(_given)
    _given[:] = [work, given]
    gc.freeze()  # or the collector of a child would write to, and so copy, everything there is
    try:
        with multiprocessing.get_context("fork").Pool(cores) as pool:
            yield from pool.imap(_run, parts)
    finally:
        gc.unfreeze()
        _given[:] = before


def _cores() -> int:
    """Processes that may run beside each other here; 1 where none can be forked, or this one may have no children."""
    if "fork" not in multiprocessing.get_all_start_methods() or multiprocessing.current_process().daemon:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run(part: Any) -> Any:
    return _given[0](_given[1], part)


def portions(size: int, length: int) -> list[range]:
    """0..size in runs of `length`."""
    return [range(at, min(size, at + length)) for at in range(0, size, length)]
