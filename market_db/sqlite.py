"""The one SQLite library of every Tembus process: two of them on one WAL file can corrupt it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlite_utils
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

__all__ = ["BUSY", "create", "is_trouble_around", "read_only", "sqlite3"]
BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN = 5, 6, 8, 10, 13, 14
IOERR_READ = 266


def create(db: sqlite_utils.Database, name: str, columns: dict[str, Any], pk: str | tuple[str, ...], *indexes: Iterable[str]) -> None:
    """A strict table with its indexes."""
    table = db.table(name)
    table.create(columns, pk=pk, strict=True)
    for index in indexes:
        table.create_index(list(index))


def read_only(path: Path, *, timeout: float = 5.0) -> sqlite3.Connection:
    """A connection that writes nothing and makes no file. Raises sqlite3.DatabaseError.

    A database with a WAL needs an index beside it, which a full disk or a folder that is not ours to write does not take. Where the WAL
    holds nothing, the file is then read as it stands: nobody else can write to it either.
    """
    conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=timeout)
    try:
        conn.execute("pragma schema_version").fetchone()
    except sqlite3.OperationalError as error:
        conn.close()
        if error.sqlite_errorcode & 0xFF not in (IOERR, CANTOPEN, READONLY, FULL) or _is_unfinished(path):
            raise
        conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        conn.execute("pragma schema_version").fetchone()
    except BaseException:
        conn.close()
        raise
    return conn


def _is_unfinished(path: Path) -> bool:
    """Whether something that was written stands beside the file, not in it."""
    beside = [path.with_name(path.name + tail) for tail in ("-wal", "-journal")]
    return not path.exists() or any(one.exists() and one.stat().st_size > 0 for one in beside)


def is_trouble_around(error: sqlite3.DatabaseError) -> bool:
    """Whether a file could not be read for what is around it (a lock, want of room or rights), not for what is in it."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in (BUSY, LOCKED, READONLY, FULL, CANTOPEN) or (code & 0xFF == IOERR and code != IOERR_READ)
