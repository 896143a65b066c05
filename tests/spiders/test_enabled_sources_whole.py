"""What each enabled source answers is whole or said not to be: totals, row caps, chains of pages, and errors inside a 200, in one table."""

import copy
import dataclasses
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Request, TextResponse
from twisted.python.failure import Failure

from market_db.companies.known import KnownCompany
from market_db.products import load_products
from scripts.golden import answer_in, plain
from spiders.base.company_check import CompanyCheck
from spiders.base.paging import PagedSpider
from spiders.base.spider import TembusSpider
from spiders.catalogue import load_spiders
from spiders.reading import Answer, BadAnswer

FIXTURES = Path(__file__).parent / "fixtures"
SPIDERS = load_spiders()
ENABLED = [name for name, spider in SPIDERS.items() if spider.about.ready]
FEW = 600
FIRM = KnownCompany("Toko Rasa (contoh) B.V.", "NL", (), "https://tokorasa.example")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """How one source is known to be whole; a text instead of a place says why there is none."""

    case: str
    """Golden fixture with rows."""
    rows: str
    """Place of the list of rows."""
    total: str
    """Place of the printed total, or why there is none."""
    cap: int | str
    """Rows that mean that something is cut off, or why there are none."""
    next: tuple[str, Any] | str
    """(place, value) that names a next page, or why there is none."""
    told: bool = True
    """Whether less than the total makes the run broken, not only told."""


FILE = "one whole file: that it is whole is told by its last line (test_all_sources_faults)"
ONE = "one answer, no further pages"
CLAIMS = {
    "all_the_places": Claim(case="chain", rows="features", total="a file of all branches", cap="a file of all branches", next=ONE),
    "bronnoysund": Claim(
        case="search",
        rows="_embedded/enheter",
        total="page/totalElements",
        cap=10_000,
        next=("_links", {"next": {"href": "https://data.brreg.no/enhetsregisteret/api/enheter?page=1&size=100"}}),
    ),
    "canada_importers": Claim(case="all_origins", rows=FILE, total="the page prints none", cap="the list has no paging", next=ONE),
    "canada_importers_files": Claim(case="by_country", rows=FILE, total="the file prints none", cap=FILE, next=ONE),
    "canadabuys": Claim(case="open", rows=FILE, total="the file prints none", cap=FILE, next=ONE),
    "canadabuys_awards": Claim(case="year", rows=FILE, total="the file prints none", cap=FILE, next=ONE),
    "contracts_finder": Claim(
        case="search",
        rows="releases",
        total="OCDS packages print none",
        cap=100,
        next=("links", {"next": "https://www.contractsfinder.service.gov.uk/Published/Notices/OCDS/Search?cursor=x"}),
    ),
    "eurostat_comext": Claim(case="years", rows="value", total="size/0", cap="above its limit the service answers 413", next=ONE),
    "fhrs": Claim(case="importers", rows="establishments", total="meta/totalCount", cap=30_000, next=("meta/totalCount", 5_000)),
    "gleif": Claim(case="by_name", rows="data", total="meta/pagination/total", cap="told by the total", next=ONE, told=False),
    "hmrc_ots": Claim(case="ports_and_codes", rows="value", total="OData without $count", cap=30_000, next="a next page is refused"),
    "open_food_facts": Claim(case="products", rows="products", total="count", cap="a page is compared with the total", next=("count", 900)),
    "open_prices": Claim(case="prices", rows="items", total="total", cap=50_000, next=("total", 900)),
    "openstreetmap": Claim(case="netherlands", rows="elements", total="Overpass prints none", cap="`remark` says what was cut", next=ONE),
    "recherche_entreprises": Claim(case="search", rows="results", total="total_results", cap=10_000, next=("total_results", 900)),
    "ted": Claim(case="search", rows="notices", total="totalNoticeCount", cap="told by the total", next=("totalNoticeCount", 900)),
    "uk_trade_info": Claim(
        case="importers",
        rows="value",
        total="OData without $count",
        cap=30_000,
        next=("@odata.nextLink", "https://api.uktradeinfo.com/Commodity?$skip=30000"),
    ),
    "un_comtrade": Claim(case="totals", rows="data", total="count", cap=500, next=ONE),
    "wikipedia_views": Claim(case="months", rows="items", total="as many months as were asked", cap="twelve months", next=ONE),
    "world_bank": Claim(case="food", rows="procnotices", total="total", cap="told by the total", next=("total", 900)),
    "world_bank_data": Claim(case="population", rows="1", total="0/total", cap="told by the total", next=ONE),
}


def made(name: str) -> TembusSpider:
    more = {"companies": (FIRM,)} if issubclass(SPIDERS[name], CompanyCheck) else {}
    return SPIDERS[name](products=load_products().values(), as_of=date(2026, 11, 20), **more)


def at(document: Any, place: str) -> tuple[Any, Any]:
    """(what holds it, key) of a place like "page/total"."""
    *outer, last = [int(step) if step.isdigit() else step for step in place.split("/")]
    for step in outer:
        document = document[step]
    return document, last


def golden(claim: Claim, name: str) -> tuple[Answer, Any]:
    answer = answer_in(FIXTURES / name / claim.case)
    return answer, json.loads(answer.body.decode("latin-1" if name == "contracts_finder" else "utf-8"))


def changed(document: Any, *changes: tuple[str, Any]) -> Any:
    whole = copy.deepcopy(document)
    for place, value in changes:
        holder, key = at(whole, place)
        holder[key] = value
    return whole


def first(spider: TembusSpider, answer: Answer) -> Request:
    """The request that the answer stands for, as a walk begins."""
    if isinstance(spider, PagedSpider):
        return spider._page(("asked",), 1, 0, None).replace(url=answer.url)
    return spider.ask(answer.url, method=answer.method, body=answer.asked or b"{}", meta={"page": 1, "offset": 0})


def walked(name: str, answer: Answer, body: Any, later: Callable[[Request], Any]) -> tuple[TembusSpider, list[Request]]:
    """The spider after an answer and at most twenty that follow; `later` gives a document, or an error for a page that does not come."""
    spider = made(name)
    if isinstance(spider, PagedSpider):
        spider.page_request = lambda _, number: spider.ask(f"{answer.url}#{number}")  # type: ignore[method-assign]
        spider.count_request = lambda _: None  # type: ignore[method-assign]
    queue, asked = [(first(spider, answer), body)], list[Request]()
    while queue and len(asked) < 20:
        request, found = queue.pop(0)
        if isinstance(found, Exception):
            failure = Failure(found)
            failure.request = request  # type: ignore[attr-defined]
            request.errback(failure)
            continue
        text = json.dumps(found)
        response = TextResponse(
            request.url, body=text.encode(), request=request, headers={"content-type": "application/json"}, encoding="utf-8"
        )
        for one in spider.parse(response):
            if isinstance(one, Request):
                asked.append(one)
                queue.append((one, later(one)))
    return spider, asked


def told(spider: TembusSpider, *, broken: bool) -> list[str]:
    return [issue.kind for _, issue, _ in spider.issues if issue.broken or not broken]


@pytest.mark.parametrize("name", ENABLED)
def test_an_enabled_source_has_its_line(name: str) -> None:
    assert name in CLAIMS, (
        f"{name} is switched on: add its line to CLAIMS in {Path(__file__).name}, which says how a whole answer is told from a cut one"
        f' (or in words why that cannot be told), for example:\n    "{name}": Claim(case="first", rows="importers", total="the answer'
        ' prints none", cap="no row cap is documented", next=ONE),'
    )


def test_the_table_holds_no_other_source() -> None:
    assert [name for name in CLAIMS if name not in ENABLED] == []
    assert list(CLAIMS) == sorted(CLAIMS)


@pytest.mark.parametrize("name", [name for name in ENABLED if name in CLAIMS])
class TestWhole:
    def test_the_golden_answer_itself_is_no_trouble_of_this_kind(self, name: str) -> None:
        assert (FIXTURES / name / CLAIMS[name].case / "request.json").exists()

    def test_fewer_rows_than_the_printed_total_are_told(self, name: str) -> None:
        claim = CLAIMS[name]
        if " " in claim.total:
            pytest.skip(claim.total)
        answer, document = golden(claim, name)
        rows = at(document, claim.rows)[0][at(document, claim.rows)[1]]
        body = changed(document, (claim.total, len(rows) + 1_000))
        none: Any = type(rows)()
        spider, _ = walked(name, answer, body, lambda _: changed(body, (claim.rows, none)))
        assert told(spider, broken=claim.told), f"{name}: {claim.total} is 1000 more than came, and nothing was said"

    def test_an_answer_at_the_row_cap_is_a_failure(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        claim = CLAIMS[name]
        if isinstance(claim.cap, str):
            pytest.skip(claim.cap)
        cap, module = claim.cap, sys.modules[SPIDERS[name].__module__]
        owner, constant = next(
            (owner, constant)
            for owner, constant in ((SPIDERS[name], "page_rows"), (module, "ROW_CAP"), (module, "WINDOW"), (SPIDERS[name], "window"))
            if getattr(owner, constant, None) == cap
        )
        if cap > FEW:
            monkeypatch.setattr(owner, constant, cap := FEW)  # as many rows take minutes and say no more
        answer, document = golden(claim, name)
        holder, key = at(document, claim.rows)
        changes: list[tuple[str, Any]] = [(claim.rows, holder[key][:1] * cap)]
        changes += [] if " " in claim.total else [(claim.total, cap)]
        if isinstance(claim.next, tuple) and " " in claim.total:
            changes.append((claim.next[0], None))
        spider, asked = walked(name, answer, changed(document, *changes), lambda _: RuntimeError("not asked here"))
        narrower = name == "recherche_entreprises" and len(asked) > 1
        assert told(spider, broken=True) or narrower, f"{name}: {cap} rows, and nothing was said"

    def test_a_page_of_a_chain_that_does_not_come_makes_it_incomplete(self, name: str) -> None:
        claim = CLAIMS[name]
        if isinstance(claim.next, str):
            pytest.skip(claim.next)
        answer, document = golden(claim, name)
        holder, key = at(document, claim.rows)
        body = changed(document, (claim.rows, (holder[key][:1] * 100)[:100]), claim.next)
        body = {**body, "iterationNextToken": "tok"} if name == "ted" else body
        spider, asked = walked(name, answer, body, lambda _: TimeoutError("slow"))
        assert asked, f"{name}: no next page was asked"
        assert "partial_answer" in told(spider, broken=True)

    def test_a_question_without_an_answer_is_told(self, name: str) -> None:
        spider = made(name)
        request = next(iter(spider.first_requests()))
        failure = Failure(TimeoutError("slow"))
        failure.request = request  # type: ignore[attr-defined]
        assert request.errback is not None
        request.errback(failure)
        assert told(spider, broken=True) == ["partial_answer"]

    @pytest.mark.parametrize("field", ["error", "errors", "fault"])
    def test_an_error_inside_a_200_is_an_error_also_beside_rows(self, name: str, field: str) -> None:
        claim = CLAIMS[name]
        if claim.rows == FILE:
            pytest.skip("no JSON: an error comes as a page, see test_all_sources_faults")
        answer, document = golden(claim, name)
        bodies = [{field: "quota exceeded"}]
        bodies += [{**document, field: "quota exceeded"}] if isinstance(document, dict) else []
        for body in bodies:
            spider = made(name)
            given: list[dict[str, Any]] = []
            try:
                given += [plain(one) for one in spider.read(dataclasses.replace(answer, body=json.dumps(body).encode(), status=200))]
            except BadAnswer as bad:
                given.append({"broken": True, "detail": str(bad)})
            assert any(one.get("broken") for one in given), f"{name}: {body.keys()}"
