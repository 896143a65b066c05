"""The audit: logins, failures, exports, do-not-contact, changes of accounts and of terms; who, when, what, from where."""

import getpass
from datetime import datetime, timedelta

import sqlite_utils

from market_db.access.accounts import Deed, access_db
from market_db.codec import from_row, to_row
from market_db.home import Home
from market_db.rows import read_rows, write_rows
from market_db.values.text import clean

TERMINAL = "terminal"
KEPT = timedelta(days=730)
"""Lines older than that are dropped: they name our own staff."""
MOST_ABOUT = 200


def keep(db: sqlite_utils.Database, what: str, *, who: str, address: str, now: datetime, about: str = "") -> None:
    """Add a line."""
    at = now.isoformat(timespec="seconds")
    deed = Deed(at=at, who=clean(who, 60), what=what, about=clean(about, MOST_ABOUT), address=clean(address, 60))
    with db.atomic():
        write_rows(db, "deeds", [to_row(deed)])


def record(home: Home, what: str, *, who: str, address: str, now: datetime, about: str = "") -> None:
    """Add a line. Raises MarketError."""
    with access_db(home) as db:
        keep(db, what, who=who, address=address, now=now, about=about)


def from_terminal(home: Home, what: str, *, now: datetime, about: str = "") -> None:
    """Add a line about something done on the command line, by the system's user. Raises MarketError."""
    try:
        who = getpass.getuser()
    except (KeyError, OSError):
        who = ""
    record(home, what, who=who, address=TERMINAL, now=now, about=about)


def noted_from_terminal(home: Home, what: str, *, now: datetime, about: str = "") -> None:
    """The same for what people do without accounts too: only where the workspace keeps an audit already. Raises MarketError."""
    if home.access.exists():
        from_terminal(home, what, now=now, about=about)


def deeds(home: Home, *, what: str = "", who: str = "", limit: int = 200, offset: int = 0) -> tuple[list[Deed], int]:
    """Lines, newest first, and how many there are; all, or of one kind or person."""
    if not home.access.exists():
        return [], 0
    where, params = "where (?='' or what=?) and (?='' or who=?)", (what, what, who, who)
    sql = f"select at, who, what, about, address from deeds {where} order by id desc limit ? offset ?"
    with access_db(home) as db:
        total = db.conn.execute(f"select count(*) from deeds {where}", params).fetchone()[0]
        return [from_row(Deed, row) for row in read_rows(db, sql, (*params, limit, offset))], int(total)


def prune(db: sqlite_utils.Database, now: datetime) -> None:
    """Drop what is older than it is kept, inside the caller's transaction."""
    db.conn.execute("delete from deeds where at < ?", ((now - KEPT).isoformat(timespec="seconds"),))
