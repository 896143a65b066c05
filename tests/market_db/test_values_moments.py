"""Days of moments: a night that crawls at 01:30 in Medan has seen what it saw on its own day, not on the day before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_db.values.moments import local_day

JAKARTA = "Asia/Jakarta"


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-11-20T18:30:00+00:00", JAKARTA, "2026-11-21"),
        ("2026-11-20T16:59:59+00:00", JAKARTA, "2026-11-20"),
        ("2026-11-20T18:30:00+00:00", "UTC", "2026-11-20"),
        ("2026-11-20T01:30:00+07:00", "UTC", "2026-11-19"),
        ("2026-11-20T23:30:00", JAKARTA, "2026-11-20"),
        ("2026-11-20", JAKARTA, "2026-11-20"),
        ("2026-12-31T17:00:00+00:00", JAKARTA, "2027-01-01"),
    ],
)
def test_the_day_of_a_moment_is_that_of_its_zone(moment, zone, day):
    assert local_day(moment, zone) == day


@given(st.datetimes(timezones=st.just(None)), st.sampled_from([JAKARTA, "UTC", "America/New_York"]))
def test_what_has_no_zone_keeps_its_day(moment, zone):
    assert local_day(moment.isoformat(), zone) == moment.date().isoformat()
