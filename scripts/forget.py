"""`tembus forget`: one e-mail, phone, domain or company leaves every table, snapshot, export, log, backup and archived page at once."""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from market_db.desk import BadSuppression, do_not_contact, suppressed
from market_db.forget import Erased, compact, erase
from market_db.home import Home
from market_db.publish import publish
from market_db.schema import open_market
from spiders.archive_forget import forget_in_archive
from spiders.needles import Needle

PROOF = "forget.jsonl"
NEEDLE_KIND = {"company": "name"}
TEXT_SUFFIXES = {".csv", ".json", ".txt", ".html", ".log", ".jsonl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was taken out where; counts only."""

    contacts: int = 0
    parties: int = 0
    records: int = 0
    texts: int = 0
    archive_records: int = 0
    exports_removed: int = 0
    backups_removed: int = 0
    logs_rewritten: int = 0
    republished: bool = False
    similar: tuple[str, ...] = ()
    """Companies with a name like it, where nothing was found under the very name."""

    @property
    def found(self) -> bool:
        """Whether there was anything to take out."""
        return bool(self.contacts or self.parties or self.records or self.archive_records)


def forget(home: Home, kind: str, value: str, *, by: str, reason: str, now: datetime | None = None) -> Forgotten:
    """Suppress and erase; run under the home's lock. Twice is harmless.

    Raises BadSuppression for a value that is not of that kind, ArchiveBusy while a crawl writes.
    """
    now = now or datetime.now(UTC)
    entry = do_not_contact(home, kind, value, by=by, reason=reason, now=now)
    erased = _erase_market(home, value, now)
    _list_all_faces(home, erased, by=by, reason=reason, now=now)
    needles = list(_needles(kind, value, erased))
    archived = forget_in_archive(home.archive, needles) if home.archive.is_dir() else None
    done = Forgotten(
        contacts=erased.contacts,
        parties=erased.parties,
        records=erased.records,
        texts=erased.examples,
        archive_records=archived.records if archived else 0,
        exports_removed=_remove_files(home.exports, needles),
        backups_removed=_remove_backups(home),
        logs_rewritten=_rewrite_logs(home.logs, needles),
        republished=_republish(home, now),
        similar=_similar(home, value) if kind == "company" and not erased.parties else (),
    )
    proof = {
        "at": entry.entered_at,
        "kind": kind,
        "hash": entry.hash,
        "by": by,
        "reason": reason,
        **{name: count for name, count in asdict(done).items() if name != "similar"},
    }
    with (home.logs / PROOF).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(proof, ensure_ascii=False) + "\n")
    return done


def _erase_market(home: Home, value: str, now: datetime) -> Erased:
    if not home.market.exists():
        return Erased(0, 0, 0, 0)
    db = open_market(home)
    try:
        erased = erase(db, suppressed(home), value, f"{now:%Y%m%dT%H%M%SZ}-forget")
        compact(db)
    finally:
        db.close()
    return erased


def _list_all_faces(home: Home, erased: Erased, *, by: str, reason: str, now: datetime) -> None:
    """A company that asked is listed under every spelling and by its own domain: the next source may show another one."""
    for kind, values in (("company", erased.names), ("domain", erased.domains)):
        for value in values:
            with suppress(BadSuppression):
                do_not_contact(home, kind, value, by=by, reason=reason, now=now)


def _needles(kind: str, value: str, erased: Erased) -> Iterable[Needle]:
    """What to look for outside the database: all printed spellings and domains of a firm that asked, else the contact itself.

    A company's name that matched nobody is not looked for: part of a name would blank out others' pages.
    """
    if kind != "company":
        yield Needle(kind, value)
    yield from (Needle("name", name) for name in erased.names if len(name) >= 6)
    yield from (Needle("domain", domain) for domain in erased.domains if (kind, value.lower()) != ("domain", domain))


def _similar(home: Home, value: str) -> tuple[str, ...]:
    """Up to five companies whose name shares the longest word with it."""
    word = max(value.split(), key=len, default="")
    if not home.market.exists() or len(word) < 3:
        return ()
    db = open_market(home)
    try:
        sql = "select distinct name from parties where instr(lower(name), ?) order by name limit 5"
        return tuple(name for (name,) in db.conn.execute(sql, (word.lower()[:8],)))
    finally:
        db.close()


def _mentions(data: bytes, needles: Iterable[Needle]) -> bool:
    return any(needle.raw.search(data) for needle in needles)


def _remove_files(folder: Path, needles: list[Needle]) -> int:
    """Exports that mention it are removed whole: an advisor makes a new one in a minute."""
    gone = 0
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_file() and _mentions(_text_of(path), needles):
            path.unlink()
            gone += 1
    return gone


def _text_of(path: Path) -> bytes:
    """Searchable bytes of an export: a workbook is a zip of XML."""
    if path.suffix in TEXT_SUFFIXES:
        return path.read_bytes()
    try:
        with ZipFile(path) as parts:
            return b"\n".join(re.sub(rb"<[^>]*>", b"\n", parts.read(name)) for name in parts.namelist())
    except (BadZipFile, OSError):
        return path.read_bytes()


def _remove_backups(home: Home) -> int:
    """Backups of market.db hold what was erased, and the database can be rebuilt from the archive: they go; desk.db's stay."""
    old = [path for path in home.backups.glob("market*") if path.is_file()]
    for path in old:
        path.unlink()
    return len(old)


def _rewrite_logs(folder: Path, needles: list[Needle]) -> int:
    """Log lines keep their place without the value."""
    changed = 0
    for path in sorted(folder.glob("*")) if folder.is_dir() else []:
        data = path.read_bytes() if path.is_file() and path.name != PROOF else b""
        if _mentions(data, needles):
            for needle in needles:
                data = needle.raw.sub(b"[removed]", data)
            path.write_bytes(data)
            changed += 1
    return changed


def _republish(home: Home, now: datetime) -> bool:
    """A snapshot without it replaces the one people query, however much goes: nobody may be asked to insist on an erasure."""
    from pipelines.refresh import refresh

    if not home.published.exists():
        return False
    refresh(home, now=now)
    publish(home, now=now, insist=True)
    return True
