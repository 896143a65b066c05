"""Exchange rates: gaps, withdrawn currencies, days out of order, and files that are something else."""

import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

from market_db.products import load_products
from market_db.seen import Observation
from spiders.reading import Answer, BadAnswer, Issue, Rejected
from spiders.trade_data import ecb_rates, frankfurter

HEAD = "Date," + ",".join(ecb_rates.CURRENCIES)


def packed(text, name="eurofxref-hist.csv"):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, text)
    return held.getvalue()


def line(day, **rates):
    return ",".join([day, *(rates.get(code, "N/A") for code in ecb_rates.CURRENCIES)])


def read(*lines, head=HEAD):
    return list(ecb_rates.read_rates(Answer(body=packed("\n".join([head, *lines])), url=ecb_rates.HISTORY)))


def ask(*rows):
    return list(frankfurter.read_rates(Answer(body=json.dumps(list(rows)).encode(), url=frankfurter.RATES)))


def test_a_day_gives_a_rate_for_each_currency_that_has_one():
    found = read(line("2026-11-20", USD="1.1", IDR="18200.5"))
    assert found == [
        Observation(
            key=f"fx_per_eur|{code}|2026-11-20", url=ecb_rates.HISTORY, metric="fx_per_eur", period="2026-11-20", value=value, unit=unit
        )
        for code, value, unit in (("USD", 1.1, "USD/EUR"), ("IDR", 18200.5, "IDR/EUR"))
    ]


def test_days_before_the_window_are_counted_and_left_out():
    found = read(line("2026-11-20", USD="1.1"), line("2025-10-17", USD="1.2"), line("2025-10-15", USD="1.3"))
    assert [one.period for one in found if isinstance(one, Observation)] == ["2026-11-20", "2025-10-17"]
    assert found[-1] == Rejected("older than wanted", "2025-10-15")


@pytest.mark.parametrize("text", ["Rp1", "1,1", "0", "-1.1", "nan", "inf", "1e99", "1e-9"])
def test_a_rate_that_cannot_be_one_is_counted(text):
    assert read(line("2026-11-20", USD=f'"{text}"'))[-1] == Rejected("unreadable rate", f"USD 2026-11-20 {text}")


def test_changed_columns_are_named():
    found = read(line("2026-11-20", USD="1.1") + ",5", head=HEAD.replace("IDR", "IDX") + ",KZT")
    issues = {(one.kind, one.detail) for one in found if isinstance(one, Issue)}
    assert issues == {("new_header", "IDX"), ("new_header", "KZT"), ("missing_header", "IDR")}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty file"),
        (b"<html></html>", "html or xml instead of a table"),
        (packed("Date,GBP\n2026-11-20,1\n"), "missing column"),
        (packed(f"{HEAD}\n"), "no rates"),
        (packed(f"{HEAD}\n{line('20 Nov', USD='1')}\n"), "no rates"),
        (packed(HEAD)[:60], "broken zip"),
        (packed(""), None),
    ],
)
def test_other_files_are_bad(body, reason):
    with pytest.raises(BadAnswer) as caught:
        list(ecb_rates.read_rates(Answer(body=body, url=ecb_rates.HISTORY)))
    assert reason in (None, caught.value.reason)


def test_the_history_of_the_ecb(corpus: Path):
    found = list(ecb_rates.read_rates(Answer(body=(corpus / "demand/fx/eurofxref-hist.zip").read_bytes(), url=ecb_rates.HISTORY)))
    rates = {(one.unit, one.period): one.value for one in found if isinstance(one, Observation)}
    assert rates["IDR/EUR", "2026-10-30"] == 20275.17
    assert rates["USD/EUR", "2026-10-30"] == 1.1172
    assert {one.kind for one in found if isinstance(one, Issue)} == set()
    assert len({unit for unit, _ in rates}) == len(ecb_rates.CURRENCIES)


def test_frankfurter_is_asked_for_past_days_only():
    (request,) = frankfurter.Frankfurter(products=load_products().values(), as_of=date(2026, 11, 20)).first_requests()
    assert request.url == "https://api.frankfurter.dev/v2/rates?from=2026-10-21&to=2026-11-19&base=USD"


ROW = {"date": "2026-11-19", "base": "USD", "quote": "VND", "rate": 26000.0}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"quote": "EUR"}, "better known elsewhere"),
        ({"quote": "SAR"}, "better known elsewhere"),
        ({"quote": "ZZZ"}, "unknown currency"),
        ({"quote": None}, "unknown currency"),
        ({"base": "EUR"}, "not what was asked"),
        ({"date": "19-11-2026"}, "unreadable date"),
        ({"rate": 0}, "unreadable rate"),
        ({"rate": "26000"}, "unreadable rate"),
        ({"rate": 10**400}, "unreadable rate"),
    ],
)
def test_frankfurters_rows_that_are_not_taken(change, reason):
    assert [one.reason for one in ask({**ROW, **change}) if isinstance(one, Rejected)] == [reason]


def test_frankfurters_fields_are_watched():
    renamed = {**ROW, "value": 1}
    del renamed["rate"]
    kinds = {(one.kind, one.detail.partition(";")[0]) for one in ask(renamed) if isinstance(one, Issue)}
    assert kinds == {("missing_field", "rate"), ("new_field", "value")}
    assert [one.reason for one in ask(ROW, ROW) if isinstance(one, Rejected)] == ["duplicate"]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b'{"message": "x"}', 422, "refused query"),
        (b'{"message": "x"}', 200, "refused query"),
        (b"{}", 200, "unexpected shape"),
        (b"<p>", 200, None),
    ],
)
def test_frankfurters_other_answers_are_bad(body, status, reason):
    with pytest.raises(BadAnswer) as caught:
        list(frankfurter.read_rates(Answer(body=body, url=frankfurter.RATES, status=status)))
    assert reason in (None, caught.value.reason)
