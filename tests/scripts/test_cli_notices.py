"""From an answer of a tender board to what staff read: state, deadline, value, winner and authority, in both languages."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from market_db.products import load_products
from market_db.publish import publish
from market_db.schema import open_market
from market_db.seen import Notice, Seen
from market_db.store import save_seen
from pipelines.context import Context
from pipelines.refresh import refresh
from pipelines.rejections import Rejection
from pipelines.steps import steps_over
from spiders.evidence import ArchivedAt, stamp
from spiders.reading import Answer
from spiders.tenders.contracts_finder import ContractsFinder

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
ANSWER = Path(__file__).parent.parent / "spiders" / "fixtures" / "contracts_finder" / "search" / "response.json"


@pytest.fixture
def board(home):
    """One tender that stays open (its deadline moved far away), one award; read, judged, merged and published."""
    body = ANSWER.read_bytes().replace(b"2026-12-11T12:00:00Z", b"2099-12-11T12:00:00Z")
    read = [one for one in ContractsFinder().read(Answer(body=body, url="https://cf.example/search")) if isinstance(one, Notice)]
    at = ArchivedAt(None, None, "ab" * 32, NOW, "https://cf.example/search")
    context = Context(as_of=NOW.date(), products=tuple(load_products().values()))
    kept: list[Seen] = [
        one for one in steps_over([stamp(one, "contracts_finder", at) for one in read], context) if not isinstance(one, Rejection)
    ]
    db = open_market(home)
    save_seen(db, kept, run_id="20261125T013000Z-aaaa", now=NOW)
    db.close()
    refresh(replace(home, config=replace(home.config, products=("sambal", "ground_coffee"))), now=NOW)
    publish(home, now=NOW)
    return home


def lead_of(tembus, name, *more):
    rows = json.loads(tembus("leads", "--json").out)
    return tembus("lead", next(row["lead_id"] for row in rows if name in row["company"]), *more)


def test_an_open_tender_shows_state_deadline_and_value(board, tembus):
    shown = lead_of(tembus, "Contohshire", "--lang", "en").out
    assert (
        "Tender “Supply of sauces and condiments to school kitchens” · buyer: Contohshire County Council (sample) · open · deadline 11 Dec 2099"
        in " ".join(shown.split())
    )
    assert "value GBP 45,000" in " ".join(shown.split())
    assert "Tenders for “Supply of sauces and condiments to school kitchens”" in " ".join(shown.split())
    indonesian = " ".join(lead_of(tembus, "Contohshire").out.split())
    assert "masih dibuka · tenggat 11 Des 2099" in indonesian
    assert "nilai GBP 45.000" in indonesian


def test_an_award_names_authority_and_winner_for_what_they_did(board, tembus):
    authority = " ".join(lead_of(tembus, "NHS").out.split())
    assert "Sudah membeli “Ground coffee for hospital restaurants” dari pemenang tendernya" in authority
    buyer = "pembeli: Contoh NHS Foundation Trust (sample)"
    assert f"“Ground coffee for hospital restaurants” · {buyer} · pemenang sudah ditetapkan · nilai GBP 27.500" in authority
    winner = " ".join(lead_of(tembus, "Sample Coffee", "--lang", "en").out.split())
    assert "Won “Ground coffee for hospital restaurants”" in winner
    assert "Kind: Distributor" in winner
    assert "Award “Ground coffee for hospital restaurants” · buyer: Contoh NHS Foundation Trust (sample) · awarded" in winner
    assert "Pat Example" not in authority + winner


def test_machines_get_the_notices_with_their_state(board, tembus):
    (notice,) = json.loads(lead_of(tembus, "Contohshire", "--json").out)["notices"]
    assert (notice["state"], notice["deadline"], notice["value"], notice["currency"]) == (
        "open",
        "2099-12-11T12:00:00+00:00",
        45000.0,
        "GBP",
    )


def test_a_market_counts_and_lists_its_open_tenders(board, tembus):
    shown = " ".join(tembus("markets", "-c", "GB", "-p", "sambal", "--lang", "en").out.split())
    assert "Tenders and awards: 1" in shown
    assert "… open now: 1" in shown
    assert "https://www.contractsfinder.service.gov.uk/Notice/00000000-0000-4000-8000-0000000000a1" in shown
    coffee = " ".join(tembus("markets", "-c", "GB", "-p", "ground_coffee").out.split())
    assert "Tender dan pemenang: 1" in coffee
    assert "… masih dibuka: 0" in coffee
