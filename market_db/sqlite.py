"""The one SQLite library of every Tembus process: two of them on one WAL file can corrupt it."""

from collections.abc import Iterable
from typing import Any

import sqlite_utils
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

__all__ = ["create", "sqlite3"]


def create(db: sqlite_utils.Database, name: str, columns: dict[str, Any], pk: str | tuple[str, ...], *indexes: Iterable[str]) -> None:
    """A strict table with its indexes."""
    table = db.table(name)
    table.create(columns, pk=pk, strict=True)
    for index in indexes:
        table.create_index(list(index))
