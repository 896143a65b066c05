"""The one SQLite library of every Tembus process: two of them on one WAL file can corrupt it."""

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

__all__ = ["sqlite3"]
