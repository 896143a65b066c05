"""Common Crawl: which pages are asked for, and that what they show is as old as their capture."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from scrapy.http import Response

from market_db.companies.known import KnownCompany
from market_db.products import load_products
from spiders.archive import BULK
from spiders.directories.common_crawl import Capture, CommonCrawl, captures, chosen, dated, newest
from spiders.evidence import ArchivedAt
from spiders.reading import Answer, BadAnswer

FIXTURES = Path(__file__).parent / "fixtures" / "common_crawl"
FIRMS = [
    KnownCompany("Toko Rasa (contoh) B.V.", "NL", website="https://www.tokorasa.example/nl"),
    KnownCompany("Page of a platform (contoh)", "NL", website="https://www.facebook.com/rasa"),
    KnownCompany("Without a site (contoh)", "NL"),
]


def spider():
    return CommonCrawl(products=load_products().values(), as_of=date(2026, 11, 20), companies=FIRMS)


def follow(url, body):
    made = spider()
    return list(made.next_requests(Response(url, body=body, request=made.ask(url))))


def index(*urls, **more):
    row = {"length": "900", "offset": "5", "filename": "crawl-data/a/warc/b.warc.gz", **more}
    return "\n".join(json.dumps({"url": url, **row}) for url in urls).encode()


def test_only_domains_of_one_firm_are_asked_about():
    assert [request.url for request in spider().first_requests()] == ["https://index.commoncrawl.org/collinfo.json"]
    crawls = json.dumps([{"id": "CC-MAIN-2026-33", "cdx-api": "https://index.commoncrawl.org/CC-MAIN-2026-33-index"}]).encode()
    (asked,) = follow("https://index.commoncrawl.org/collinfo.json", crawls)
    assert "tokorasa.example" in asked.url
    assert list(CommonCrawl(products=load_products().values(), companies=FIRMS[1:]).first_requests()) == []


def test_contact_pages_are_asked_by_byte_range_and_not_archived():
    urls = ("https://r.example/", "https://r.example/shop/contact-lenses/red", "https://r.example/contact", "https://r.example/over-ons")
    asked = follow("https://index.commoncrawl.org/CC-MAIN-2026-33-index?url=r.example", index(*urls))
    assert [request.meta[BULK] for request in asked] == ["https://r.example/contact", "https://r.example/over-ons"]
    assert asked[0].headers["Range"] == b"bytes=5-904"


def test_without_a_contact_page_the_front_page_will_do():
    found = chosen(captures(Answer(body=index("https://r.example/", "https://r.example/a"), url="x")))
    assert found == [Capture("https://r.example/", "crawl-data/a/warc/b.warc.gz", 5, 900)]
    assert chosen(iter(())) == []


@pytest.mark.parametrize("more", [{"length": "3000000"}, {"filename": "crawl-data/a/robotstxt/b.warc.gz"}, {"offset": None}])
def test_what_cannot_be_a_page_is_not_asked_for(more):
    assert list(captures(Answer(body=index("https://r.example/contact", **more), url="x"))) == []


@pytest.mark.parametrize("body", [b"{}", b"[]", b'[{"cdx-api": "https://elsewhere.example/x"}]'])
def test_an_odd_list_of_crawls_is_told(body):
    with pytest.raises(BadAnswer, match="cdx-api"):
        newest(Answer(body=body, url="x"))


def test_an_index_that_is_no_json_is_told():
    with pytest.raises(BadAnswer, match="not json lines"):
        list(captures(Answer(body=b"<html>busy</html>", url="x")))


def test_what_a_capture_shows_is_as_old_as_the_capture():
    tonight = ArchivedAt(None, None, "0" * 64, datetime(2026, 11, 20, tzinfo=UTC), "https://data.commoncrawl.org/x")
    at = dated(tonight, (FIXTURES / "contact_page" / "response.warc.gz").read_bytes())
    assert (at.url, at.fetched_at) == ("https://www.tokorasa.example/contact", datetime(2026, 8, 4, 10, 33, 29, tzinfo=UTC))
    assert dated(tonight, b"no capture") == tonight


def test_real_answers_of_the_index(corpus: Path):
    rows = [json.loads(line) for line in (corpus / "buyers" / "commoncrawl" / "test_basics.jsonl").read_text("utf-8").splitlines()]
    bodies = [row["response_text"].encode() for row in rows if "-index" in row["url"] and row["response_status_code"] == 200]
    assert bodies
    assert all(isinstance(capture, Capture) for body in bodies for capture in captures(Answer(body=body, url="x")))
