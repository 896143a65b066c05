"""Logging in: failed attempts that cost more and more time, sessions whose ids are stored as hashes, and an end to each.

Times: OWASP Session Management Cheat Sheet asks for an idle and an absolute end; an office day decides how long.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

import sqlite_utils

from market_db.access.accounts import Account, Attempt, Session, access_db, plain_name
from market_db.access.audit import keep, prune
from market_db.access.passwords import fits, hashed, is_weaker
from market_db.codec import from_row, to_row
from market_db.home import Home
from market_db.opening import BUSY_MS, MarketError
from market_db.rows import read_rows, write_rows
from market_db.sqlite import read_only, sqlite3

IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)
"""A session ends after this time without a page, and at the latest."""
TOUCH = 60
"""Seconds between two notes that a session is in use: not every page writes."""
FREE = {"name": 5, "address": 20}
"""Failures before waiting begins: an office may share one address."""
FIRST_WAIT = 5
"""Seconds; doubles with every further failure."""
MOST_WAIT = {"name": 900, "address": 3_600}
"""Seconds. A name is never shut for longer: whoever knows it could keep its owner out."""
FORGIVEN = 86_400
"""Seconds after the last failure that the count begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What came of a login."""

    account: Account | None = None
    token: str = ""
    """Random id for the cookie."""
    wait: int = 0
    """Seconds until the next attempt is looked at; 0 = name or password were wrong, or all is well."""


def log_in(home: Home, name: str, password: str, *, address: str, now: datetime, old: str = "", deed: str = "login") -> Opened:
    """Check name and password and begin a session; `old`, the session so far, ends.

    Every attempt counts as failed before it is checked, so that many at once gain nothing. Whether a name exists makes no difference:
    the same counting, the same hashing. `deed` is what the audit calls it. Raises MarketError, TooBusy.
    """
    name, second = plain_name(name), int(now.timestamp())
    keys = {"name": _hash(f"name {name}"), "address": _hash(f"address {_network(address)}")}
    with access_db(home) as db:
        wait = _count(db, keys, second)
        if wait:
            keep(db, f"{deed}_too_many", who=_known(db, name), address=address, now=now)
            return Opened(wait=wait)
        found = next((from_row(Account, row) for row in read_rows(db, "select * from accounts where name=?", (name,))), None)
        if not fits(found.password if found else None, password) or found is None or found.disabled:
            keep(db, f"{deed}_failed", who=_known(db, name), address=address, now=now)
            return Opened(wait=_waiting(db, keys.values(), second))
        better = hashed(password) if is_weaker(found.password) else found.password
        with db.atomic():
            _forgive(db, keys)
            db.conn.execute("update accounts set password=? where name=? and password=?", (better, name, found.password))
            token = _begin(db, name, second, address, old)
            prune(db, now)
        keep(db, deed, who=name, address=address, now=now)
        return Opened(account=found, token=token)


def _known(db: sqlite_utils.Database, name: str) -> str:
    """The name where it is an account's: what is typed may be a password in the wrong field, and is not kept."""
    return name if db.conn.execute("select 1 from accounts where name=?", (name,)).fetchone() else ""


def _count(db: sqlite_utils.Database, keys: Mapping[str, str], second: int) -> int:
    """Count an attempt of both as failed; seconds to wait where it is not even looked at."""
    with db.atomic():
        db.conn.execute("delete from attempts where last < ?", (second - FORGIVEN,))  # begins the writing: others wait here
        wait = _waiting(db, keys.values(), second)
        if wait:
            return wait
        for kind, key in keys.items():
            row = db.conn.execute("select failures from attempts where key=?", (key,)).fetchone()
            failures = (row[0] if row else 0) + 1
            over = failures - FREE[kind]
            pause = min(FIRST_WAIT * 2 ** min(over, 20), MOST_WAIT[kind]) if over >= 0 else 0
            write_rows(db, "attempts", [to_row(Attempt(key=key, failures=failures, last=second, until=second + pause))], replace=True)
    return 0


def _waiting(db: sqlite_utils.Database, keys: Iterable[str], second: int) -> int:
    found = db.conn.execute("select max(until) from attempts where key in (?, ?)", tuple(keys)).fetchone()[0]
    return max(int(found or 0) - second, 0)


def _forgive(db: sqlite_utils.Database, keys: Mapping[str, str]) -> None:
    """The name starts anew; the address loses this attempt only, so that an own account buys nobody more guesses at others."""
    db.conn.execute("delete from attempts where key=?", (keys["name"],))
    db.conn.execute("update attempts set failures=failures-1, until=0 where key=?", (keys["address"],))


def _begin(db: sqlite_utils.Database, name: str, second: int, address: str, old: str) -> str:
    token = secrets.token_urlsafe(32)
    ended = (_hash(old), second - int(IDLE.total_seconds()), second - int(LONGEST.total_seconds()))
    db.conn.execute("delete from sessions where hash=? or used < ? or began < ?", ended)
    write_rows(db, "sessions", [to_row(Session(hash=_hash(token), name=name, began=second, used=second, address=address))])
    return token


def session_of(home: Home, token: str, *, now: datetime) -> Account | None:
    """The person behind a cookie; None where the session ended, was ended, or never was. Raises MarketError where access.db is damaged."""
    if not 20 <= len(token) <= 100 or not token.isascii() or not home.access.exists():
        return None
    second = int(now.timestamp())
    found = _read(home, token)
    if found is None or found[1] < second - IDLE.total_seconds() or found[2] < second - LONGEST.total_seconds():
        return None
    person, used, _ = found
    if second - used >= TOUCH:
        with suppress(MarketError, sqlite3.OperationalError), access_db(home) as db, db.atomic():
            # a disk that is full ends the session early, not the page
            db.conn.execute("update sessions set used=? where hash=? and used < ?", (second, _hash(token), second))
    return person


def _read(home: Home, token: str) -> tuple[Account, int, int] | None:
    """Without the checks of a writer: it is asked for every page."""
    sql = "select a.*, s.used as used, s.began as began from sessions s join accounts a on a.name=s.name where s.hash=? and not a.disabled"
    with closing(read_only(home.access, timeout=BUSY_MS / 1000)) as conn:
        for row in read_rows(sqlite_utils.Database(conn), sql, (_hash(token),)):
            used, began = int(row.pop("used")), int(row.pop("began"))
            return from_row(Account, row), used, began
    return None


def log_out(home: Home, token: str) -> None:
    """End a session."""
    if home.access.exists():
        with access_db(home) as db, db.atomic():
            db.conn.execute("delete from sessions where hash=?", (_hash(token),))


def renew(home: Home, name: str, *, address: str, now: datetime) -> str:
    """A session under a new id, after the password was changed."""
    with access_db(home) as db, db.atomic():
        return _begin(db, name, int(now.timestamp()), address, "")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _network(address: str) -> str:
    """One IPv4 address, or the /64 of an IPv6 one: that is what one household or attacker has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(int(found) >> 64) if isinstance(found, IPv6Address) and not found.ipv4_mapped else str(found)
