"""Files of hundreds of megabytes, asked in parts: memory stays small, a server is never held for long, and the file is read once whole."""

import hashlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

from scrapy.http import Request, Response

from spiders.base.spider import TembusSpider
from spiders.evidence import ARCHIVED, ArchivedAt
from spiders.reading import BadAnswer, Issue, Reading

PART = 8 * 1024 * 1024
"""Bytes asked at once; below DOWNLOAD_MAXSIZE, so that no part is refused as too large."""
BULK = "bulk_part"
"""Key of `request.meta`: the archive keeps no body of such an answer; the file's digest stands in the evidence."""
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(slots=True)
class Download:
    """A file under way."""

    url: str
    _file: BinaryIO | None = None
    mark: str = ""
    """ETag or Last-Modified of the first part: the rest must be of the same file."""
    have: int = 0
    total: int | None = None
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def file(self) -> BinaryIO:
        """Nameless on the disk: it is gone with the process, however that ends. Opened at the first byte."""
        if self._file is None:
            self._file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - open until it is read
        return self._file

    def close(self) -> None:
        """Give the disk back."""
        if self._file is not None:
            self._file.close()

    def add(self, body: bytes) -> None:
        """Write one part behind the others."""
        self.file.write(body)
        self.digest.update(body)
        self.have += len(body)


class BulkFileSpider(TembusSpider):
    """A source that publishes one file, or a few: `read_file` gets each once it is complete, and gives records as it reads.

    Parts follow each other (RFC 9110, section 14); where a server gives no parts, the whole answer is taken up to DOWNLOAD_MAXSIZE.
    Such files are not archived: evidence carries address, time and SHA-256 of the whole, and a replay counts them as not recorded.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.downloads: dict[str, Download] = {}

    def ask_file(self, url: str, *, source: str | None = None) -> Request:
        """The request for the first part."""
        self.downloads[url] = Download(url)
        return self._ask_part(self.downloads[url], source)

    def read_file(self, file: BinaryIO, url: str) -> Reading:
        """Records of a complete file; `file` stands at its start."""
        raise NotImplementedError(f"{type(self).__name__} reads no file")

    def _ask_part(self, download: Download, source: str | None) -> Request:
        at = download.have
        headers = {"Range": f"bytes={at}-{at + PART - 1}", "Accept-Encoding": "identity"}
        if download.mark.startswith('"'):
            headers["If-Range"] = download.mark
        meta = {BULK: download.url}
        return self.ask(
            download.url, source=source, headers=headers, meta=meta, callback=self.parse_part, errback=self.part_failed, dont_filter=True
        )

    def parse_part(self, response: Response, **kwargs: Any) -> Iterator[Any]:
        """Add a part; ask the next one, or read the file."""
        assert response.request is not None
        source = self.source_of(response.request)
        download = self.downloads[response.request.meta[BULK]]
        try:
            self._take(download, response)
            if download.total is None or download.have < download.total:
                yield self._ask_part(download, source)
                return
            response.request.meta[ARCHIVED] = ArchivedAt(None, None, download.digest.hexdigest(), datetime.now(UTC), download.url)
            download.file.seek(0)
            yield from self.deliver(source, self.read_file(download.file, download.url), download.url)
        except BadAnswer as bad:
            self.note(source, Issue("bad_answer", str(bad), broken=True), download.url)
        download.close()

    def _take(self, download: Download, response: Response) -> None:
        """Check that a part continues the same file, and keep it. Raises BadAnswer."""
        if response.status == 200:
            if download.have:
                raise BadAnswer("file changed", "it was replaced while it was read; the next run asks again")
            download.total = len(response.body)
            download.add(response.body)
            return
        start, total = _range_of(response)
        mark = _mark(response)
        if start != download.have or total != (download.total or total) or mark != (download.mark if download.have else mark):
            raise BadAnswer("file changed", "its parts do not belong together; the next run asks again")
        download.mark, download.total = mark, total
        download.add(response.body)
        if not response.body:
            raise BadAnswer("empty part", f"after {download.have} of {total} bytes")

    def part_failed(self, failure: Any) -> None:
        """Say that the file is incomplete: nothing of it is read."""
        request = failure.request
        download = self.downloads[request.meta[BULK]]
        download.close()
        known = f"{download.have} of {download.total} bytes came" if download.have else "no byte came"
        detail = f"{known} ({failure.getErrorMessage()[:150]}); a file that cannot be had in parts goes in by `tembus import FILE`"
        self.note(self.source_of(request), Issue("file_incomplete", detail, broken=True), request.url)


def _range_of(response: Response) -> tuple[int, int]:
    """(first byte, bytes of the whole) from Content-Range. Raises BadAnswer."""
    value = (response.headers.get("Content-Range") or b"").decode("latin-1")
    found = _RANGE.fullmatch(value.strip())
    if response.status != 206 or found is None or int(found[2]) - int(found[1]) + 1 != len(response.body):
        raise BadAnswer("no part of a file", f"status {response.status}, Content-Range {value[:80] or 'absent'}")
    return int(found[1]), int(found[3])


def _mark(response: Response) -> str:
    return (response.headers.get("ETag") or response.headers.get("Last-Modified") or b"").decode("latin-1")
