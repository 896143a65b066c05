"""HMRC's trade statistics: sums over ports, suppressed rows, months that are asked, and answers that are not what they seem."""

import json
from collections import Counter
from datetime import date
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.products import ProductType
from market_db.seen import TradeFlow
from spiders.reading import Answer, BadAnswer, Issue, Rejected
from spiders.trade_data.hmrc_ots import HmrcOts, imports_url, read_ots, spans

SAUCE = ProductType(key="sauce", names={"id": "saus", "en": "sauce"}, terms={"en": ("sauce",)}, hs=("210390",), cn=("21039090",))
URL = imports_url("210390", 202607, 202609)
INDONESIA = {"CountryId": 700, "CountryName": "Indonesia", "CountryCodeAlpha": "ID"}


def row(**change):
    good = {"MonthId": 202609, "FlowTypeId": 3, "SuppressionIndex": 0, "CommodityId": 21039090, "CommoditySitcId": 1, "CountryId": 700}
    return {**good, "PortId": 1, "Value": 100.0, "NetMass": 40.0, "SuppUnit": None, "Country": INDONESIA, **change}


def answer(*rows, **more):
    return Answer(body=json.dumps({"value": list(rows), **more}).encode(), url=URL)


def flows(*rows):
    return {(f.hs_code, f.period, f.partner): f for f in read_ots(answer(*rows)) if isinstance(f, TradeFlow)}


def others(*rows):
    return [read for read in read_ots(answer(*rows)) if not isinstance(read, TradeFlow)]


def test_every_month_is_asked_once_and_the_current_one_never():
    found = list(spans(date(2026, 11, 20)))
    assert found[0] == (202608, 202610)
    assert found[-1] == (202311, 202401)
    assert len(found) == 12
    assert next(spans(date(2026, 1, 5))) == (202510, 202512)
    asked = [unquote(request.url) for request in HmrcOts(products=(SAUCE,), as_of=date(2026, 11, 20)).first_requests()]
    assert len(asked) == 12
    assert "MonthId ge 202608 and MonthId le 202610 and (FlowTypeId eq 1 or FlowTypeId eq 3) and Commodity/Hs6Code eq '210390'" in asked[0]


def test_ports_are_added_up_and_codes_are_eight_digits():
    found = flows(row(), row(PortId=2, Value=50.0, NetMass=20.0), row(CommodityId=21039010, Value=1.0, NetMass=1.0))
    own = found["21039090", "2026-09", "IDN"]
    assert (own.value, own.net_kg, own.currency, own.valuation, own.quality) == (150.0, 60.0, "GBP", "CIF", "reported")
    whole = found["210390", "2026-09", "WLD"]
    assert (whole.value, whole.net_kg, whole.quality) == (151.0, 61.0, "derived")
    low = read_ots(Answer(body=json.dumps({"value": [row(CommodityId=1012910)]}).encode(), url="https://api.uktradeinfo.com/OTS"))
    assert {flow.hs_code for flow in low} == {"01012910", "010129"}


@pytest.mark.parametrize(
    ("index", "value", "kg", "partners"),
    [
        (0, 100.0, 40.0, {"WLD", "IDN"}),
        (1, None, None, set()),
        (2, 100.0, 40.0, {"WLD"}),
        (3, 100.0, None, {"WLD"}),
        (4, 100.0, None, {"WLD", "IDN"}),
        (5, 100.0, None, {"WLD", "IDN"}),
    ],
)
def test_suppression_hides_what_it_says(index, value, kg, partners):
    found = flows(row(SuppressionIndex=index))
    assert {partner for _, _, partner in found} == partners
    assert {flow.value for flow in found.values()} <= {value}
    assert {flow.net_kg for flow in found.values()} <= {kg}


def test_a_hidden_part_leaves_no_total_that_would_be_too_small():
    found = flows(row(), row(CommodityId=21039010, SuppressionIndex=1, Value=0.0))
    assert set(found) == {("21039090", "2026-09", "WLD"), ("21039090", "2026-09", "IDN")}
    assert Rejected("suppressed", "21039010 2026-09") in others(row(SuppressionIndex=1, CommodityId=21039010))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"MonthId": 202610}, "not what was asked"),
        ({"MonthId": 202613}, "bad month"),
        ({"MonthId": "x"}, "bad month"),
        ({"FlowTypeId": 4}, "not what was asked"),
        ({"CommodityId": -990}, "no CN8 code"),
        ({"CommodityId": 90121}, "not what was asked"),
        ({"Value": None}, "no value"),
        ({"Value": "100"}, "no value"),
        ({"Value": -1.0}, "negative value"),
        ({"Value": 10**400}, "no value"),
        ({"Country": {"CountryCodeAlpha": "GB"}}, "trade with itself"),
        ({"SuppressionIndex": 4, "Country": None}, "total of a suppressed code"),
    ],
)
def test_rows_that_are_not_taken_are_counted(change, reason):
    reasons = [read.reason for read in others(row(**change)) if isinstance(read, Rejected)]
    assert reasons == [reason]
    assert flows(row(**change)) == {}


def test_an_origin_nobody_names_counts_in_the_total_only():
    found = flows(row(), row(Country={"CountryCodeAlpha": "QX"}, Value=7.0, NetMass=None))
    assert found["21039090", "2026-09", "WLD"].value == 107.0
    assert found["21039090", "2026-09", "WLD"].net_kg is None
    assert {partner for _, _, partner in found} == {"WLD", "IDN"}


@pytest.mark.parametrize(("alpha", "partner"), [("XK", "XKX"), ("XS", "SRB"), ("NL", "NLD")])
def test_codes_of_countries(alpha, partner):
    assert partner in {code for _, _, code in flows(row(Country={"CountryCodeAlpha": alpha}))}


def test_a_page_that_goes_on_is_refused():
    with pytest.raises(BadAnswer, match="row cap reached"):
        list(read_ots(answer(row(), **{"@odata.nextLink": "https://api.uktradeinfo.com/OTS?$skip=30000"})))


def test_fields_that_went_or_came_or_changed_are_named():
    renamed = row()
    renamed["NetMassKg"] = renamed.pop("NetMass")
    found = others(renamed, {**renamed, "SuppUnit": "x"})
    assert Issue("new_field", "NetMassKg") in found
    assert Issue("wrong_type", "SuppUnit: str") in found
    missing = next(read for read in found if isinstance(read, Issue) and read.kind == "missing_field")
    assert missing.broken
    assert missing.detail.startswith("NetMass;")


def test_a_revised_value_is_the_same_record():
    before, after = flows(row())["21039090", "2026-09", "IDN"], flows(row(Value=99.0))["21039090", "2026-09", "IDN"]
    assert before.key == after.key
    assert before.value != after.value


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"<html>403</html>", "html instead of json"), (b"", "not json"), (b"[]", "unexpected shape"), (b'{"error":{}}', "unexpected shape")],
)
def test_other_answers_are_bad(body, reason):
    with pytest.raises(BadAnswer) as caught:
        list(read_ots(Answer(body=body, url=URL)))
    assert caught.value.reason == reason


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from((21039090, 21039010)), st.sampled_from((0, 2, 3, 4, 5)), st.integers(0, 9**9)), max_size=12))
def test_nothing_is_lost_or_counted_twice(drawn):
    rows = [row(CommodityId=code, SuppressionIndex=index, Value=float(value)) for code, index, value in drawn]
    found = flows(*rows)
    total = sum(value for _, _, value in drawn)
    assert sum(flow.value for (code, _, partner), flow in found.items() if partner == "WLD" and len(code) == 8) == total
    assert sum(flow.value for (code, _, partner), flow in found.items() if partner == "WLD" and len(code) == 6) == total
    assert max(Counter(flow.key for flow in found.values()).values(), default=1) == 1
