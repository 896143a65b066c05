"""How a database file is opened: for writing, checked and brought up to date; for reading, also where nothing can be written."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlite_utils
from sqlite_utils.migrations import Migrations

from market_db.home import Home
from market_db.lost import lost_file, lost_tables
from market_db.room import lacks_room
from market_db.sqlite import read_only, sqlite3

BUSY_MS = 30_000
WAL_LIMIT = 64 * 1024 * 1024
AGAIN = 0.02
"""Seconds until another try where SQLite does not wait by itself."""


class MarketError(Exception):
    """A database cannot be used; the message says what to do."""


def open_tuned(home: Home, path: Path, migrations: Migrations) -> sqlite_utils.Database:
    """Open, check and migrate; a new database comes into being as a whole, so that 0 bytes always mean a loss. Raises MarketError."""
    _refuse(lost_file(home, path))
    try:
        if not path.exists():
            _create_whole(path, migrations)
        db = _tuned(path, "rw")
        try:
            if not _is_current(db, migrations):
                _bring_up(db, home, path, migrations)
        except BaseException:
            db.close()
            raise
    except sqlite3.DatabaseError as error:
        raise MarketError(_explain(path, error)) from error
    return db


def _bring_up(db: sqlite_utils.Database, home: Home, path: Path, migrations: Migrations) -> None:
    """Migrate a database that is not as this program makes it, one at a time: whoever waited finds it done.

    Raises MarketError for one that was emptied, or is newer.
    """
    with at_once(db):
        if _is_current(db, migrations):
            return
        if not db.table_names():
            _refuse(lost_tables(home, path))
        _refuse_newer(db, path, migrations)
        migrations.apply(db)


@contextmanager
def at_once(db: sqlite_utils.Database) -> Iterator[None]:
    """A transaction that writes from its beginning: what it reads first is still so when it writes, and others wait instead of failing."""
    db.conn.execute("begin immediate")
    try:
        yield
        db.conn.commit()
    except BaseException:
        db.conn.rollback()
        raise


def read_tuned(home: Home, path: Path, migrations: Migrations) -> sqlite_utils.Database:
    """A database that exists, for reading alone: half the cost of a writer's, since nothing is tuned and its end writes nothing back.

    Raises MarketError as `open_tuned`, which opens one that must be migrated first.
    """
    _refuse(lost_file(home, path))
    try:
        db = sqlite_utils.Database(read_only(path, timeout=BUSY_MS / 1000))
        if _is_current(db, migrations):
            return db
    except sqlite3.DatabaseError as error:
        raise MarketError(_explain(path, error)) from error
    db.close()
    return open_tuned(home, path, migrations)


def _is_current(db: sqlite_utils.Database, migrations: Migrations) -> bool:
    """Whether exactly the migrations of this program were applied; asked at each opening, and so without the library's way round."""
    sql = f"select name from {migrations.migrations_table} where migration_set=?"
    try:
        held = {name for (name,) in db.conn.execute(sql, (migrations.name,))}
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return False
    return held == {migration.name for migration in migrations._migrations}


def _refuse(lost: str) -> None:
    if lost:
        raise MarketError(lost)


def is_there(home: Home, path: Path) -> bool:
    """Whether a database was ever made; raises MarketError where it is lost."""
    _refuse(lost_file(home, path))
    return path.exists()


def _create_whole(path: Path, migrations: Migrations) -> None:
    """Make a database beside its place and link it there; of two processes that start at once the first wins."""
    temp = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    temp.unlink(missing_ok=True)
    try:
        with closing(_tuned(temp, "rwc")) as db:
            migrations.apply(db)
        _link(temp, path)
    finally:
        for tail in ("", "-wal", "-shm"):
            Path(f"{temp}{tail}").unlink(missing_ok=True)


def _link(temp: Path, path: Path) -> None:
    """Give the file its name unless another has it; where the file system knows no links (a memory stick), rename it."""
    try:
        os.link(temp, path)
    except FileExistsError:
        return
    except OSError:
        if not path.exists():
            temp.replace(path)


def _tuned(path: Path, mode: str) -> sqlite_utils.Database:
    """A connection with the pragmas every writer needs; deleted rows are overwritten, so that what was forgotten is gone."""
    conn = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=BUSY_MS / 1000)
    try:
        conn.execute(f"PRAGMA busy_timeout={BUSY_MS}").fetchall()
        _write_ahead(conn)
        for pragma in ("synchronous=NORMAL", "secure_delete=ON", f"journal_size_limit={WAL_LIMIT}"):
            conn.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        conn.close()
        raise
    return sqlite_utils.Database(conn)


def _write_ahead(conn: sqlite3.Connection) -> None:
    """Readers and a writer beside each other. A file that is not so yet (a backup) is changed once nobody uses it: SQLite does not wait."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            conn.execute("PRAGMA journal_mode=WAL").fetchall()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
        time.sleep(AGAIN)


def _refuse_newer(db: sqlite_utils.Database, path: Path, migrations: Migrations) -> None:
    """A database of a later program is not touched."""
    known = {migration.name for migration in migrations._migrations}
    unknown = [migration.name for migration in migrations.applied(db) if migration.name not in known]
    if unknown:
        raise MarketError(f"{path} was written by a newer Tembus (it knows {', '.join(unknown)}): update the program")


def _explain(path: Path, error: Exception) -> str:
    """What happened to the file, and the way out."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return f"{path} is held by another program: {text}; close it (`fuser {path}` names it) and try again"
    if "malformed" in text or "not a database" in text:
        return f"{path} is damaged ({text}): `tembus restore` brings back the newest backup; the file is left as it is"
    if lacks_room(path, text):
        return f"{path}: database or disk is full"
    return f"{path}: {text}"
