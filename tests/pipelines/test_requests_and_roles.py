"""Requests to buy that no trader makes, and the sentence that proves a role."""

from datetime import date

import pytest

from market_db.products import load_products
from market_db.seen import Notice, Party, Registration
from pipelines.context import Context
from pipelines.relevance import keep_relevant
from pipelines.roles import name_role

CONTEXT = Context(as_of=date(2026, 11, 26), products=(load_products()["sambal"],))
URL = "https://papan.example/r/1"


@pytest.mark.parametrize(
    ("kind", "quantity", "weak"),
    [("rfq", "1 Piece", True), ("buy_lead", "2 pcs", True), ("rfq", "5 tons", False), ("tender", "1 Piece", False), ("rfq", None, False)],
)
def test_a_few_pieces_are_kept_and_judged_weak(kind: str, quantity: str | None, weak: bool) -> None:
    found = keep_relevant(Notice(key="1", kind=kind, title="Sambal oelek", url=URL, quantity_text=quantity), CONTEXT)
    assert isinstance(found, Notice)
    assert (found.relevance == 0.25) is weak
    assert any("no quantity of a trader" in why for why in found.relevance_why) is weak


def test_a_role_is_proved_by_its_sentence() -> None:
    text = "Founded in 1990. We are an importer of Asian sauces. Two hundred staff"
    found = name_role(Registration(key="1", party=Party(name="Firma (contoh)"), url=URL, activity_text=text), CONTEXT)
    assert isinstance(found, Registration)
    assert (found.party.role, found.party.role_proof) == ("importer", "We are an importer of Asian sauces.")
