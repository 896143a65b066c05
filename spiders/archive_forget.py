"""Retention and erasure: old files go as a whole; what somebody asked to be forgotten is blanked out where it stands.

Records keep their offsets: what is written in place of a record is padded to its length, so that the evidence of all others stays
right whatever happens in between. Nothing of what was erased is logged.
"""

import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from spiders.archive_errors import ArchiveBroken, ArchiveBusy, ArchiveCorrupt, NotAWarc
from spiders.archive_index import INDEX_NAME, ArchiveIndex
from spiders.needles import Needle, blanked, mentioned, needle_of
from spiders.warc_answers import HEAD_END, TOMBSTONE, decode_body, warc_files
from spiders.warc_reading import Record, WarcFile, field_list, record_at
from spiders.warc_writing import member, record_bytes

DAY_IN_NAME = re.compile(r"(\d{8})-")
NOT_COPIED = {"content-length", "warc-payload-digest", "warc-block-digest", "tembus-redacted"}
"""The digests are no longer true; leaving them out makes room for the mark, so that a redacted record fits into its old place."""
STALE_PART = 3600
"""Seconds after which a half-written copy is one that nobody writes any more."""
GAP = "gap"


@dataclass(frozen=True, slots=True)
class Purged:
    """What retention removed."""

    files: int
    records: int
    """Answers, as the index knew them."""
    bytes: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What an erasure changed; offsets of all other records are as before."""

    records: int
    """Records changed: `redacted` + `erased`."""
    files: int
    redacted: int
    """Answers of which only the needle was blanked out."""
    erased: int
    """Records replaced by a tombstone as a whole."""
    damaged: int = 0
    """Stretches that could not be read, blanked out as a whole."""


def purge(archive_folder: Path, before: date) -> Purged:
    """Remove whole files older than `before`, and their index rows; never a file that a repeat in a newer file points to.

    A file's day is the one in its name, of files handed in the day they came. Files being written are left alone.
    """
    drop_stale_parts(archive_folder)
    with closing(ArchiveIndex(archive_folder / INDEX_NAME)) as index:
        old = {path.name: path for path in warc_files(archive_folder) if _day_of(path) < before}
        _spare_pointed_at(index, old)
        files = records = size = 0
        for name, path in old.items():
            with _locked(path) as free:
                if not free:
                    continue
                size += path.stat().st_size
                path.unlink()
            files, records = files + 1, records + len(index.rows("where file = ?", (name,)))
            index.change("delete from answers where file = ?", [(name,)])
        here = {path.name for path in warc_files(archive_folder)}
        lost = [(name,) for (name,) in index.db.execute("select distinct file from answers") if name not in here]
        index.change("delete from answers where file = ?", lost)
    return Purged(files, records, size)


def _day_of(path: Path) -> date:
    """The day a file was begun or handed in."""
    if found := DAY_IN_NAME.match(path.name):
        try:
            return datetime.strptime(found[1], "%Y%m%d").replace(tzinfo=UTC).date()
        except ValueError:
            pass
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()


def _spare_pointed_at(index: ArchiveIndex, old: dict[str, Path]) -> None:
    """Take from `old` every file that a file which stays points to, until nothing changes."""
    pointers = index.db.execute("select distinct file, refers_to from answers where refers_to is not null").fetchall()
    while spared := {target for file, target in pointers if target in old and file not in old}:
        for name in spared:
            del old[name]


@contextmanager
def archive_held(archive_folder: Path) -> Iterator[list[Path]]:
    """All WARC files of the folder, with nobody writing to them while this lasts.

    Raises ArchiveBusy, having changed nothing, while a run is writing.
    """
    with ExitStack() as locks:
        paths = warc_files(archive_folder) if archive_folder.is_dir() else []
        busy = [path.name for path in paths if not locks.enter_context(_locked(path))]
        if busy:
            raise ArchiveBusy(f"a run is writing {busy[0]}: nothing was changed; try again when it has ended")
        yield paths


def forget_in_archive(archive_folder: Path, needles: Sequence[bytes | Needle], *, held: Sequence[Path] | None = None) -> Forgotten:
    """Erase every mention of the needles from all WARC files of the folder.

    In a plain answer only the mention is overwritten with x and the record marked `tembus-redacted`; where the mention is in the
    address or the headers, in a compressed body, or spelt in a way that cannot be overwritten, a tombstone takes the record's place.
    Not looked into: text within images, PDF, spreadsheets and other packed formats. `held` are the files of an `archive_held` that
    the caller is in. Raises ArchiveBusy, having changed nothing, while a run is writing; ValueError for a needle that is too short.
    """
    wanted = [needle_of(given) for given in needles]
    drop_stale_parts(archive_folder)
    if held is None:
        with archive_held(archive_folder) as paths:
            return _forget_in(archive_folder, paths, wanted)
    return _forget_in(archive_folder, held, wanted)


def _forget_in(archive_folder: Path, paths: Sequence[Path], wanted: Sequence[Needle]) -> Forgotten:
    redacted = erased = damaged = files = 0
    with closing(ArchiveIndex(archive_folder / INDEX_NAME)) as index:
        for path in paths:
            states = _states_after(path, wanted)
            if not states:
                continue
            _mark(index, path.name, states)
            _rewrite(path, states, wanted)
            files += 1
            redacted += sum(state == "redacted" for state in states.values())
            erased += sum(state == "tombstone" for state in states.values())
            damaged += sum(state == GAP for state in states.values())
    return Forgotten(redacted + erased, files, redacted, erased, damaged)


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Whether nobody writes the file; while this lasts, nobody begins to."""
    with path.open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _states_after(path: Path, needles: Sequence[Needle]) -> dict[int, str]:
    """Offset -> what becomes of the record there; only of those that mention a needle, and of stretches that cannot be read."""
    states: dict[int, str] = {}
    packed, end = _is_packed(path), 0
    try:
        for record in WarcFile(path):
            if record.offset > end and _is_gap(path, end, record.offset):
                states[end] = GAP
            end = record.offset + record.length
            if (changed := _changed(record, needles, packed=packed)) is not None:
                states[record.offset] = changed[0]
    except NotAWarc:
        return {}
    if _is_gap(path, end, path.stat().st_size):
        states[end] = GAP
    return states


def _is_gap(path: Path, start: int, end: int) -> bool:
    """Whether damaged bytes lie there that were not blanked out yet: nobody can say that they do not mention a needle."""
    with path.open("rb") as stream:
        stream.seek(start)
        while start < end and (part := stream.read(min(1 << 20, end - start))):
            if part.strip(b"\r\n\0"):
                return True
            start += len(part)
    return False


def _is_packed(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def _changed(record: Record, needles: Sequence[Needle], *, packed: bool) -> tuple[str, bytes] | None:
    """What to write in place of a record, exactly as long; None where it mentions no needle."""
    if TOMBSTONE in record.headers:
        return None
    head, body = _parts(record)
    names = "\n".join((*record.headers.values(), "")).encode("utf-8", "replace") + head
    if not mentioned(names, needles):
        if record.whole and not mentioned(_unpacked(head, body), needles):
            return None
        if record.whole and (redacted := _redacted(record, head, body, needles, packed=packed)) is not None:
            return "redacted", redacted
    return "tombstone", _tombstone(record, packed=packed)


def _parts(record: Record) -> tuple[bytes, bytes]:
    """HTTP head and body of a block; a block without HTTP is all body."""
    end = HEAD_END.search(record.block) if record.kind in {"request", "response", "revisit"} else None
    return (record.block[: end.end()], record.block[end.end() :]) if end else (b"", record.block)


def _unpacked(head: bytes, body: bytes) -> bytes:
    """The body as a reader would get it."""
    try:
        return decode_body(body, dict(field_list(head)))
    except ArchiveCorrupt:
        return body


def _redacted(record: Record, head: bytes, body: bytes, needles: Sequence[Needle], *, packed: bool) -> bytes | None:
    """The record with the needles blanked out of its body, or None where that is not enough or does not fit."""
    if record.kind not in {"response", "resource"} or _unpacked(head, body) != body:
        return None
    clean = blanked(body, needles)
    if clean is None:
        return None
    kept = [(name, value) for name, value in record.headers.items() if name not in NOT_COPIED]
    fields = [*kept, ("tembus-redacted", f"{datetime.now(UTC):%Y-%m-%d}")]
    return _fitted(record_bytes(fields, head + clean), record.length, packed=packed)


def _tombstone(record: Record, *, packed: bool) -> bytes:
    """A record that says only that something was here; readers of other tools pass over it. Raises ArchiveBroken if it does not fit."""
    fields = [("WARC-Type", "metadata"), ("WARC-Record-ID", record.headers.get("warc-record-id", ""))]
    fields += [("WARC-Date", record.headers.get("warc-date", "")), (TOMBSTONE, f"{datetime.now(UTC):%Y-%m-%d}")]
    for names in (fields, [fields[0], fields[-1]]):
        if (fitted := _fitted(record_bytes(names, b""), record.length, packed=packed)) is not None:
            return fitted
    raise ArchiveBroken(f"the record at byte {record.offset} is too short for a tombstone")


def _fitted(data: bytes, length: int, *, packed: bool) -> bytes | None:
    """A record as exactly `length` bytes of file, or None: padded in the gzip comment, or behind the last header."""
    if not packed:
        room = length - (len(data) - 4)
        at = data.index(b"\r\n\r\n")
        return data[:at] + b" " * room + data[at:-4] if room >= 0 else None
    short = member(data, 9)
    room = length - len(short)
    if room <= 0:
        return short if room == 0 else None
    return short[:3] + bytes([short[3] | 0x10]) + short[4:10] + b" " * (room - 1) + b"\0" + short[10:]


def _rewrite(path: Path, states: dict[int, str], needles: Sequence[Needle]) -> None:
    """Write the changed file beside the old one and put it in its place at once."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    packed = _is_packed(path)
    try:
        shutil.copyfile(path, part)
        with part.open("r+b") as sink:
            for offset, state in states.items():
                sink.seek(offset)
                sink.write(_gap_filler(path, offset) if state == GAP else _replacement(path, offset, needles, packed=packed))
            sink.flush()
            os.fsync(sink.fileno())
        shutil.copystat(path, part)  # retention counts from the day a file came
        part.replace(path)
    except OSError as error:
        raise ArchiveBroken(f"{path.name} cannot be rewritten: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _replacement(path: Path, offset: int, needles: Sequence[Needle], *, packed: bool) -> bytes:
    """What `_states_after` decided, worked out again: the archive may be larger than memory."""
    changed = _changed(record_at(path, offset), needles, packed=packed)
    assert changed is not None
    return changed[1]


def _gap_filler(path: Path, offset: int) -> bytes:
    """Zeros up to the next whole record or the end of the file."""
    later = (record.offset for record in WarcFile(path, keep=0) if record.offset >= offset)
    return b"\0" * (next(later, path.stat().st_size) - offset)


def _sync_folder(folder: Path) -> None:
    """Bring the new name to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mark(index: ArchiveIndex, name: str, states: dict[int, str]) -> None:
    """Tell the index, before the file changes: a second try after a crash finds the file as it was."""
    index.db.execute("pragma secure_delete = on")
    redacted = [(name, offset) for offset, state in states.items() if state == "redacted"]
    erased = [(name, offset) for offset, state in states.items() if state == "tombstone"]
    index.change("update answers set state = 'redacted', etag = null, last_modified = null where file = ? and offset = ?", redacted)
    index.change(
        "update answers set state = 'tombstone', etag = null, last_modified = null, url = '', fingerprint = '', digest = '' "
        "where file = ? and offset = ?",
        erased,
    )
    index.db.execute("pragma wal_checkpoint(truncate)")


def drop_stale_parts(folder: Path) -> None:
    """Remove copies that a killed process left half-written."""
    for part in folder.glob(".*.part"):
        if time.time() - part.stat().st_mtime > STALE_PART:
            part.unlink(missing_ok=True)
