"""Bitmaps of leads: whatever way they are made, they hold exactly the ranks that were given."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_db.finding.lead_index import MOST_TEXTS, LeadIndex
from market_db.finding.text_search import to_bits


@given(st.sets(st.integers(0, 700), max_size=400), st.integers(701, 900))
def test_a_bitmap_holds_the_ranks_it_was_made_of(ranks, size):
    bits = to_bits(sorted(ranks), size)
    assert {rank for rank in range(size + 8) if bits >> rank & 1} == ranks


def index():
    return LeadIndex(
        key=("", ""), every=0b1111, size=4, bits={}, listed={"r1": 0b0011, "r2": 0b0100}, seen=array("d"), published=0.0, orders={}
    )


def test_a_text_is_looked_up_once_and_the_oldest_is_forgotten():
    one, asked = index(), []

    def bits_of(text, size):
        asked.append((text, size))
        return 0b1010

    assert [one.with_text("a", bits_of) for _ in range(3)] == [0b1010] * 3
    assert asked == [("a", 4)]
    for n in range(MOST_TEXTS):
        one.with_text(str(n), bits_of)
    assert len(one.texts) == MOST_TEXTS
    assert "a" not in one.texts


@pytest.mark.parametrize(("since", "bits"), [("r1", 0b0111), ("r1~", 0b0100), ("r2", 0b0100), ("r2~", 0), ("", 0b0111)])
def test_what_was_listed_since_a_refresh(since, bits):
    assert index().since(since) == bits
