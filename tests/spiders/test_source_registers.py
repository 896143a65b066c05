"""What the registers of buyers ask, and ask next: addresses, bodies, chains of pages that must be whole, fences, numbers."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, Request, TextResponse
from twisted.python.failure import Failure

from market_db.products import ProductType, load_products
from market_db.seen import Registration
from spiders.base.activities import activity_codes, five_digits, nace_role
from spiders.base.spider import TembusSpider
from spiders.catalogue import load_spiders
from spiders.manners.budgets import address_fault
from spiders.manners.outcomes import Refused
from spiders.reading import Answer, BadAnswer, Issue, Rejected
from spiders.registers import (
    acra_singapore,
    ares_czechia,
    canada_importers_files,
    fhrs,
    openfda,
    prh_finland,
    recherche_entreprises,
    snap_retailers,
)

AS_OF = date(2026, 11, 20)
SAUCE = ProductType(
    key="sauce",
    names={"id": "saus", "en": "sauce"},
    terms={"en": ("chili sauce", 'hot "x" sauce', "sambal", "sriracha", "chili paste")},
    hs=("210390",),
    hs_near=("090421",),
    activities={
        "nace2": ("46.39", "46.38", "47.11"),
        "naf2": ("46.39B", "46.17B"),
        "fhrs": ("Importers/Exporters",),
        "scian": ("431110",),
        "ssic2020": ("463", "46100"),
    },
    shop_words=("toko", "asia", "asian", "thai", "hong kong", "азия", "x'; drop", "oriental"),
)
COFFEE = replace(SAUCE, key="coffee", hs=("090121", "210390"), hs_near=())
BOTH = (SAUCE, COFFEE)
SOURCES = load_spiders()
NEW = (
    "acra_singapore", "ares_czechia", "canada_importers", "canada_importers_files", "denue_mexico", "fda_philippines", "fhrs",
    "openfda", "prh_finland", "recherche_entreprises", "snap_retailers",
)  # fmt: skip


def spider_of(name: str) -> TembusSpider:
    return SOURCES[name](products=BOTH, as_of=AS_OF)


def asked(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}


def answered(request: Request, body: object, status: int = 200) -> TextResponse:
    return TextResponse(request.url, body=json.dumps(body).encode(), encoding="utf-8", request=request, status=status)


def issues(spider: TembusSpider) -> list[tuple[str, bool]]:
    return [(issue.kind, issue.broken) for _, issue, _ in spider.issues]


def requests_in(found: Iterator[object]) -> list[Request]:
    return [one for one in found if isinstance(one, Request)]


class TestActivities:
    def test_codes_of_all_products_once_and_by_division(self) -> None:
        assert activity_codes(BOTH, "nace2", "46") == ("46.39", "46.38")
        assert activity_codes(BOTH, "unknown") == ()

    @pytest.mark.parametrize(
        ("code", "role"), [("46.17B", "distributor"), ("46390", "wholesaler"), ("4711", "retailer"), ("70.10Z", None), ("", None)]
    )
    def test_roles(self, code: str, role: str | None) -> None:
        assert nace_role(code) == role

    def test_five_digits(self) -> None:
        assert [five_digits(code) for code in ("46.39", "46390", "46.381")] == ["46390", "46390", "46381"]

    def test_product_types_carry_the_codes(self) -> None:
        for product in load_products().values():
            assert {"nace2", "naf2", "fhrs", "scian", "ssic2020"} <= set(product.activities)


def french(rows: int, total: int) -> dict:
    return {"results": [{}] * rows, "total_results": total}


class TestChains:
    """Taken of France; every source with pages walks them the same way."""

    def first(self) -> tuple[TembusSpider, Request]:
        spider = spider_of("recherche_entreprises")
        return spider, next(spider.first_requests())

    def test_next_page_until_all_rows_came(self) -> None:
        spider, request = self.first()
        (second,) = spider.next_requests(answered(request, french(25, 30)))
        assert asked(second)["page"] == "2"
        assert list(spider.next_requests(answered(second, french(5, 30)))) == []
        assert issues(spider) == []

    def test_an_empty_page_in_the_middle_is_incomplete(self) -> None:
        spider, request = self.first()
        (second,) = spider.next_requests(answered(request, french(25, 60)))
        assert list(spider.next_requests(answered(second, french(0, 60)))) == []
        assert issues(spider) == [("partial_answer", True)]
        assert "25 rows read in 2 pages, 60 match" in spider.issues[0][1].detail

    def test_more_rows_than_the_total_is_incomplete(self) -> None:
        spider, request = self.first()
        assert list(spider.next_requests(answered(request, french(5, 4)))) == []
        assert issues(spider) == [("partial_answer", True)]

    def test_a_total_that_moves_is_told(self) -> None:
        spider, request = self.first()
        (second,) = spider.next_requests(answered(request, french(25, 30)))
        list(spider.next_requests(answered(second, french(6, 31))))
        assert issues(spider) == [("total_differs", False)]

    def test_too_many_rows_are_asked_by_departement(self) -> None:
        spider, request = self.first()
        following = list(spider.next_requests(answered(request, french(25, 10_000))))  # totals end at the window
        assert len(following) == len(recherche_entreprises.DEPARTEMENTS) == 101
        assert {asked(one)["page"] for one in following} == {"1"}
        assert asked(following[0])["departement"] == "01"
        assert issues(spider) == []
        assert next(spider.next_requests(answered(following[0], french(25, 10_001)))).meta["page"] == 2  # no narrower still

    def test_a_total_of_exactly_the_window_may_stand_for_more(self) -> None:
        spider, request = self.first()
        last = request.replace(meta={**request.meta, "question": ["46.39B", "75"], "page": 400, "read": 9_975})
        assert list(spider.next_requests(answered(last, french(25, 10_000)))) == []
        assert issues(spider) == [("partial_answer", True)]

    def test_a_page_that_fails_makes_the_chain_incomplete(self) -> None:
        spider, request = self.first()
        assert request.errback == spider.lost
        failure = Failure(OSError("connection lost"))
        failure.request = request
        spider.lost(failure)
        assert issues(spider) == [("partial_answer", True)]
        assert spider.issues[0][1].detail == "46.39B: page 1 could not be had (OSError: connection lost)"

    def test_a_spent_budget_is_no_broken_chain(self) -> None:
        spider, request = self.first()
        failure = Failure(Refused("budget_requests", "500 requests"))
        failure.request = request
        spider.lost(failure)
        assert issues(spider) == []

    def test_counts_are_compared_with_what_came(self) -> None:
        spider = spider_of("denue_mexico")
        count = next(spider.first_requests())
        (page,) = spider.next_requests(answered(count, [{"AE": "431110", "AG": "00", "Total": "501"}]))
        (second,) = spider.next_requests(answered(page, [{}] * 500))
        assert "/501/1000/" in second.url
        assert list(spider.next_requests(answered(second, [{}]))) == []
        assert issues(spider) == []
        (short,) = spider.next_requests(answered(count, [{"AE": "431110", "AG": "00", "Total": "7"}]))
        assert len(list(spider.next_requests(answered(short, [{}] * 5)))) == 1
        assert list(spider.next_requests(answered(count, [{"Total": "0"}]))) == []

    @pytest.mark.parametrize("name", [name for name in NEW if hasattr(SOURCES[name], "ask_chain")])
    def test_whatever_a_page_says_of_itself_the_walk_ends(self, name: str) -> None:
        spider = spider_of(name)
        request = next(spider.first_requests())
        for body in ([], {}, {"results": 7}, None):
            spider.issues.clear()
            assert requests_in(spider.parse(answered(request, body))) == []


class TestRechercheEntreprises:
    def test_first_requests(self) -> None:
        first, second = spider_of("recherche_entreprises").first_requests()
        assert asked(first) == {
            "activite_principale": "46.39B",
            "etat_administratif": "A",
            "est_entrepreneur_individuel": "false",
            "tranche_effectif_salarie": recherche_entreprises.STAFF,
            "minimal": "true",
            "include": "siege,complements",
            "per_page": "25",
            "page": "1",
        }
        assert asked(second)["activite_principale"] == "46.17B"

    @pytest.mark.parametrize(
        ("number", "valid"),
        [("552032534", True), ("356000000", True), ("552032535", False), ("55203253", False), ("55203253x", False), ("٥٥٢٠٣٢٥٣٤", False)],
    )
    def test_siren(self, number: str, valid: bool) -> None:
        assert recherche_entreprises.valid_siren(number) is valid


class TestFhrs:
    TYPES = {
        "businessTypes": [
            {"BusinessTypeId": -1, "BusinessTypeName": "All"},
            {"BusinessTypeId": 99, "BusinessTypeName": "Importers/Exporters"},
        ]
    }

    def test_ids_are_resolved_by_name_at_run_time(self) -> None:
        spider = spider_of("fhrs")
        (types,) = spider.first_requests()
        assert (types.url, types.headers["x-api-version"]) == ("https://api.ratings.food.gov.uk/BusinessTypes", b"2")
        (page,) = spider.next_requests(answered(types, self.TYPES))
        assert asked(page) == {"businessTypeId": "99", "pageNumber": "1", "pageSize": "1000"}
        assert page.headers["x-api-version"] == b"2"

    def test_a_type_that_is_gone_is_named(self) -> None:
        spider = spider_of("fhrs")
        (types,) = spider.first_requests()
        body = {"businessTypes": [{"BusinessTypeId": 1, "BusinessTypeName": "Restaurant/Cafe/Canteen"}]}
        assert list(spider.next_requests(answered(types, body))) == []
        assert issues(spider) == [("missing_type", True)]
        assert "Importers/Exporters" in spider.issues[0][1].detail

    def test_nothing_is_asked_without_a_filter(self) -> None:
        with pytest.raises(ValueError, match="no filter"):
            fhrs.establishments_url(-1, 1)
        with pytest.raises(BadAnswer, match="no businessTypes"):
            fhrs.type_ids(Answer(body=b'{"businessTypes": [{"BusinessTypeId": -1, "BusinessTypeName": "All"}]}', url="u"))


class TestAresCzechia:
    def test_first_requests(self) -> None:
        requests = list(spider_of("ares_czechia").first_requests())
        assert len(requests) == 2 * len(ares_czechia.FORMS)
        assert json.loads(requests[0].body) == {"start": 0, "pocet": 100, "czNace": ["46390"], "pravniForma": ["112"]}
        assert {request.method for request in requests} == {"POST"}
        assert requests[0].body == next(spider_of("ares_czechia").first_requests()).body

    def test_a_refused_question_is_asked_by_town(self) -> None:
        spider = spider_of("ares_czechia")
        request = next(spider.first_requests())
        refused = {"kod": "OBECNA_CHYBA", "subKod": ares_czechia.TOO_MANY}
        following = requests_in(spider.parse(answered(request, refused, 400)))
        assert json.loads(following[0].body)["sidlo"] == {"kodObce": 554782}
        assert len(following) == len(ares_czechia.places("towns"))
        assert issues(spider) == [("too_many", False)]
        districts = requests_in(spider.parse(answered(following[0], refused, 400)))
        assert [json.loads(one.body)["sidlo"] for one in districts][:2] == [
            {"kodObce": 554782, "kodSpravnihoObvodu": code} for code in (19, 27)
        ]
        assert ("partial_answer", True) not in issues(spider)
        for narrowest in (following[1], districts[0]):
            spider.issues.clear()
            assert requests_in(spider.parse(answered(narrowest, refused, 400))) == []
            assert ("partial_answer", True) in issues(spider)

    def test_codes_of_places_have_their_check_digit(self) -> None:
        for code in (*ares_czechia.places("towns"), *ares_czechia.places("prague")):
            digits = [int(digit) for digit in str(code)]
            weighed = sum(digit * weight for digit, weight in zip(digits[-2::-1], range(2, 9), strict=False))
            assert digits[-1] == (11 - weighed % 11) % 10, code

    @pytest.mark.parametrize(
        ("number", "valid"), [("00177041", True), ("27074358", True), ("00177042", False), ("177041", False), ("0017704x", False)]
    )
    def test_ico(self, number: str, valid: bool) -> None:
        assert ares_czechia.valid_number(number) is valid


class TestPrhFinland:
    def test_first_requests(self) -> None:
        assert [asked(one) for one in spider_of("prh_finland").first_requests()] == [
            {"mainBusinessLine": "46390", "page": "1"},
            {"mainBusinessLine": "46380", "page": "1"},
        ]

    @pytest.mark.parametrize(
        ("number", "valid"),
        [
            ("0112038-9", True),
            ("0114162-2", True),
            ("0112038-8", False),
            ("01120389", False),
            ("112038-9", False),
            ("", False),
            ("0112038-x", False),
        ],
    )
    def test_business_id(self, number: str, valid: bool) -> None:
        assert prh_finland.valid_number(number) is valid


class TestAcraSingapore:
    def test_every_data_set_by_every_code(self) -> None:
        spider = spider_of("acra_singapore")
        (collection,) = spider.first_requests()
        body = {"code": 0, "data": {"collectionMetadata": {"childDatasets": ["d_a", "d_b", "../x", 7, "d_a"]}}}
        following = list(spider.next_requests(answered(collection, body)))
        assert len(following) == 2 * 10
        assert asked(following[0]) == {"resource_id": "d_a", "filters": '{"primary_ssic_code":"46301"}', "limit": "1000", "offset": "0"}

    def test_groups_and_codes(self) -> None:
        assert acra_singapore.ssic_codes(("463", "46301", "46100")) == (*(f"4630{n}" for n in range(1, 10)), "46100")


class TestDenueMexico:
    def test_key_is_a_placeholder_and_micro_firms_are_not_asked(self) -> None:
        requests = list(spider_of("denue_mexico").first_requests())
        assert [urlsplit(one.url).path.split("/")[-4:] for one in requests] == [["431110", "0", stratum, "__key__"] for stratum in "34567"]


class TestOpenFda:
    def test_question(self) -> None:
        first = next(spider_of("openfda").first_requests())
        assert first.url.startswith(
            "https://api.fda.gov/food/enforcement.json?search=(product_description:%22chili+sauce%22+product_description:%22hot+x+sauce%22"
        )
        assert "+AND+report_date:%5B20181101+TO+20261120%5D&sort=report_date:desc&limit=100&skip=0" in first.url
        assert first.meta["handle_httpstatus_list"] == [400, 404]
        for product in load_products().values():
            spider = SOURCES["openfda"](products=[product], as_of=AS_OF)
            assert all(len(request.url) < 2_083 for request in spider.first_requests())

    def test_on_the_29th_of_february(self) -> None:
        assert "report_date:[20200201+TO+20280229]" in openfda.reports_url(("x",), date(2028, 2, 29), 0)

    def test_nothing_found_ends_the_chain_without_an_issue(self) -> None:
        spider = spider_of("openfda")
        request = next(spider.first_requests())
        body = {"error": {"code": "NOT_FOUND", "message": "No matches found!"}}
        assert list(spider.parse(answered(request, body, 404))) == []
        assert issues(spider) == []

    @pytest.mark.parametrize(
        ("label", "role"),
        [
            ("Sambal. Imported by: Toko Foods, LA", "importer"),
            ("Sambal. IMPORTER: TOKO FOODS INC", "importer"),
            ("Sambal. Imported by: Others Inc", None),
            ("Distributed by Toko Foods", "distributor"),
            ("Product of Indonesia", "distributor"),
            ("Product of USA", None),
            ("Made in the U.S.A.", None),
            ("Manufactured by Toko Foods", "supplier"),
            ("Imported cheese, 5 oz", None),
            ("Sambal 5 oz", None),
        ],
    )
    def test_roles(self, label: str, role: str | None) -> None:
        assert openfda.role_of(label, "Toko Foods Inc.")[0] == role


class TestSnapRetailers:
    def test_words_of_names(self) -> None:
        words = ["toko", "asia", "asian", "азия", "x'; drop", "thai", "indo", "el", "hong kong"]
        assert snap_retailers.name_words(words) == ("TOKO", "ASIA", "THAI", "INDO", "HONG KONG")

    def test_question_fits_an_address(self) -> None:
        spider = SOURCES["snap_retailers"](products=load_products().values(), as_of=AS_OF)
        for count in spider.first_requests():
            assert asked(count)["returnCountOnly"] == "true"
            (page,) = spider.next_requests(answered(count, {"count": 3}))
            assert len(page.url) < 2_083
            assert asked(page)["resultOffset"] == "0"


def html(request: Request, body: str, status: int = 200) -> HtmlResponse:
    return HtmlResponse(request.url, body=body.encode(), encoding="utf-8", request=request, status=status)


TABLE = "<table><tr><th>Company name</th><th>City</th><th>Province</th><th>Postal code</th></tr>{}</table></html>"


class TestCanadaImporters:
    def test_two_lists_for_each_code(self) -> None:
        spider = spider_of("canada_importers")
        countries, *lists = spider.first_requests()
        assert countries.url.endswith("/importingCountry.html")
        assert [asked(one) for one in lists] == [{"hsCode": "210390"}, {"hsCode": "090121"}]
        options = '<select><option value="9">United States</option><option value="77"> Indonesia </option></select>'
        following = requests_in(spider.parse(html(countries, options)))
        assert [asked(one) for one in following] == [{"hsCode": code, "countryCode": "77"} for code in ("210390", "090121")]

    @pytest.mark.parametrize("body", ["<select></select>", '<option value="x">Indonesia</option>', "<p>closed</p>"])
    def test_without_the_origin_the_run_is_broken(self, body: str) -> None:
        spider = spider_of("canada_importers")
        assert list(spider.parse(html(next(spider.first_requests()), body))) == []
        assert issues(spider) == [("bad_answer", True)]

    def test_status_500_is_no_list_and_no_outage(self) -> None:
        spider = spider_of("canada_importers")
        _, listed, _ = spider.first_requests()
        assert list(spider.parse(html(listed, "<h1>Error</h1>", 500))) == []
        assert issues(spider) == [("no_list", False)]
        countries = next(spider.first_requests())
        list(spider.parse(html(countries, "<h1>Error</h1>", 500)))
        assert issues(spider)[1:] == [("bad_answer", True)]

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"", "no html"),
            (b'{"a": 1}', "no html"),
            (b"<p>Busy</p>", "unexpected shape"),
            (b"<table><tr><th>Firm</th></tr></table>", "unexpected shape"),
            (b"<!-- -->", "no html"),
        ],
    )
    def test_pages_that_are_no_list(self, body: bytes, reason: str) -> None:
        with pytest.raises(BadAnswer) as caught:
            list(spider_of("canada_importers").read(Answer(body=body, url="https://x.example/productReport.html?hsCode=210390")))
        assert caught.value.reason == reason

    @pytest.mark.parametrize(
        ("postcode", "country"), [("M5V 3A8", "CA"), ("h2x1y4", "CA"), ("48201-1234", "US"), ("EC1A 1BB", None), ("", None)]
    )
    def test_country_by_postcode(self, postcode: str, country: str | None) -> None:
        page = TABLE.format(f"<tr><td>A (SAMPLE) LTD</td><td>X</td><td>Y</td><td>{postcode}</td></tr>")
        (read,) = spider_of("canada_importers").read(Answer(body=page.encode(), url="https://x.example/productReport.html?hsCode=210390"))
        assert isinstance(read, Registration)
        assert read.party.country == country
        assert read.periods == ()  # no heading names a year


class TestCanadaImportersFiles:
    def catalogue(self, *urls: str) -> dict:
        return {"success": True, "result": {"resources": [{"url": url} for url in urls]}}

    BASE = "https://ised-isde.canada.ca/site/ised/sites/default/files/documents/cid-bdic-majorimporters"

    def test_newest_file_of_each_kind(self) -> None:
        spider = spider_of("canada_importers_files")
        (request,) = spider.first_requests()
        names = (
            "byhs62022.csv",
            "byhs62024_0.xls",
            "byhs62023.xlsx",
            "byhs102024.xlsx",
            "bycity2024.xls",
            "byhs6bycountry2020.csv",
            "byhs6byprovince2025.csv",
        )
        following = list(spider.next_requests(answered(request, self.catalogue(*(self.BASE + name for name in names)))))
        assert [one.url.removeprefix(self.BASE) for one in following] == ["byhs6bycountry2020.csv", "byhs62024_0.xls"]
        assert {one.meta["download_maxsize"] for one in following} == {90 * 1024 * 1024}

    def test_missing_files_and_other_hosts_are_told(self) -> None:
        spider = spider_of("canada_importers_files")
        (request,) = spider.first_requests()
        body = self.catalogue("https://evil.example/majorimportersbyhs62024.csv")
        assert list(spider.next_requests(answered(request, body))) == []
        assert issues(spider) == [("missing_file", True), ("foreign_link", True)]

    def test_only_goods_of_the_product_types(self) -> None:
        body = b"HS6-SH6,COMPANY-ENTREPRISE\n210390,A LTD\n90421,B LTD\n10121,C LTD\n"
        reads = list(spider_of("canada_importers_files").read(Answer(body=body, url=f"{self.BASE}byhs62024.csv")))
        kept = [read for read in reads if isinstance(read, Registration)]
        assert [read.product_codes for read in kept] == [("hs:210390",), ("hs:090421",)]
        assert Rejected("other goods") in reads
        assert Issue("missing_header", "CITY-VILLE") in reads

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("210390", "210390"),
            ("90421", "090421"),
            ("90421.0", "090421"),
            ("2103", None),
            ("2103901000", None),
            ("", None),
            ("21039O", None),
        ],
    )
    def test_codes_that_lost_their_zero(self, text: str, code: str | None) -> None:
        assert canada_importers_files.hs6(text) == code

    def test_a_workbook_under_any_name(self, tmp_path) -> None:
        import xlsxwriter

        path = tmp_path / "x.xlsx"
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet("pQRY003")
        sheet.write_row(0, 0, ["Major importers (sample)"])
        sheet.write_row(2, 0, ["HS6-SH6", "COMPANY-ENTREPRISE", "DATA_YEAR-ANNÉE_DES_DONNÉES"])
        sheet.write_row(3, 0, [90421, "PEPPER (SAMPLE) INC.", 2024])
        book.close()
        reads = list(SOURCES["canada_importers_files"]().read(Answer(body=path.read_bytes(), url=f"{self.BASE}byhs62024.xls")))
        (read,) = [read for read in reads if isinstance(read, Registration)]
        assert (read.product_codes, read.periods, read.party.role_proof) == (
            ("hs:090421",),
            ("2024",),
            "major Canadian importer of HS 090421 in 2024",
        )


@pytest.mark.parametrize("name", NEW)
def test_nothing_asked_is_held_back_by_our_own_manners(name: str) -> None:
    spider = spider_of(name)
    requests = list(spider.first_requests())
    if name == "denue_mexico":
        requests.append(spider.page_request(("431110", "3"), 1))  # 0 for "all" eight times in a row
    assert [address_fault(request.url) for request in requests] == [None] * len(requests)


@pytest.mark.parametrize("name", NEW)
def test_passports_state_what_is_not_known(name: str) -> None:
    about = SOURCES[name].about
    assert about.terms_read in (None, date(2026, 11, 25))
    assert (about.terms_read is not None) == (name in {"fhrs", "recherche_entreprises", "canada_importers", "canada_importers_files"})
    recorded = {"recherche_entreprises"}  # the one source whose search answer was seen
    assert "unverified until the first live check" in about.note or name in recorded


def test_owners_are_never_read() -> None:
    folder = Path(__file__).parent / "fixtures" / "fda_philippines" / "search"
    answer = Answer(body=(folder / "response.json").read_bytes(), url="https://verification.fda.gov.ph/api/search?q=x")
    assert "A Person Sample" in answer.body.decode()
    assert "A Person Sample" not in repr(list(spider_of("fda_philippines").read(answer)))


@given(body=st.binary(max_size=300) | st.text(alphabet="<>/ table tr td th option \x00\ud7ff&;!-", max_size=200).map(str.encode))
@settings(max_examples=150, deadline=None)
def test_any_page_of_the_importers_application_is_a_bad_answer_or_rows(body: bytes) -> None:
    for page in ("productReport.html?hsCode=210390", "importingCountry.html"):
        with suppress(BadAnswer):
            list(SOURCES["canada_importers"]().read(Answer(body=body, url=f"https://ised-isde.canada.ca/app/ixb/cid-bdic/{page}")))


@given(
    rows=st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["Id", "Razon_social", "Total", "CP"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_json_of_denue_is_read_without_a_crash(rows: object) -> None:
    for path in ("Cuantificar/431110/0/3/__key__", "BuscarAreaActEstr/00/0/0/0/0/0/0/0/431110/0/1/500/0/3/__key__"):
        with suppress(BadAnswer):
            list(
                SOURCES["denue_mexico"]().read(
                    Answer(body=json.dumps(rows).encode(), url=f"https://www.inegi.org.mx/app/api/denue/v1/consulta/{path}")
                )
            )
