"""Who is no lead: each with a reason in both languages and what shows it; nobody is lost between the two lists."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.derived import Mention
from market_db.products import ProductType
from pipelines.companies.companies import build_company
from pipelines.gate import not_leads_of
from pipelines.scoring import Scoring, leads_of

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SAMBAL = ProductType(key="sambal", names={"id": "Sambal dan saus cabai", "en": "Sambal and chili sauce"}, terms={}, hs=("210390",))
SCORING = Scoring(now=NOW, products={"sambal": SAMBAL}, titles={"hmrc": "HMRC UK Trade Info"}, not_buyers={"p9"}, role_wrong={"p7"})


def made(at, role, proof=None, product="sambal"):
    return Mention(
        party_id=f"p{at}", record_id=f"r{at}", record_kind="registration", source="hmrc", name="Alba Tirta Ltd (contoh)", country="GB",
        role=role, role_proof=proof, product=product, relevance=0.9 if product else None, proof_date="2026-09",
        first_seen="2026-11-01T00:00:00+00:00", last_seen="2026-11-20T00:00:00+00:00", evidence_id=f"e{at}",
    )  # fmt: skip


def turned_down(*mentions):
    return list(not_leads_of(build_company("c1", mentions), mentions, SCORING))


@pytest.mark.parametrize(
    ("mentions", "reason", "product", "said", "evidence"),
    [
        ([made(1, "supplier", "We make sauces.")], "only_sells", "sambal",
         "Only sells such goods, nothing proves that it buys: HMRC UK Trade Info shows it as supplier or producer: We make sauces. (Sep 2026).", "e1"),
        ([made(1, "supplier", "We make sauces."), made(2, "importer")], "only_sells", "sambal", None, "e1"),
        ([made(1, "importer", "list"), made(2, "freight_forwarder")], "carries", "sambal",
         "Only carries goods of others: HMRC UK Trade Info shows it as freight forwarder: Alba Tirta Ltd (contoh) (Sep 2026).", "e2"),
        ([made(9, "importer", "list")], "judged", "sambal",
         "A colleague marked it as no buyer (“Alba Tirta Ltd (contoh)”, HMRC UK Trade Info).", "e9"),
        ([made(1, "importer", "list", product=None)], "no_product", "",
         "Nothing shows yet that it deals in Sambal and chili sauce; seen in HMRC UK Trade Info (Sep 2026).", "e1"),
        ([made(1, "supplier", "We make sauces.", product=None)], "only_sells", "", None, "e1"),
    ],
)  # fmt: skip
def test_the_reason_is_told_with_its_proof(mentions, reason, product, said, evidence):
    (refused,) = turned_down(*mentions)
    assert (refused.reason, refused.product, refused.evidence_ids) == (reason, product, (evidence,))
    assert said in (None, refused.text_en)
    assert refused.text_id
    assert refused.text_id != refused.text_en


def test_a_role_that_people_called_wrong_turns_nobody_down():
    assert turned_down(made(7, "supplier", "We make sauces.")) == []


ROLES = st.sampled_from([None, "supplier", "freight_forwarder", "importer", "retailer", "tender_authority"])
MENTION = st.tuples(st.integers(1, 9), ROLES, st.sampled_from([None, "proof"]), st.sampled_from([None, "sambal"]))


@settings(max_examples=80, deadline=None)
@given(st.lists(MENTION, min_size=1, max_size=4, unique_by=lambda one: one[0]))
def test_every_company_is_a_lead_or_has_a_reason(drawn):
    mentions = [made(*one) for one in drawn]
    company = build_company("c1", mentions)
    assert bool(list(leads_of(company, mentions, SCORING))) is not bool(turned_down(*mentions))
