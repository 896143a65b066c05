"""What a home remembers of a database that is gone: it is never quietly given an empty one in its place."""

from contextlib import closing
from pathlib import Path

from market_db.home import Home
from market_db.sqlite import read_only, sqlite3


def lost_file(home: Home, path: Path) -> str:
    """What was lost and the way back: a file of 0 bytes, or a missing one that other files of the home remember; empty = all is well."""
    if path.exists():
        return f"{path} is empty (0 bytes): what it held is lost. {_way_back(home, path)}" if path.stat().st_size == 0 else ""
    witness = _witness(home, path)
    return f"{path} is missing, but {witness}: it is not made anew. {_way_back(home, path)}" if witness else ""


def lost_tables(home: Home, path: Path) -> str:
    """The same of a file without any table."""
    witness = _witness(home, path)
    return f"{path} holds no table, but {witness}: it is not filled anew. {_way_back(home, path)}" if witness else ""


def _has_bytes(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _way_back(home: Home, path: Path) -> str:
    """What to do about a lost database."""
    copies = any(home.backups.glob(f"{path.stem}-*.db"))
    back = "`tembus restore` brings back the newest backup" if copies else f"there is no backup of it in {home.backups}"
    lost = "published.db and the backups of market.db" if path == home.market else f"the backups of {path.name}"
    return f"{back}; to start without it, move {path.name} and {lost} out of {home.root}"


def _witness(home: Home, path: Path) -> str:
    """What says that a missing database was there before; empty = nothing does. desk.db alone is no witness: it may come first."""
    if any(home.backups.glob(f"{path.stem}-*.db")):
        return f"{home.backups} holds backups of it"
    if _has_bytes(Path(f"{path}-wal")):
        return f"{path.name}-wal was left of it"
    if path == home.market and home.published.exists():
        return "published.db was made from it"
    return "desk.db holds notes about its leads" if path == home.market and _has_notes(home.desk) else ""


def _has_notes(path: Path) -> bool:
    """Whether people entered something about leads, which only a market gives."""
    if not _has_bytes(path):
        return False
    try:
        with closing(read_only(path)) as conn:
            return any(conn.execute(f"select 1 from {table} limit 1").fetchone() for table in ("follow_ups", "shortlist_entries"))
    except sqlite3.DatabaseError:
        return False  # opening desk.db itself says what is wrong with it
