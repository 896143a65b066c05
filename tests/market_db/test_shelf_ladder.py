"""Shelf prices with odd ones marked, and the ladder back to FOB: a range, or the name of what is missing."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_db.derived import DemandSignal
from market_db.edited_toml import BadTable
from market_db.markets.price_ladder import Assumptions, ladder_of, load_assumptions
from market_db.markets.shelf import ShelfPrice, shelf_of


def offer(usd_kg, grams=340.0, **more):
    given = {"name": "Sambal (contoh)", "url": f"https://shop.example/{usd_kg}/{grams}", "source": "shop", "evidence_id": "e"}
    return ShelfPrice(**{**given, "seen": "2026-11-20", "usd_kg": usd_kg, "price": 3.0, "currency": "EUR", "grams": grams, **more})


def signal(metric, value, period="2025", **more):
    given = {"country": "NL", "product": "sambal", "hs_code": None, "partner": "WLD", "unit": "%", "quality": "reported"}
    return DemandSignal(
        **{
            **given,
            "metric": metric,
            "value": value,
            "period": period,
            "source": "wits",
            "evidence_id": "e",
            "retrieved": "2026-11-01",
            **more,
        }
    )


def test_a_pack_for_kitchens_and_a_price_far_off_are_marked_and_kept():
    found = shelf_of([*(offer(value) for value in (9.0, 10.0, 11.0, 12.0, 10.5, 95.0, 0.9)), offer(4.0, 5000.0)])
    assert {price.usd_kg: price.odd for price in found.prices if price.odd} == {0.9: "far_off", 95.0: "far_off", 4.0: "large_pack"}
    assert (len(found.prices), len(found.plain), found.median) == (8, 5, 10.5)
    assert found.quartiles() == (10.0, 11.0)


def test_of_four_prices_none_is_called_odd():
    assert all(price.odd is None for price in shelf_of([offer(value) for value in (1.0, 10.0, 11.0, 90.0)]).prices)


def test_equal_prices_leave_room_for_others():
    found = shelf_of([*(offer(10.0) for _ in range(6)), offer(15.0), offer(26.0)])
    assert [price.usd_kg for price in found.prices if price.odd] == [26.0]


def test_nothing_on_the_shelf_is_no_price():
    found = shelf_of([])
    assert (found.median, found.quartiles(), found.period, found.sources) == (None, None, "", ())


@given(st.lists(st.floats(0.1, 500), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_order_is_irrelevant_and_nothing_is_lost(values, shuffle):
    offers = [offer(value, url=f"https://shop.example/{at}") for at, value in enumerate(values)]
    other = list(offers)
    shuffle.shuffle(other)
    found = shelf_of(offers)
    assert found == shelf_of(other)
    assert len(found.prices) == len(values)
    assert found.plain


SHELF = shelf_of([offer(value) for value in (10.0, 11.0, 12.0)])
KNOWN = Assumptions(
    as_of=date(2026, 11, 25),
    retail_margin=(0.25, 0.45),
    distribution_margin=(0.15, 0.30),
    freight_usd_kg=(0.15, 0.60),
    vat=0.09,
    vat_url="u",
)
DUTY = signal("tariff_idn_pct", 5.0)


def test_the_ladder_by_hand():
    """10.5 / 1.09 x .55 x .70 / 1.05 - .60 = 2.932 and 11.5 / 1.09 x .75 x .85 / 1.05 - .15 = 6.255."""
    found = ladder_of(SHELF, [DUTY, signal("unit_value_usd_kg", 3.1, hs_code="210390", unit="USD/kg")], KNOWN)
    assert [step.key for step in found.steps] == ["shelf", "tax", "retail", "distribution", "duty", "freight"]
    assert found.fob == (pytest.approx(2.932, abs=0.001), pytest.approx(6.255, abs=0.001))
    assert (found.unit_value.usd_kg, found.unit_value.period) == ((3.1, 3.1), "2025")
    assert all(step.source for step in found.steps)


def test_each_rung_is_lower_and_lowest_stays_lowest():
    found = ladder_of(SHELF, [DUTY], KNOWN)
    assert all(later.usd_kg <= earlier.usd_kg for earlier, later in pairwise(found.steps))
    assert all(step.usd_kg[0] <= step.usd_kg[1] for step in found.steps)


@pytest.mark.parametrize(
    ("shelf", "signals", "vat", "missing"),
    [
        (None, [DUTY], 0.09, ("shelf",)),
        (shelf_of([offer(10.0), offer(11.0)]), [DUTY], 0.09, ("shelf",)),
        (SHELF, [], 0.09, ("duty",)),
        (SHELF, [DUTY], None, ("vat",)),
        (None, [], None, ("shelf", "vat", "duty")),
    ],
)
def test_what_cannot_be_worked_out_names_the_missing_piece(shelf, signals, vat, missing):
    known = Assumptions(as_of=KNOWN.as_of, retail_margin=(0, 0), distribution_margin=(0, 0), freight_usd_kg=(0, 0), vat=vat)
    found = ladder_of(shelf, signals, known)
    assert (found.missing, found.fob, found.steps) == (missing, None, ())


def test_a_duty_of_zero_is_known():
    assert ladder_of(SHELF, [signal("tariff_idn_pct", 0.0), signal("tariff_mfn_pct", 7.7)], KNOWN).steps[4].taken == (0.0, 0.0)
    assert ladder_of(SHELF, [signal("tariff_mfn_pct", 7.7)], KNOWN).steps[4].taken == (0.077, 0.077)


def test_shipped_assumptions():
    found = load_assumptions("NL")
    assert (found.vat, found.vat_checked_on, found.as_of) == (0.09, None, date(2026, 11, 25))
    assert load_assumptions("BR").vat is None
    assert load_assumptions("GB").vat == 0.0


def test_a_home_changes_what_it_names(tmp_path):
    (tmp_path / "price_assumptions.toml").write_text(
        "as_of = 2026-12-01\n[all]\nfreight_usd_kg = [0.3, 0.4]\n[country.BR]\nvat = 0.1\nretail_margin = [0.2, 0.3]\n"
    )
    found = load_assumptions("BR", tmp_path)
    assert (found.as_of, found.freight_usd_kg, found.vat, found.retail_margin) == (date(2026, 12, 1), (0.3, 0.4), 0.1, (0.2, 0.3))
    assert (load_assumptions("NL", tmp_path).vat, load_assumptions("NL", tmp_path).retail_margin) == (0.09, (0.25, 0.45))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[all]\nfreight_usd_kg = [0.6, 0.1]\n", ("line 2", "all.freight_usd_kg", "lowest first")),
        ("[all]\nretail_margin = 0.3\n", ("all.retail_margin", "two numbers")),
        ("[country.BR]\nvat = 12\n", ("country.BR.vat", "from 0 to 1")),
        ("[country.NL]\nmwst = 0.1\n", ("line 2", "country.NL.mwst", "unknown key")),
        ("[alll]\n", ("alll", "unknown key")),
        ("as_of = '2026'\n", ("as_of", "a date such as")),
    ],
)
def test_mistakes_are_named(tmp_path, text, said):
    (tmp_path / "price_assumptions.toml").write_text(text)
    with pytest.raises(BadTable) as caught:
        load_assumptions("BR", tmp_path)
    assert all(part in str(caught.value) for part in said), str(caught.value)
