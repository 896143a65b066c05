"""Tariffs: keys in another order than declared, zeros that are no zero, preferences that reach Indonesia or do not, and keys that stay secret."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import TextResponse

from market_db.products import ProductType
from market_db.seen import Observation
from spiders.base.tariffs import EU_MEMBERS, countries_of, products_of
from spiders.keys import PLACEHOLDER
from spiders.reading import Answer, BadAnswer, Issue, Rejected
from spiders.trade_data import uk_trade_tariff, wits_trains, wto_tariffs

SAUCE = ProductType(key="sauce", names={"id": "saus", "en": "sauce"}, terms={"en": ("sauce",)}, hs=("210390",), cn=("21039090",))
AS_OF = date(2026, 11, 20)
WITS_URL = wits_trains.tariff_url("210390", 2024, "000")
WTO_URL = wto_tariffs.rates_url("HS_A_0010", "210390", 2026)


def values(*ids):
    return [{"id": one, "name": one} for one in ids]


def sdmx(series, *, reporters=("528",), partners=("000",), products=("210390",), years=("2024",), attributes=None):
    held = attributes or {"NOMENCODE": ["H6"], "TARIFFTYPE": ["MFN", "PREF"], "TOTALNOOFLINES": ["1", "2"], "NBR_NA_LINES": ["0", "1", ""]}
    dimensions = {"FREQ": ["A"], "REPORTER": reporters, "PARTNER": partners, "PRODUCTCODE": products, "DATATYPE": ["Reported"]}
    return {
        "dataSets": [{"series": {key: {"observations": observed} for key, observed in series.items()}}],
        "structure": {
            "dimensions": {
                "series": [{"id": name, "keyPosition": at, "values": values(*ids)} for at, (name, ids) in enumerate(dimensions.items())],
                "observation": [{"id": "TIME_PERIOD", "values": values(*years)}],
            },
            "attributes": {"observation": [{"id": name, "values": values(*ids)} for name, ids in held.items()]},
        },
    }


def wits(found, url=WITS_URL, status=200, products=(SAUCE,)):
    return list(wits_trains.read_tariffs(Answer(body=json.dumps(found).encode(), url=url, status=status), products))


def rates(reads):
    return {(one.metric, one.country, one.period): one.value for one in reads if isinstance(one, Observation)}


class TestShared:
    @pytest.mark.parametrize(
        ("code", "expected"),
        [("528", ("NL",)), ("36", ("AU",)), ("918", EU_MEMBERS), ("999", ()), ("", ()), ("U99", ()), ("٣٦", ()), ("0" * 40, ())],
    )
    def test_customs_territories(self, code, expected):
        assert countries_of(code) == expected

    def test_products_of_a_code(self):
        assert products_of("2103909089", (SAUCE,)) == ("sauce",)
        assert products_of("090121", (SAUCE,)) == ()
        assert products_of("090121", ()) == (None,)


class TestWits:
    def test_never_asks_all_reporters_and_all_partners(self):
        asked = [request.url for request in wits_trains.WitsTrains(products=(SAUCE,), as_of=AS_OF).first_requests()]
        assert len(asked) == 10
        assert all("/reporter/ALL/partner/000/" in url or "/reporter/ALL/partner/360/" in url for url in asked)
        assert {url.split("/year/")[1][:4] for url in asked} == {"2021", "2022", "2023", "2024", "2025"}

    def test_keys_come_with_product_before_partner(self):
        found = wits(sdmx({"0:0:1:0:0": {"0": [7.5, 0, 0, 0, 0]}}, products=("090121", "210390")))
        assert rates(found) == {("tariff_mfn_pct", "NL", "2024"): 7.5}

    def test_keys_in_the_declared_order_are_read_too(self):
        found = wits(sdmx({"0:0:0:1:0": {"0": [7.5, 0, 0, 0, 0]}}, products=("090121", "210390")))
        assert rates(found) == {("tariff_mfn_pct", "NL", "2024"): 7.5}

    def test_keys_that_could_mean_either_are_refused(self):
        both = sdmx({"0:0:1:0:0": {"0": [1, 0, 0, 0, 0]}}, partners=("000", "360"), products=("090121", "210390"))
        with pytest.raises(BadAnswer, match="ambiguous keys"):
            wits(both)

    @pytest.mark.parametrize(
        ("observed", "expected"),
        [
            ([0, 0, 0, 0, 0], 0.0),
            ([0, 0, 0, 0, 1], "no ad valorem duty"),
            ([5, 0, 0, 1, 1], 5.0),
            ([5, 0, 0, 0, 2], 5.0),
            ([5, 0, 1, 0, 0], "other kind of tariff"),
            ([None, 0, 0, 0, 0], "no rate"),
            (["5", 0, 0, 0, 0], "no rate"),
            ([-1, 0, 0, 0, 0], "no rate"),
            ([5000, 0, 0, 0, 0], "no rate"),
            ([5], 5.0),
            ([5, 99, None, "x", True], 5.0),
            ([], "unreadable observation"),
            (7, "unreadable observation"),
        ],
    )
    def test_observations(self, observed, expected):
        found = wits(sdmx({"0:0:0:0:0": {"0": observed}}))
        assert (list(rates(found).values()) or [one.reason for one in found if isinstance(one, Rejected)]) == [expected]

    def test_a_rate_for_indonesia_is_one_for_every_member_of_the_eu(self):
        url = wits_trains.tariff_url("210390", 2024, "360")
        found = rates(wits(sdmx({"0:0:0:0:0": {"0": [2.5, 0, 1, 0, 0]}}, reporters=("918",), partners=("360",)), url))
        assert found == {("tariff_idn_pct", country, "2024"): 2.5 for country in EU_MEMBERS}

    def test_a_rate_of_partly_unknown_lines_is_estimated(self):
        (found,) = wits(sdmx({"0:0:0:0:0": {"0": [5, 0, 0, 1, 1]}}))
        assert (found.quality, found.product) == ("estimated", "sauce")

    @pytest.mark.parametrize("key", ["0:0:0:0", "0:9:0:0:0", "a:0:0:0:0", "0:0:0:0:-1", "", "٠:0:0:0:0"])
    def test_a_key_that_does_not_fit_is_counted(self, key):
        assert [one.reason for one in wits(sdmx({key: {"0": [5]}})) if isinstance(one, Rejected)] == ["unreadable key"]

    def test_another_year_or_code_is_not_taken(self):
        assert wits(sdmx({"0:0:0:0:0": {"0": [5]}}, years=("2019",))) == [Rejected("not what was asked", "528 210390 2019")]

    def test_lost_attributes_are_named(self):
        (issue, *_) = wits(
            sdmx({"0:0:0:0:0": {"0": [5, 0]}}, attributes={"TARIFFTYPE": ["MFN"], "TOTAL_LINES": ["1"], "NBR_NA_LINES": ["0"]})
        )
        assert issue == Issue("missing_field", "TOTALNOOFLINES; there are: TARIFFTYPE, TOTAL_LINES, NBR_NA_LINES", broken=True)

    @pytest.mark.parametrize("status", [204, 404])
    def test_no_data_is_nothing(self, status):
        assert list(wits_trains.read_tariffs(Answer(body=b"", url=WITS_URL, status=status), ())) == []

    @pytest.mark.parametrize(
        "found", [{}, {"dataSets": []}, {"dataSets": [{}]}, {"dataSets": [{"series": {}}]}, {"dataSets": [{"series": {}}], "structure": []}]
    )
    def test_other_answers_are_bad(self, found):
        with pytest.raises(BadAnswer, match="unexpected shape"):
            wits(found)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.floats(0, 100)), max_size=6))
    def test_both_orders_give_the_same_rates(self, drawn):
        reporters, products = ("528", "840", "392"), ("210390", "090121", "200599", "090421")
        swapped = {f"0:{r}:{p}:0:0": {"0": [value, 0, 0, 0, 0]} for r, p, value in drawn}
        declared = {f"0:{r}:0:{p}:0": {"0": [value, 0, 0, 0, 0]} for r, p, value in drawn}
        one, other = (rates(wits(sdmx(series, reporters=reporters, products=products))) for series in (swapped, declared))
        assert one == other

    def test_the_recorded_tariff_of_the_united_states(self, corpus: Path):
        body = (corpus / "demand/wits/sample_tariff_data.json").read_bytes()
        url = wits_trains.tariff_url("210390", 2017, "000")
        (found,) = (one for one in wits_trains.read_tariffs(Answer(body=body, url=url), ()) if isinstance(one, Observation))
        assert (found.country, found.period, found.quality) == ("US", "2017", "estimated")
        assert found.value == pytest.approx(4.8333, abs=1e-3)


ROW = {"IndicatorCode": "HS_A_0010", "ReportingEconomyCode": "840", "ProductOrSectorCode": "210390", "Year": 2025, "Value": 4.8}


def wto(*rows, url=WTO_URL):
    return list(wto_tariffs.read_rates(Answer(body=json.dumps({"Dataset": list(rows)}).encode(), url=url), (SAUCE,)))


class TestWto:
    def test_the_key_is_a_placeholder_in_a_header(self):
        asked = list(wto_tariffs.WtoTariffs(products=(SAUCE,), as_of=AS_OF).first_requests())
        assert [request.headers["Ocp-Apim-Subscription-Key"] for request in asked] == [PLACEHOLDER.encode()] * 2
        assert ["&p=360" in request.url for request in asked] == [False, True]
        assert all("ps=2021-2025" in request.url for request in asked)

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"Value": None}, "no rate"),
            ({"Value": "4.8"}, "no rate"),
            ({"Value": 10**400}, "no rate"),
            ({"Year": None}, "bad year or code"),
            ({"ReportingEconomyCode": "U99"}, "unknown area"),
            ({"ProductOrSectorCode": "2103"}, "not what was asked"),
            ({"IndicatorCode": "HS_M_0010"}, "not what was asked"),
            ({"IndicatorCode": "HS_P_0070"}, "not what was asked"),
        ],
    )
    def test_rows_that_are_not_taken_are_counted(self, change, reason):
        assert [one.reason for one in wto({**ROW, **change}) if isinstance(one, Rejected)] == [reason]

    def test_a_row(self):
        assert rates(wto(ROW)) == {("tariff_mfn_pct", "US", "2025"): 4.8}

    def test_a_preference_for_somebody_else_is_none_for_indonesia(self):
        url = wto_tariffs.rates_url("HS_P_0070", "210390", 2026)
        mine, others = ({**ROW, "IndicatorCode": "HS_P_0070", "PartnerEconomyCode": code} for code in ("360", "764"))
        assert rates(wto(mine, others, url=url)) == {("tariff_idn_pct", "US", "2025"): 4.8}

    def test_an_answer_as_long_as_was_asked_is_refused(self, monkeypatch):
        monkeypatch.setattr(wto_tariffs, "MOST_ROWS", 2)
        with pytest.raises(BadAnswer, match="row cap reached"):
            wto(ROW, ROW)

    @pytest.mark.parametrize(
        ("body", "status", "reason"),
        [
            (b'{"statusCode": 401, "message": "Access denied"}', 200, "error in answer"),
            (b'{"x": 1}', 200, "unexpected shape"),
            (b'{"Dataset": 7}', 200, "unexpected shape"),
            (b'{"message": "x"}', 400, "refused query"),
            (b"<html>", 200, "html instead of json"),
        ],
    )
    def test_other_answers_are_bad(self, body, status, reason):
        with pytest.raises(BadAnswer) as caught:
            list(wto_tariffs.read_rates(Answer(body=body, url=WTO_URL, status=status), ()))
        assert caught.value.reason == reason

    def test_no_content_is_nothing_and_changed_fields_are_named(self):
        assert list(wto_tariffs.read_rates(Answer(body=b"", url=WTO_URL, status=204), ())) == []
        renamed = {**ROW, "Val": 1}
        del renamed["Value"]
        kinds = {(one.kind, one.detail.partition(";")[0]) for one in wto(renamed) if isinstance(one, Issue)}
        assert kinds == {("missing_field", "Value"), ("new_field", "Val")}


def commodity(*duties, code="2103909089"):
    """Duties as (measure type, base, area, end, excluded)."""
    included = [
        {
            "id": "1011",
            "type": "geographical_area",
            "relationships": {"children_geographical_areas": {"data": [{"id": "ID"}, {"id": "TH"}]}},
        },
        {"id": "1061", "type": "geographical_area", "relationships": {"children_geographical_areas": {"data": [{"id": "ID"}]}}},
    ]
    for at, (kind, base, area, end, excluded) in enumerate(duties):
        relations = {
            "duty_expression": {"data": {"id": f"d{at}", "type": "duty_expression"}},
            "measure_type": {"data": {"id": kind, "type": "measure_type"}},
            "geographical_area": {"data": {"id": area, "type": "geographical_area"}},
            "excluded_countries": {"data": [{"id": one} for one in excluded]},
        }
        dates = {"import": True, "effective_start_date": "2021-01-01T00:00:00.000Z", "effective_end_date": end}
        included += [
            {"id": f"d{at}", "type": "duty_expression", "attributes": {"base": base}},
            {"id": f"m{at}", "type": "measure", "attributes": dates, "relationships": relations},
        ]
    return {"data": {"type": "commodity", "attributes": {"goods_nomenclature_item_id": code}}, "included": included}


def uk(found, status=200, **headers):
    body = json.dumps(found).encode()
    return list(uk_trade_tariff.read_commodity(Answer(body=body, url=uk_trade_tariff.API, status=status, headers=headers), (SAUCE,), AS_OF))


GENERAL = ("103", "6.00 %", "1011", None, ())


class TestUkTradeTariff:
    @pytest.mark.parametrize(
        ("duty", "rate"),
        [
            (("142", "4.00 %", "1061", None, ()), 4.0),
            (("142", "0.00 %", "ID", None, ()), 0.0),
            (("142", "0.00 %", "1061", None, ("ID",)), None),
            (("142", "0.00 %", "TH", None, ()), None),
            (("142", "0.00 %", "1061", "2026-11-19T00:00:00.000Z", ()), None),
            (("142", "0.00 %", "1061", "2026-11-20T23:59:00.000Z", ()), 0.0),
            (("143", "0.00 %", "1061", None, ()), None),
            (("142", "0.70 GBP / kg", "1061", None, ()), None),
        ],
    )
    def test_a_preference_counts_where_it_reaches_indonesia_today(self, duty, rate):
        found = rates(uk(commodity(GENERAL, duty)))
        assert found.pop(("tariff_mfn_pct", "GB", "2026")) == 6.0
        assert found == ({} if rate is None else {("tariff_idn_pct", "GB", "2026"): rate})

    def test_the_lowest_of_several_preferences_counts(self):
        found = rates(uk(commodity(GENERAL, ("142", "4.00 %", "1061", None, ()), ("142", "2.00 %", "ID", None, ()))))
        assert found["tariff_idn_pct", "GB", "2026"] == 2.0

    def test_the_day_is_the_answers_own(self):
        ended = ("142", "0.00 %", "1061", "2025-06-30T00:00:00.000Z", ())
        assert ("tariff_idn_pct", "GB", "2025") in rates(uk(commodity(GENERAL, ended), date="Wed, 04 Jun 2025 10:00:00 GMT"))
        assert list(rates(uk(commodity(GENERAL), date="yesterday"))) == [("tariff_mfn_pct", "GB", "2026")]

    def test_a_duty_that_is_no_per_cent_is_said(self):
        found = uk(commodity(("103", "1.00 EUR / hl", "1011", None, ())))
        assert found == [
            Rejected("no ad valorem duty", "2103909089 103 1.00 EUR / hl"),
            Issue("no_duty", "2103909089: no third country duty in per cent"),
        ]

    def test_vat_and_controls_are_no_duties(self):
        assert rates(uk(commodity(GENERAL, ("305", "20.00 %", "1011", None, ())))) == {("tariff_mfn_pct", "GB", "2026"): 6.0}

    def test_a_heading_names_the_codes_to_ask(self):
        spider = uk_trade_tariff.UkTradeTariff(products=(SAUCE,), as_of=AS_OF)
        (request,) = spider.first_requests()
        assert request.url.endswith("/uk/api/v2/headings/2103")
        codes = [
            ("2103909089", True, "80"),
            ("2103909000", False, "80"),
            ("2103909010", True, "10"),
            ("2103100000", True, "80"),
            ("x", True, "80"),
        ]
        rows = [
            {
                "type": "commodity",
                "id": code,
                "attributes": {"goods_nomenclature_item_id": code, "declarable": leaf, "producline_suffix": suffix},
            }
            for code, leaf, suffix in codes
        ]
        body = json.dumps({"data": {"type": "heading"}, "included": [*rows, None, {"type": "footnote"}]}).encode()
        response = TextResponse(request.url, body=body, encoding="utf-8", request=request)
        assert [one.url.rpartition("/")[2] for one in spider.next_requests(response)] == ["2103909089"]
        assert list(spider.parse(response))[1:] == []

    @pytest.mark.parametrize(
        ("found", "status", "reason"),
        [
            ({"errors": [{"title": "Not found"}]}, 200, "error in answer"),
            ({"data": {"type": "chapter"}}, 200, "unexpected shape"),
            ({"data": []}, 200, "unexpected shape"),
            ({"error": "x"}, 400, "refused query"),
        ],
    )
    def test_other_answers_are_bad(self, found, status, reason):
        with pytest.raises(BadAnswer) as caught:
            uk(found, status)
        assert caught.value.reason == reason

    def test_a_code_that_ended_is_nothing(self):
        assert uk({"errors": []}, 404) == []

    @settings(max_examples=60, deadline=None)
    @given(
        st.recursive(
            st.none() | st.text(max_size=4) | st.integers(),
            lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=5), x),
            max_leaves=8,
        )
    )
    def test_anything_inside_a_commodity_is_read_without_a_crash(self, inside):
        held = commodity(GENERAL)
        measure = {"id": "x", "type": "measure", "relationships": {"measure_type": {"data": {"id": "142"}}, "geographical_area": inside}}
        held["included"] += [inside, measure, {"id": "1061", "type": inside}]
        assert ("tariff_mfn_pct", "GB", "2026") in rates(uk(held))

    def test_the_recorded_spirit(self, corpus: Path):
        body = gzip.decompress((corpus / "demand/uk_trade_tariff/raw_commodities_2208909110_0.json.gz").read_bytes())
        found = json.loads(body)
        reaching = {(one.kind, one.base) for one in uk_trade_tariff.measures(found, date(2018, 11, 15)) if one.reaches and one.holds}
        assert reaching == {("103", "1.00 EUR / % vol/hl + 6.40 EUR / hl"), ("142", "0.70 EUR / % vol/hl + 4.40 EUR / hl")}
