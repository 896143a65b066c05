"""Who may use the workspace from other machines: accounts in access.db, apart from what people entered.

access.db is a file of its own and is left out of the backups: a restored desk.db must not bring back a person who was shut out, an old
password or an old session, and copies of desk.db are handed around. Where it is lost nobody gets in, and `tembus users add` begins anew.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlite_utils
from sqlite_utils.migrations import Migrations

from market_db.access.passwords import hashed, trouble_with
from market_db.codec import columns_of, from_row, to_row
from market_db.home import Home
from market_db.opening import at_once, open_tuned
from market_db.rows import read_rows, write_rows
from market_db.sqlite import create

ROLES = ("reader", "advisor", "operator")
"""Each may do what those before it may."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


class BadAccount(Exception):
    """What was asked of an account cannot be done; `key` names the sentence in the tables of words, group `accounts`."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"account: {key.replace('_', ' ')} {' '.join(map(str, values.values()))}".strip())
        self.key, self.values = key, values


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who logs in."""

    name: str
    """Small letters a-z, digits, dot, dash, underscore."""
    role: str
    """reader, advisor, operator."""
    password: str
    """Argon2id in PHC form, with its parameters and salt."""
    must_change: bool
    """Somebody else knows the password: it must be changed before anything else."""
    disabled: bool
    made_at: str
    """UTC, ISO 8601."""
    made_by: str
    password_at: str
    """When the password was set, UTC, ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One login of one person; times are seconds since 1970."""

    hash: str
    """SHA-256 of the random id in the cookie: who reads this table cannot use it."""
    name: str
    began: int
    used: int
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Failed logins of one name or one address; times are seconds since 1970."""

    key: str
    """Hash of the name or address: people type passwords into the field of the name."""
    failures: int
    last: int
    until: int
    """Nobody is let in before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A line of the audit: who did what, when, from where."""

    at: str
    """UTC, ISO 8601."""
    who: str
    """Account name; the name of the system's user for the command line; empty = unknown."""
    what: str
    """Key of the sentence in the tables of words, group `deeds`."""
    about: str
    """What it was done to; never a contact, and never what was searched for."""
    address: str
    """Network address; "terminal" for the command line."""


access_migrations = Migrations("tembus-access")


@access_migrations()
def access_tables(db: sqlite_utils.Database) -> None:
    """Accounts, sessions, failed attempts, audit."""
    create(db, "accounts", columns_of(Account), "name")
    create(db, "sessions", columns_of(Session), "hash", ["name"])
    create(db, "attempts", columns_of(Attempt), "key")
    create(db, "deeds", {"id": int, **columns_of(Deed)}, "id", ["at"])


@contextmanager
def access_db(home: Home) -> Iterator[sqlite_utils.Database]:
    """access.db, made at first use. Raises MarketError."""
    home.make()
    with closing(open_tuned(home, home.access, access_migrations)) as db:
        yield db


def plain_name(name: str) -> str:
    """A name as it is stored: NFKC, small letters, without blanks around."""
    return unicodedata.normalize("NFKC", name[:200]).strip().casefold()


def accounts(home: Home) -> list[Account]:
    """Everybody, by name; nobody where access.db was never made."""
    if not home.access.exists():
        return []
    with access_db(home) as db:
        return [from_row(Account, row) for row in read_rows(db, "select * from accounts order by name")]


def account(db: sqlite_utils.Database, name: str) -> Account:
    """One of them. Raises BadAccount."""
    for row in read_rows(db, "select * from accounts where name=?", (plain_name(name),)):
        return from_row(Account, row)
    raise BadAccount("unknown", name=name)


def add_account(home: Home, name: str, role: str, password: str, *, by: str, now: datetime, must_change: bool = True) -> Account:
    """Make an account. Raises BadAccount for a name that is taken or none, a role that is none, a password that is too easy."""
    name, at = plain_name(name), now.isoformat(timespec="seconds")
    if not _NAME.fullmatch(name):
        raise BadAccount("bad_name", name=name)
    _check_role(role)
    _check_password(password, name)
    made = Account(
        name=name, role=role, password=hashed(password), must_change=must_change, disabled=False, made_at=at, made_by=by, password_at=at
    )
    with access_db(home) as db, at_once(db):
        if db.conn.execute("select 1 from accounts where name=?", (name,)).fetchone():
            raise BadAccount("taken", name=name)
        write_rows(db, "accounts", [to_row(made)])
    return made


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise BadAccount("bad_role", role=role, known=", ".join(ROLES))


def _check_password(password: str, name: str) -> None:
    if trouble := trouble_with(password, name):
        raise BadAccount(trouble)


def set_role(home: Home, name: str, role: str) -> None:
    """Another role, from the next page on. Raises BadAccount, also where nobody would be left to run the place."""
    _check_role(role)
    with access_db(home) as db, at_once(db):
        one = account(db, name)
        if role != "operator":
            _keep_an_operator(db, one)
        db.conn.execute("update accounts set role=? where name=?", (role, one.name))


def set_disabled(home: Home, name: str, *, disabled: bool) -> None:
    """Shut somebody out at once, or let them in again. Raises BadAccount, also where nobody would be left to run the place."""
    with access_db(home) as db, at_once(db):
        one = account(db, name)
        if disabled:
            _keep_an_operator(db, one)
            db.conn.execute("delete from sessions where name=?", (one.name,))
        db.conn.execute("update accounts set disabled=? where name=?", (int(disabled), one.name))


def _keep_an_operator(db: sqlite_utils.Database, one: Account) -> None:
    others = db.conn.execute("select count(*) from accounts where role='operator' and not disabled and name<>?", (one.name,)).fetchone()[0]
    if one.role == "operator" and not one.disabled and not others:
        raise BadAccount("last_operator", name=one.name)


def set_password(home: Home, name: str, password: str, *, now: datetime, must_change: bool) -> None:
    """Another password; every session of that person ends. Raises BadAccount."""
    with access_db(home) as db:
        one = account(db, name)
        _check_password(password, one.name)
        made = hashed(password)
        with db.atomic():
            values = (made, int(must_change), now.isoformat(timespec="seconds"), one.name)
            db.conn.execute("update accounts set password=?, must_change=?, password_at=? where name=?", values)
            db.conn.execute("delete from sessions where name=?", (one.name,))
