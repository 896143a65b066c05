"""What each source asks, and asks next: exact addresses and bodies, paging, ceilings, fences."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy.http import JsonRequest, Request, TextResponse

from market_db.products import ProductType
from market_db.seen import TradeFlow
from spiders.maps.openstreetmap import ROTATION, OpenStreetMap, asked_country, query, tonights_country
from spiders.reading import Answer, Rejected
from spiders.registers.bronnoysund import Bronnoysund, norwegian_codes, valid_number, within_window
from spiders.registers.uk_trade_info import UkTradeInfo, month_id
from spiders.tenders.ted import FIELDS, LIMIT, MAX_PAGES, MAX_XML, Ted, unclear_winners
from spiders.trade_data.un_comtrade import UnComtrade, area, identical_years, value_of, weight_of

AS_OF = date(2026, 11, 20)
SAUCE = ProductType(
    key="sauce",
    names={"id": "saus", "en": "sauce"},
    terms={"en": ("sauce",)},
    hs=("210390",),
    cn=("21039090",),
    cpv=("15871260",),
    cpv_near=("15870000", "15871260"),
    activities={"nace2": ("46.39", "46.38", "46.17", "47.11")},
    shop_words=("toko", "asia", 'x"];out;', "азия"),
    shop_origins=("indonesian",),
)
COFFEE = ProductType(key="coffee", names={"id": "kopi", "en": "coffee"}, terms={"en": ("coffee",)}, hs=("090121", "210390"))
BOTH = (SAUCE, COFFEE)


def answered(request: Request, body: object, url: str | None = None) -> TextResponse:
    return TextResponse(url or request.url, body=json.dumps(body).encode(), encoding="utf-8", request=request)


def urls(requests: Iterator[Request]) -> list[str]:
    return [request.url for request in requests]


def issue_kinds(spider: object) -> list[str]:
    return [issue.kind for _, issue, _ in spider.issues]


class TestUkTradeInfo:
    def test_one_request_for_each_hs6_of_all_products(self) -> None:
        start = "https://api.uktradeinfo.com/Commodity?$filter=Hs6Code%20eq%20%27"
        end = "%27&$expand=Imports($filter=MonthId%20ge%20202411;$expand=Trader)"
        assert urls(UkTradeInfo(products=BOTH, as_of=AS_OF).first_requests()) == [f"{start}210390{end}", f"{start}090121{end}"]

    @pytest.mark.parametrize(
        ("as_of", "back", "expected"),
        [(date(2026, 11, 20), 24, 202411), (date(2026, 1, 31), 1, 202512), (date(2026, 12, 1), 12, 202512), (date(2026, 1, 1), 24, 202401)],
    )
    def test_months_are_counted_back_over_years(self, as_of: date, back: int, expected: int) -> None:
        assert month_id(as_of, back) == expected

    def test_follows_links_of_both_levels(self) -> None:
        spider = UkTradeInfo(products=BOTH, as_of=AS_OF)
        request = next(spider.first_requests())
        nested = "https://api.uktradeinfo.com/Commodity(21039090)/Imports?$skiptoken=1"
        body = {
            "value": [{"CommodityId": 1, "Imports": [], "Imports@odata.nextLink": nested}],
            "@odata.nextLink": "https://api.uktradeinfo.com/Commodity?$skip=30000",
        }
        following = list(spider.next_requests(answered(request, body)))
        assert urls(following) == ["https://api.uktradeinfo.com/Commodity?$skip=30000", nested]
        assert [one.meta["page"] for one in following] == [2, 2]
        assert {one.meta["download_maxsize"] for one in (request, *following)} == {60 * 1024 * 1024}

    @pytest.mark.parametrize(
        "link",
        [
            "https://evil.example/x",
            "http://api.uktradeinfo.com/x",
            "https://api.uktradeinfo.com.evil.example/",
            "https://api.uktradeinfo.com@evil.example/",
        ],
    )
    def test_never_leaves_the_host(self, link: str) -> None:
        spider = UkTradeInfo(products=BOTH, as_of=AS_OF)
        request = next(spider.first_requests())
        assert list(spider.next_requests(answered(request, {"value": [], "@odata.nextLink": link}))) == []
        assert issue_kinds(spider) == ["foreign_link"]

    def test_stops_at_the_ceiling_and_says_so(self) -> None:
        spider = UkTradeInfo(products=BOTH, as_of=AS_OF)
        request = next(spider.first_requests()).replace(meta={"page": 30})
        body = {"value": [], "@odata.nextLink": "https://api.uktradeinfo.com/Commodity?$skip=1"}
        assert list(spider.next_requests(answered(request, body))) == []
        assert issue_kinds(spider) == ["partial_answer"]

    def test_asks_for_json(self) -> None:
        assert next(UkTradeInfo(products=BOTH, as_of=AS_OF).first_requests()).headers["Accept"] == b"application/json"


class TestBronnoysund:
    def test_first_request(self) -> None:
        (request,) = Bronnoysund(products=BOTH, as_of=AS_OF).first_requests()
        start, asked = request.url.split("?")
        assert start == "https://data.brreg.no/enhetsregisteret/api/enheter"
        assert asked == "naeringskode=46.390,46.389,46.170&registrertIMvaregisteret=true&konkurs=false&size=100&page=0"

    def test_codes_get_five_digits_and_shops_are_left_out(self) -> None:
        assert norwegian_codes(["46.39", "46.390", "46.38", "47.11", "46.381"]) == ("46.390", "46.389", "46.381")

    @pytest.mark.parametrize(("number", "size", "inside"), [(0, 100, True), (98, 100, True), (99, 100, False), (0, 5001, False)])
    def test_window(self, number: int, size: int, inside: bool) -> None:
        assert within_window({"number": number, "size": size}) is inside

    @pytest.mark.parametrize(
        ("href", "followed"),
        [
            ("https://data.brreg.no/enhetsregisteret/api/enheter?page=1", True),
            ("https://data.brreg.no/enhetsregisteret/api/enheter/923609016/roller", False),
            ("https://evil.example/enhetsregisteret/api/enheter?page=1", False),
            (7, False),
        ],
    )
    def test_follows_pages_only(self, href: object, followed: bool) -> None:
        spider = Bronnoysund(products=BOTH, as_of=AS_OF)
        body = {"_links": {"next": {"href": href}}, "page": {"number": 0, "size": 100, "totalElements": 200, "totalPages": 2}}
        assert len(list(spider.next_requests(answered(next(spider.first_requests()), body)))) == followed
        assert issue_kinds(spider) == ([] if followed else ["foreign_link"])

    @pytest.mark.parametrize(
        ("number", "valid"),
        [
            *[("923609016", True), ("976030788", True), ("971497017", True), ("988879134", True)],
            *[("923609017", False), ("112233445", False), ("92360901", False), ("92360901x", False), ("", False), ("٩٢٣٦٠٩٠١٦", False)],
        ],
    )
    def test_check_digit(self, number: str, valid: bool) -> None:
        assert valid_number(number) is valid


class TestTed:
    def test_bodies(self) -> None:
        first, second = Ted(products=BOTH, as_of=AS_OF).first_requests()
        body = json.loads(first.body)
        assert (first.method, first.url) == ("POST", "https://api.ted.europa.eu/v3/notices/search")
        assert body["query"] == (
            "classification-cpv IN (15871260 15870000) AND form-type=competition "
            "AND publication-date>=20261006 AND publication-date<=20261120"
        )
        assert "form-type=result AND publication-date>=20251016" in json.loads(second.body)["query"]
        assert (body["scope"], body["paginationMode"], "page" in body, "iterationNextToken" in body) == ("ALL", "ITERATION", False, False)
        assert body["limit"] * len(body["fields"]) <= 10_000
        assert body["limit"] <= 250
        assert first.headers["Content-Type"] == b"application/json"

    def test_fields_are_named_once(self) -> None:
        assert len(set(FIELDS)) == len(FIELDS)

    def test_next_page_carries_the_token(self) -> None:
        spider = Ted(products=BOTH, as_of=AS_OF)
        request = next(spider.first_requests())
        rows = [{"publication-number": f"{number}-2026", "notice-type": "cn-standard"} for number in range(LIMIT)]
        body = {"notices": rows, "totalNoticeCount": LIMIT + 1, "iterationNextToken": "tok"}
        (following,) = spider.next_requests(answered(request, body))
        assert json.loads(following.body) == {**json.loads(request.body), "iterationNextToken": "tok"}
        assert list(spider.next_requests(answered(following, {**body, "notices": rows[:1]}))) == []  # all notices came
        assert spider.issues == []

    @pytest.mark.parametrize("change", [{"notices": []}, {"iterationNextToken": None}, {"iterationNextToken": 5}])
    def test_pages_that_end_before_the_total_are_incomplete(self, change: dict) -> None:
        spider = Ted(products=BOTH, as_of=AS_OF)
        body = {"notices": [{}], "totalNoticeCount": 10_000, "iterationNextToken": "tok", **change}
        assert list(spider.next_requests(answered(next(spider.first_requests()), body))) == []
        assert [(issue.kind, issue.broken) for _, issue, _ in spider.issues] == [("partial_answer", True)]

    @pytest.mark.parametrize("change", [{"totalNoticeCount": 1}, {"totalNoticeCount": None}])
    def test_paging_ends_with_the_total_or_a_short_page(self, change: dict) -> None:
        spider = Ted(products=BOTH, as_of=AS_OF)
        body = {"notices": [{}], "iterationNextToken": "tok", **change}
        assert list(spider.next_requests(answered(next(spider.first_requests()), body))) == []
        assert spider.issues == []

    def test_stops_at_the_ceiling_and_says_so(self) -> None:
        spider = Ted(products=BOTH, as_of=AS_OF)
        request = next(spider.first_requests())
        request.meta["page"] = MAX_PAGES
        body = {"notices": [{}], "totalNoticeCount": 10**6, "iterationNextToken": "tok"}
        assert list(spider.next_requests(answered(request, body))) == []
        assert issue_kinds(spider) == ["partial_answer"]

    def test_unclear_winners_are_asked_as_xml_once(self) -> None:
        spider = Ted(products=BOTH, as_of=AS_OF)
        request = next(spider.first_requests())
        body = {"notices": [award("0000123-2026", ["A", "A", "B"], ["DEU", "DEU"], ["X", "Y"])], "totalNoticeCount": 1}
        (xml,) = spider.next_requests(answered(request, body))
        assert xml.url == "https://ted.europa.eu/en/notice/123-2026/xml"
        assert xml.headers["Accept"] == b"application/xml"
        assert list(spider.next_requests(answered(request, body))) == []
        assert list(spider.next_requests(answered(xml, {}))) == []

    def test_xml_has_a_ceiling_that_is_reported(self) -> None:
        spider = Ted(products=BOTH, as_of=AS_OF)
        rows = [award(f"{number}-2026", ["A", "B"], ["DEU"], ["X"]) for number in range(1, MAX_XML + 20)]
        body = {"notices": rows, "totalNoticeCount": len(rows)}
        assert len(list(spider.next_requests(answered(next(spider.first_requests()), body)))) == MAX_XML
        assert issue_kinds(spider) == ["partial_answer"]

    @pytest.mark.parametrize(
        ("names", "countries", "towns", "unclear"),
        [
            (["A"], ["DEU"], ["X"], False),
            (["A", "B"], ["DEU", "FRA"], ["X", "Y"], False),
            (["A", "B"], ["DEU"], ["X", "Y"], True),
            (["A", "B"], ["DEU", "DEU"], [], True),
            ([], [], [], False),
        ],
    )
    def test_when_winners_are_unclear(self, names: list, countries: list, towns: list, unclear: bool) -> None:
        assert unclear_winners({"notices": [award("1-2026", names, countries, towns)]}) == (["1-2026"] if unclear else [])

    def test_a_number_that_is_none_is_never_asked(self) -> None:
        assert unclear_winners({"notices": [award("../../x", ["A", "B"], ["DEU"], [])]}) == []


def award(number: str, names: list, countries: list, towns: list) -> dict:
    return {
        "publication-number": number,
        "notice-type": "can-standard",
        "winner-name": {"deu": names},
        "winner-country": countries,
        "winner-city": {"deu": towns},
    }


class TestOpenStreetMap:
    def test_query_of_one_country(self) -> None:
        (request,) = OpenStreetMap(products=BOTH, as_of=AS_OF, countries=("NL",)).first_requests()
        asked = parse_qs(request.body.decode())["data"][0]
        assert asked == query("NL", ("toko", "asia", "азия"), ("indonesian",))
        assert asked.startswith('[out:json][timeout:90];area["ISO3166-1"="NL"]["boundary"="administrative"]->.a;(nwr["wholesale"~')
        assert '["name"~"toko|asia|азия",i](area.a);' in asked
        assert asked.endswith(");out center tags;")
        assert "out;" not in asked.replace("out center tags;", "")  # a product's word cannot end the query
        assert asked_country(request.body) == "NL"
        assert request.headers["Content-Type"] == b"application/x-www-form-urlencoded"

    @pytest.mark.parametrize(("given", "expected"), [("nl, be", ("NL", "BE")), (("NL",), ("NL",)), (["de", ""], ("DE",))])
    def test_countries_from_code_and_command_line(self, given: object, expected: tuple) -> None:
        assert OpenStreetMap(as_of=AS_OF, countries=given).countries == expected

    @pytest.mark.parametrize("given", ["Netherlands", 'N"', "N1"])
    def test_a_country_that_is_none_stops_the_start(self, given: str) -> None:
        with pytest.raises(ValueError, match="is no ISO 3166-1"):
            OpenStreetMap(as_of=AS_OF, countries=given)

    def test_a_month_covers_all_countries(self) -> None:
        assert len(set(ROTATION)) == len(ROTATION) <= 28
        for start in (AS_OF, date(2027, 2, 1)):
            assert {tonights_country(start + timedelta(days=day)) for day in range(28)} == set(ROTATION)
        assert OpenStreetMap(as_of=AS_OF).countries == (tonights_country(AS_OF),)

    def test_no_words_no_query(self) -> None:
        assert list(OpenStreetMap(products=(COFFEE,), as_of=AS_OF).first_requests()) == []


class TestUnComtrade:
    def asked(self, **more: object) -> list[dict[str, str]]:
        found = UnComtrade(products=BOTH, as_of=AS_OF, **more)
        return [{name: value[0] for name, value in parse_qs(urlsplit(url).query).items()} for url in urls(found.first_requests())]

    def test_six_years_world_and_indonesia(self) -> None:
        asked = [one for one in self.asked() if one["cmdCode"] != "TOTAL" and "reporterCode" not in one]
        assert len(asked) == 24
        assert {one["cmdCode"] for one in asked} == {"210390", "090121"}
        assert {one["period"] for one in asked} == {str(year) for year in range(2020, 2026)}
        assert {one["partnerCode"] for one in asked} == {"0", "360"}

    def test_every_request_asks_for_totals_only(self) -> None:
        assert {(one["partner2Code"], one["motCode"], one["customsCode"], one["breakdownMode"]) for one in self.asked()} == {
            ("0", "0", "C00", "classic")
        }

    def test_four_requests_for_all_goods(self) -> None:
        asked = [(one["period"], one["partnerCode"]) for one in self.asked() if one["cmdCode"] == "TOTAL"]
        assert asked == [("2025", "0"), ("2025", "360"), ("2024", "0"), ("2024", "360")]
        assert urls(UnComtrade(products=(), as_of=AS_OF).first_requests()) == []

    @pytest.mark.parametrize(("as_of", "year"), [(date(2026, 11, 20), "2025"), (date(2026, 6, 1), "2024"), (date(2027, 1, 2), "2025")])
    def test_suppliers_of_large_importers_in_a_year_that_most_have_reported(self, as_of: date, year: str) -> None:
        spider = UnComtrade(products=BOTH, as_of=as_of, suppliers_of="nl, US")
        asked = [parse_qs(urlsplit(url).query) for url in urls(spider.first_requests()) if "reporterCode" in url]
        assert [(one["cmdCode"][0], one["reporterCode"][0], one["period"][0]) for one in asked] == [
            (code, reporter, year) for code in ("210390", "090121") for reporter in ("528", "842")
        ]
        assert all("partnerCode" not in one for one in asked)

    def test_the_named_importers_have_codes_and_fit_the_budget(self) -> None:
        asked = [one["reporterCode"] for one in self.asked() if "reporterCode" in one]
        assert len(set(asked)) * 2 == len(asked) == 92
        assert {"842", "757", "699", "251", "579", "490"} <= set(asked)
        assert len(self.asked()) < UnComtrade.about.pace.max_requests

    def test_a_country_that_is_none_is_refused(self) -> None:
        with pytest.raises(ValueError, match="suppliers_of: 'QQ'"):
            UnComtrade(products=BOTH, as_of=AS_OF, suppliers_of="QQ")

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            *[(528, "NLD"), (8, "ALB"), (251, "FRA"), (699, "IND"), (757, "CHE"), (842, "USA"), (579, "NOR"), (490, "TWN"), (412, "XKX")],
            *[(97, Rejected("group of countries")), (975, Rejected("group of countries")), (0, Rejected("group of countries"))],
            *[(280, Rejected("former country")), (891, Rejected("former country"))],
            *[
                (999, Rejected("unknown area")),
                (None, Rejected("unknown area")),
                (-1, Rejected("unknown area")),
                (10**9, Rejected("unknown area")),
            ],
        ],
    )
    def test_areas(self, code: int | None, expected: object) -> None:
        assert area(code) == expected

    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ({"primaryValue": 5.0, "cifvalue": 5.0, "fobvalue": None}, (5.0, "CIF")),
            ({"primaryValue": 5.0, "cifvalue": None, "fobvalue": 5.0}, (5.0, "FOB")),
            ({"primaryValue": None, "cifvalue": 5}, (5.0, "CIF")),
            ({"primaryValue": 0.0, "cifvalue": 0.0}, (0.0, "CIF")),
            ({"primaryValue": 6.0, "cifvalue": 5.0}, (6.0, None)),
            ({"primaryValue": None}, (None, None)),
            ({"primaryValue": "5"}, (None, None)),
        ],
    )
    def test_values(self, row: dict, expected: tuple) -> None:
        assert value_of(row) == expected

    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ({"netWgt": 0.0, "isNetWgtEstimated": True}, (None, None)),
            ({"netWgt": None}, (None, None)),
            ({"netWgt": 7, "isNetWgtEstimated": True}, (7.0, True)),
            ({"netWgt": 7, "isNetWgtEstimated": "yes"}, (7.0, None)),
            ({"netWgt": -7, "isNetWgtEstimated": False}, (None, None)),
        ],
    )
    def test_weights(self, row: dict, expected: tuple) -> None:
        assert weight_of(row) == expected

    def test_an_answer_at_the_cap_stores_nothing(self) -> None:
        spider = UnComtrade(products=BOTH, as_of=AS_OF)
        body = {"count": 500, "data": [{}] * 500, "error": ""}
        assert list(spider.parse(answered(next(spider.first_requests()), body))) == []
        assert [(issue.kind, issue.broken) for _, issue, _ in spider.issues] == [("bad_answer", True)]
        assert "row cap reached" in spider.issues[0][1].detail

    def test_a_count_that_does_not_match_is_partial(self) -> None:
        spider = UnComtrade(products=BOTH, as_of=AS_OF)
        assert list(spider.parse(answered(next(spider.first_requests()), {"count": 3, "data": [], "error": ""}))) == []
        assert issue_kinds(spider) == ["partial_answer"]

    def test_an_error_inside_a_200_is_a_bad_answer(self) -> None:
        spider = UnComtrade(products=BOTH, as_of=AS_OF)
        assert list(spider.parse(answered(next(spider.first_requests()), {"count": 0, "data": [], "error": "no such code"}))) == []
        assert "no such code" in spider.issues[0][1].detail


def year_of(period: str, value: float, kg: float | None = 1.0, reporter: str = "NLD") -> TradeFlow:
    key = f"{reporter}|WLD|import|210390|{period}"
    return TradeFlow(
        key=key, url="u", reporter=reporter, partner="WLD", flow="import", hs_code="210390", period=period, value=value, net_kg=kg
    )


@pytest.mark.parametrize(
    ("flows", "found"),
    [
        ([year_of("2020", 5.0), year_of("2021", 5.0)], ["NLD import 210390 from WLD: 2020 and 2021 are both 5 USD"]),
        ([year_of("2021", 5.0), year_of("2020", 5.0), year_of("2022", 5.0)], 2),
        ([year_of("2020", 5.0), year_of("2021", 5.1)], 0),
        ([year_of("2020", 5.0), year_of("2022", 5.0)], 0),
        ([year_of("2020", 5.0), year_of("2021", 5.0, kg=2.0)], 0),
        ([year_of("2020", 0.0), year_of("2021", 0.0)], 0),
        ([year_of("2020", 5.0), year_of("2021", 5.0, reporter="DEU")], 0),
        ([year_of("2020-01", 5.0), year_of("2020-02", 5.0)], 0),
        ([], 0),
    ],
)
def test_identical_years(flows: list, found: object) -> None:
    issues = list(identical_years(flows))
    assert {issue.kind for issue in issues} <= {"identical_years"}
    assert (len(issues) == found) if isinstance(found, int) else ([issue.detail for issue in issues] == found)


def test_bad_answers_are_noted_and_the_run_goes_on() -> None:
    spider = Ted(products=BOTH, as_of=AS_OF)
    request = JsonRequest("https://api.ted.europa.eu/v3/notices/search", data={}, meta={"source": "ted"})
    response = TextResponse(request.url, status=400, body=b'{"message":"x","error":{"type":"QUERY_SYNTAX_ERROR"}}', request=request)
    assert list(spider.parse(response)) == []
    ((source, issue, url),) = spider.issues
    assert (source, issue.kind, issue.broken, url) == ("ted", "bad_answer", True, request.url)
    assert "QUERY_SYNTAX_ERROR" in issue.detail


def test_winners_under_personal_names_are_marked() -> None:
    row = {"publication-number": "1-2026", "notice-type": "can-standard", "notice-title": {"eng": "Sauces"}}
    body = {"notices": [{**row, "winner-name": {"eng": ["Maria Contoh", "Contoh Maria Foods"]}}], "totalNoticeCount": 1}
    (notice,) = Ted().read(Answer(body=json.dumps(body).encode(), url="https://api.ted.europa.eu/v3/notices/search"))
    assert [(party.name, party.natural_person) for party in notice.parties] == [("Maria Contoh", True), ("Contoh Maria Foods", False)]
