"""Every recorded answer of UN Comtrade, by name: the totals that stand in it come out, or the reason why it cannot be read."""

import json
from collections import Counter
from math import fsum
from pathlib import Path

import pytest

from market_db.seen import TradeFlow
from spiders.reading import Answer, BadAnswer, Issue, Rejected
from spiders.trade_data.un_comtrade import read_flows

TOTALS = {
    "bilateral_ch_us_2022_2023": (4, 128_157_424_768, {}),
    "bilateral_ch_us_202301_202302": (2, 10_034_756_888, {}),
    "ch_exports_2023": (1, 419_922_543_424, {"other breakdown": 31}),
    "ch_exports_2023_ag2_aggregate_by_cmd_code": (0, 0, {"other breakdown": 31, "not what was asked": 1}),
    "ch_exports_2023_ag2_aggregate_by_partner_code_cmd_code": (0, 0, {"other breakdown": 31, "not what was asked": 1}),
    "ch_exports_2023_breakdown_mode_classic": (1, 419_922_543_424, {}),
    "ch_exports_2023_breakdown_mode_plus": (1, 419_922_543_424, {"other breakdown": 31}),
    "ch_exports_2023_include_desc": (1, 419_922_543_424, {"other breakdown": 31}),
    "ch_exports_2023_totals": (1, 419_922_543_424, {}),
    "over_limit_max_records": (0, 0, {"other breakdown": 5}),
    "partners_ch_total_2023": (225, 839_844_759_317, {"group of countries": 1}),
    "series_ch_27_2010_2021": (12, 45_632_318_647, {}),
    "series_ch_27_2022_2023": (2, 15_991_302_617, {}),
    "services_ch_exports_2023_eb10": (1, 165_139_886_738, {}),
    "unknown_reporter": (0, 0, {}),
    "world_27_2023_imports": (167, 3_314_893_523_928, {}),
}
"""Recorded answer -> flows, USD of all of them together, rows refused by reason."""
COUNTS = "count_"
"""Answers to questions that only count: they hold no rows, and must never be taken for "nothing is traded"."""


def recorded() -> list[Path]:
    for folder in Path(__file__).resolve().parents:
        found = folder / "shared/corpus/demand/comtrade/xippios_recorded/get"
        if found.is_dir():
            return sorted(found.glob("*.json"))
    return []


def answer(path: Path) -> Answer:
    tape = json.loads(path.read_text("utf-8"))
    return Answer(body=tape["response"]["body"].encode(), url=tape["request"]["url"], status=tape["response"]["status"])


def rows(path: Path) -> list[dict]:
    return json.loads(json.loads(path.read_text("utf-8"))["response"]["body"])["data"]


@pytest.fixture(params=recorded() or [None], ids=lambda path: path.stem if path else "absent")
def tape(request: pytest.FixtureRequest) -> Path:
    if request.param is None:
        pytest.skip("the corpus of recorded answers is not beside this checkout")
    return request.param


def test_each_recorded_answer(tape: Path) -> None:
    """One that is in neither list fails here: a new recording needs its total."""
    if tape.stem not in TOTALS:
        assert tape.stem.startswith(COUNTS) or tape.stem == "invalid_key"
        with pytest.raises(BadAnswer) as caught:
            list(read_flows(answer(tape)))
        assert caught.value.reason == ("refused query" if answer(tape).status >= 400 else "unexpected shape")
        return
    reads = list(read_flows(answer(tape)))
    flows = [read for read in reads if isinstance(read, TradeFlow)]
    refused = Counter(read.reason for read in reads if isinstance(read, Rejected))
    count, total, reasons = TOTALS[tape.stem]
    assert (len(flows), refused) == (count, reasons)
    assert round(fsum(flow.value or 0.0 for flow in flows)) == total
    assert len(flows) + refused.total() == len(rows(tape)), "every row is read or refused"
    assert {read.kind for read in reads if isinstance(read, Issue)} == ({"not_asked"} if "not what was asked" in reasons else set())


def test_every_total_has_its_recording() -> None:
    there = {path.stem for path in recorded()}
    if not there:
        pytest.skip("the corpus of recorded answers is not beside this checkout")
    assert set(TOTALS) <= there


def test_partners_add_up_to_the_world() -> None:
    path = next((path for path in recorded() if path.stem == "partners_ch_total_2023"), None)
    if path is None:
        pytest.skip("the corpus of recorded answers is not beside this checkout")
    flows = [read for read in read_flows(answer(path)) if isinstance(read, TradeFlow)]
    world = next(flow.value for flow in flows if flow.partner == "WLD")
    groups = fsum(row["primaryValue"] for row in rows(path) if row["partnerCode"] in (899, 838, 839, 837, 568, 577))
    assert fsum(flow.value or 0.0 for flow in flows if flow.partner != "WLD") + groups == pytest.approx(world, rel=1e-9)


def test_what_one_side_sends_and_the_other_receives_are_two_figures() -> None:
    """Soya of Brazil to China, 2024: exports are told without freight, imports with it, here 16 % more."""
    folder = next((path.parents[2] / "agrobr" for path in recorded()), None)
    if folder is None:
        pytest.skip("the corpus of recorded answers is not beside this checkout")
    url = "https://comtradeapi.un.org/public/v1/preview/C/A/HS"
    sides = [
        next(
            read
            for read in read_flows(Answer(body=(folder / f"mirror_sample_response_{side}.json").read_bytes(), url=url))
            if isinstance(read, TradeFlow)
        )
        for side in ("reporter", "partner")
    ]
    sent, received = sides
    assert (sent.reporter, sent.partner, sent.flow, sent.valuation, sent.value) == ("BRA", "CHN", "export", "FOB", 31_499_887_711.0)
    assert (received.reporter, received.partner, received.flow, received.valuation) == ("CHN", "BRA", "import", "CIF")
    assert (received.value or 0) / (sent.value or 1) == pytest.approx(1.157, abs=0.001)
