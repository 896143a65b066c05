"""The provenance stamp: no record without its source and its proof, and one digest per answer."""

import hashlib
from datetime import UTC, datetime

import pytest
from scrapy import Request, Spider
from scrapy.http import HtmlResponse
from scrapy.utils.test import get_crawler

from market_db.seen import Evidence, Listing, Observation, Party, Place
from spiders import evidence
from spiders.evidence import ARCHIVED, ArchivedAt, StampEvidence, stamp

URL = "https://toko.example/p/1"
AT = ArchivedAt("20261125-x.warc.gz", 647, "ab" * 32, datetime(2026, 11, 25, tzinfo=UTC), "https://toko.example/p/1?q=2")


class Shops(Spider):
    name = "shops"

    def source_of(self, request):
        return str(request.meta.get("source", self.name))


@pytest.fixture
def middleware():
    crawler = get_crawler(Shops)
    crawler.spider = crawler._create_spider()
    return StampEvidence.from_crawler(crawler)


def answer(meta):
    return HtmlResponse(URL, body=b"<p>sambal</p>", request=Request(URL, meta=meta))


@pytest.mark.parametrize(
    "record",
    [
        Listing(key="1", name="Sambal", url=URL),
        Place(key="node/1", party=Party(name="Toko (contoh)"), url=URL),
        Observation(key="a", url=URL, metric="views", period="2026", value=1.0, unit="views"),
    ],
)
def test_records_get_the_place_that_the_archive_left(middleware, record):
    stamped = middleware.get_processed_item(record, answer({ARCHIVED: AT, "source": "toko_a"}))
    assert stamped.source == "toko_a"
    assert stamped.evidence == Evidence(
        source="toko_a", url=AT.url, fetched_at=AT.fetched_at, content_hash="ab" * 32, archive_file="20261125-x.warc.gz", archive_offset=647
    )
    assert stamped.key == record.key
    assert record.evidence is None


def test_without_an_archive_the_digest_is_worked_out_once(middleware, monkeypatch):
    response = answer({})
    records = [Listing(key=str(n), name="Sambal", url=URL) for n in range(3)]
    stamped = [middleware.get_processed_item(record, response) for record in records]
    assert {item.evidence.content_hash for item in stamped} == {hashlib.sha256(b"<p>sambal</p>").hexdigest()}
    assert len({id(item.evidence.content_hash) for item in stamped}) == 1
    assert stamped[0].evidence.archive_file is None
    assert stamped[0].evidence.url == URL
    assert (datetime.now(UTC) - stamped[0].evidence.fetched_at).total_seconds() < 60
    monkeypatch.setattr(evidence.hashlib, "sha256", None)
    assert middleware.get_processed_item(records[0], response).evidence == stamped[0].evidence


def test_other_items_pass_and_requests_too(middleware):
    item = {"a": 1}
    assert middleware.get_processed_item(item, answer({})) is item
    request = Request(URL)
    assert list(middleware.process_spider_output(answer({}), [request])) == [request]


def test_records_from_start_need_their_proof(middleware):
    bare = Listing(key="1", name="Sambal", url=URL)
    proved = stamp(bare, "archive:toko.example", AT)
    assert middleware.get_processed_item(bare, None) is None
    assert middleware.get_processed_item(proved, None) is proved
    assert middleware.crawler.stats.get_value("tembus/unproved") == 1
