"""Leads: every point has its sentence in two languages, and more evidence never lowers a score."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.derived import Market, Mention, grade_of
from market_db.products import ProductType
from pipelines.companies.companies import build_company
from pipelines.scoring import FEATURES, Scoring, leads_of, weights
from pipelines.sentences import Day, Share, Usd, Words, sentence

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SAMBAL = ProductType(key="sambal", names={"id": "Sambal dan saus cabai", "en": "Sambal and chili sauce"}, terms={}, hs=("210390",))
MARKET = Market(
    product="sambal",
    country="GB",
    import_usd=306_400_000.0,
    import_year="2025",
    growth=0.05,
    unit_value_usd_kg=3.0,
    idn_share=0.01,
    index=72.5,
)
SCORING = Scoring(
    now=NOW,
    products={"sambal": SAMBAL},
    markets={("sambal", "GB"): MARKET},
    titles={"hmrc": "HMRC UK Trade Info", "shop": "Toko Contoh"},
    refresh_id="r1",
)
IMPORTER = {
    "record_kind": "registration",
    "source": "hmrc",
    "country": "GB",
    "role": "importer",
    "role_proof": "HMRC lists it as importer of CN8 21039090 in 2026-09",
    "product": "sambal",
    "relevance": 0.85,
    "product_proof": "cn8:21039090",
    "proof_date": "2026-09",
}
SHOP = {
    "record_kind": "listing",
    "source": "shop",
    "country": "GB",
    "role": "retailer",
    "product": "sambal",
    "relevance": 0.9,
    "product_proof": "Sambal oelek 200 g",
    "emails": ("info@alba.example",),
    "phones": ("+442079460000",),
    "website": "https://alba.example",
}


def made(at, **more):
    base = {"first_seen": "2026-11-01T00:00:00+00:00", "last_seen": "2026-11-20T00:00:00+00:00", "evidence_id": f"e{at}"}
    return Mention(**{"party_id": f"p{at}", "record_id": f"r{at}", "name": "Alba Tirta Ltd (contoh)", **base, **more})


def lead(*mentions, scoring=SCORING):
    found = list(leads_of(build_company("c1", mentions), mentions, scoring))
    return found[0] if found else None


def reason(found, feature):
    return next(r for r in found.reasons if r.feature == feature)


def test_the_weights_add_up_to_a_hundred():
    assert sum(weights()["most"].values()) == 100
    assert [feature.__name__ for feature in FEATURES] == list(weights()["most"])


def test_an_importer_with_everything():
    found = lead(made(1, **IMPORTER), made(2, **SHOP))
    points = {r.feature: r.points for r in found.reasons}
    assert points == {"role_proof": 25, "product_proof": 22.5, "freshness": 15, "contact": 15, "corroboration": 6, "demand": 7.2}
    assert found.score == 90.7
    assert found.grade == grade_of(90.7) == "A"
    assert found.role == "importer"
    assert found.product_proofs == ("Sambal oelek 200 g", "cn8:21039090")
    assert found.new_since == "r1"


def test_sentences_hold_source_date_code_and_number():
    found = lead(made(1, **IMPORTER), made(2, **SHOP))
    role = reason(found, "role_proof")
    assert role.text_en == "HMRC UK Trade Info shows it as importer: HMRC lists it as importer of CN8 21039090 in Sep 2026 (Sep 2026)."
    assert role.text_id.startswith("HMRC UK Trade Info mencatatnya sebagai importir: HMRC mencatatnya sebagai importir CN8 21039090")
    product = reason(found, "product_proof")
    assert product.text_en == "Offers “Sambal oelek 200 g” at Toko Contoh (20 Nov 2026), fit 90%."
    assert product.text_id == "Menawarkan “Sambal oelek 200 g” di Toko Contoh (20 Nov 2026), kesesuaian 90%."
    demand = reason(found, "demand")
    assert "US$306.4M" in demand.text_en
    assert "HS code 210390" in demand.text_en
    assert "US$306,4 jt" in demand.text_id
    assert "indeks pasar 72,5 dari 100" in demand.text_id
    assert reason(found, "contact").text_id == "Kontak bisnis diketahui: e-mail, telepon dan situs web; terakhir terlihat 20 Nov 2026."
    assert reason(found, "corroboration").text_en == "2 sources show it: HMRC UK Trade Info, Toko Contoh."
    assert reason(found, "freshness").text_en == "Newest proof: Toko Contoh, 20 Nov 2026."


def test_no_contact_is_written_into_a_sentence():
    found = lead(made(2, **SHOP))
    assert not any("alba.example" in r.text_id + r.text_en or "+44" in r.text_en for r in found.reasons)


def test_every_reason_with_points_has_evidence():
    found = lead(
        made(1, **IMPORTER),
        made(2, **SHOP),
        scoring=replace(SCORING, markets={("sambal", "GB"): replace(MARKET, evidence_ids=("m1", "shop"), demand_evidence=("m1",))}),
    )
    assert all(r.evidence_ids for r in found.reasons if r.points)
    assert reason(found, "demand").evidence_ids == ("m1",)
    assert reason(found, "role_proof").evidence_ids == ("e1",)


@pytest.mark.parametrize(
    ("change", "feature", "points", "text"),
    [
        ({"role": None, "role_proof": None}, "role_proof", 0, "No source says yet what kind of business it is."),
        ({"role_proof": None}, "role_proof", 12.5, "HMRC UK Trade Info calls it importer, without a quoted proof (Sep 2026)."),
        ({"role": "tender_authority"}, "role_proof", 12.5, None),
        ({"country": None}, "demand", 0, "Its country is not known."),
        ({"country": "NO"}, "demand", 0, "No recent enough import figures for Norway."),
        ({"proof_date": "2022-01"}, "freshness", 0, "The newest proof is old: HMRC UK Trade Info, Jan 2022."),
        ({"proof_date": None}, "freshness", 15, None),
        ({}, "contact", 0, "No business contact known yet."),
        ({}, "corroboration", 0, "Only one source shows it: HMRC UK Trade Info."),
        ({"relevance": 0.3}, "product_proof", 7.5, None),
    ],
)
def test_features(change, feature, points, text):
    found = reason(lead(made(1, **{**IMPORTER, **change})), feature)
    assert found.points == points
    assert text is None or found.text_en == text


@pytest.mark.parametrize(
    ("roles", "is_lead"),
    [
        ([("supplier", "makes sauces")], False),
        ([("supplier", None)], False),
        ([("supplier", "makes sauces"), ("importer", "list of importers")], True),
        ([("supplier", "makes sauces"), ("importer", None)], False),
        ([("freight_forwarder", None), ("importer", "list of importers")], False),
        ([("tender_authority", "authority of the notice")], True),
        ([(None, None)], True),
    ],
)
def test_who_is_no_lead(roles, is_lead):
    mentions = [made(at, **{**IMPORTER, "role": role, "role_proof": proof}) for at, (role, proof) in enumerate(roles)]
    assert (lead(*mentions) is not None) is is_lead


def test_a_company_no_product_was_seen_with_is_no_lead():
    assert lead(made(1, **{**IMPORTER, "product": None})) is None


def test_people_decide_who_is_no_buyer_and_whose_role_is_wrong():
    assert lead(made(1, **IMPORTER), scoring=replace(SCORING, not_buyers={"p1"})) is None
    found = lead(made(1, **IMPORTER), scoring=replace(SCORING, role_wrong={"p1"}))
    assert reason(found, "role_proof").points == 0


def test_a_future_proof_date_is_not_fresher_than_the_sighting():
    found = lead(made(1, **{**IMPORTER, "proof_date": "2030-01-01", "last_seen": "2026-01-01T00:00:00+00:00"}))
    assert reason(found, "freshness").points == 6.0


def test_a_lead_keeps_the_refresh_that_first_listed_it():
    first = lead(made(1, **IMPORTER))
    assert lead(made(1, **IMPORTER), scoring=replace(SCORING, refresh_id="r2", new_since={first.id: "r1"})).new_since == "r1"


EXTRA = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from(["hmrc", "shop", "ted", "map", "dir"]),
            "role": st.sampled_from([None, "importer", "retailer", "wholesaler"]),
            "role_proof": st.sampled_from([None, "proof"]),
            "product": st.sampled_from([None, "sambal"]),
            "relevance": st.sampled_from([0.3, 0.6, 0.95]),
            "record_kind": st.sampled_from(["listing", "notice", "registration", "place"]),
            "emails": st.sampled_from([(), ("info@alba.example",)]),
            "phones": st.sampled_from([(), ("+442079460000",)]),
            "proof_date": st.sampled_from([None, "2024-05", "2026-11-01"]),
        }
    ),
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(EXTRA, EXTRA)
def test_more_evidence_never_lowers_the_score(rows, more):
    base = [made("base", **{**IMPORTER, "relevance": 0.5}), *(made(at, country="GB", **row) for at, row in enumerate(rows))]
    extra = [made(100 + at, country="GB", **row) for at, row in enumerate(more)]
    before, after = lead(*base), lead(*base, *extra)
    for old, new in zip(before.reasons, after.reasons, strict=True):
        assert new.points >= old.points, old.feature
    assert after.score >= before.score
    assert after.score == pytest.approx(sum(r.points for r in after.reasons))


@pytest.mark.parametrize(
    ("value", "text_id", "text_en"),
    [
        (Usd(306_400_000), "306,4 jt", "306.4M"),
        (Usd(950), "950", "950"),
        (Share(0.053), "5%", "5%"),
        (Day("2026-11-08"), "8 Nov 2026", "8 Nov 2026"),
        (Day("2026-05"), "Mei 2026", "May 2026"),
        (Day("soon"), "soon", "soon"),
        (Words(("email",)), "e-mail", "e-mail"),
        (Words(("email", "phone")), "e-mail dan telepon", "e-mail and phone"),
        (12345.5, "12.345,5", "12,345.5"),
        ("x{y}", "x{y}", "x{y}"),
    ],
)
def test_values_are_written_as_each_language_does(value, text_id, text_en):
    assert sentence("corroboration", "one", sources=value) == (
        f"Hanya satu sumber menyebutnya: {text_id}.",
        f"Only one source shows it: {text_en}.",
    )
