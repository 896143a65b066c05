"""What is written of one exchange: request and answer as WARC records and as an index row, without anybody's keys."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from scrapy import Request
from scrapy.http import Headers, Response

from spiders.archive_index import Row
from spiders.warc_answers import HOP_HEADERS
from spiders.warc_writing import IDENTICAL, NOT_MODIFIED, Fields, digest_label, http_block, info_block, record_urn, warc_date

SECRET_HEADERS = {"authorization", "proxy-authorization", "cookie", "ocp-apim-subscription-key", "x-api-key"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is known of an answer that is about to be written."""

    url: str
    """Without keys."""
    digest: str
    """SHA-256 of the body, hex."""
    at: datetime
    """When it arrived, UTC."""
    earlier: Row | None
    """The whole answer that this one repeats."""
    source: str
    fingerprint: str
    method: str
    record_id: str


def without_secrets(url: str, names: Iterable[str]) -> str:
    """The address without user info and without the parameters that carry keys."""
    parts = urlsplit(url)
    secret = {name.lower() for name in names}
    found = parts.query.split("&")
    kept = [pair for pair in found if unquote_plus(pair.partition("=")[0]).lower() not in secret]
    if "@" in parts.netloc:
        parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        url = urlunsplit(parts)
    return url if len(kept) == len(found) else urlunsplit(parts._replace(query="&".join(kept)))


def request_record(request: Request, kept: Kept) -> tuple[Fields, bytes]:
    """The question as it went out, without keys."""
    parts = urlsplit(kept.url)
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    headers = ((name, value) for name, value in _headers(request.headers) if name.lower() not in SECRET_HEADERS)
    block = http_block(f"{request.method} {target} HTTP/1.1", [("Host", parts.netloc), *headers], request.body)
    return [
        ("WARC-Type", "request"),
        ("WARC-Record-ID", record_urn()),
        ("WARC-Concurrent-To", kept.record_id),
        ("WARC-Target-URI", kept.url),
        ("WARC-Date", warc_date(kept.at)),
        ("Content-Type", "application/http; msgtype=request"),
    ], block


def answer_record(response: Response, kept: Kept, plain: Callable[[str], str]) -> tuple[Fields, bytes]:
    """The answer with headers that fit its decoded body, or a pointer to the earlier one that it repeats."""
    headers = [(name, value) for name, value in _headers(response.headers) if name.lower() not in HOP_HEADERS]
    headers = [(name, plain(value) if name.lower() == "location" else value) for name, value in headers]
    length = _text(response.headers.get("Content-Length")) if kept.method == "HEAD" else None
    headers.append(("Content-Length", length or str(len(response.body))))
    block = http_block(_status_line(response.status), headers, b"" if kept.earlier else response.body)
    fields = [
        ("WARC-Type", "revisit" if kept.earlier else "response"),
        ("WARC-Record-ID", kept.record_id),
        ("WARC-Target-URI", kept.url),
        ("WARC-Date", warc_date(kept.at)),
        ("WARC-Payload-Digest", digest_label(kept.digest)),
        ("Content-Type", "application/http; msgtype=response"),
        ("tembus-source", kept.source),
        ("tembus-fingerprint", kept.fingerprint),
    ]
    return [*fields, *_pointer(kept.earlier, response.status)], block


def _pointer(earlier: Row | None, status: int) -> Fields:
    """Where the body lies; the file's name survives a lost index, an offset would not survive every rewrite."""
    if earlier is None:
        return ()
    return (
        ("WARC-Profile", NOT_MODIFIED if status == HTTPStatus.NOT_MODIFIED else IDENTICAL),
        ("WARC-Refers-To", earlier.record_id),
        ("WARC-Refers-To-Target-URI", earlier.url),
        ("WARC-Refers-To-Date", warc_date(datetime.fromisoformat(earlier.time))),
        ("tembus-refers-to-file", earlier.file),
    )


def info_record(file: str, contact: str, run_id: str, spider: str, as_of: str) -> tuple[Fields, bytes]:
    """The record in front of a file: who recorded, for which run, and which day it took for today."""
    block = info_block(
        (
            ("software", "Tembus"),
            ("format", "WARC File Format 1.1"),
            ("operator", contact),
            ("isPartOf", run_id),
            ("tembus-source", spider),
            ("tembus-as-of", as_of),
        )
    )
    return [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", record_urn()),
        ("WARC-Date", warc_date(datetime.now(UTC))),
        ("WARC-Filename", file),
        ("Content-Type", "application/warc-fields"),
    ], block


def kept_row(response: Response, kept: Kept, *, file: str, offset: int, length: int, run_id: str) -> Row:
    """The index row of an answer that was written."""
    return Row(
        fingerprint=kept.fingerprint,
        source=kept.source,
        url=kept.url,
        method=kept.method,
        time=kept.at.isoformat(timespec="microseconds"),
        status=response.status,
        digest=kept.digest,
        file=file,
        offset=offset,
        length=length,
        etag=_text(response.headers.get("ETag")),
        last_modified=_text(response.headers.get("Last-Modified")),
        run_id=run_id,
        kind="revisit" if kept.earlier else "response",
        record_id=kept.record_id,
        refers_to=kept.earlier.file if kept.earlier else None,
    )


def file_safe(text: str) -> str:
    """A run id as part of a file name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:80].strip(".-") or "run"


def _headers(headers: Headers) -> Iterator[tuple[str, str]]:
    """Names and values in their order; bytes that are not UTF-8 survive."""
    for name, values in headers.items():
        for value in values:
            yield name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape")


def _text(value: bytes | None) -> str | None:
    return value.decode("latin-1") if value else None


def _status_line(status: int) -> str:
    """Reason phrases are not kept by Scrapy; the registered one stands in."""
    try:
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP/1.1 {status} -"
