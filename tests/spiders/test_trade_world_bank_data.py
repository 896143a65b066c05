"""World Bank indicators: groups left out, errors that come with status 200, pages that do not add up."""

import csv
import json
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from market_db.products import load_products
from market_db.reference import metric_unit
from market_db.seen import Observation
from market_db.values.places import iso2
from spiders.reading import Answer, BadAnswer, Issue, Rejected
from spiders.trade_data.world_bank_data import WorldBankData, indicator_url, indicators, read_indicator

URL = indicator_url(indicators()["pop"], 2026)


def row(**change):
    good = {"indicator": {"id": "SP.POP.TOTL", "value": "x"}, "country": {"id": "NL", "value": "Netherlands"}, "countryiso3code": "NLD"}
    return {**good, "date": "2025", "value": 18, "unit": "", "obs_status": "", "decimal": 0, **change}


def read(*rows, url=URL, status=200, **meta):
    pages = {"page": 1, "pages": 1, "per_page": 20000, "total": len(rows), **meta}
    return list(read_indicator(Answer(body=json.dumps([pages, list(rows)]).encode(), url=url, status=status)))


def test_every_indicator_has_a_metric_with_a_unit_and_is_asked_once():
    assert all(metric_unit(metric) for metric in indicators())
    asked = [request.url for request in WorldBankData(products=load_products().values(), as_of=date(2026, 11, 20)).first_requests()]
    assert len(asked) == len(set(asked)) == 5
    assert parse_qs(urlsplit(asked[0]).query) == {"format": ["json"], "date": ["2014:2026"], "per_page": ["20000"]}
    assert sum("source=3" in url for url in asked) == 2


def test_an_observation():
    assert read(row()) == [
        Observation(key="pop|NL|2025", url=URL, metric="pop", period="2025", value=18.0, unit="persons", country="NL"),
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"countryiso3code": "WLD"}, "group of countries"),
        ({"countryiso3code": ""}, "group of countries"),
        ({"countryiso3code": None, "country": None}, "group of countries"),
        ({"value": None}, "no value"),
        ({"value": "18"}, "no value"),
        ({"value": 0}, "implausible value"),
        ({"value": 10**400}, "no value"),
        ({"date": "2025Q1"}, "bad year"),
        ({"date": 2025.5}, "bad year"),
        ({"indicator": {"id": "RQ.EST"}}, "not what was asked"),
        ({"indicator": None}, "not what was asked"),
    ],
)
def test_rows_that_are_not_taken_are_counted(change, reason):
    assert [one.reason for one in read(row(**change)) if isinstance(one, Rejected)] == [reason]


@pytest.mark.parametrize("meta", [{"total": 2}, {"pages": 2}])
def test_pages_that_do_not_add_up_are_partial(meta):
    found = read(row(), **meta)
    assert [(one.kind, one.broken) for one in found if isinstance(one, Issue)] == [("partial_answer", True)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([{"message": [{"id": "120", "key": "Invalid value", "value": "The provided parameter value is not valid"}]}], "error in answer"),
        ([{"page": 1}], "error in answer"),
        ([], "unexpected shape"),
        ({}, "unexpected shape"),
        ([1, 2], "unexpected shape"),
        ([{"page": 1}, {"a": 1}], "unexpected shape"),
        ([{"page": 1}, [], []], "unexpected shape"),
    ],
)
def test_other_answers_are_bad(body, reason):
    with pytest.raises(BadAnswer) as caught:
        list(read_indicator(Answer(body=json.dumps(body).encode(), url=URL)))
    assert caught.value.reason == reason


@pytest.mark.parametrize(("body", "reason"), [(b"", "not json"), (b"<?xml version='1.0'?>", "html instead of json"), (b"[{", "not json")])
def test_what_is_no_json_is_bad(body, reason):
    with pytest.raises(BadAnswer) as caught:
        list(read_indicator(Answer(body=body, url=URL)))
    assert caught.value.reason == reason


def test_no_rows_are_nothing_and_a_status_is_an_error():
    assert list(read_indicator(Answer(body=b'[{"page":0,"pages":0,"per_page":20000,"total":0}, null]', url=URL))) == []
    with pytest.raises(BadAnswer, match="refused query"):
        read(row(), status=400)


def test_fields_that_went_or_came_or_changed_are_named():
    renamed = row(extra=1, decimal="x")
    renamed["iso3"] = renamed.pop("countryiso3code")
    kinds = {(one.kind, one.detail.partition(";")[0]) for one in read(renamed) if isinstance(one, Issue)}
    assert kinds == {("missing_field", "countryiso3code"), ("new_field", "extra"), ("new_field", "iso3"), ("wrong_type", "decimal: str")}


def test_all_groups_of_the_world_bank_are_left_out_and_all_countries_kept(corpus: Path):
    rows = list(csv.DictReader((corpus / "demand/worldbank/wdi_countries.csv").read_text("utf-8").splitlines()))
    wrong = [row["iso3c"] for row in rows if (row["region"] == "Aggregates") != (iso2(row["iso3c"]) is None)]
    assert wrong == ["CHI"]  # the Channel Islands: two territories in one figure
