"""CanadaBuys, the World Bank and UNGM: what they ask, what they give, and what hostile answers do to them."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import Request, TextResponse
from twisted.python.failure import Failure

from market_db.products import load_products
from market_db.seen import Notice
from spiders.base.spider import TembusSpider
from spiders.reading import Answer, BadAnswer, Issue, Read, Rejected
from spiders.tenders.canadabuys import CanadaBuys, CanadaBuysAwards, columns, fiscal_years, read_file
from spiders.tenders.ungm import ROWS, Ungm, moment, read_page
from spiders.tenders.world_bank import FIELDS, MAX_PAGES, WorldBank, read_notices

AS_OF = date(2026, 11, 20)
PRODUCTS = tuple(load_products().values())


def answered(request: Request, body: str) -> TextResponse:
    return TextResponse(request.url, body=body.encode(), encoding="utf-8", request=request)


def issues_of(spider: TembusSpider) -> list[tuple[str, bool]]:
    return [(issue.kind, issue.broken) for _, issue, _ in spider.issues]


def sheet(*rows: dict[str, str], kind: str = "tender") -> bytes:
    names = {field: headings[0] for field, headings in columns(kind).names.items()}
    lines = [names.values(), *([row.get(field, "") for field in names] for row in rows)]
    return ("\ufeff" + "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines) + "\n").encode()


def canada(body: bytes, kind: str = "tender", status: int = 200) -> list[Read]:
    return list(read_file(Answer(body=body, url="https://canadabuys.canada.ca/opendata/pub/x.csv", status=status), kind))


ROW = {"title": "Sauces", "reference": "cb-1", "published": "2026-11-10"}


class TestCanadaBuys:
    def test_files(self) -> None:
        assert [one.url.rsplit("/", 1)[1] for one in CanadaBuys(products=PRODUCTS, as_of=AS_OF).first_requests()] == [
            "openTenderNotice-ouvertAvisAppelOffres.csv",
            "newTenderNotice-nouvelAvisAppelOffres.csv",
        ]
        (awards,) = CanadaBuysAwards(products=PRODUCTS, as_of=AS_OF).first_requests()
        assert awards.url.endswith("/2026-2027-awardNotice-avisAttribution.csv")
        assert awards.meta["download_maxsize"] > 29_000_000

    @pytest.mark.parametrize(
        ("day", "years"),
        [
            ((2026, 11, 20), (2026,)),
            ((2026, 3, 31), (2025,)),
            ((2026, 4, 1), (2026, 2025)),
            ((2026, 6, 30), (2026, 2025)),
            ((2026, 7, 1), (2026,)),
        ],
    )
    def test_fiscal_years_begin_in_april(self, day: tuple, years: tuple) -> None:
        assert fiscal_years(date(*day)) == years

    def test_a_whole_header_is_known(self) -> None:
        for kind in ("tender", "award"):
            assert canada(sheet({**ROW, "status": "Open"}, kind=kind), kind)[0].key == "cb-1"
        french = sheet(ROW).replace(
            b'"contractingEntityName-nomEntitContractante-eng"', b'"contractingEntityName-nomEntitContractante-fra"'
        )
        assert [one.detail for one in canada(french) if isinstance(one, Issue)] == ["contractingEntityName-nomEntitContractante-eng"]

    def test_headers_that_are_new_or_gone_are_named(self) -> None:
        renamed = sheet(ROW).replace(b"unspscDescription-eng", b"commodity-eng")
        assert [(one.kind, one.detail) for one in canada(renamed) if isinstance(one, Issue)] == [
            ("new_header", "commodity-eng"),
            ("missing_header", "unspscDescription-eng"),
        ]
        with pytest.raises(BadAnswer, match=r"missing column.*referenceNumber-numeroReference"):
            canada(sheet(ROW).replace(b"referenceNumber-numeroReference", b"ref"))

    @pytest.mark.parametrize(
        ("status", "ours"), [("Open", "open"), ("OPEN", "open"), ("Expired", "closed"), ("Cancelled", "cancelled"), ("", None)]
    )
    def test_states(self, status: str, ours: str | None) -> None:
        (notice,) = canada(sheet({**ROW, "status": status}))
        assert notice.status == ours

    def test_a_cancelled_award_has_no_winner(self) -> None:
        (notice,) = canada(sheet({**ROW, "status": "Cancelled", "supplier": "Contoh Inc."}, kind="award"), "award")
        assert (notice.kind, notice.status, notice.parties) == ("award", "cancelled", ())

    @pytest.mark.parametrize(
        ("amount", "total", "value"),
        [("10.50", "", 10.5), ("10", "99", 99.0), ("0", "", None), ("n/a", "", None), ("", "", None), ("-1", "", None)],
    )
    def test_the_total_of_all_amendments_counts(self, amount: str, total: str, value: float | None) -> None:
        (notice,) = canada(sheet({**ROW, "amount": amount, "total": total, "currency": "CAD"}, kind="award"), "award")
        assert notice.value == value

    def test_the_newest_amendment_counts_whatever_the_order(self) -> None:
        old, new = {**ROW, "amendment": "009", "title": "Old"}, {**ROW, "amendment": "010", "title": "New"}
        for rows in ((old, new), (new, old)):
            reads = canada(sheet(*rows))
            assert [one.title for one in reads if isinstance(one, Notice)] == ["New"]
            assert Rejected("older amendment", "cb-1") in reads

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"", "empty file"),
            (b"<html>busy</html>", "html or xml instead of a table"),
            (b'{"error": "busy"}', "json instead of a table"),
            (b"a,b\n1,2\n", "missing column"),
            (b"PK\x03\x04broken", "broken zip"),
        ],
    )
    def test_files_that_are_none(self, body: bytes, reason: str) -> None:
        with pytest.raises(BadAnswer) as caught:
            canada(body)
        assert caught.value.reason == reason

    def test_an_error_status_is_refused(self) -> None:
        with pytest.raises(BadAnswer, match="refused: status 404"):
            canada(sheet(ROW), status=404)

    def test_a_file_cut_off_keeps_what_is_whole(self) -> None:
        reads = canada(sheet(ROW, {**ROW, "reference": "cb-2", "description": "x" * 100})[:-60])
        assert {one.key for one in reads if isinstance(one, Notice)} >= {"cb-1"}

    def test_recorded_row(self, corpus: Path) -> None:
        reads = canada((corpus / "buyers/canadabuys/openTenderNotice_excerpt.csv").read_bytes())
        (notice,) = [one for one in reads if isinstance(one, Notice)]
        assert (notice.key, notice.published, notice.deadline) == ("WS5649365008-Doc5649659942", "2026-04-10", "2026-05-04T14:00:00")
        assert "Hotels and lodging" in notice.description
        assert {one.kind for one in reads if isinstance(one, Issue)} == {"missing_header"}


def bank(rows: object, total: object = 1) -> list[Read]:
    return list(read_notices(Answer(body=json.dumps({"procnotices": rows, "total": total}).encode(), url="https://search.worldbank.org/")))


class TestWorldBank:
    def test_always_asks_for_fields_by_name_and_never_for_persons(self) -> None:
        asked = [one.url for one in WorldBank(products=PRODUCTS, as_of=AS_OF).first_requests()]
        assert len(asked) == 2 + len(PRODUCTS)
        assert all(f"&fl={','.join(FIELDS)}&qterm=" in url for url in asked)
        assert not {"contact_name", "contact_email", "contact_phone_no", "notice_text"} & set(FIELDS)
        assert asked[0].endswith("qterm=food")

    def search(self, total: object, rows: int, page: int = 0) -> tuple[WorldBank, list[Request]]:
        spider = WorldBank(products=PRODUCTS, as_of=AS_OF)
        request = spider.search("hot sauce", page * 50)
        return spider, list(spider.next_requests(answered(request, json.dumps({"procnotices": [{}] * rows, "total": total}))))

    def test_pages_by_offset_until_all_came(self) -> None:
        spider, (following,) = self.search("120", 50)
        assert "&os=50&" in following.url
        assert following.url.endswith("qterm=hot%20sauce")
        assert following.errback == spider.page_failed
        assert self.search(50, 50)[1] == self.search("120", 20, page=2)[1] == []

    def test_a_page_that_is_short_before_the_end_is_reported(self) -> None:
        spider, following = self.search(120, 49)
        assert (following, issues_of(spider)) == ([], [("partial_answer", True)])

    def test_the_ceiling_is_reported(self) -> None:
        spider, following = self.search(10_000, 50, page=MAX_PAGES - 1)
        assert (following, issues_of(spider)) == ([], [("partial_answer", False)])

    def test_a_page_that_does_not_come(self) -> None:
        spider = WorldBank(products=PRODUCTS, as_of=AS_OF)
        spider.page_failed(Failure(TimeoutError("slow")))
        assert issues_of(spider) == [("partial_answer", True)]

    @pytest.mark.parametrize(
        ("change", "kind", "status"),
        [
            ({"notice_type": "Contract Award"}, "award", "awarded"),
            ({"notice_type": "General Procurement Notice"}, "tender", "planned"),
            ({"notice_type": "Request for Bids", "notice_status": "Published"}, "tender", None),
            ({"notice_status": "Cancelled"}, "tender", "cancelled"),
            ({"notice_type": 7}, "tender", None),
        ],
    )
    def test_kinds_and_states(self, change: dict, kind: str, status: str | None) -> None:
        (notice,) = bank([{"id": "OP1", "bid_description": "Sauces", **change}])
        assert (notice.kind, notice.status) == (kind, status)

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (None, "not an object"),
            ({}, "no id"),
            ({"id": "../x", "project_name": "P"}, "no id"),
            ({"id": "OP1"}, "no title"),
            ([], "not an object"),
        ],
    )
    def test_bad_rows_are_rejected_and_the_next_is_kept(self, row: object, reason: str) -> None:
        reads = bank([row, {"id": "OP2", "project_name": "Food"}])
        assert [one.reason for one in reads if isinstance(one, Rejected)] == [reason]
        assert [one.key for one in reads if isinstance(one, Notice)] == ["OP2"]

    def test_new_fields_are_reported(self) -> None:
        assert Issue("new_field", "contact_email") in bank([{"id": "OP1", "project_name": "P", "contact_email": "x@y.example"}])

    @pytest.mark.parametrize("body", [b"{}", b'{"procnotices": []}', b'{"procnotices": {"a": 1}, "total": 1}', b"[]", b"<html>", b""])
    def test_hostile_answers(self, body: bytes) -> None:
        with pytest.raises(BadAnswer):
            list(read_notices(Answer(body=body, url="https://search.worldbank.org/")))

    @settings(max_examples=50, deadline=None)
    @given(
        st.dictionaries(st.sampled_from(FIELDS), st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()))
    )
    def test_any_row_is_read_without_a_crash(self, row: dict) -> None:
        assert any(isinstance(one, Notice) for one in bank([row, {"id": "OP99", "project_name": "Food"}]))

    def test_recorded_rows(self, corpus: Path) -> None:
        body = (corpus / "buyers/worldbank/procnotices_excerpt.json").read_bytes()
        bags, gloves = read_notices(Answer(body=body, url="https://search.worldbank.org/"))
        assert (bags.key, bags.kind, bags.published, bags.country_text, bags.parties) == (
            "OP00453371",
            "award",
            "2026-06-24",
            "Ethiopia",
            (),
        )
        assert (gloves.deadline, gloves.parties[0].name) == ("2026-10-01T00:00:00+00:00", "Kenya Medical Supplies Authority")


def page(body: str | bytes, status: int = 200) -> list[Read]:
    data = body.encode() if isinstance(body, str) else body
    return list(read_page(Answer(body=data, url="https://www.ungm.org/Public/Notice/Search", status=status)))


def un_row(number: int, cells: str = "") -> str:
    return (
        f'<div class="tableRow dataRow notice-table" data-noticeid="{number}"><div class="tableCell resultTitle">Sauces</div>{cells}</div>'
    )


def rows_of_page(body: str) -> list[Read]:
    return [one for one in page(body) if not isinstance(one, Issue)]


class TestUngm:
    def test_is_off_until_somebody_reads_its_terms(self) -> None:
        assert not Ungm.about.enabled
        assert Ungm.about.terms_read is None
        assert not Ungm.about.ready

    def test_asks_for_open_notices_by_word(self) -> None:
        first, *_ = Ungm(products=PRODUCTS, as_of=AS_OF).first_requests()
        body = json.loads(first.body)
        assert (first.method, body["Title"], body["DeadlineFrom"], body["PageIndex"], body["PageSize"]) == (
            "POST",
            "food",
            "20-Nov-2026",
            0,
            ROWS,
        )

    def test_goes_on_while_pages_are_full(self) -> None:
        spider = Ungm(products=PRODUCTS, as_of=AS_OF)
        request = next(spider.first_requests())
        full = "".join(un_row(number) for number in range(1, ROWS + 1))
        (following,) = spider.next_requests(answered(request, full))
        assert json.loads(following.body)["PageIndex"] == 1
        assert list(spider.next_requests(answered(following, un_row(99)))) == []
        assert list(spider.next_requests(answered(request, full + "<script>$('#noticeSearchTotal').text(15)</script>"))) == []
        assert issues_of(spider) == []

    def test_fewer_than_the_printed_total_is_reported(self) -> None:
        spider = Ungm(products=PRODUCTS, as_of=AS_OF)
        body = un_row(1) + "<script>$('#noticeSearchTotal').text(40)</script>"
        assert list(spider.next_requests(answered(next(spider.first_requests()), body))) == []
        assert issues_of(spider) == [("partial_answer", True)]

    def test_a_row_with_fewer_cells_loses_only_those(self) -> None:
        (notice,) = rows_of_page(un_row(1, '<div class="tableCell resultAgency">WFP</div>'))
        assert (notice.key, notice.parties[0].name, notice.published, notice.country_text) == ("1", "WFP", None, None)
        (bare,) = rows_of_page(un_row(2))
        assert (bare.title, bare.parties) == ("Sauces", ())

    def test_odd_rows_are_rejected(self) -> None:
        untitled = un_row(3).replace("Sauces", " ")
        assert rows_of_page(un_row(1) + un_row(1) + untitled)[1:] == [Rejected("duplicate", "1"), Rejected("no title", "3")]

    @pytest.mark.parametrize(
        ("printed", "read"),
        [
            ("26-Aug-2026 23:59 (GMT 3.00)", "2026-08-26T23:59:00+03:00"),
            ("26-Aug-2026 23:59 (GMT -4.00)", "2026-08-26T23:59:00-04:00"),
            ("26-Aug-2026 23:59 (GMT 0.00)", "2026-08-26T23:59:00+00:00"),
            ("26-Aug-2026 23:59 (GMT 5.50)", "2026-08-26T23:59:00+05:30"),
            ("26-Aug-2026 23:59 (GMT 5.45)", "2026-08-26T23:59:00+05:45"),
            ("26-Aug-2026 23:59 (GMT 5.10)", "2026-08-26T23:59:00"),
            ("26-Aug-2026 23:59 (GMT 99.00)", "2026-08-26T23:59:00"),
            ("26-Aug-2026", "2026-08-26"),
            ("soon", None),
        ],
    )
    def test_deadlines_have_a_zone(self, printed: str, read: str | None) -> None:
        assert moment(printed) == read

    def test_nothing_found_is_told_from_something_else(self) -> None:
        assert page("<script>$('#noticeSearchTotal').text(0)</script>") == []
        for body in ("<html><body>Log in</body></html>", "<table><tr><td>a</td><td>b</td></tr></table>"):
            with pytest.raises(BadAnswer, match="unexpected shape"):
                page(body)
        for body, status in ((b"", 200), (b"\xff\xfe", 200), (b"{}", 200), (un_row(1).encode(), 403)):
            with pytest.raises(BadAnswer):
                page(body, status)

    @settings(max_examples=50, deadline=None)
    @given(st.text(max_size=200))
    def test_any_text_in_a_row_does_no_harm(self, text: str) -> None:
        for one in page((un_row(1).replace("Sauces", text) + un_row(2)).encode("utf-8", "replace")):
            repr(one).encode("utf-8")

    def test_recorded_notices(self, corpus: Path) -> None:
        found = {}
        for path in sorted((corpus / "buyers/ungm").glob("*.html")):
            (notice,) = page(path.read_bytes())
            found[notice.key] = notice
        assert sorted(found) == ["181415", "228055", "228069", "228090", "228092"]
        fodder = found["228069"]
        assert (fodder.title[:40], fodder.deadline) == ('Dao no. "Purchase of 270 tonnes of cattl', "2024-03-18")
        assert fodder.parties[0].name == "Food And Agriculture Organisation (FAO)"
        assert all(party.phones_text == () for one in found.values() for party in one.parties)
        assert found["181415"].parties[0].emails_text == ("procurement.af@unwomen.org",)
