"""The shipped sample answers exactly what the sources ask with the frozen day.

After a product type changed, run `PYTHONPATH=. python tests/spiders/test_sample_requests.py`: it writes the addresses and bodies
of the first requests anew into each index.json, in their order; the answers stay as they are.
"""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from scrapy.http import Request, TextResponse

from market_db.products import load_products
from market_db.seen import Seen, parties_of
from spiders.base.spider import TembusSpider
from spiders.catalogue import load_spiders

SAMPLE = Path(__file__).parents[2] / "scripts" / "sample"
AS_OF = date(2026, 11, 20)
PRODUCTS = ("sambal", "ground_coffee")
ARGUMENTS = {"openstreetmap": {"countries": ("NL",)}, "un_comtrade": {"suppliers_of": ("NL", "DE", "GB", "US", "BE", "JP", "AU", "NO")}}
SOURCES = ("bronnoysund", "openstreetmap", "ted", "uk_trade_info", "un_comtrade")
LEAST = {"bronnoysund": 12, "openstreetmap": 15, "ted": 6, "uk_trade_info": 20, "un_comtrade": 450}


def spider_of(source: str) -> TembusSpider:
    products = load_products()
    return load_spiders()[source](products=[products[key] for key in PRODUCTS], as_of=AS_OF, **ARGUMENTS.get(source, {}))


def index_of(source: str) -> list[dict]:
    return json.loads((SAMPLE / source / "index.json").read_text("utf-8"))


def asked_by(request: Request) -> tuple[str, str, str]:
    return request.method, request.url, request.body.decode()


def walk(source: str, spider: TembusSpider) -> tuple[list[Seen], Counter]:
    """Records of the sample, and how often each entry was asked for; an unanswered request fails the test."""
    entries = {(entry["method"], entry["url"], entry["body"]): entry for entry in index_of(source)}
    used: Counter = Counter()
    records, queue = [], list(spider.first_requests())
    while queue:
        request = queue.pop(0)
        assert asked_by(request) in entries, f"no sample answer for {asked_by(request)}"
        used[asked_by(request)] += 1
        entry = entries[asked_by(request)]
        response = TextResponse(
            request.url,
            status=entry["status"],
            headers=entry["headers"],
            body=(SAMPLE / source / entry["file"]).read_bytes(),
            request=request,
            encoding="utf-8",
        )
        for one in spider.parse(response):
            (queue if isinstance(one, Request) else records).append(one)
    assert set(used) == set(entries), "sample answers that nothing asks for"
    return records, used


@pytest.mark.parametrize("source", SOURCES)
def test_every_request_is_answered(source: str) -> None:
    spider = spider_of(source)
    records, used = walk(source, spider)
    assert set(used.values()) == {1}
    assert len(records) >= LEAST[source]
    assert len(records) >= spider.about.expect.least
    assert [issue for _, issue, _ in spider.issues] == []


@pytest.mark.parametrize("source", SOURCES)
def test_files_are_marked_as_examples(source: str) -> None:
    assert "contoh" in (SAMPLE / source / "LICENCE.txt").read_text("utf-8")
    files = {path.name for path in (SAMPLE / source).iterdir()}
    assert files == {entry["file"] for entry in index_of(source)} | {"index.json", "LICENCE.txt"}
    names = [party.name for record in walk(source, spider_of(source))[0] for party in parties_of(record)]
    assert all("contoh" in name.lower() for name in names)


def test_some_firms_are_seen_by_several_sources() -> None:
    sites = {source: set(websites(source)) for source in ("bronnoysund", "openstreetmap", "ted")}
    assert "asiamat.example" in sites["bronnoysund"] & sites["openstreetmap"] & sites["ted"]
    assert "toko-nusantara.example" in sites["openstreetmap"] & sites["ted"]


def websites(source: str) -> list[str]:
    parties = [party for record in walk(source, spider_of(source))[0] for party in parties_of(record)]
    return [party.website.removeprefix("https://").removeprefix("www.") for party in parties if party.website]


def rewrite() -> None:
    """Put today's first requests into each index, in order."""
    for source in SOURCES:
        entries = index_of(source)
        for entry, request in zip(entries, spider_of(source).first_requests(), strict=False):
            entry["method"], entry["url"], entry["body"] = asked_by(request)
        (SAMPLE / source / "index.json").write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    rewrite()
