"""The archive family: files somebody hands in, read by the sources' readers, asking nothing of anyone."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest
from scrapy.settings import Settings

from market_db.seen import Listing
from spiders.base.spider import TembusSpider
from spiders.families.archive import ArchiveSpider, passport_of
from spiders.families.shopify import ShopifySpider
from spiders.families.structured import StructuredSpider
from spiders.reading import Answer, BadAnswer, Reading, Rejected, load_json
from spiders.site import Site
from spiders.warc_answers import open_answer
from spiders.warc_writing import member, record_bytes

PAGE = b"""<html lang="id"><head><title>Sambal Bawang 150 g</title><script type="application/ld+json">
{"@context": "https://schema.org", "@type": "Product", "name": "Sambal Bawang 150 g", "sku": "SB150",
 "offers": {"@type": "Offer", "price": "45000", "priceCurrency": "IDR", "availability": "https://schema.org/InStock"}}
</script></head><body><h1>Sambal Bawang 150 g</h1></body></html>"""


class Rows(TembusSpider):
    name = "rows"
    about: ClassVar = passport_of("Rows (contoh)")

    def passports(self):
        from dataclasses import replace

        return {"rows_a": replace(self.about, hosts=("api.example",)), "rows_b": replace(self.about, hosts=("api.example", "b.example"))}

    def read(self, answer: Answer) -> Reading:
        data = load_json(answer)
        if "rows" not in data:
            raise BadAnswer("no rows", answer.url)
        for row in data["rows"]:
            yield Rejected("empty") if not row else Listing(key=row, name=row, url=answer.url)
        if "bug" in data:
            raise ZeroDivisionError("our bug")


def record(url: str, body: bytes, media: str = "application/json", status: int = 200, at: str = "2026-11-20T03:04:05Z") -> bytes:
    fields = [("WARC-Type", "response"), ("WARC-Target-URI", url), ("WARC-Date", at)]
    return member(record_bytes(fields, b"HTTP/1.1 %d -\r\nContent-Type: %s\r\n\r\n" % (status, media.encode()) + body))


def run(spider: ArchiveSpider, folder: Path | None) -> list[Listing]:
    spider.settings = Settings({"TEMBUS_ARCHIVE": str(folder)} if folder else {})

    async def gather():
        return [item async for item in spider.start()]

    return asyncio.run(gather())


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    path = tmp_path / "download.warc.gz"
    path.write_bytes(
        b"".join(
            (
                record("https://api.example/1", json.dumps({"rows": ["x", "", "y"]}).encode()),
                record("https://api.example/2", b"<html>please wait</html>"),
                record("https://b.example/3", json.dumps({"rows": ["z"]}).encode()),
                record("https://b.example/4", json.dumps({"rows": ["w"], "bug": 1}).encode()),
                record("https://api.example/5", b"", status=404),
                record("https://toko.example/p", PAGE, "text/html; charset=utf-8"),
                record("https://toko.example/p.pdf", b"%PDF", "application/pdf"),
            )
        )
    )
    return path


def test_answers_go_to_the_reader_of_their_host(handed_in: Path, tmp_path: Path) -> None:
    home = tmp_path / "archive"
    spider = ArchiveSpider(replay=[handed_in], readers=[Rows()])
    found = run(spider, home)
    assert [(item.source, item.name) for item in found] == [
        ("rows_a", "x"),
        ("rows_a", "y"),
        ("rows_b", "z"),
        ("archive:toko.example", "Sambal Bawang 150 g"),
    ]
    for item in found:
        proof = item.evidence
        assert proof.source == item.source
        assert proof.fetched_at == datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)
        answer, _ = open_answer(home, proof.archive_file, proof.archive_offset)
        assert answer.url == proof.url
        assert item.name.encode() in answer.body
    kinds = {(source, issue.kind, issue.broken) for source, issue, _ in spider.issues}
    assert ("rows_b", "bad_answer", False) in kinds
    assert ("rows_b", "reader_failed", True) in kinds
    assert ("archive", "no_reader", False) in kinds
    assert spider.counts["rows_a", "empty"] == 1
    assert spider.counts["archive", "status:404"] == 1
    assert set(spider.passports()) == {"archive", "rows_a", "rows_b", "archive:toko.example"}
    assert spider.passports()["archive:toko.example"].hosts == ("archive.invalid",)
    assert spider.passports()["archive"].licence == "unknown"


def test_without_an_archive_folder_the_evidence_names_no_file(handed_in: Path) -> None:
    found = run(ArchiveSpider(replay=str(handed_in), readers=[Rows()]), None)
    assert len(found) == 4
    assert {item.evidence.archive_file for item in found} == {None}
    assert len({item.evidence.content_hash for item in found}) == 3


def test_a_file_that_cannot_be_read_does_not_stop_the_others(handed_in: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.warc.gz"
    bad.write_bytes(b"PK\x03\x04")
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes(handed_in.read_bytes()[:-20])
    spider = ArchiveSpider(replay=[tmp_path / "gone.warc.gz", bad, torn], readers=[Rows()])
    assert len(run(spider, tmp_path / "archive")) == 4
    assert [(issue.kind, issue.broken) for _, issue, _ in spider.issues if issue.kind.startswith(("unreadable", "skipped"))] == [
        ("unreadable_file", True),
        ("unreadable_file", True),
        ("skipped_records", False),
    ]
    assert spider.counts["archive", "skipped:torn"] == 1
    assert len(list((tmp_path / "archive").glob("*.warc*"))) == 1


def test_the_same_file_is_taken_in_once(handed_in: Path, tmp_path: Path) -> None:
    for _ in range(2):
        run(ArchiveSpider(replay=[handed_in], readers=[]), tmp_path / "archive")
    assert len(list((tmp_path / "archive").glob("*.warc.gz"))) == 1


SHOP = json.dumps({"products": [{"id": 7, "title": "Sambal Oelek", "handle": "sambal-oelek", "variants": [{"price": "3.49"}]}]}).encode()


def shop(name: str, family: str, path: str = "", **more: object) -> Site:
    base = {"country": "NL", "currency": "EUR", "seller": f"{name} (contoh)", "sample": True}
    return Site(id=name, url=f"https://{more.pop('host', name)}.example/{path}", family=family, **{**base, **more})  # type: ignore[arg-type]


def test_pages_of_declared_sites_are_read_by_their_families_under_their_own_names(tmp_path: Path) -> None:
    path = tmp_path / "own.warc"
    path.write_bytes(
        b"".join(
            (
                record("https://hosted.example/products.json?limit=250&page=1", SHOP),
                record("https://www.marked.example/p/sambal-bawang", PAGE, "text/html"),
                record("https://marked.example/robots.txt", b"User-agent: *", "text/plain"),
                record("https://marked.example/sitemap.xml", b"<urlset></urlset>", "application/xml"),
                record("https://both.example/de/p/sambal-bawang", PAGE, "text/html"),
                record("https://unknown.example/p/sambal-bawang", PAGE, "text/html"),
            )
        )
    )
    readers = [
        ShopifySpider(sites=[shop("hosted", "shopify")]),
        StructuredSpider(
            sites=[shop("marked", "structured"), shop("en", "structured", "en", host="both"), shop("de", "structured", "de", host="both")]
        ),
        Rows(),
    ]
    spider = ArchiveSpider(replay=[path], readers=readers)
    found = {(item.source, item.key) for item in run(spider, None)}
    assert {source for source, _ in found} == {"shopify:hosted", "structured:marked", "structured:de", "archive:unknown.example"}
    assert ("shopify:hosted", "7") in found
    assert spider.issues == []


def test_answers_of_the_future_were_read_now_at_the_latest(tmp_path: Path) -> None:
    path = tmp_path / "ahead.warc"
    path.write_bytes(
        record("https://api.example/1", json.dumps({"rows": ["x"]}).encode(), at="2099-01-01T00:00:00Z")
        + record("https://api.example/2", json.dumps({"rows": ["y"]}).encode())
    )
    spider = ArchiveSpider(replay=[path], readers=[Rows()])
    ahead, past = run(spider, tmp_path / "archive")
    assert ahead.evidence.fetched_at <= datetime.now(UTC)
    assert past.evidence.fetched_at.year == 2026
    ((_, issue, _),) = spider.issues
    assert (issue.kind, "1 answers are dated after today" in issue.detail) == ("future_date", True)
