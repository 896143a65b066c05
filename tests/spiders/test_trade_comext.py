"""Eurostat Comext: hundreds of kilograms, groups that are no countries, flags, and answers that only promise data."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from market_db.products import ProductType
from market_db.seen import TradeFlow
from spiders.base.json_stat import Cell
from spiders.reading import Answer, BadAnswer, Issue, Rejected
from spiders.trade_data.eurostat_comext import EurostatComext, area, imports_url, read_imports, weight_of

SAUCE = ProductType(key="sauce", names={"id": "saus", "en": "sauce"}, terms={"en": ("sauce",)}, hs=("210390",), cn=("21039090",))
URL = imports_url("21039090", "A", "2020", "2025")
V, Q = "VALUE_IN_EUROS", "QUANTITY_IN_100KG"


def body(cells, status=None, **change):
    """A cube around (reporter, partner, indicator, time) -> value."""
    names = ("reporter", "partner", "indicators", "time")
    used = {name: list(dict.fromkeys(key[at] for key in [*cells, *(status or {})])) for at, name in enumerate(names)}
    used |= {"freq": ["A"], "product": ["21039090"], "flow": ["1"], **change}
    order = ["freq", "reporter", "partner", "product", "flow", "indicators", "time"]

    def at(key):
        place = 0
        for name in order:
            code = key[names.index(name)] if name in names else used[name][0]
            place = place * len(used[name]) + used[name].index(code)
        return str(place)

    return {
        "id": order,
        "size": [len(used[name]) for name in order],
        "dimension": {name: {"category": {"index": used[name]}} for name in order},
        "value": {at(key): value for key, value in cells.items()},
        "status": {at(key): flag for key, flag in (status or {}).items()},
    }


def read(found, url=URL, status=200):
    return list(read_imports(Answer(body=json.dumps(found).encode(), url=url, status=status)))


def flows(cells, status=None):
    return {(f.reporter, f.partner): f for f in read(body(cells, status)) if isinstance(f, TradeFlow)}


def test_what_is_asked():
    asked = [parse_qs(urlsplit(r.url).query) for r in EurostatComext(products=(SAUCE,), as_of=date(2026, 11, 20)).first_requests()]
    found = [(one["product"], one["freq"], one["sinceTimePeriod"], one["untilTimePeriod"], one.get("partner")) for one in asked]
    two = ["WORLD", "ID"]
    assert found == [
        (["210390"], ["A"], ["2020"], ["2025"], two),
        (["210390"], ["M"], ["2024-11"], ["2026-10"], two),
        (["21039090"], ["A"], ["2020"], ["2025"], None),
        (["21039090"], ["M"], ["2024-11"], ["2026-10"], two),
    ]


def test_a_year_is_not_asked_before_it_is_reported():
    first = next(EurostatComext(products=(SAUCE,), as_of=date(2026, 2, 1)).first_requests())
    assert parse_qs(urlsplit(first.url).query)["untilTimePeriod"] == ["2024"]


def test_hundreds_of_kilograms_become_kilograms():
    found = flows({("NL", "WORLD", V, "2025"): 500, ("NL", "WORLD", Q, "2025"): 20.5})["NLD", "WLD"]
    assert (found.value, found.currency, found.valuation, found.net_kg, found.net_kg_estimated) == (500.0, "EUR", "CIF", 2050.0, False)
    assert (found.hs_code, found.period, found.flow, found.quality) == ("21039090", "2025", "import", "reported")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *[("NL", "NLD"), ("GR", "GRC"), ("EL", "GRC"), ("GB", "GBR"), ("XK", "XKX"), ("XS", "SRB"), ("ID", "IDN"), ("WORLD", "WLD")],
        *[(code, Rejected("group of countries", code)) for code in ("EU27_2020", "EXT_EU27_2020", "INT_EU27_2020", "EU", "QQ", "QR", "QZ")],
        *[(code, Rejected("part of a country", code)) for code in ("XI", "XU", "XC", "XL")],
        *[(code, Rejected("unknown area", code)) for code in ("ZZ", "12")],
    ],
)
def test_areas(code, expected):
    assert area(code) == expected


@pytest.mark.parametrize(
    ("flag", "quality", "kept"),
    [("p", "reported", True), ("e", "estimated", True), ("s", "estimated", True), ("pe", "estimated", True), ("b", "reported", True)],
)
def test_flags_of_values(flag, quality, kept):
    key = ("NL", "ID", V, "2025")
    assert flows({key: 5}, {key: flag})["NLD", "IDN"].quality == quality


@pytest.mark.parametrize(("flag", "reason"), [("c", "confidential"), (":", "no value"), (":c", "no value")])
def test_a_flag_without_a_value_is_no_zero(flag, reason):
    assert [
        one.reason for one in read(body({("NL", "WORLD", V, "2025"): 1}, {("NL", "ID", V, "2025"): flag})) if isinstance(one, Rejected)
    ] == [reason]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (None, (None, None)),
        (Cell({}, 0.0, None), (None, None)),
        (Cell({}, None, ":"), (None, None)),
        (Cell({}, 1.0, None), (100.0, False)),
        (Cell({}, 1.0, "e"), (100.0, True)),
    ],
)
def test_weights(cell, expected):
    assert weight_of(cell) == expected


def test_zero_is_a_value_and_negative_is_none():
    assert flows({("NL", "ID", V, "2025"): 0})["NLD", "IDN"].value == 0.0
    assert read(body({("NL", "ID", V, "2025"): -1})) == [Rejected("negative value", "NL ID 2025")]


def test_an_unknown_area_is_told_once():
    found = read(body({("NL", "ZZ", V, "2025"): 1, ("BE", "ZZ", V, "2025"): 1}))
    assert [one for one in found if isinstance(one, Issue)] == [Issue("unmapped_value", "area ZZ")]


@pytest.mark.parametrize("change", [{"product": ["21039010"]}, {"flow": ["2"]}, {"freq": ["M"]}])
def test_what_was_not_asked_is_not_taken(change):
    assert {one.reason for one in read(body({("NL", "ID", V, "2025"): 1}, **change))} == {"not what was asked"}
    assert {one.reason for one in read(body({("NL", "ID", V, "2026"): 1}))} == {"not what was asked"}


BIG = {"error": [{"status": 413, "id": 413, "label": "EXTRACTION_TOO_BIG: estimated 6000000 rows"}]}


@pytest.mark.parametrize(
    ("found", "status", "reason"),
    [
        (BIG, 413, "extraction too big"),
        (BIG, 200, "error in answer"),
        ({"error": [{"status": 400, "label": "INVALID_QUERY_DIMENSION_VALUE"}]}, 400, "refused query"),
        ({"warning": [{"status": 413, "label": "ASYNCHRONOUS_RESPONSE"}]}, 200, "asynchronous answer"),
        ({"id": ["freq", "reporter"], "size": [1, 1], "value": {}}, 200, "unexpected shape"),
        ({}, 200, "unexpected shape"),
    ],
)
def test_an_answer_that_is_no_data(found, status, reason):
    with pytest.raises(BadAnswer) as caught:
        read(found, status=status)
    assert caught.value.reason == reason


@pytest.mark.parametrize(("sent", "reason"), [(b"<html>", "html instead of json"), (b"", "not json"), (b'{"id": [', "not json")])
def test_other_answers_are_bad(sent, reason):
    with pytest.raises(BadAnswer) as caught:
        list(read_imports(Answer(body=sent, url=URL)))
    assert caught.value.reason == reason


def test_a_renamed_dimension_is_named():
    found = body({("NL", "ID", V, "2025"): 1})
    found["id"] = ["freq", "reporter", "partner", "product", "flow", "indicators", "TIME_PERIOD"]
    with pytest.raises(BadAnswer, match=r"no dimension time; there are .*TIME_PERIOD"):
        read(found)


def test_a_quantity_alone_is_no_flow():
    assert read(body({("NL", "ID", Q, "2025"): 3})) == [Rejected("no value", "NL ID 21039090 2025")]
