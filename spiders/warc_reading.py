"""Records of WARC files, ours or anybody's, in constant memory: one pass over a file, or one record by its offset.

WARC 1.1 (ISO 28500:2017), read leniently: damaged stretches are passed over and counted, never fatal.
"""

import logging
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from spiders.archive_errors import ArchiveCorrupt, ArchiveMissing, NotAWarc

log = logging.getLogger(__name__)

MAX_RECORD = 64 * 1024 * 1024
"""Longer records (a film in somebody's archive) are passed over."""
MAX_HEAD = 256 * 1024
CHUNK = 16 * 1024
SEARCH = 1024 * 1024
GZIP = b"\x1f\x8b\x08"
VERSION = re.compile(rb"\AWARC/\d\.\d+[ \t]*\r?\n")
NEXT_PLAIN = re.compile(rb"WARC/\d\.\d+[ \t]*\r?\n[A-Za-z-]+:")
BLANK_LINE = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record as it lies in its file."""

    offset: int
    length: int
    """Bytes in the file, compression included."""
    headers: dict[str, str]
    """Names in lower case; repeated ones joined by ", "."""
    block: bytes
    """Content block; cut off where `whole` is False."""
    whole: bool = True
    """False when the block was longer than asked for."""

    @property
    def kind(self) -> str:
        """Value of WARC-Type in lower case."""
        return self.headers.get("warc-type", "").lower()

    @property
    def url(self) -> str:
        """Target URI; some writers put it in angle brackets (WARC 1.0 grammar)."""
        return self.headers.get("warc-target-uri", "").strip().removeprefix("<").removesuffix(">")


class WarcFile:
    """Iterates over the records of one file; `skipped` counts by reason what could not be given.

    `keep` is how many bytes of a block are wanted: an index needs only the head. Raises NotAWarc (not a WARC, no whole record,
    one gzip stream over many records) and ArchiveMissing.
    """

    def __init__(self, path: Path, keep: int = MAX_RECORD) -> None:
        self.path = path
        self.keep = keep
        self.skipped: Counter[str] = Counter()
        self.given = 0

    def __iter__(self) -> Iterator[Record]:
        with _open(self.path) as stream:
            read = _read_member if _is_gzip(stream, self.path) else _read_plain
            offset: int | None = 0
            while offset is not None and not _at_end(stream, offset):
                try:
                    record = read(stream, offset, self.keep)
                except (zlib.error, ArchiveCorrupt, EOFError) as error:
                    offset = self._pass_over(stream, offset + _blank_before(stream, offset), error, gzip=read is _read_member)
                    continue
                self.given += 1
                yield record
                offset = record.offset + record.length
        if not self.given:
            raise NotAWarc(f"{self.path.name}: no whole WARC record in it")

    def _pass_over(self, stream: BinaryIO, offset: int, error: Exception, *, gzip: bool) -> int | None:
        """Offset of the next record behind a damaged stretch, or None at the torn end of the file."""
        found = (_next_member if gzip else _next_plain)(stream, offset + 1)
        reason = "torn" if found is None else "corrupt"
        self.skipped[reason] += 1
        log.warning("%s: record at byte %d is %s, passed over (%s)", self.path.name, offset, reason, error)
        return found


def record_at(path: Path, offset: int, keep: int = MAX_RECORD) -> Record:
    """One record by its offset. Raises ArchiveMissing, ArchiveCorrupt, NotAWarc."""
    with _open(path) as stream:
        read = _read_member if _is_gzip(stream, path) else _read_plain
        try:
            return read(stream, offset, keep)
        except (zlib.error, EOFError) as error:
            raise ArchiveCorrupt(f"{path.name}, byte {offset}: no whole record ({error})") from error


def _open(path: Path) -> BinaryIO:
    """Open for reading; a file that is not there is a word about the archive, not about the file system."""
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise ArchiveMissing(f"{path.name} is not in the archive") from error


def _is_gzip(stream: BinaryIO, path: Path) -> bool:
    """Whether records are gzip members; raises NotAWarc for anything but the two forms of the standard."""
    magic = stream.read(5)
    if magic.startswith(GZIP):
        return True
    if magic == b"WARC/":
        return False
    what = "an empty file" if not magic else "not a WARC file (it starts with neither gzip nor WARC/)"
    raise NotAWarc(f"{path.name}: {what}")


def _at_end(stream: BinaryIO, offset: int) -> bool:
    """Whether nothing but line ends follow."""
    stream.seek(offset)
    return not stream.read(64).strip(b"\r\n")


def _read_member(stream: BinaryIO, offset: int, keep: int) -> Record:
    """Decompress one gzip member and read the record in it."""
    stream.seek(offset)
    data, length, full = _inflate(stream, keep + MAX_HEAD)
    headers, start = _warc_head(data)
    size = _stated_length(headers)
    if size is None:
        return Record(offset, length, headers, data[start:][:keep].removesuffix(b"\r\n\r\n"), full == len(data))
    if size > full - start:
        raise ArchiveCorrupt(f"{size} bytes announced, {full - start} there")
    if VERSION.match(data[start + size :].lstrip(b"\r\n")[:64]):
        raise NotAWarc("one gzip stream over many records: run `warcio recompress IN OUT` and hand in OUT")
    return Record(offset, length, headers, data[start : start + min(size, keep)], size <= keep)


def _inflate(stream: BinaryIO, keep: int) -> tuple[bytes, int, int]:
    """First `keep` bytes of a gzip member, its length in the file, and its length decompressed."""
    member = zlib.decompressobj(31)
    parts: list[bytes] = []
    full = read = 0
    while not member.eof:
        chunk = stream.read(CHUNK)
        if not chunk:
            raise EOFError("the file ends within a record")
        read += len(chunk)
        part = member.decompress(chunk)
        if full < keep:
            parts.append(part)
        full += len(part)
    return b"".join(parts), read - len(member.unused_data), full


def _warc_head(data: bytes) -> tuple[dict[str, str], int]:
    """Named fields of a record and where its block starts."""
    if not VERSION.match(data):
        raise ArchiveCorrupt("no WARC version line")
    end = BLANK_LINE.search(data, 0, MAX_HEAD)
    if end is None:
        raise ArchiveCorrupt("record header does not end")
    return fields(data[: end.start()]), end.end()


def fields(head: bytes) -> dict[str, str]:
    """Header lines after the first: names in lower case, continuation lines folded, lines without colon passed over."""
    found: dict[str, str] = {}
    for name, value in field_list(head):
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def field_list(head: bytes) -> list[tuple[str, str]]:
    """As `fields`, in their order and with repeated ones kept apart (Set-Cookie must be)."""
    found: list[tuple[str, str]] = []
    for raw in head.splitlines()[1:]:
        line = raw.decode("utf-8", "replace") if not raw.isascii() else raw.decode("ascii")
        if line[:1] in {" ", "\t"} and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if colon:
            found.append((name.strip().lower(), value.strip()))
    return found


def _stated_length(headers: dict[str, str]) -> int | None:
    """Content-Length of the record, None where it is missing or no number."""
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _read_plain(stream: BinaryIO, offset: int, keep: int) -> Record:
    """Read one uncompressed record; without a length it reaches to the next version line."""
    skip = _blank_before(stream, offset)
    stream.seek(offset + skip)
    head = stream.read(MAX_HEAD)
    headers, start = _warc_head(head)
    size = _stated_length(headers)
    begin = offset + skip + start
    if size is None:
        following = _next_plain(stream, begin)
        size = (following if following is not None else stream.seek(0, 2)) - begin
    elif stream.seek(0, 2) < begin + size:
        raise EOFError("the file ends within a record")
    stream.seek(begin)
    block = stream.read(min(size, keep))
    if "content-length" not in headers:
        block = block.removesuffix(b"\r\n\r\n")
    return Record(offset + skip, start + size, headers, block, size <= keep)


def _blank_before(stream: BinaryIO, offset: int) -> int:
    """Line ends between two records."""
    stream.seek(offset)
    ahead = stream.read(64)
    return len(ahead) - len(ahead.lstrip(b"\r\n"))


def _next_member(stream: BinaryIO, offset: int) -> int | None:
    """Where the next gzip member that holds a WARC record starts, searching from `offset`."""
    for at in _occurrences(stream, offset, re.compile(re.escape(GZIP))):
        stream.seek(at)
        try:
            start = zlib.decompressobj(31).decompress(stream.read(CHUNK), 64)
        except zlib.error:
            continue
        if VERSION.match(start):
            return at
    return None


def _next_plain(stream: BinaryIO, offset: int) -> int | None:
    """Where the next uncompressed record starts, searching from `offset`."""
    return next(_occurrences(stream, offset, NEXT_PLAIN), None)


def _occurrences(stream: BinaryIO, offset: int, pattern: re.Pattern[bytes]) -> Iterator[int]:
    """Positions of a short pattern, read in windows that overlap by its greatest length."""
    overlap = 128
    while True:
        stream.seek(offset)
        window = stream.read(SEARCH + overlap)
        for found in pattern.finditer(window):
            if found.start() < SEARCH:
                yield offset + found.start()
        if len(window) < SEARCH + overlap:
            return
        offset += SEARCH
