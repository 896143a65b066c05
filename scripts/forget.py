"""`tembus forget`: one e-mail, phone, domain or company leaves every table, snapshot, export, log, backup and archived page at once."""

import gzip
import json
import re
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import sqlite_utils

from market_db.companies.identity_store import forget_identity
from market_db.desk.store import Suppressed, do_not_contact, entries_of, open_list, suppressed
from market_db.forgetting.contact_faces import BadSuppression, domain_of, email_of
from market_db.forgetting.market import Erased, Plan, compact, erase, forget_in_notes, plan_erasure
from market_db.forgetting.silence import Silence, strength
from market_db.home import Home
from market_db.publish import publish
from market_db.schema import open_market
from market_db.sqlite import sqlite3
from market_db.values.spellings import company_key, name_words, narrow
from pipelines.chosen import chosen_products
from pipelines.listed_texts import words_of_goods
from scripts.backup import PATIENCE, BackupFailed, back_up, fault_of
from spiders.archive_forget import archive_held, forget_in_archive
from spiders.needles import Needle, mentioned, needles_for_name

PROOF = "forget.jsonl"
GZIP = b"\x1f\x8b"


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
    backed_up: bool = False
    """Whether a fresh backup of market.db took the place of those removed."""
    similar: tuple[str, ...] = ()
    """Companies with a name like it, where nothing was found under the very name."""

    @property
    def found(self) -> bool:
        """Whether there was anything to take out."""
        return bool(self.contacts or self.parties or self.records or self.texts or self.archive_records)


def forget(home: Home, kind: str, value: str, *, by: str, reason: str, now: datetime | None = None) -> Forgotten:
    """Suppress and erase; run under the home's lock. Twice is harmless.

    Everything that can be refused is, before anything is changed: BadSuppression for a value that is not of that kind or would stand
    for many firms, and for a reason that repeats it; ArchiveBusy while a crawl writes.
    """
    now = now or datetime.now(UTC)
    entries_of(kind, value)
    with archive_held(home.archive) as held:
        listed = open_list(home).having((kind, value))
        plan = _plan(home, listed)
        goods = words_of_goods(chosen_products(home.config.products))
        generic = goods | _towns(home)
        needles = _needles(kind, value, plan, generic)
        check_reason(reason, kind, value, needles)
        enter = partial(do_not_contact, home, by=by, reason=reason, now=now)
        entry = enter(kind, value, in_texts=_in_texts(value, goods, generic))
        _list_all_faces(enter, plan, goods, generic)
        erased = _erase_market(home, value, plan, generic, now)
        archived = forget_in_archive(home.archive, needles, held=held) if home.archive.is_dir() else None
    done = Forgotten(
        contacts=erased.contacts,
        parties=erased.parties,
        records=erased.records,
        texts=erased.examples + _clean_notes(home, value, plan, generic),
        archive_records=archived.records if archived else 0,
        exports_removed=_remove_files(home.exports, needles),
        backups_removed=_remove_backups(home),
        logs_rewritten=_rewrite_logs(home.logs, needles),
        republished=_republish(home, now),
        backed_up=_back_up(home, now),
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


def check_reason(reason: str, kind: str, value: str, needles: Sequence[Needle]) -> None:
    """The reason is kept for ever, so it must not name whom it is about. Raises BadSuppression where it does."""
    named = Suppressed().having((kind, value))
    spoken = Silence(named, names=[value] if kind == "company" else [])(reason) != reason
    if spoken or "@" in narrow(reason) or mentioned(reason.encode("utf-8", "replace"), needles):
        message = "the reason is kept, so it must not repeat the contact or an address: write only how and when they asked"
        raise BadSuppression(f"{message}; nothing was changed", "reason")


def _plan(home: Home, listed: Suppressed) -> Plan:
    if not home.market.exists():
        return Plan()
    db = open_market(home)
    try:
        return plan_erasure(db, listed)
    finally:
        db.close()


def _erase_market(home: Home, value: str, plan: Plan, generic: frozenset[str], now: datetime) -> Erased:
    if not home.market.exists():
        return Erased(0, 0, 0, 0)
    db = open_market(home)
    try:
        erased = erase(db, suppressed(home), value, f"{now:%Y%m%dT%H%M%SZ}-forget", plan=plan, generic=generic)
        compact(db)
    finally:
        db.close()
    forget_identity(home.identity)
    return erased


def _clean_notes(home: Home, value: str, plan: Plan, generic: frozenset[str]) -> int:
    """Notes of advisors that quote it, in desk.db and its backups, which are kept: nobody could write them again."""
    listed, changed = suppressed(home), 0
    for path in [home.desk, *sorted(home.backups.glob("desk*.db"))]:
        if fault_of(path, quick=True) is None:
            with closing(sqlite3.connect(path, timeout=PATIENCE)) as conn:
                conn.execute("pragma secure_delete=on").fetchall()
                changed += forget_in_notes(sqlite_utils.Database(conn), listed, value, plan, generic)
    return changed


def _towns(home: Home) -> frozenset[str]:
    """Words of the towns in the market: a firm called like one is not looked for by that word alone."""
    if not home.market.exists():
        return frozenset()
    db = open_market(home)
    try:
        cities = db.conn.execute("select distinct city from all_parties where city is not null").fetchall()
    finally:
        db.close()
    return frozenset(word for (city,) in cities for word in name_words(city, whole=True))


def _in_texts(name: str, goods: frozenset[str], generic: frozenset[str]) -> bool:
    """Whether crawls, which know the words for goods but not the towns, may look for the name within texts."""
    return strength(name, generic) == strength(name, goods)


def _list_all_faces(enter: Callable[..., object], plan: Plan, goods: frozenset[str], generic: frozenset[str]) -> None:
    """A company that asked is listed under every spelling and by its own domain: the next source may show another one."""
    for kind, values in (("company", plan.names), ("domain", plan.domains)):
        for value in values:
            with suppress(BadSuppression):
                enter(kind, value, in_texts=_in_texts(value, goods, generic))


def _needles(kind: str, value: str, plan: Plan, generic: frozenset[str]) -> list[Needle]:
    """What to look for outside the database: all printed spellings and domains of a firm that asked, else the contact itself.

    One word that matched no company is only looked for as a whole cell and with its legal form: it may be part of others' names.
    Raises BadSuppression for what cannot be looked for, so that nothing is half forgotten.
    """
    names, domains = list(plan.names), set(plan.domains)
    found: list[Needle] = []
    try:
        if kind == "company":
            known = {company_key(name) for name in names}
            alone = company_key(value) not in known and len(name_words(value)) == 1
            found += needles_for_name(value, generic | frozenset(name_words(value)) if alone else generic)
        elif kind == "domain":
            domains.add(domain_of(value) or value)
        else:
            found.append(Needle(kind, (email_of(value) or value) if kind == "email" else value))
        found += [needle for name in names for needle in needles_for_name(name, generic)]
        found += [Needle("domain", domain) for domain in sorted(domains)]
    except ValueError as error:
        raise BadSuppression(f"{error}: nothing was changed; write it in full", "needle", value=value) from error
    return list(dict.fromkeys(found))


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


def _remove_files(folder: Path, needles: Sequence[Needle]) -> int:
    """Exports that mention it are removed whole: an advisor makes a new one in a minute."""
    gone = 0
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_file() and mentioned(_text_of(path), needles):
            path.unlink()
            gone += 1
    return gone


def _text_of(path: Path) -> bytes:
    """Searchable bytes of an export or log: a workbook is a zip of XML, an old log may be packed."""
    data = path.read_bytes()
    try:
        if data[:2] == GZIP:
            return gzip.decompress(data)
        if data[:2] == b"PK":
            with ZipFile(path) as parts:
                return b"\n".join(re.sub(rb"<[^>]*>", b"\n", parts.read(name)) for name in parts.namelist())
    except (BadZipFile, OSError, EOFError, zlib.error):
        pass  # damaged: its bytes are searched as they are
    return data


def _remove_backups(home: Home) -> int:
    """Backups of market.db hold what was erased, and the database can be rebuilt from the archive: they go; desk.db's stay."""
    old = [path for path in home.backups.glob("market*") if path.is_file()]
    left = list(home.root.glob("*.restoring*"))  # of a restore that was killed
    for path in (*old, *left):
        path.unlink()
    return len(old)


def _back_up(home: Home, now: datetime) -> bool:
    """A fresh backup of market.db in place of those removed; without room for one the erasure stands all the same."""
    try:
        return bool(back_up(home, now=now, kinds=("market",)))
    except BackupFailed:
        return False


def _rewrite_logs(folder: Path, needles: Sequence[Needle]) -> int:
    """Log lines, also of packed logs and in subfolders, keep their place without the value."""
    changed = 0
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if not path.is_file():
            continue
        data = _text_of(path)
        if mentioned(data, needles):
            clean_line = _clean_proof if path.name == PROOF else _clean_line
            clean = b"".join(clean_line(line, needles) for line in data.splitlines(keepends=True))
            if mentioned(clean, needles):
                clean = b"[removed]\n"  # it runs over several lines, or stands in a packing we cannot write
            path.write_bytes(gzip.compress(clean) if path.read_bytes()[:2] == GZIP else clean)
            changed += 1
    return changed


def _clean_proof(line: bytes, needles: Sequence[Needle]) -> bytes:
    """A line of the proofs of earlier erasures without its reason, where that names whom it should not."""
    if not mentioned(line, needles):
        return line
    return json.dumps({**json.loads(line), "reason": "[removed]"}, ensure_ascii=False).encode() + b"\n"


def _clean_line(line: bytes, needles: Sequence[Needle]) -> bytes:
    """The line without the value; where that is not enough, nothing of the line."""
    if not mentioned(line, needles):
        return line
    for needle in needles:
        line = needle.raw.sub(b"[removed]", line)
    return b"[removed]\n" if mentioned(line, needles) else line


def _republish(home: Home, now: datetime) -> bool:
    """A snapshot without it replaces the one people query, however much goes: nobody may be asked to insist on an erasure."""
    from pipelines.refresh import refresh

    if not home.published.exists():
        return False
    refresh(home, now=now, forgotten=True)
    publish(home, now=now, insist=True)
    return True
