"""The only writes of entered data: decisions, follow-ups, and the list of those who asked not to be contacted."""

import hashlib
import secrets
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import sqlite_utils

from market_db.codec import from_row, to_row
from market_db.desk.entered import Decision, DoNotContact, FollowUp, SourceApproval
from market_db.desk.file import read_desk, write_desk
from market_db.desk.judgements import living
from market_db.desk.quiet import quiet
from market_db.forgetting.contact_faces import ENTRIES, BadSuppression, faces, faces_of_digits, word_face
from market_db.home import Home
from market_db.opening import MarketError
from market_db.rows import read_rows, write_rows
from market_db.schema import open_desk

__all__ = [
    "BadSuppression",
    "Suppressed",
    "add_decision",
    "add_follow_up",
    "approval_history",
    "approvals",
    "approve_source",
    "decisions",
    "do_not_contact",
    "entries_of",
    "latest_follow_ups",
    "open_desk",
    "open_list",
    "suppressed",
    "undo_decision",
]


NORMALISE = ENTRIES
"""Kinds that may be listed, with what is stored of each."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Who must not be stored, shown or exported; holds hashes only."""

    key: bytes = b""
    hashes: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    kinds: frozenset[str] = field(init=False, repr=False, compare=False, default=frozenset())
    """Kinds of which anything is listed: the others need not be read."""

    def __post_init__(self) -> None:
        """Know the kinds once."""
        object.__setattr__(self, "kinds", frozenset(kind for kind, _ in self.hashes))

    def covers(self, kind: str, value: str) -> bool:
        """Whether a contact (email, phone, website, domain) or company name is on the list, by itself or by its domain."""
        if not self.hashes or not value:
            return False
        if kind == "phone" and "phone" not in self.kinds:
            return False
        if kind in ("words", "start"):
            k, v = word_face(kind, value)
            return (k, _hash(self.key, k, v)) in self.hashes
        return any(k in self.kinds and (k, _hash(self.key, k, v)) in self.hashes for k, v in faces(kind, value))

    def may_dial(self, digits: str) -> bool:
        """Whether a number of these digits may be listed: cheaper than `covers`, for pages full of figures."""
        return any(("phone", _hash(self.key, "phone", face)) in self.hashes for face in faces_of_digits(digits))

    def __bool__(self) -> bool:
        """Whether anybody is on the list."""
        return bool(self.hashes)

    def lists(self, kind: str) -> bool:
        """Whether anything of that kind is on the list."""
        return kind in self.kinds

    def having(self, *entries: tuple[str, str]) -> "Suppressed":
        """The list with more (kind, value), as it will be. Raises BadSuppression."""
        more = {(kind, _hash(self.key, kind, text)) for kind, value in entries for text in entries_of(kind, value)}
        return Suppressed(self.key, self.hashes | more)


def entries_of(kind: str, value: str) -> tuple[str, ...]:
    """What is stored of a value, the main entry first.

    Raises BadSuppression when it cannot be read as that kind, or would stand for many.
    """
    if kind not in NORMALISE:
        raise BadSuppression(f"{kind!r} is not one of {', '.join(NORMALISE)}")
    if not (found := NORMALISE[kind](value)):
        raise BadSuppression(f"{value!r} cannot be read as {kind}{HOW[kind]}", f"not_{kind}", value=value)
    return found


HOW = {
    "email": ": write it like info@firm.example",
    "phone": ": write it like +31 20 123 4567",
    "domain": ": write it like firm.example",
    "company": "",
}
"""How each kind is written, for messages."""


def _hash(key: bytes, kind: str, value: str) -> str:
    return hashlib.blake2b(f"{kind}\x1f{value}".encode("utf-8", "surrogatepass"), key=key, digest_size=20).hexdigest()


def _key(db: sqlite_utils.Database) -> bytes:
    """The home's secret for the list, made at first use. Raises MarketError where it is gone: under another one nobody would be found."""
    row = db.conn.execute("select value from meta where key='do_not_contact_key'").fetchone()
    if row:
        return bytes.fromhex(row[0])
    if _hashes(db):
        raise MarketError("desk.db is damaged (the key of its do-not-contact list is gone): `tembus restore` brings back the newest backup")
    key = secrets.token_bytes(32)
    with db.atomic():
        db.conn.execute("insert or ignore into meta (key, value) values ('do_not_contact_key', ?)", (key.hex(),))
    return _key(db)


def suppressed(home: Home) -> Suppressed:
    """The list as it stands; empty where nobody entered anything yet. Raises MarketError where desk.db is lost."""
    with read_desk(home) as db:
        hashes = _hashes(db) if db else frozenset()
        return Suppressed(_key(db), hashes) if db and hashes else Suppressed()


def _hashes(db: sqlite_utils.Database) -> frozenset[tuple[str, str]]:
    return frozenset((kind, value) for kind, value in db.conn.execute("select kind, hash from do_not_contact"))


def newest_request(home: Home) -> datetime | None:
    """When somebody last asked to be left alone; None = nobody did. Raises MarketError where desk.db is lost."""
    with read_desk(home) as db:
        found = db.conn.execute("select max(entered_at) from do_not_contact").fetchone()[0] if db else None
    return datetime.fromisoformat(found).astimezone(UTC) if found else None


def open_list(home: Home) -> Suppressed:
    """The list as it stands with its key, which is made where there is none yet: entries can be added to it with `having`."""
    with closing(open_desk(home)) as db:
        return Suppressed(_key(db), _hashes(db))


def do_not_contact(home: Home, kind: str, value: str, *, by: str, reason: str, now: datetime, in_texts: bool = True) -> DoNotContact:
    """Put one e-mail, phone, domain or company on the list, in every form it is looked up by; twice is harmless.

    Without `in_texts` a company's name is only recognised where it fills a field: a firm may be called like a town.
    Returns the main entry. Raises BadSuppression when the value cannot be read as that kind, or would stand for many firms.
    """
    texts = entries_of(kind, value)[: None if in_texts or kind != "company" else 1]
    db = open_desk(home)
    try:
        key, at = _key(db), now.isoformat(timespec="seconds")
        entries = [DoNotContact(kind=kind, hash=_hash(key, kind, text), entered_at=at, entered_by=by, reason=reason) for text in texts]
        with db.atomic():
            db.conn.executemany(
                "insert or ignore into do_not_contact (kind, hash, entered_at, entered_by, reason) values (?,?,?,?,?)",
                [(entry.kind, entry.hash, entry.entered_at, entry.entered_by, entry.reason) for entry in entries],
            )
        return entries[0]
    finally:
        db.close()


def decisions(home: Home) -> list[Decision]:
    """All decisions of people, oldest first."""
    with read_desk(home) as db:
        return [from_row(Decision, row) for row in read_rows(db, "select * from decisions order by id")] if db else []


def add_decision(home: Home, decision: Decision) -> None:
    """Keep one decision."""
    _add(home, "decisions", quiet(decision, suppressed(home)))


def undo_decision(home: Home, number: int, *, by: str, now: datetime, note: str = "") -> Decision | None:
    """Take a decision back: what was decided before it counts again. Returns it; None = there is none, or it no longer counts."""
    undone = next((one for one in living(decisions(home)) if one.id == number), None)
    if undone:
        at = now.isoformat(timespec="microseconds")
        about = replace(undone, kind="undone", entered_at=at, entered_by=by, note=note, id=None, undoes=number)
        add_decision(home, about)
    return undone


def add_follow_up(home: Home, follow_up: FollowUp) -> None:
    """Keep one step of following up."""
    _add(home, "follow_ups", quiet(follow_up, suppressed(home)))


def _add(home: Home, table: str, record: object) -> None:
    with write_desk(home) as db:
        write_rows(db, table, [to_row(record)])


def latest_follow_ups(home: Home) -> dict[str, FollowUp]:
    """Lead id -> newest follow-up."""
    with read_desk(home) as db:
        rows = read_rows(db, "select * from follow_ups order by id") if db else ()
        return {row["lead_id"]: from_row(FollowUp, row) for row in rows}


def approve_source(home: Home, approval: SourceApproval) -> None:
    """Keep a decision on a source's terms; earlier ones stay as history."""
    _add(home, "source_approvals", approval)


def approvals(home: Home) -> dict[str, SourceApproval]:
    """Source name -> newest decision on its terms."""
    with read_desk(home) as db:
        rows = read_rows(db, "select * from source_approvals order by id") if db else ()
        return {row["source"]: from_row(SourceApproval, row) for row in rows}


def approval_history(home: Home, source: str) -> list[SourceApproval]:
    """Decisions on one source's terms, newest first."""
    with read_desk(home) as db:
        rows = read_rows(db, "select * from source_approvals where source=? order by id desc", (source,)) if db else ()
        return [from_row(SourceApproval, row) for row in rows]
