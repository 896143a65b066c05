"""Directories and boards on real pages: how many cards are found, and how many of their names are right."""

import json
from pathlib import Path

import pytest

from market_db.seen import Notice, Registration
from spiders.families.directory import Cards, DirectorySpider
from spiders.reading import Answer
from spiders.site import Site

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "market"
if not CORPUS.is_dir():
    pytest.skip("corpus not beside the checkout", allow_module_level=True)

TRUTH = [json.loads(line) for line in (CORPUS / "truth.jsonl").read_text("utf-8").splitlines()]


def cards_of(file: str, url: str, record: str) -> Cards:
    site = Site(id="corpus", url=url, family="directory", record=record)
    return DirectorySpider(sites=[site])._cards(site, Answer(body=(CORPUS / file).read_bytes(), url=url))


@pytest.mark.parametrize("row", [row for row in TRUTH if row["type"] == "company_list"], ids=lambda row: row["file"])
def test_names_of_firms(row: dict) -> None:
    found = {read.party.name for read in cards_of(row["file"], row["url"], "company").reading if isinstance(read, Registration)}
    true = {item["name"] for item in row["items"]}
    assert len(found & true) / len(found) >= 0.9
    assert len(found & true) / len(true) >= 0.9


@pytest.mark.parametrize(
    ("file", "url", "count", "total"),
    [
        ("directory_html/muqawil_listing-en.html", "https://muqawil.org/en/contractors", 4, None),
        ("directory_html/www.inmykonos.com-0.html", "http://www.inmykonos.com/shop-in-mykonos/jewelry.html", 15, 91),
        ("rfq_html/autopager_46.html", "https://www.fbo.gov/index", 20, 28_488),
        ("rfq_html/www.fbo.gov-4.html", "https://www.fbo.gov/", 20, 25_476),
    ],
)
def test_cards_totals_and_next_pages(file: str, url: str, count: int, total: int | None) -> None:
    found = cards_of(file, url, "rfq" if file.startswith("rfq") else "company")
    assert (found.count, found.total, found.following is not None) == (count, total, True)
    notices = [read for read in found.reading if isinstance(read, Notice)]
    assert all(notice.published for notice in notices)
