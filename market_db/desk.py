"""The only writes of entered data: decisions, follow-ups, and the list of those who asked not to be contacted."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import sqlite_utils

from market_db.codec import from_row, to_row
from market_db.entered import Decision, DoNotContact, FollowUp
from market_db.home import Home
from market_db.rows import read_rows, write_rows
from market_db.schema import open_desk
from market_db.values.names import core_name
from market_db.values.phones import read_phone
from market_db.values.websites import registrable_domain

__all__ = [
    "BadSuppression",
    "Suppressed",
    "add_decision",
    "add_follow_up",
    "decisions",
    "do_not_contact",
    "latest_follow_ups",
    "open_desk",
    "suppressed",
]


class BadSuppression(ValueError):
    """Raised by `do_not_contact` when a value cannot be that kind of contact."""


def _email(value: str) -> str | None:
    text = value.strip().lower()
    return text if "@" in text[1:] and " " not in text else None


def _phone(value: str) -> str | None:
    """E.164; a number without a country code is kept by its digits."""
    phone = read_phone(value)
    digits = "".join(c for c in value if c.isdigit())
    return (phone.e164 if phone else None) or (f"digits:{digits}" if len(digits) >= 6 else None)


def _company(value: str) -> str | None:
    return core_name(value) or None


NORMALISE: dict[str, Callable[[str], str | None]] = {
    "email": _email,
    "phone": _phone,
    "domain": lambda value: registrable_domain(value.strip().lower()),
    "company": _company,
}


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Who must not be stored, shown or exported; holds hashes only."""

    key: bytes = b""
    hashes: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def covers(self, kind: str, value: str) -> bool:
        """Whether a contact (email, phone, website, domain) or company name is on the list, by itself or by its domain."""
        if not self.hashes or not value:
            return False
        return any((k, _hash(self.key, k, v)) in self.hashes for k, v in _faces(kind, value))


def _faces(kind: str, value: str) -> Iterator[tuple[str, str]]:
    """Under which entries a value would be listed."""
    if kind in ("email", "website", "domain"):
        domain = registrable_domain(value.rpartition("@")[2])
        if domain:
            yield "domain", domain
    if kind in ("email", "phone", "company"):
        normal = NORMALISE[kind](value)
        if normal:
            yield kind, normal
    if kind == "phone":
        yield "phone", "digits:" + "".join(c for c in value if c.isdigit())


def _hash(key: bytes, kind: str, value: str) -> str:
    return hashlib.blake2b(f"{kind}\x1f{value}".encode("utf-8", "surrogatepass"), key=key, digest_size=20).hexdigest()


def _key(db: sqlite_utils.Database) -> bytes:
    """The home's secret for the list, made at first use."""
    row = db.conn.execute("select value from meta where key='do_not_contact_key'").fetchone()
    if row:
        return bytes.fromhex(row[0])
    key = secrets.token_bytes(32)
    with db.atomic():
        db.conn.execute("insert or ignore into meta (key, value) values ('do_not_contact_key', ?)", (key.hex(),))
    return _key(db)


def suppressed(home: Home) -> Suppressed:
    """The list as it stands; empty where nobody entered anything yet."""
    if not home.desk.exists():
        return Suppressed()
    db = open_desk(home)
    try:
        hashes = frozenset((kind, value) for kind, value in db.conn.execute("select kind, hash from do_not_contact"))
        return Suppressed(_key(db), hashes) if hashes else Suppressed()
    finally:
        db.close()


def do_not_contact(home: Home, kind: str, value: str, *, by: str, reason: str, now: datetime) -> DoNotContact:
    """Put one e-mail, phone, domain or company on the list; twice is harmless.

    Raises BadSuppression when the value cannot be read as that kind.
    """
    if kind not in NORMALISE:
        raise BadSuppression(f"{kind!r} is not one of {', '.join(NORMALISE)}")
    normal = NORMALISE[kind](value)
    if not normal:
        raise BadSuppression(f"{value!r} cannot be read as {kind}")
    db = open_desk(home)
    try:
        at = now.isoformat(timespec="seconds")
        entry = DoNotContact(kind=kind, hash=_hash(_key(db), kind, normal), entered_at=at, entered_by=by, reason=reason)
        with db.atomic():
            db.conn.execute(
                "insert or ignore into do_not_contact (kind, hash, entered_at, entered_by, reason) values (?,?,?,?,?)",
                (entry.kind, entry.hash, entry.entered_at, entry.entered_by, entry.reason),
            )
        return entry
    finally:
        db.close()


def decisions(home: Home) -> list[Decision]:
    """All decisions of people, oldest first."""
    if not home.desk.exists():
        return []
    db = open_desk(home)
    try:
        return [from_row(Decision, row) for row in read_rows(db, "select * from decisions order by id")]
    finally:
        db.close()


def add_decision(home: Home, decision: Decision) -> None:
    """Keep one decision."""
    _add(home, "decisions", decision)


def add_follow_up(home: Home, follow_up: FollowUp) -> None:
    """Keep one step of following up."""
    _add(home, "follow_ups", follow_up)


def _add(home: Home, table: str, record: object) -> None:
    db = open_desk(home)
    try:
        with db.atomic():
            write_rows(db, table, [to_row(record)])
    finally:
        db.close()


def latest_follow_ups(home: Home) -> dict[str, FollowUp]:
    """Lead id -> newest follow-up."""
    if not home.desk.exists():
        return {}
    db = open_desk(home)
    try:
        rows = read_rows(db, "select * from follow_ups order by id")
        return {row["lead_id"]: from_row(FollowUp, row) for row in rows}
    finally:
        db.close()
