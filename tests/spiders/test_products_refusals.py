"""Refusals: days and countries as three authorities print them, what is asked, downloaded lists, and 21,871 real notifications."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import Request, TextResponse

from market_db.products import load_products
from market_db.seen import Refusal
from pipelines.context import Context
from pipelines.rejections import Rejection
from pipelines.steps import run_steps
from spiders.base.refusals import charges_in, country_in, day_in, fda_table, hazards_in, rasff_reference
from spiders.by_hand import Left, Taken, load_presets, read_list
from spiders.keys import PLACEHOLDER, USER_PLACEHOLDER, forms_of, hidden, with_key
from spiders.products.fda_refusals import API as FDA
from spiders.products.fda_refusals import COLUMNS, FdaRefusals, read_refusals
from spiders.products.rasff import API as RASFF
from spiders.products.rasff import Rasff, read_notifications
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected

AS_OF = date(2026, 11, 20)
PRODUCTS = load_products()
CONTEXT = Context(as_of=AS_OF, products=tuple(PRODUCTS.values()))
Reader = Callable[[Answer], Reading]
LINE = {
    "CountryName": "Thailand",
    "IndustryCode": "27",
    "ProductCodeDescription": "HOT SAUCE",
    "RefusalDate": "2026-08-06",
    "ShipmentID": "1/1",
    "RefusalCharges": "62, 83",
}
NOTICE = {
    "notifId": 1,
    "reference": "2026.0301",
    "ecValidationDate": "12-02-2026 09:14:00",
    "subject": "Sulphite in chilli sauce",
    "notifyingCountry": {"organizationName": "Italy"},
    "originCountries": [{"organizationName": "Thailand"}],
}


def fda(*rows: object) -> list[object]:
    body = {"result": rows, "totalrecordcount": len(rows), "message": "success", "statuscode": 400}
    return list(read_refusals(Answer(body=json.dumps(body).encode(), url=FDA)))


def rasff(*rows: object) -> list[object]:
    return list(read_notifications(Answer(body=json.dumps({"notifications": rows, "totalElements": len(rows)}).encode(), url=RASFF)))


@pytest.mark.parametrize(
    ("text", "day_first", "day"),
    [
        ("Oct 30, 2024", True, "2024-10-30"),
        ("2024-12-31 16:50:10.000000", True, "2024-12-31"),
        ("12/11/2025 16:13", True, "2025-11-12"),
        ("11-12-2025 09:00:00", True, "2025-12-11"),
        ("08/12/2026", False, "2026-08-12"),
        ("2026-08-06", False, "2026-08-06"),
        ("13-Jul-22", False, "2022-07-13"),
        ("31/31/2026", True, None),
        ("31-Feb-22", True, None),
        ("13-Foo-22", True, None),
        ("", True, None),
        ("soon", True, None),
    ],
)
def test_days(text: str, day_first: bool, day: str | None) -> None:
    assert day_in(text, day_first=day_first) == day


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("France (FR)", "FR"),
        ("Türkiye", "TR"),
        ("EC", "EC"),
        ("Germany; India", None),
        ("Germany,India", None),
        ("unknown origin", None),
        ("", None),
    ],
)
def test_countries(text: str, country: str | None) -> None:
    assert country_in(text) == country


@pytest.mark.parametrize(
    ("text", "number"),
    [("2024.8046", "2024.8046"), ("2024.965", "2024.9650"), ("2020.0001", "2020.0001"), ("2026.10234", "2026.10234"), ("x", None)],
)
def test_numbers_of_notifications_that_lost_their_zeros(text: str, number: str | None) -> None:
    assert rasff_reference(text) == number


def test_hazards_and_charges_in_words() -> None:
    assert hazards_in("sildenafil   - {unauthorised substance},tadalafil ") == "sildenafil - unauthorised substance,tadalafil"
    assert hazards_in("  ") is None
    assert charges_in("62, 83, 62") == "62 NEEDS FCE; 83 NO PROCESS"
    assert charges_in("99999") == "99999"
    assert charges_in("none") is None
    assert all(number.isdigit() and name for number, name in fda_table()["charges"].items())


def test_three_years_of_the_fda_are_asked_without_firms() -> None:
    asked = list(FdaRefusals(products=[PRODUCTS["sambal"]], as_of=AS_OF).first_requests())
    bodies = [json.loads(request.body) for request in asked]
    assert [body["filters"]["RefusalDateTo"] for body in bodies] == [["2026-11-20"], ["2025-12-31"], ["2024-12-31"]]
    assert all(body["start"] == 1 and body["rows"] == 5_000 for body in bodies)
    assert not any("Firm" in column or "Address" in column or "FEI" in column for column in COLUMNS)


def test_the_pages_of_the_fda_are_numbered_by_their_first_line() -> None:
    spider = FdaRefusals(products=[PRODUCTS["sambal"]], as_of=AS_OF)
    first = next(spider.first_requests())
    body = json.dumps({"result": [LINE] * 5_000, "totalrecordcount": 5_001}).encode()
    (second,) = spider.next_requests(TextResponse(FDA, body=body, request=first))
    assert json.loads(second.body)["start"] == 5_001
    last = json.dumps({"result": [], "totalrecordcount": 5_001}).encode()
    assert list(spider.next_requests(TextResponse(FDA, body=last, request=second))) == []
    assert [issue.kind for _, issue, _ in spider.issues] == ["partial_answer"]


def test_name_and_key_of_one_variable_go_into_two_headers() -> None:
    asked = next(FdaRefusals(products=[PRODUCTS["sambal"]], as_of=AS_OF).first_requests())
    sent = with_key(asked, "office@exporter.example:s3cr3t:with:colons")
    assert sent.headers["Authorization-User"] == b"office@exporter.example"
    assert sent.headers["Authorization-Key"] == b"s3cr3t:with:colons"
    assert PLACEHOLDER.encode() in asked.headers["Authorization-Key"]
    assert USER_PLACEHOLDER.encode() in asked.headers["Authorization-User"]
    assert (
        hidden("bad key s3cr3t:with:colons of office@exporter.example", "office@exporter.example:s3cr3t:with:colons")
        == "bad key __key__ of __key__"
    )
    assert forms_of("abcdef") == ("YWJjZGVmOg==", "YWJjZGVm", "abcdef")
    assert with_key(Request("https://x.example/?key=__key__"), "a:b").url == "https://x.example/?key=a%3Ab"


def test_rasff_is_off_and_asks_for_terms() -> None:
    assert not Rasff.about.ready
    bodies = [json.loads(request.body) for request in Rasff(products=[PRODUCTS["sambal"]], as_of=AS_OF).first_requests()]
    assert bodies[0]["subject"] == PRODUCTS["sambal"].terms["en"][0]
    assert {body["ecValidDateFrom"] for body in bodies} == {"01-01-2021 00:00:00"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"IndustryCode": "16"}, "other industry"),
        ({"IndustryCode": None, "ProductCode": None}, "other industry"),
        ({"ShipmentID": None}, "no shipment or day"),
        ({"RefusalDate": 7}, "no shipment or day"),
        ({"RefusalDate": "2026-13-01"}, "no shipment or day"),
    ],
)
def test_lines_not_taken(change: dict[str, object], reason: str) -> None:
    (found,) = (one for one in fda({**LINE, **change}) if not isinstance(one, Issue))
    assert isinstance(found, Rejected)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"reference": None}, "no reference or subject"), ({"subject": " "}, "no reference or subject"), ({"ecValidationDate": ""}, "no day")],
)
def test_notifications_not_taken(change: dict[str, object], reason: str) -> None:
    (found,) = (one for one in rasff({**NOTICE, **change}) if not isinstance(one, Issue))
    assert isinstance(found, Rejected)
    assert found.reason == reason


@pytest.mark.parametrize("read", [read_refusals, read_notifications])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>login</html>",
        b"[]",
        b"{}",
        b'{"result": {}, "notifications": {}}',
        b'{"result": [',
        b'{"message": "Invalid key"}',
        b"\xff\xfe",
    ],
)
def test_answers_that_are_none(read: Reader, body: bytes) -> None:
    with pytest.raises(BadAnswer):
        list(read(Answer(body=body, url=FDA)))


VALUES = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10), lambda v: st.lists(v, max_size=2))


@settings(deadline=None)
@given(VALUES)
def test_any_row_is_read(value: object) -> None:
    for row in (value, dict.fromkeys(LINE, value), *({**LINE, name: value} for name in LINE)):
        assert all(isinstance(one, Refusal | Rejected | Issue) for one in fda(row))
    for row in (value, dict.fromkeys(NOTICE, value), *({**NOTICE, name: value} for name in NOTICE)):
        assert all(isinstance(one, Refusal | Rejected | Issue) for one in rasff(row))


def judged(product_text: str, category: str | None = None) -> tuple[str | None, bool]:
    refusal = Refusal(key="k", url="https://x.example/", source="rasff", product_text=product_text, category=category, date="2026-01-01")
    try:
        kept = run_steps(refusal, CONTEXT)
    except Rejection:
        return None, False
    assert isinstance(kept, Refusal)
    return kept.product, (kept.relevance or 0) >= 0.5


@pytest.mark.parametrize(
    ("text", "group", "found"),
    [
        ("Sriracha hot sauce", None, ("sambal", True)),
        ("HOT SAUCE (EXCLUDES SOY SAUCE)", "Dressing/Condiment", ("sambal", True)),
        ("Tomato Sauce", "Soups, broths, sauces and condiments", ("sambal", False)),
        ("SOY SAUCE", "Dressings/Condiments", ("sambal", False)),
        ("ground coffee", "Cocoa and cocoa preparations, coffee and tea", ("ground_coffee", True)),
        ("SHRIMP AND PRAWNS", "Fishery/Seafood Prod", (None, False)),
        ("", None, (None, False)),
    ],
)
def test_which_goods_were_meant(text: str, group: str | None, found: tuple[str | None, bool]) -> None:
    assert judged(text, group) == found


def listed(path: Path, preset: str) -> Counter[str]:
    """What becomes of each row of a downloaded list, through reader and steps."""
    found: Counter[str] = Counter()
    with path.open("rb") as file:
        for row in read_list(file, load_presets()[preset], name=path.name):
            if isinstance(row, Left):
                found[f"left: {row.reason}"] += 1
            elif isinstance(row, Taken):
                found["rows"] += 1
                try:
                    kept = run_steps(replace(row.record, source=f"import:{preset}"), CONTEXT)
                except Rejection as refused:
                    found[refused.reason] += 1
                    continue
                assert isinstance(kept, Refusal)
                found[f"{kept.product} {'named' if (kept.relevance or 0) >= 0.5 else 'group'}"] += 1
                found["from Indonesia"] += kept.origin == "ID"
            else:
                found[row.kind] += 1
    return found


def test_real_rasff_exports_of_three_layouts(corpus: Path) -> None:
    portal = listed(corpus / "demand/rasff/rasff_portal_2020_2024.csv.gz", "rasff")
    assert portal["rows"] == 21_871
    assert portal["sambal named"] + portal["sambal group"] >= 260  # 265 stand in the group of sauces, one of them is coffee
    assert 15 <= portal["sambal named"] <= 40
    assert not portal["new_header"] + portal["missing_header"]
    window = listed(corpus / "demand/rasff/rasff_window_2024_2025.csv.gz", "rasff")
    assert window["rows"] == 8_413
    enriched = listed(corpus / "demand/rasff/rasff_eu_2020_2025_enriched.csv", "rasff")
    assert (enriched["rows"], enriched["left: no product"]) == (2_297, 2)


def test_real_fda_lines_and_charges(corpus: Path) -> None:
    shrimp = listed(corpus / "demand/fda/refusal_entries_shrimp_2020_2025.csv", "fda_refusals")
    assert (shrimp["rows"], shrimp["OtherProduct"]) == (559, 559)
    names = {"d": "RefusalDate", "c": "CountryName", "p": "ProductCodeDescription", "s": "ShipmentID", "ch": "RefusalCharges"}
    recent = json.loads((corpus / "demand/fda/ddapi_recent_excerpt.json").read_text("utf-8"))
    rows = [{**{names[short]: value for short, value in row.items() if short in names}, "IndustryCode": "27"} for row in recent]
    found = [one for one in fda(*rows) if isinstance(one, Refusal)]
    assert [one.origin for one in found] == ["CZ", "SE", "ID", "DK", "EE"]
    assert (found[2].reason, found[2].date) == ("3842; 3843; 3851; 3854", "2026-08-06")
    lines = (corpus / "demand/fda/ACT_SECTION_CHARGES_2025.csv").read_text("utf-8-sig").splitlines()
    official = dict(line.split(",")[:2] for line in lines if line.split(",")[0].isdigit())
    assert {number: official.get(number) for number in fda_table()["charges"]} == fda_table()["charges"]
