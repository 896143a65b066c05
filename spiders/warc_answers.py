"""WARC records as answers: whatever tool made the file, readers get what the server said, decoded, with the time it was said."""

import hashlib
import io
import logging
import re
import zlib
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from pathlib import Path

import brotli
import zstandard
from warcio.bufferedreaders import ChunkedDataReader

from spiders.archive_errors import ArchiveCorrupt, ArchiveError, ArchiveMissing, ArchiveTombstone, NotAWarc
from spiders.archive_index import INDEX_NAME, ArchiveIndex, Row, digest_key
from spiders.reading import Answer
from spiders.warc_reading import MAX_RECORD, Record, WarcFile, field_list, fields, record_at

log = logging.getLogger(__name__)

MAX_DECODED = 10 * 1024 * 1024
"""Bytes a compressed body may unfold to."""
MAX_QUESTIONS = 64
"""Requests kept while their answers are awaited; tools write the two side by side."""
STATUS = re.compile(rb"\AHTTP/\d(?:\.\d)?[ \t]+(\d{3})\b")
HEAD_END = re.compile(rb"\r?\n\r?\n")
ANSWER_KINDS = {"response", "resource", "revisit"}
HOP_HEADERS = {"content-encoding", "transfer-encoding", "content-length"}
TOMBSTONE = "tembus-tombstone"
SKIPPED: dict[type[ArchiveError], str] = {ArchiveMissing: "original_missing", ArchiveTombstone: "tombstone", ArchiveCorrupt: "corrupt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """One answer out of a WARC file."""

    answer: Answer
    fetched_at: datetime
    offset: int
    """Of its record in the file."""
    digest: str
    """SHA-256 of the body as given here, hex."""
    fields: tuple[tuple[str, str], ...] = ()
    """The answer's headers in their order, repeated ones apart, fit for the decoded body."""
    redacted: bool = False


class Answers:
    """Iterates over the answers of one WARC file in their order; `skipped` counts by reason what could not be given."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = WarcFile(path)
        self.skipped: Counter[str] = self.file.skipped
        self.lost: ArchiveIndex | None = None

    def __iter__(self) -> Iterator[Archived]:
        try:
            for record, question in paired(self.file):
                if (archived := self._answer(record, question)) is not None:
                    yield archived
        finally:
            if self.lost is not None:
                self.lost.close()

    def _answer(self, record: Record, question: Record | None) -> Archived | None:
        """The answer, or a count of why there is none."""
        try:
            if not record.whole:
                raise ArchiveCorrupt("too large")
            archived = archived_of(record, question, self._original(record))
        except ArchiveError as error:
            self._skip(SKIPPED.get(type(error), "corrupt"), record, str(error))
            return None
        if archived.answer.status == HTTPStatus.NOT_MODIFIED:
            self._skip("not_modified", record, "another tool's recording; the page is elsewhere")
            return None
        if "warc-truncated" in record.headers:
            self.skipped["truncated_but_given"] += 1
        return archived

    def _original(self, record: Record) -> Record | None:
        """Body-bearing record of a revisit, from this file first; the file is indexed at the first one met."""
        if record.kind != "revisit":
            return None
        if self.lost is None:
            self.lost = ArchiveIndex(None)
            index_file(self.lost, self.path)
        row = self.lost.original(record)
        return record_at(self.path, row.offset) if row else find_original(self.path.parent, record)

    def _skip(self, reason: str, record: Record, detail: str) -> None:
        self.skipped[reason] += 1
        log.warning("%s: answer at byte %d passed over: %s %s", self.path.name, record.offset, reason, detail)


def iterate_answers(path: Path) -> Answers:
    """Answers of a WARC file made by anyone. Iterating raises NotAWarc and ArchiveMissing; all else is counted in `.skipped`."""
    return Answers(path)


def paired(records: Iterable[Record]) -> Iterator[tuple[Record, Record | None]]:
    """Each answer with the request it answers, whichever of the two was written first and however they name each other."""
    questions: OrderedDict[str, Record] = OrderedDict()
    waiting: Record | None = None
    for record in records:
        if record.kind == "request":
            if waiting is not None and belong(waiting, record):
                yield waiting, record
                waiting = None
                continue
            questions[record.headers.get("warc-record-id", str(record.offset))] = record
            if len(questions) > MAX_QUESTIONS:
                questions.popitem(last=False)
        elif record.kind in ANSWER_KINDS:
            if waiting is not None:
                yield waiting, None
            waiting = record
            found = next((key for key in reversed(questions) if belong(record, questions[key])), None)
            if found is not None:
                yield record, questions.pop(found)
                waiting = None
    if waiting is not None:
        yield waiting, None


def belong(answer: Record, question: Record) -> bool:
    """Whether the one answers the other: they name each other, or nobody is named and the address is the same."""
    named = (answer.headers.get("warc-concurrent-to", ""), question.headers.get("warc-concurrent-to", ""))
    if not any(named):
        return answer.url == question.url
    ids = (question.headers.get("warc-record-id", "-"), answer.headers.get("warc-record-id", "-"))
    return ids[0] in named[0] or ids[1] in named[1]


def archived_of(record: Record, question: Record | None = None, original: Record | None = None) -> Archived:
    """A record as an answer. Raises ArchiveMissing (a revisit without its original), ArchiveTombstone, ArchiveCorrupt."""
    status, headers, body = _message(record)
    if record.kind == "revisit":
        if original is None:
            raise ArchiveMissing("the earlier answer that this one repeats is not here")
        first_status, first_headers, body = _message(original)
        if "not-modified" in record.headers.get("warc-profile", "") or not headers:
            status, headers = first_status, first_headers
    method, asked = asked_of(question)
    answer = Answer(body=body, url=record.url, status=status, headers=_joined(headers), method=method, asked=asked)
    redacted = "tembus-redacted" in (original or record).headers
    digest = hashlib.sha256(body).hexdigest()
    return Archived(
        answer=answer, fetched_at=moment_of(record), offset=record.offset, digest=digest, fields=tuple(headers), redacted=redacted
    )


def _message(record: Record) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and decoded body of a response, or the block itself of a resource. Checks our own digests."""
    if TOMBSTONE in record.headers:
        raise ArchiveTombstone(f"erased on request on {record.headers[TOMBSTONE]}")
    found = STATUS.match(record.block)
    if not found or record.kind == "resource":
        media = record.headers.get("content-type", "")
        return 200, [("content-type", media)] if media and not media.startswith("application/http") else [], record.block
    end = HEAD_END.search(record.block)
    raw = record.block[end.end() :] if end else b""
    headers = field_list(record.block[: end.start()] if end else record.block)
    if record.kind == "revisit":
        return int(found[1]), headers, b""
    _check_digest(record, raw)
    body = decode_body(raw, dict(headers))
    kept = [(name, value) for name, value in headers if name not in HOP_HEADERS]
    stated = dict(headers).get("content-length") if not body else None  # a HEAD answer says how long the body would be
    return int(found[1]), [*kept, ("content-length", stated or str(len(body)))], body


def _check_digest(record: Record, body: bytes) -> None:
    """Our own files state SHA-256 of exactly these bytes; other tools mean different things by a payload digest."""
    stated = digest_key(record.headers.get("warc-payload-digest", ""))
    if "tembus-fingerprint" in record.headers and stated and stated != hashlib.sha256(body).hexdigest():
        raise ArchiveCorrupt(f"byte {record.offset}: the body is not what was archived (digest differs)")


def decode_body(raw: bytes, headers: dict[str, str]) -> bytes:
    """Undo chunking and compression. A header may lie: bytes that are not so encoded stay as they are.

    Raises ArchiveCorrupt where more than MAX_DECODED bytes would come out.
    """
    if headers.get("transfer-encoding", "").lower() == "chunked":
        raw = ChunkedDataReader(io.BytesIO(raw)).read(MAX_RECORD)
    for name in reversed([part.strip().lower() for part in headers.get("content-encoding", "").split(",")]):
        decode = DECODERS.get(name)
        if decode is None or not raw:
            continue
        try:
            body = decode(raw)
        except (zlib.error, brotli.error, zstandard.ZstdError):
            return raw
        if len(body) > MAX_DECODED:
            raise ArchiveCorrupt(f"body unfolds to more than {MAX_DECODED} bytes")
        raw = body
    return raw


def _gunzip(raw: bytes) -> bytes:
    return zlib.decompressobj(31).decompress(raw, MAX_DECODED + 1)


def _inflate(raw: bytes) -> bytes:
    """Deflate with its header, or without, as half of the servers send it."""
    try:
        return zlib.decompressobj().decompress(raw, MAX_DECODED + 1)
    except zlib.error:
        return zlib.decompressobj(-15).decompress(raw, MAX_DECODED + 1)


def _unbrotli(raw: bytes) -> bytes:
    return bytes(brotli.Decompressor().process(raw, output_buffer_limit=MAX_DECODED + 1))


def _unzstd(raw: bytes) -> bytes:
    return zstandard.ZstdDecompressor().stream_reader(raw).read(MAX_DECODED + 1)


DECODERS = {"gzip": _gunzip, "x-gzip": _gunzip, "deflate": _inflate, "br": _unbrotli, "zstd": _unzstd}


def asked_of(question: Record | None) -> tuple[str, bytes]:
    """Method and body of the request; a missing one was a plain GET as far as anybody can tell."""
    if question is None:
        return "GET", b""
    method = question.block[:20].split(b" ", 1)[0].decode("latin-1")
    end = HEAD_END.search(question.block)
    return (method if method.isalpha() else "GET"), question.block[end.end() :] if end else b""


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers as readers take them: lower-case names, repeated ones joined by a comma."""
    found: dict[str, str] = {}
    for name, value in headers:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def moment_of(record: Record) -> datetime:
    """WARC-Date, UTC. Raises ArchiveCorrupt where there is none."""
    text = record.headers.get("warc-date", "")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArchiveCorrupt(f"byte {record.offset}: WARC-Date {text[:40]!r}") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def index_file(index: ArchiveIndex, path: Path, name: str | None = None) -> Counter[str]:
    """Add every answer of a file to an index in one pass; returns what was skipped. `fingerprint` is "" in files of others."""
    records = WarcFile(path, keep=MAX_DECODED)
    info: dict[str, str] = {}
    for record, question in paired(_noting_info(records, info)):
        try:
            index.add(index_row(record, question, info, name or path.name))
        except ArchiveCorrupt as error:
            records.skipped["corrupt"] += 1
            log.warning("%s: %s", path.name, error)
    index.commit()
    return records.skipped


def _noting_info(records: Iterable[Record], info: dict[str, str]) -> Iterator[Record]:
    """Pass records on and keep what the warcinfo record says."""
    for record in records:
        if record.kind == "warcinfo":
            info.update(fields(b"\r\n" + record.block))
        yield record


def index_row(record: Record, question: Record | None, info: dict[str, str], name: str) -> Row:
    """Index columns of a record."""
    end = HEAD_END.search(record.block)
    said = fields(record.block[: end.start()] if end else record.block[:0])
    status = STATUS.match(record.block)
    head = record.headers
    state = "tombstone" if TOMBSTONE in head else "redacted" if "tembus-redacted" in head else ""
    return Row(
        fingerprint=head.get("tembus-fingerprint", ""),
        source=head.get("tembus-source", info.get("tembus-source", "")),
        url=record.url,
        method=asked_of(question)[0],
        time=moment_of(record).isoformat(timespec="microseconds"),
        status=int(status[1]) if status else 200,
        digest=digest_key(head.get("warc-payload-digest", "")),
        file=name,
        offset=record.offset,
        length=record.length,
        etag=said.get("etag"),
        last_modified=said.get("last-modified"),
        run_id=info.get("ispartof", ""),
        kind=record.kind,
        record_id=head.get("warc-record-id", ""),
        refers_to=head.get("tembus-refers-to-file"),
        state=state,
    )


def reindex(folder: Path) -> Counter[str]:
    """Rebuild the index of an archive folder from its WARC files; returns what was skipped, by reason."""
    skipped: Counter[str] = Counter()
    with closing(ArchiveIndex(folder / INDEX_NAME)) as index:
        index.change("delete from answers", [()])
        for path in warc_files(folder):
            try:
                skipped += index_file(index, path)
            except NotAWarc:
                skipped["not_a_warc"] += 1
    return skipped


def warc_files(folder: Path) -> list[Path]:
    """WARC files of a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.name.endswith((".warc", ".warc.gz")))


def find_original(folder: Path, revisit: Record) -> Record | None:
    """The body-bearing record of a revisit within an archive folder: by the index, else in the file that it names.

    Raises ArchiveTombstone where it was erased.
    """
    if (folder / INDEX_NAME).is_file():
        with closing(ArchiveIndex(folder / INDEX_NAME)) as index:
            row = index.original(revisit)
        if row is not None and (folder / row.file).is_file():
            return record_at(folder / row.file, row.offset)
    wanted = revisit.headers.get("warc-refers-to", "-")
    named = folder / Path(revisit.headers.get("tembus-refers-to-file", "-")).name
    records = WarcFile(named, keep=MAX_RECORD) if named.is_file() else ()
    return next((record for record in records if record.headers.get("warc-record-id") == wanted), None)


def open_answer(archive_folder: Path, file: str, offset: int) -> tuple[Answer, datetime]:
    """The answer behind an evidence row, and when it was received.

    Raises ArchiveMissing, ArchiveTombstone, ArchiveCorrupt, NotAWarc.
    """
    archived = archived_at(archive_folder, file, offset)
    return archived.answer, archived.fetched_at


def archived_at(folder: Path, file: str, offset: int) -> Archived:
    """As `open_answer`, with all that is known of the record; the request is not looked up."""
    path = folder / file
    if Path(file).name != file:
        raise ArchiveMissing(f"{file!r} is no name of an archive file")
    record = record_at(path, offset)
    if record.kind not in ANSWER_KINDS and TOMBSTONE not in record.headers:
        raise ArchiveCorrupt(f"{file}, byte {offset}: a {record.kind or 'nameless'} record, not an answer")
    return archived_of(record, None, find_original(folder, record) if record.kind == "revisit" else None)


def as_of_of(paths: Iterable[Path]) -> date:
    """The day that a recording took for today: `tembus-as-of` of the first file that states it, else the date of the first answer.

    Raises NotAWarc where the files hold no answer.
    """
    first: date | None = None
    for path in paths:
        for record in WarcFile(path, keep=64 * 1024):
            if record.kind == "warcinfo" and (text := fields(b"\r\n" + record.block).get("tembus-as-of")):
                return date.fromisoformat(text)
            if record.kind in ANSWER_KINDS:
                first = first or moment_of(record).date()
                break
    if first is None:
        raise NotAWarc("no answer in the files handed in")
    return first
