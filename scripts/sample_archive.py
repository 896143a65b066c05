"""Makes a WARC of the shipped sample answers, as any archiving tool would: the sample is then replayed like any recording."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

FOLDER = Path(__file__).parent / "sample"
AS_OF = date(2026, 11, 20)
"""Day the sample was written for: its spiders ask what they would have asked then."""


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    """One exchange of the sample."""

    url: str
    method: str
    asked: bytes
    status: int
    headers: dict[str, str]
    body: bytes


def sample_answers(folder: Path = FOLDER) -> Iterator[SampleAnswer]:
    """All exchanges, by source in alphabetical order."""
    for index in sorted(folder.glob("*/index.json")):
        for entry in json.loads(index.read_text("utf-8")):
            body = (index.parent / entry["file"]).read_bytes() if entry.get("file") else b""
            asked = (entry.get("body") or "").encode()
            headers = entry.get("headers") or {}
            yield SampleAnswer(entry["url"], entry.get("method", "GET"), asked, int(entry.get("status", 200)), headers, body)


def sample_version(folder: Path = FOLDER) -> str:
    """Eight hex digits that change with any of the shipped answers."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:8]


def write_sample(target: Path, folder: Path = FOLDER) -> int:
    """Write the WARC; returns the number of exchanges."""
    count = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.1")
        writer.write_record(writer.create_warcinfo_record(target.name, {"software": "Tembus sample", "tembus-as-of": AS_OF.isoformat()}))
        for answer in sample_answers(folder):
            _write(writer, answer)
            count += 1
    return count


def _write(writer: WARCWriter, answer: SampleAnswer) -> None:
    """Request and response of one exchange, dated on the sample's day."""
    host = answer.url.split("/")[2]
    dated = {"WARC-Date": f"{AS_OF.isoformat()}T18:30:00Z"}
    head = StatusAndHeaders(f"{answer.method} {answer.url} HTTP/1.1", [("Host", host)], is_http_request=True)
    said = [*answer.headers.items(), ("Content-Length", str(len(answer.body)))]
    reply = StatusAndHeaders(f"{answer.status} -", said, protocol="HTTP/1.1")
    response = writer.create_warc_record(
        answer.url, "response", payload=io.BytesIO(answer.body), http_headers=reply, warc_headers_dict=dict(dated)
    )
    request = writer.create_warc_record(
        answer.url, "request", payload=io.BytesIO(answer.asked), http_headers=head, warc_headers_dict=dict(dated)
    )
    writer.write_request_response_pair(request, response)
    for record in (request, response):
        record.raw_stream.close()  # warcio copies payloads into temporary files to digest them
