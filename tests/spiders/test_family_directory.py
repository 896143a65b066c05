"""Directories and boards: what is read of cards, profiles and requests, in which order they are asked, and what is said when they end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from market_db.products import load_products
from market_db.seen import Notice, Registration
from spiders.families.directory import DirectorySpider
from spiders.manners.outcomes import Refused, Stop
from spiders.reading import Answer, BadAnswer, Issue, Rejected
from spiders.site import BadSite, Site, load_sites
from tests.spiders.test_family_golden import plain

FIXTURES = Path(__file__).parent / "fixtures" / "directory"
CASES = sorted(path.parent for path in FIXTURES.glob("*/request.json"))
HOME = "https://direktori.example"
Page = tuple[int, str]


def site_of(**more: Any) -> Site:
    lists = {key: tuple(value) if isinstance(value, list) else value for key, value in more.items()}
    return Site(**{"id": "contoh", "url": f"{HOME}/", "family": "directory", "sample": True, **lists})


def answer_in(folder: Path) -> tuple[Site, Answer]:
    asked = json.loads((folder / "request.json").read_text("utf-8"))
    answer = Answer(body=(folder / asked["file"]).read_bytes(), url=asked["url"], status=asked["status"], headers=asked["headers"])
    return site_of(**asked["site"]), answer


def read_case(folder: Path) -> dict[str, Any]:
    site, answer = answer_in(folder)
    spider = DirectorySpider(sites=[site])
    found = spider._cards(site, answer)
    return {
        "read": [plain(read) for read in spider.read(answer)],
        "cards": found.count,
        "total": found.total,
        "next": found.following,
        "none": found.none,
    }


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_fixture_gives_what_is_expected(folder: Path) -> None:
    assert read_case(folder) == json.loads((folder / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_no_person_of_a_fixture_is_read(folder: Path) -> None:
    site, answer = answer_in(folder)
    said = json.dumps([plain(read) for read in DirectorySpider(sites=[site]).read(answer)], ensure_ascii=False)
    for person in (
        "Sample Person",
        "sample.person@",
        "Sample Buyer",
        "buyer.sample@",
        "Frau Beispiel",
        "1234599",
        "Bapak",
        "السيد",
        "Osoba",
        "Ms Person",
    ):
        assert person not in said


def cards(*firms: str, more: str = "", total: str = "") -> Page:
    blocks = "".join(
        f'<div class="e"><h3><a href="/f/{firm.lower()}">{firm} Trading Ltd (contoh)</a></h3><p>Tel. +44 20 7946 00{10 + at}</p></div>'
        for at, firm in enumerate(firms)
    )
    return 200, f"<html lang=en><body><p>{total}</p><main>{blocks}</main>{more}</body></html>"


def profile(firm: str) -> Page:
    rows = f"<tr><th>Company</th><td>{firm} Trading Ltd (contoh)</td></tr><tr><th>City</th><td>London</td></tr><tr><th>Country</th><td>UK</td></tr>"
    return 200, f"<html lang=en><body><h1>{firm} Trading Ltd (contoh)</h1><table>{rows}</table></body></html>"


def walk(spider: DirectorySpider, answer: Callable[[str], Page | BaseException | None]) -> tuple[list[str], list[Any]]:
    """Addresses asked, in order, and records; an exception is what the request ends in."""
    queue, asked, records = list(spider.first_requests()), [], []
    while queue:
        request = queue.pop(0)
        asked.append(request.url.removeprefix(HOME))
        came = answer(asked[-1]) or (404, "<html><body>gone</body></html>")
        if isinstance(came, BaseException):
            failure = Failure(came)
            failure.request = request
            found = list(spider.lost(failure))
        else:
            headers = {"Content-Type": "text/html; charset=utf-8"}
            found = list(spider.parse(Response(request.url, status=came[0], headers=headers, body=came[1].encode(), request=request)))
        for each in found:
            (queue if isinstance(each, Request) else records).append(each)
    return asked, records


def said(spider: DirectorySpider) -> list[tuple[str, bool]]:
    return [(issue.kind, issue.broken) for _, issue, _ in spider.issues]


def spider_of(**more: Any) -> DirectorySpider:
    return DirectorySpider(products=[load_products()["sambal"]], sites=[site_of(**{"start": (f"{HOME}/l?p={{page}}",), **more})])


def test_lists_then_profiles_and_each_firm_once() -> None:
    spider = spider_of()
    pages = {
        "/l?p=1": cards("Ayam", "Babi", "Cabe", total="1 - 3 of 5 companies"),
        "/l?p=2": cards("Cabe", "Domba", "Emping", total="4 - 5 of 5 companies"),
        **{f"/f/{name.lower()}": profile(name) for name in ("Ayam", "Babi", "Cabe", "Domba", "Emping")},
    }
    asked, records = walk(spider, pages.get)
    assert asked == ["/l?p=1", "/f/ayam", "/f/babi", "/f/cabe", "/l?p=2", "/f/domba", "/f/emping"]
    assert [record.party.city for record in records] == ["London"] * 5
    assert [len(record.party.phones_text) for record in records] == [1] * 5, "the profile has none: the card's"
    assert said(spider) == []
    assert spider.counts["directory:contoh", "items"] == 5


@pytest.mark.parametrize(
    "failed", [None, (404, "gone"), (200, ""), Refused(Stop.ROBOTS, "/f"), IgnoreRequest("not in the recording: GET x")]
)
def test_a_card_whose_page_does_not_come_is_given_as_it_is_with_its_own_proof(failed: Any) -> None:
    spider = spider_of(start=(f"{HOME}/l",))
    asked, records = walk(spider, lambda url: cards("Ayam", "Babi", "Cabe") if url == "/l" else failed)
    assert len(asked) == 4
    assert sorted(record.party.name[:4] for record in records) == ["Ayam", "Babi", "Cabe"]
    assert {record.evidence.url for record in records} == {f"{HOME}/l"}
    assert {record.source for record in records} == {"directory:contoh"}


def test_the_last_page_with_one_card_is_read_as_those_before_it() -> None:
    pages = {"/l?p=1": cards("Ayam", "Babi", "Cabe", total="4 companies"), "/l?p=2": cards("Domba", total="4 companies")}
    spider = spider_of(details=False)
    asked, records = walk(spider, pages.get)
    assert ([record.party.name[:5] for record in records], said(spider)) == (["Ayam ", "Babi ", "Cabe ", "Domba"], [])
    assert asked == ["/l?p=1", "/l?p=2"]


def test_without_details_the_cards_are_all() -> None:
    asked, records = walk(spider_of(details=False), lambda _: cards("Ayam", "Babi", "Cabe"))
    assert (asked, len(records)) == (["/l?p=1", "/l?p=2"], 3)


def test_keywords_and_categories_fill_the_start_addresses() -> None:
    start = [f"{HOME}/s?w={{q}}&p={{page}}", f"{HOME}/c/{{category}}"]
    spider = spider_of(start=start, categories=["food/sauces", "bumbu dapur"], keywords=["chili sauce"], first_page=0)
    assert [request.url.removeprefix(HOME) for request in spider.first_requests()] == [
        "/s?w=chili+sauce&p=0", "/c/food/sauces", "/c/bumbu%20dapur",
    ]  # fmt: skip


def test_without_start_the_front_page_is_the_list() -> None:
    assert [request.url for request in spider_of(start=()).first_requests()] == [f"{HOME}/"]


@pytest.mark.parametrize(
    ("total", "issues"),
    [
        ("1-3 of 3 companies", []),
        ("3 companies", []),
        ("1-3 of 30 companies", [("partial_answer", True)]),
        ("30 companies", [("partial_answer", True)]),
        ("", []),
    ],
)
def test_printed_totals_are_compared_with_what_was_read(total: str, issues: list[tuple[str, bool]]) -> None:
    spider = spider_of(start=(f"{HOME}/l",), details=False)
    walk(spider, lambda _: cards("Ayam", "Babi", "Cabe", total=total))
    assert said(spider) == issues


def test_more_pages_than_the_row_wants_are_said() -> None:
    spider = spider_of(max_pages=2, details=False)
    asked, _ = walk(spider, lambda url: cards(*(f"{name}{url[-1]}" for name in ("Ayam", "Babi", "Cabe"))))
    assert (asked, said(spider)) == (["/l?p=1", "/l?p=2"], [("partial_answer", False)])


def test_next_links_that_go_round_are_a_trap() -> None:
    spider = spider_of(start=(f"{HOME}/l",), details=False)
    asked, records = walk(spider, lambda url: cards("Ayam", "Babi", "Cabe", more=f'<a rel="next" href="/l?s={len(url)}">Next</a>'))
    assert (asked, len(records), said(spider)) == (["/l", "/l?s=2"], 3, [("trap", False)])


def test_a_calendar_is_not_walked() -> None:
    asked, _ = walk(
        spider_of(start=(f"{HOME}/l",), details=False),
        lambda _: cards("Ayam", "Babi", "Cabe", more='<a rel="next" href="/calendar/2027/01">Next</a>'),
    )
    assert asked == ["/l"]


def test_no_cards_are_an_issue_and_nothing_found_is_a_finding() -> None:
    spider = spider_of(start=(f"{HOME}/l",))
    walk(spider, lambda _: (200, "<html><body><p>Welcome to our directory</p></body></html>"))
    assert said(spider) == [("no_cards", False)]
    assert spider.passports()["directory:contoh"].expect.least == 1, "a run without records is broken then"
    spider = spider_of(start=(f"{HOME}/l",))
    walk(spider, lambda _: (200, "<html><body><p>No results found</p></body></html>"))
    assert said(spider) == []
    assert spider.passports()["directory:contoh"].expect.least == 0


@pytest.mark.parametrize(
    "second",
    [
        (200, "<html><body><h1>Log in</h1><form><input type='password'></form></body></html>"),
        (410, "gone"),
        HttpError(Response(f"{HOME}/l2", status=500), "Ignoring non-200 response"),
        IgnoreRequest("not in the recording: GET x"),
        TimeoutError("took too long"),
    ],
)
def test_half_a_chain_is_incomplete(second: Page | BaseException) -> None:
    spider = spider_of(start=(f"{HOME}/l",), details=False)
    first = cards("Ayam", "Babi", "Cabe", more='<a rel="next" href="/l2">Next</a>')
    _, records = walk(spider, lambda url: first if url == "/l" else second)
    assert (len(records), said(spider)) == (3, [("partial_answer", True)])


def test_a_number_past_the_last_page_is_the_end() -> None:
    spider = spider_of(details=False)
    walk(spider, lambda url: cards("Ayam", "Babi", "Cabe") if url == "/l?p=1" else None)
    assert said(spider) == []


def test_robots_against_a_list_is_said_and_no_other_way_is_tried() -> None:
    spider = spider_of()
    asked, _ = walk(spider, lambda _: Refused(Stop.ROBOTS, "/l"))
    assert (asked, said(spider)) == (["/l?p=1"], [("asking_closed", False)])


def test_links_out_of_the_directory_and_filtered_ones_are_not_followed() -> None:
    more = cards("Ayam", "Babi", "Cabe")[1].replace('"/f/ayam"', '"https://ayam.example/"')
    spider = spider_of(start=(f"{HOME}/l",), exclude=("/f/b",))
    asked, records = walk(spider, lambda url: (200, more) if url == "/l" else profile("Cabe"))
    assert (asked, len(records)) == (["/l", "/f/cabe"], 3)


def test_the_directorys_own_telephone_is_no_firms() -> None:
    office = "<footer><p>Tel. +44 20 7946 0099</p></footer><p>Questions? Tel. +44 20 7946 0099</p>"
    page = profile("Ayam")[1].replace("</body>", f"<p>Office</p>{office}</body>")
    _, records = walk(
        spider_of(start=(f"{HOME}/l",)), lambda url: cards("Ayam", "Babi", "Cabe", more=office) if url == "/l" else (200, page)
    )
    assert not any("+44 20 7946 0099" in record.party.phones_text for record in records)


def test_a_board_gives_requests_with_the_days_of_its_answer() -> None:
    card = "<li class=r><h4><a href='/r/{0}'>Wanted sambal {0} for restaurants</a></h4><p>Quantity: {0} pieces</p><p>{0} days ago</p></li>"
    board = f"<html lang=en><body><ul>{''.join(card.format(n) for n in (1, 2, 3, 40))}</ul></body></html>"
    spider = spider_of(start=(f"{HOME}/b",), record="rfq", details=False)
    _, records = walk(spider, lambda _: (200, board))
    assert all(isinstance(record, Notice) for record in records)
    assert [record.quantity_text for record in records] == ["1 pieces", "2 pieces", "3 pieces", "40 pieces"]
    assert [record.published is not None for record in records] == [True] * 4
    assert [issue.detail[:3] for _, issue, _ in spider.issues if issue.kind == "few_pieces"] == ["3 x"]


@pytest.mark.parametrize(
    "body", [b"", b"\x00\xff\xfe", b"{}", b"<html><body>" + b"<div>" * 3_000, "<p>\ud800</p>".encode("utf-8", "surrogatepass")]
)
@pytest.mark.parametrize("record", ["company", "rfq"])
def test_any_bytes_are_read_or_refused_by_name(body: bytes, record: str) -> None:
    spider = DirectorySpider(sites=[site_of(record=record)])
    for url in (f"{HOME}/", f"{HOME}/f/1"):
        try:
            reading = list(spider.read(Answer(body=body, url=url)))
        except BadAnswer as bad:
            reading = [bad.reason]
        assert all(isinstance(read, Rejected | Issue | str) for read in reading)


ROW = """
[[site]]
id = "aa"
url = "https://a.example/"
sample = true
family = "{family}"
{more}
"""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[site.directory]\nrecord = "firms"', "directory.record: one of company, rfq"),
        ("[site.directory]\nstart = []", "directory.start: a list of addresses"),
        ('[site.directory]\nstart = ["/list"]', "directory.start: a list of addresses"),
        ('[site.directory]\nstart = ["https://a.example/{category}"]', "directory.categories: belongs to"),
        ('[site.directory]\nrole = "importer"', "directory.proof: needed"),
        ('[site.directory]\nrole = "friend"', "directory.role: one of importer"),
        ('[site.listing]\nitem = "label:Card"', "listing.item: css:"),
        ('[site.listing]\nname = "css:.a[["', "listing.name: css:SELECTOR or label:WORDS"),
        ('[site.rfq]\nquantity = "label:"', "rfq.quantity: label:Words"),
        ('[site.rfq]\nbuyer_name = "css:b"', "rfq.buyer_name: unknown key"),
    ],
)
def test_mistakes_in_rows_are_named(tmp_path: Path, more: str, said: str) -> None:
    (tmp_path / "a.toml").write_text(ROW.format(family="directory", more=more), "utf-8")
    with pytest.raises(BadSite, match="site 1") as raised:
        load_sites(tmp_path)
    assert said in str(raised.value)


def test_a_row_with_everything_and_a_line_of_a_list(tmp_path: Path) -> None:
    more = """
[site.directory]
record = "rfq"
kind = "buy_lead"
start = ["https://a.example/s?q={q}&p={page}"]
details = false
[site.rfq]
item = "css:div.rfq"
title = "css:h3::text"
quantity = "label:Quantity Required"
drop = ["buyer", "Posted by"]
[site.detail]
description = "label:Details"
"""
    (tmp_path / "a.toml").write_text(ROW.format(family="directory", more=more), "utf-8")
    (tmp_path / "sites.csv").write_text("url,family,country\nhttps://kamar-dagang.test/,directory,NL\n", "utf-8")
    board, listed = load_sites(tmp_path).values()
    assert (board.record, board.kind, board.details, board.drop) == ("rfq", "buy_lead", False, ("buyer", "Posted by"))
    assert (board.rfq["item"], board.detail) == ("css:div.rfq", {"description": "label:Details"})
    assert (listed.source, listed.record, listed.enabled) == ("directory:kamar-dagang-test", "company", False)
    (tmp_path / "a.toml").write_text(ROW.format(family="search", more='[site.rfq]\nitem = "css:b"'), "utf-8")
    with pytest.raises(BadSite, match="only for rows of the family directory"):
        load_sites(tmp_path)


def test_registrations_of_persons_are_marked() -> None:
    site, answer = answer_in(FIXTURES / "cards_without_selectors")
    firms = [read for read in DirectorySpider(sites=[site]).read(answer) if isinstance(read, Registration)]
    assert [firm.party.name for firm in firms if firm.party.natural_person] == ["Jan Voorbeeld"]
