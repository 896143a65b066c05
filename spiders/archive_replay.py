"""A recording asked again: which answer of the handed-in WARC files comes next for a request, without any network."""

import hashlib
import logging
import os
import shutil
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from scrapy import Request
from scrapy.utils.request import RequestFingerprinterProtocol

from spiders.archive_errors import ArchiveError, ArchiveMissing
from spiders.archive_index import INDEX_NAME, ArchiveIndex, Row
from spiders.warc_answers import Archived, archived_of, asked_of, find_original, index_row, paired
from spiders.warc_reading import Record, WarcFile, record_at

log = logging.getLogger(__name__)

PASSING = {403, 408, 425, 429, *range(500, 600)}
"""Answers that a later answer to the same question supersedes: a replay needs no retries and no waiting."""
HANDED_IN = "handed-in-"
MAX_QUESTION = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Taken:
    """A WARC file that a replay reads: where it is, and its name in the archive (None = there is no archive)."""

    path: Path
    name: str | None


def take_in(path: Path, folder: Path | None) -> Taken:
    """Make a file reachable for evidence: one of the archive folder stays, any other is copied in once, named by its content.

    A file handed in twice is not copied again, so that what was erased from the copy on request stays erased.
    Raises ArchiveMissing, and NotAWarc before anything is copied.
    """
    if not path.is_file():
        raise ArchiveMissing(f"{path} is not there")
    if folder is None or path.resolve().parent == folder.resolve():
        return Taken(path, path.name if folder else None)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    name = f"{HANDED_IN}{digest[:20]}.warc" + (".gz" if _is_gzip(path) else "")
    if not (folder / name).exists():
        next(iter(WarcFile(path, keep=0)))
        _copy_whole(path, folder / name)
        with closing(ArchiveIndex(folder / INDEX_NAME)) as index:
            for row in _rows(WarcFile(path, keep=MAX_QUESTION), name, None):
                index.add(row)
    return Taken(folder / name, name)


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def _copy_whole(path: Path, target: Path) -> None:
    """Copy so that the name only ever stands for the whole file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with path.open("rb") as source, part.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1024 * 1024)
            sink.flush()
            os.fsync(sink.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _rows(records: Iterable[Record], name: str, fingerprinter: RequestFingerprinterProtocol | None) -> Iterable[Row]:
    """Index rows of a file's answers; a fingerprinter fills in those that the file does not state."""
    info: dict[str, str] = {}
    for record, question in paired(records):
        try:
            row = index_row(record, question, info, name)
            yield row if row.fingerprint or fingerprinter is None else _with_fingerprint(row, question, fingerprinter)
        except (ArchiveError, ValueError) as error:
            log.warning("%s: answer at byte %d cannot be asked for: %s", name, record.offset, error)


def _with_fingerprint(row: Row, question: Record | None, fingerprinter: RequestFingerprinterProtocol) -> Row:
    """The fingerprint that Scrapy gives to the request this record answers."""
    method, asked = asked_of(question)
    request = Request(row.url, method=method, body=asked)
    return replace(row, fingerprint=fingerprinter.fingerprint(request).hex())


class Replay:
    """The answers of some WARC files, by fingerprint. One pass over each file builds a temporary index; bodies are read by offset.

    A question that was asked several times gets its answers in their order, the last one again and again after that.
    Of several files that answer one question (nights), the one handed in last is meant.
    """

    def __init__(self, paths: Iterable[Path], folder: Path | None, fingerprinter: RequestFingerprinterProtocol) -> None:
        self.taken = [take_in(path, folder) for path in paths]
        self.index = ArchiveIndex(None)
        self.turns: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        for number, taken in enumerate(self.taken):
            records = WarcFile(taken.path, keep=MAX_QUESTION)
            for row in _rows(records, str(number), fingerprinter):
                self.index.add(row)
            self.skipped += records.skipped
        self.index.commit()

    def next_answer(self, fingerprint: str) -> tuple[Archived, str | None] | None:
        """The answer whose turn it is and the archive name of its file; None = never recorded.

        Raises ArchiveMissing, ArchiveTombstone, ArchiveCorrupt where it was recorded and cannot be given.
        """
        rows = self._answers_to(fingerprint)
        if not rows:
            return None
        row = rows[min(self.turns[fingerprint], len(rows) - 1)]
        self.turns[fingerprint] += 1
        taken = self.taken[int(row.file)]
        record = record_at(taken.path, row.offset)
        return archived_of(record, None, self._original(record, taken)), taken.name

    def _answers_to(self, fingerprint: str) -> list[Row]:
        """Recorded answers of the newest file, in their order, without those that a later one superseded."""
        rows = self.index.rows("where fingerprint = ? order by cast(file as integer) desc, offset", (fingerprint,))
        mine = [row for row in rows if row.file == rows[0].file and not _empty(row)]
        return [row for at, row in enumerate(mine) if row.status not in PASSING or at == len(mine) - 1]

    def _original(self, record: Record, taken: Taken) -> Record | None:
        """Body of a revisit: within what was handed in, else in the archive folder around it."""
        if record.kind != "revisit":
            return None
        row = self.index.original(record)
        return record_at(self.taken[int(row.file)].path, row.offset) if row else find_original(taken.path.parent, record)

    def close(self) -> None:
        """Drop the temporary index."""
        self.index.close()


def _empty(row: Row) -> bool:
    """A bare 304 of another tool's recording: it says that somebody else had the answer."""
    return row.status == 304 and row.kind == "response"
