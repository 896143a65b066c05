"""US imports and Indonesian exports: totals among rows, numbers as text, errors with status 200, ports added up, and keys nobody sees."""

import csv
import json
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.products import ProductType, load_products
from market_db.seen import Observation, TradeFlow
from spiders.keys import PLACEHOLDER
from spiders.reading import Answer, BadAnswer, Issue, Rejected
from spiders.trade_data import bps_exim, us_census

SAUCE = ProductType(key="sauce", names={"id": "saus", "en": "sauce"}, terms={"en": ("sauce",)}, hs=("210390",), cn=("21039090",))
AS_OF = date(2026, 11, 20)
CENSUS_URL = us_census.imports_url("210390", "2024-12")
HEAD = [*us_census.ASKED, "COMM_LVL", "I_COMMODITY", "time"]
BPS_URL = bps_exim.exports_url(["21039011"], 2025, 2)


def census_row(code="5600", cif="20", customs="18", year="240", time="2024-12", commodity="210390"):
    return [code, "x", commodity, cif, customs, year, year, "HS6", commodity, time]


def census(*rows, head=HEAD, url=CENSUS_URL):
    return list(us_census.read_imports(Answer(body=json.dumps([head, *rows]).encode(), url=url)))


def flows(reads):
    return {(one.partner, one.period): one for one in reads if isinstance(one, TradeFlow)}


def reasons(reads):
    return [one.reason for one in reads if isinstance(one, Rejected)]


class TestUsCensus:
    def test_what_is_asked(self):
        asked = [request.url for request in us_census.UsCensus(products=(SAUCE,), as_of=AS_OF).first_requests()]
        times = [parse_qs(urlsplit(url).query)["time"][0] for url in asked]
        assert times == ["2024-12", "2023-12", "2022-12", "2021-12", "2020-12", "from 2025-01 to 2026-10"]
        assert all(url.endswith(f"&key={PLACEHOLDER}") for url in asked)
        assert us_census.last_month(date(2026, 1, 1)) == "2025-12"

    def test_december_tells_the_month_and_the_year(self):
        found = flows(census(census_row(), census_row("-", "1000", "950", "12000")))
        assert {key: flow.value for key, flow in found.items()} == {
            ("IDN", "2024-12"): 20.0,
            ("IDN", "2024"): 240.0,
            ("WLD", "2024-12"): 1000.0,
            ("WLD", "2024"): 12000.0,
        }
        own = found["IDN", "2024"]
        assert (own.currency, own.valuation, own.net_kg, own.key) == ("USD", "CIF", None, "USA|IDN|import|210390|2024")
        assert PLACEHOLDER not in own.url

    def test_a_customs_value_alone_is_fob(self):
        assert flows(census(census_row(cif=None)))["IDN", "2024-12"].valuation == "FOB"
        assert flows(census(census_row(cif="0")))["IDN", "2024-12"].value == 0.0

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            *[("5600", "IDN"), ("4803", "XKX"), ("-", "WLD"), ("5700", "CHN"), ("1220", "CAN")],
            *[(code, Rejected("group of countries", code)) for code in ("0003", f"1{3 * 'X'}", f"2{3 * 'X'}", "0001")],
            *[
                ("5082", Rejected("part of a country", "5082")),
                ("9999", Rejected("unknown area", "9999")),
                ("", Rejected("unknown area", "")),
            ],
        ],
    )
    def test_areas(self, code, expected):
        assert us_census.area(code) == expected

    @pytest.mark.parametrize(
        ("row", "found"),
        [
            (census_row(time="2023-12"), ["not what was asked"]),
            (census_row(time="2024"), ["not what was asked"]),
            (census_row(commodity="210310"), ["not what was asked"]),
            (census_row(cif="n/a", customs=None), ["no value"]),
            (census_row(cif="-5", customs="(D)"), ["no value"]),
            (census_row(cif="9" * 30, customs=""), ["no value"]),
            (["5600"], ["ragged row"]),
            ("text", ["ragged row"]),
            (None, ["ragged row"]),
        ],
    )
    def test_rows_that_are_not_taken_are_counted(self, row, found):
        assert reasons(census(row)) == found

    @pytest.mark.parametrize(
        ("body", "status", "reason", "words"),
        [
            (b"<html><head><title>Invalid Key</title><style>p {x: 1}</style></head>", 200, "key refused", "CENSUS_API_KEY"),
            (b"<html><head><title>Missing Key</title></head>", 200, "key refused", "CENSUS_API_KEY"),
            (b"<html><body>maintenance</body></html>", 200, "html instead of json", "maintenance"),
            (b"error: unknown variable 'X'", 400, "refused query", "unknown variable"),
            (b"", 200, "not json", ""),
            (b"{}", 200, "unexpected shape", "dict"),
            (b"[]", 200, "unexpected shape", "list"),
            (b"[[1]]", 200, "unexpected shape", "list"),
            (b'[["CTY_CODE", "time"]]', 200, "missing column", "I_COMMODITY, GEN_CIF_MO, GEN_VAL_MO; there are: CTY_CODE, time"),
        ],
    )
    def test_other_answers_are_bad(self, body, status, reason, words):
        with pytest.raises(BadAnswer) as caught:
            list(us_census.read_imports(Answer(body=body, url=CENSUS_URL, status=status)))
        assert caught.value.reason == reason
        assert words in caught.value.detail

    def test_no_content_is_nothing_and_a_new_column_is_told(self):
        assert list(us_census.read_imports(Answer(body=b"", url=CENSUS_URL, status=204))) == []
        assert census([*census_row(), "7"], head=[*HEAD, "GEN_NEW_MO"])[0] == Issue("new_field", "GEN_NEW_MO")

    def test_an_unknown_country_is_told_once(self):
        found = census(census_row("9999"), census_row("9999"))
        assert [one for one in found if isinstance(one, Issue)] == [Issue("unmapped_value", "country 9999")]

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.lists(st.none() | st.text(max_size=5) | st.integers() | st.booleans(), min_size=10, max_size=10), max_size=4))
    def test_any_row_is_read_without_a_crash(self, rows):
        assert len(flows(census(*rows, census_row()))) >= 2

    def test_every_code_of_the_list_is_known(self, corpus: Path):
        rows = list(csv.DictReader((corpus / "demand/us_census/country_codes.csv").read_text("utf-8").splitlines()))
        unknown = [row["Country"] for row in rows if us_census.area(row["Code"]) == Rejected("unknown area", row["Code"])]
        assert len(rows) == 240
        assert unknown == []


def bps_row(**change):
    good = {"value": 1200.5, "netweight": 600, "kodehs": "[21039011] Saus cabai", "pod": "BELAWAN", "ctr": "MALAYSIA", "tahun": "2025"}
    return {**good, **change}


def bps(*rows, url=BPS_URL, **more):
    body = json.dumps({"status": "OK", "data-availability": "not-available", "data": list(rows), **more}).encode()
    return list(bps_exim.read_exports(Answer(body=body, url=url), (SAUCE,), AS_OF))


class TestBps:
    def test_the_semicolon_and_the_placeholder_arrive_as_they_are(self):
        asked = [request.url for request in bps_exim.BpsExim(products=(SAUCE,), as_of=AS_OF).first_requests()]
        assert len(asked) == 7
        assert "kodehs=21039011;21039012;21039013" in asked[0]
        assert [url.split("periode=")[1][0] for url in asked] == ["2"] * 5 + ["1"] * 2
        assert all(url.endswith(f"&key={PLACEHOLDER}") for url in asked)

    def test_codes_of_all_products_are_eight_digits_under_their_hs6(self):
        for hs6, codes in bps_exim.national_codes().items():
            assert any(hs6 in product.hs for product in load_products().values())
            assert 0 < len(codes) <= bps_exim.MOST_CODES
            assert all(len(code) == 8 and code.startswith(hs6) for code in codes)

    def test_ports_are_added_up_and_belawan_is_told_apart(self):
        found = bps(bps_row(), bps_row(pod="TANJUNG PRIOK", value=800, netweight=400))
        (flow,) = flows(found).values()
        assert (flow.reporter, flow.partner, flow.flow, flow.hs_code, flow.period) == ("IDN", "MYS", "export", "21039011", "2025")
        assert (flow.value, flow.net_kg, flow.currency, flow.valuation) == (2000.5, 1000.0, "USD", "FOB")
        (home,) = (one for one in found if isinstance(one, Observation))
        assert (home.metric, home.country, home.value, home.product) == ("idn_export_belawan_usd", "MY", 1200.5, "sauce")
        assert PLACEHOLDER not in flow.url + home.url

    def test_months(self):
        url = bps_exim.exports_url(["21039011"], 2026, 1)
        found = bps(*(bps_row(tahun="2026", bulan=text) for text in ("[02] Februari", "[11] November", "Maret", None)), url=url)
        assert list(flows(found)) == [("MYS", "2026-02")]
        assert reasons(found) == ["not over yet", "bad month", "bad month"]

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"kodehs": "[03] Ikan"}, "no code or year"),
            ({"kodehs": None}, "no code or year"),
            ({"tahun": "tahun"}, "no code or year"),
            ({"kodehs": "[21039090] x"}, "not what was asked"),
            ({"tahun": "2024"}, "not what was asked"),
            ({"ctr": "ATLANTIS"}, "unknown area"),
            ({"ctr": None}, "unknown area"),
            ({"value": "1.200,5"}, "no value"),
            ({"value": -1}, "no value"),
            ({"value": 10**400}, "no value"),
        ],
    )
    def test_rows_that_are_not_taken_are_counted(self, change, reason):
        assert reasons(bps(bps_row(**change))) == [reason]

    def test_a_weight_of_zero_is_no_weight(self):
        (flow,) = flows(bps(bps_row(), bps_row(pod="X", netweight=0))).values()
        assert (flow.net_kg, flow.net_kg_estimated) == (None, None)

    def test_rows_behind_pages_are_read_and_a_second_page_is_refused(self):
        page = {"page": 1, "pages": 1, "total": 1}
        assert len(flows(bps(page, [bps_row()]))) == 1
        with pytest.raises(BadAnswer, match="row cap reached: page 1 of 2"):
            bps({**page, "pages": 2}, [bps_row()])

    @pytest.mark.parametrize("data", [None, "", []])
    def test_no_data_is_nothing(self, data):
        body = json.dumps({"status": "OK", "data-availability": "list-not-available", "data": data}).encode()
        assert list(bps_exim.read_exports(Answer(body=body, url=BPS_URL), (), AS_OF)) == []

    @pytest.mark.parametrize(
        ("body", "reason", "words"),
        [
            (b'{"status": "Error", "message": "Parameter Key is Missing."}', "error in answer", "Key is Missing"),
            (b'{"status": "Error"}', "error in answer", "Error"),
            (b'{"data": []}', "error in answer", "no status"),
            (b'{"status": "OK", "data": {"a": 1}}', "unexpected shape", "data is dict"),
            (b"<html>", "html instead of json", ""),
            (b'{"status": "OK", "data": [', "not json", ""),
        ],
    )
    def test_an_error_inside_a_200_is_a_bad_answer(self, body, reason, words):
        with pytest.raises(BadAnswer) as caught:
            list(bps_exim.read_exports(Answer(body=body, url=BPS_URL), (), AS_OF))
        assert caught.value.reason == reason
        assert words in caught.value.detail

    def test_fields_that_went_or_came_or_changed_are_named(self):
        renamed = bps_row(netweight="600")
        renamed["pelabuhan"] = renamed.pop("pod")
        kinds = {(one.kind, one.detail.partition(";")[0]) for one in bps(renamed) if isinstance(one, Issue)}
        assert kinds == {("missing_field", "pod"), ("new_field", "pelabuhan"), ("wrong_type", "netweight: str")}

    def test_the_documented_sample_is_of_a_chapter_and_not_taken(self, corpus: Path):
        body = (corpus / "demand/bps/dataexim_doc_sample.json").read_bytes()
        found = list(bps_exim.read_exports(Answer(body=body, url="https://webapi.bps.go.id/"), (), AS_OF))
        assert reasons(found) == ["no code or year"]
        assert [one for one in found if isinstance(one, Issue)] == []
