"""Plain reading and writing of rows, shared by everything that speaks SQL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import sqlite_utils

BATCH = 1_000


def batched(items: Iterable[Any], size: int) -> Iterator[tuple[Any, ...]]:
    """itertools.batched, which Python 3.11 lacks."""
    stream = iter(items)
    while part := tuple(islice(stream, size)):
        yield part


def insert_sql(table: str, names: Sequence[str], *, replace: bool = False) -> str:
    """An INSERT with one placeholder a column."""
    quoted, marks = ", ".join(f'"{name}"' for name in names), ",".join("?" * len(names))
    return f'insert {"or replace " if replace else ""}into "{table}" ({quoted}) values ({marks})'


def write_rows(db: sqlite_utils.Database, table: str, rows: Iterable[Mapping[str, Any]], *, replace: bool = False) -> int:
    """Write rows of one shape inside the caller's transaction; returns how many."""
    stream = iter(rows)
    first = next(stream, None)
    if first is None:
        return 0
    sql, count = insert_sql(table, list(first), replace=replace), 0
    for batch in batched(chain([first], stream), BATCH):
        db.conn.executemany(sql, [tuple(row.values()) for row in batch])
        count += len(batch)
    return count


def read_rows(db: sqlite_utils.Database, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> Iterator[dict[str, Any]]:
    """Rows as dicts, streamed."""
    cursor = db.conn.execute(sql, params)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))
