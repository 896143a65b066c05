"""Copies of desk.db and market.db that are known to be whole, and the way back from them."""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from market_db.desk.store import Suppressed, suppressed
from market_db.home import Home
from market_db.opening import MarketError, open_tuned
from market_db.room import lacks_room, no_room
from market_db.schema import market_migrations
from market_db.sqlite import BUSY, is_trouble_around, read_only, sqlite3

KINDS = ("desk", "market")
"""What people entered first: it cannot be made again."""
KEEP = 7
"""Backups of each kind that stay."""
NAME = re.compile(r"(desk|market)-(\d{8}T\d{6}Z)\.db")
MARK = {"desk": "do_not_contact", "market": "evidence"}
"""A table only that database has."""
STALE_SECONDS = 86_400
NOWHERE = "\x00"
"""A text no record holds: nothing but the list itself is looked for."""
TAILS = ("", "-wal", "-shm")
PATIENCE = 30
"""Seconds to wait for whoever writes."""
KEY = "select value from {}.meta where key='do_not_contact_key'"
SPARE = 16 * 1024 * 1024
"""Bytes that must stay free beside a copy."""


class BackupFailed(Exception):
    """A copy could not be made or is not whole; what was there before is untouched. The message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One backup file."""

    kind: str
    path: Path
    made: datetime
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore put in place."""

    kind: str
    source: Path
    kept_aside: Path | None
    """The file that stood there before; None where there was none."""


def backups(home: Home, kind: str | None = None) -> list[Copy]:
    """Backups of a home, newest first."""
    found = []
    for path in home.backups.glob("*.db") if home.backups.is_dir() else ():
        name = NAME.fullmatch(path.name)
        if name and kind in (None, name[1]):
            made = datetime.strptime(name[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            found.append(Copy(kind=name[1], path=path, made=made, size=path.stat().st_size))
    return sorted(found, key=lambda copy: (copy.made, copy.kind), reverse=True)


def back_up(home: Home, *, now: datetime, keep: int = KEEP, kinds: Sequence[str] = KINDS) -> list[Copy]:
    """Copy each database of `kinds` that exists, check the copy, then drop the oldest beyond `keep`.

    Raises BackupFailed; copies made before the failing one stay, and nothing older is dropped for its kind.
    """
    home.make()
    made = []
    for left in home.backups.glob("*.tmp"):
        # of a process that was killed; a younger one may still be being written
        if now.timestamp() - left.stat().st_mtime > STALE_SECONDS:
            left.unlink(missing_ok=True)
    for kind in kinds:
        source = home.root / f"{kind}.db"
        if source.exists():
            target = home.backups / f"{kind}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.db"
            _copy(source, target)
            made.append(Copy(kind=kind, path=target, made=now, size=target.stat().st_size))
            for old in backups(home, kind)[keep:]:
                old.path.unlink(missing_ok=True)
    return made


def _copy(source: Path, target: Path) -> None:
    """A consistent copy while others read and write, under its name only once it is whole and on the disk."""
    temp = target.with_suffix(".tmp")
    temp.unlink(missing_ok=True)
    if fault_of(source, quick=True) == "0 bytes":
        raise BackupFailed(f"{source} is empty (0 bytes): it is not copied over good backups; `tembus restore` brings one back")
    free = shutil.disk_usage(target.parent).free
    if free < source.stat().st_size + SPARE:
        raise BackupFailed(f"no room for a copy of {source.name}: {free // 2**20} MB are free in {target.parent}")
    try:
        with _opened(source) as conn:
            conn.execute("vacuum into ?", (str(temp),))
        temp.chmod(0o600)
        why = fault_of(temp)
        if why:
            raise BackupFailed(f"the copy of {source.name} is damaged ({why}): it was thrown away")
        _settle(temp, target)
    except (sqlite3.DatabaseError, OSError) as error:
        raise BackupFailed(f"{source.name} could not be copied: {error}") from error
    finally:
        temp.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A plain connection for writing that never creates a file."""
    conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=PATIENCE)
    try:
        yield conn
    finally:
        conn.close()


def fault_of(path: Path, *, quick: bool = False) -> str | None:
    """What is wrong with a database file, as SQLite says it; None = whole. SQLite takes a file of 0 bytes for a whole database.

    Raises OSError where the disk is too full to tell, BackupFailed where another program holds it or rights are missing: it is not damaged.
    """
    try:
        if path.stat().st_size == 0:
            return "0 bytes"
        with closing(read_only(path, timeout=PATIENCE)) as conn:
            row = conn.execute("pragma quick_check(1)" if quick else "pragma integrity_check(1)").fetchone()
            return None if row and row[0] == "ok" else str(row[0] if row else "no answer")
    except sqlite3.DatabaseError as error:
        if lacks_room(path, str(error)):
            raise no_room(path) from error
        if is_trouble_around(error):
            raise BackupFailed(f"{path} cannot be read now: {error}") from error
        return str(error)


def _settle(temp: Path, target: Path) -> None:
    """Durably, then in one step."""
    for path in (temp, target.parent):
        if path is not temp:
            temp.replace(target)
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def kind_of(path: Path) -> str:
    """Which database a backup file is, by its tables. Raises BackupFailed for a damaged file and for none of ours."""
    if not path.is_file():
        raise BackupFailed(f"{path} is no file")
    why = fault_of(path)
    if why:
        raise BackupFailed(f"{path} is damaged ({why}): nothing was changed")
    with closing(read_only(path)) as conn:
        for kind, table in MARK.items():
            if conn.execute("select 1 from sqlite_master where type='table' and name=?", (table,)).fetchone():
                return kind
    raise BackupFailed(f"{path} is no backup of Tembus: nothing was changed")


def needed(home: Home) -> list[Copy]:
    """The newest whole backup of each database that is damaged, or missing though backups of it exist."""
    found = []
    for kind in KINDS:
        target = home.root / f"{kind}.db"
        if target.exists() and fault_of(target) is None:
            continue
        whole = next((copy for copy in backups(home, kind) if fault_of(copy.path) is None), None)
        if whole:
            found.append(whole)
        elif target.exists():
            raise BackupFailed(f"{target} is damaged, and there is no whole backup of it in {home.backups}")
    return found


def restore(home: Home, source: Path, *, now: datetime) -> Restored:
    """Put a checked backup in place, at once and as a whole: nobody sees a moment without it; what stood there is kept aside.

    Call it holding the lock. The list of those who must not be contacted is carried over from what stood there where that can be read,
    and is applied to a market.db before it comes back. Raises BackupFailed before anything is changed.
    """
    kind = kind_of(source)
    listed = _listed(home) if kind == "market" else None
    target = home.root / f"{kind}.db"
    draft = target.with_suffix(".restoring")
    home.make()
    try:
        _clear(draft)
        shutil.copyfile(source, draft)
        draft.chmod(0o600)
        if listed:
            _forget_again(home, draft, listed, now)
        elif target.exists():
            _carry_over(draft, target)
        aside = _settled_in(draft, target, _aside(home, kind, now))
    except (sqlite3.DatabaseError, MarketError, OSError) as error:
        raise BackupFailed(f"{target} could not be restored: {error}") from error
    finally:
        _clear(draft)
    return Restored(kind=kind, source=source, kept_aside=aside)


def _aside(home: Home, kind: str, now: datetime) -> Path:
    """A name that no file has yet; among the backups, where `forget` finds it."""
    name = f"{kind}-before-restore-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    tries = chain((f"{name}.db",), (f"{name}-{n}.db" for n in count(2)))
    return next(path for one in tries if not (path := home.backups / one).exists())


def _clear(path: Path) -> None:
    """Remove a file with what SQLite keeps beside it."""
    for tail in TAILS:
        Path(f"{path}{tail}").unlink(missing_ok=True)


def _listed(home: Home) -> Suppressed:
    """Who asked to be forgotten. Raises BackupFailed where desk.db, which says so, is lost or damaged itself."""
    try:
        return suppressed(home)
    except MarketError as error:
        raise BackupFailed(f"desk.db comes first, it holds the do-not-contact list: {error}") from error


def _settled_in(draft: Path, target: Path, aside: Path) -> Path | None:
    """The draft in place of the target; where what stood there is now, None where nothing did."""
    if not target.exists():
        _clear(target)
        _settle(draft, target)
        return None
    if fault_of(target) is None:
        _write_over(draft, target, aside)
    else:
        # an old WAL beside a new file would damage it
        for tail in TAILS:
            with suppress(FileNotFoundError):
                shutil.move(f"{target}{tail}", f"{aside}{tail}")
        _settle(draft, target)
    return aside


def _write_over(draft: Path, target: Path, aside: Path) -> None:
    """By SQLite itself, as one transaction of the file that others have open: renaming it under them would lose what they write.

    What stood there is copied aside once nobody can write to it any more.
    """

    def keep_aside(status: int, _left: int, _pages: int) -> None:
        if status == BUSY:
            raise BackupFailed(f"{target} is held by another program: nothing was changed")
        if not aside.exists():
            with closing(read_only(target, timeout=PATIENCE)) as before:
                before.execute("vacuum into ?", (str(aside),))
            aside.chmod(0o600)

    try:
        with closing(read_only(draft)) as new, _opened(target) as conn:
            conn.execute("pragma journal_mode=wal").fetchall()  # it may be a backup that nobody opened since
            # The first page takes the lock of a writer and keeps it to the end
            new.backup(conn, pages=1, progress=keep_aside)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def _carry_over(draft: Path, target: Path) -> None:
    """Requests to be left alone that are younger than the backup, with their key where the backup is older than the first of them.

    Raises BackupFailed where both have a key of their own: such requests cannot be compared, and none may be lost.
    """
    with _opened(draft) as conn:
        try:
            conn.execute("attach database ? as old", (str(target),))
            theirs, ours = (conn.execute(KEY.format(one)).fetchone() for one in ("old", "main"))
            missed = conn.execute("select count(*) from old.do_not_contact").fetchone()[0]
            if missed and ours and theirs != ours:
                raise BackupFailed(f"the backup is of another home: {missed} requests to be left alone would be lost; nothing was changed")
            conn.execute("insert or ignore into main.meta select * from old.meta where key='do_not_contact_key'")
            conn.execute("insert or ignore into main.do_not_contact select * from old.do_not_contact")
            conn.commit()
        except sqlite3.DatabaseError as error:
            if is_trouble_around(error):
                raise
            # what is damaged cannot be asked


def _forget_again(home: Home, draft: Path, listed: Suppressed, now: datetime) -> None:
    """Who asked to be forgotten after the backup was made is taken out of it again."""
    from market_db.forgetting.market import compact, erase
    from pipelines.companies.faces import generic_words

    with closing(open_tuned(home, draft, market_migrations)) as db:
        erase(db, listed, NOWHERE, f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-restore", generic=generic_words())
        compact(db)
