"""What is due: by the age of the last run and the source's own period, so that missed nights heal and nobody is asked twice."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_db.home import BadConfig, Config
from scripts.due import due_sources, is_due, newest
from scripts.journal import Entry, diary, due_on, entries, is_open, last_due, night_of, note
from spiders.catalogue import load_spiders
from spiders.run_record import STOPS, Met, Usual, judge

PASSPORT = load_spiders()["ted"].about


@pytest.mark.parametrize(
    ("verdict", "hours_ago", "every", "due"),
    [
        ("ok", 24, 24, True),
        ("ok", 23.9, 24, True),  # last night's own duration must not push tonight away
        ("ok", 21, 24, True),  # last night began late
        ("ok", 11.5, 24, False),  # crawled by hand in the afternoon
        ("ok", 6 * 24, 168, False),
        ("ok", 7 * 24, 168, True),
        ("thin", 24, 24, True),
        ("stopped", 2, 24, False),
        ("blocked", 24, 168, False),  # the site said no: not asked sooner than a healthy one
        ("robots", 24, 168, False),
        ("broken", 24, 168, True),  # may have been a passing fault
        ("broken", 3, 168, False),
        ("not_run", 0.1, 168, True),
        ("aborted", 0.1, 168, True),
        ("ok", -3, 24, False),  # a clock set back: not asked twice
        ("ok", -24 * 365, 24, True),  # a clock that was a year ahead
    ],
)
def test_a_source_is_due_when_its_time_has_come(records, verdict, hours_ago, every, due):
    now = records.NOW
    run = records.run_of(verdict=verdict, started=now - timedelta(hours=hours_ago))
    assert is_due(records.card(every_hours=every), run, now) is due


@pytest.mark.parametrize("reason", STOPS)
def test_a_reason_that_promises_the_next_night_is_asked_the_next_night(records, reason):
    verdict, sentence = STOPS[reason]
    why = judge(records.run_of(), PASSPORT, (reason, "https://x.example/" + "a" * 900), Met(), Usual())[1]
    run = records.run_of(verdict=verdict, why=why, started=records.NOW - timedelta(hours=24))
    promised = "the next night asks again" in sentence
    assert run.asks_again is promised
    assert is_due(records.card(every_hours=30 * 24), run, records.NOW) is (promised or verdict in ("not_run", "broken"))


def test_never_run_is_due_and_disabled_is_not(records):
    cards = [records.card("a"), records.card("b", enabled=False), records.card("c")]
    runs = {"c": records.run_of("c", started=records.NOW - timedelta(hours=1))}
    assert due_sources(cards, runs, records.NOW) == ["a"]


def test_a_run_from_years_ahead_hides_none_that_came_after_it(records):
    card, now = records.card(every_hours=168), records.NOW
    ahead, true = (records.run_of(started=now + timedelta(days=days)) for days in (1400, -2))
    assert newest([ahead, true], card, now) is true
    assert not is_due(card, newest([ahead, true], card, now), now)
    assert newest([ahead], card, now) is None
    nearly = records.run_of(started=now + timedelta(days=3))
    assert newest([nearly, true], card, now) is nearly


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Europe/Amsterdam", "Pacific/Auckland", "America/St_Johns", "UTC"])
@pytest.mark.parametrize("at", ["00:00", "01:30", "02:30", "23:59"])
def test_there_is_one_night_for_every_day_of_two_years(zone, at):
    config = Config(timezone=zone, nightly_at=at)
    day = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).date()
    moments = [due_on(config, day + timedelta(days=n)) for n in range(730)]
    assert len(set(moments)) == 730
    gaps = {round((b - a).total_seconds() / 3600, 2) for a, b in pairwise(moments)}
    assert gaps <= {23.0, 24.0, 25.0}
    for n in (0, 87, 88, 96, 299, 300, 700):
        assert last_due(config, moments[n]) == moments[n]
        assert night_of(config, moments[n]) == (day + timedelta(days=n)).isoformat()
        assert last_due(config, moments[n] - timedelta(seconds=1)) == moments[n - 1] or n == 0


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Amsterdam", "Pacific/Auckland"]),
)
def test_the_last_due_moment_is_past_and_within_a_day(now, zone):
    due = last_due(Config(timezone=zone, nightly_at="02:30"), now)
    assert timedelta(0) <= now - due <= timedelta(hours=25)


@pytest.mark.parametrize(
    "change", [{"nightly_at": "25:00"}, {"nightly_at": "half one"}, {"nightly_at": ""}, {"timezone": "Mars/Base"}, {"timezone": "../etc"}]
)
def test_a_time_that_is_none_is_a_matter_of_configuration(change):
    with pytest.raises(BadConfig, match=next(iter(change))):
        night_of(Config(**change), datetime(2026, 11, 25, tzinfo=UTC))


def test_a_night_is_open_until_it_ended_and_not_for_ever(home, records):
    now = records.NOW
    night = night_of(home.config, now)
    assert is_open(home, now)
    for _ in range(2):
        note(home, Entry(night=night, what="begun", at="-"))
    note(home, Entry(night=night, what="interrupted", at="-", code=3))
    note(home, Entry(night=night, what="skipped", at="-", code=4))
    assert is_open(home, now)
    note(home, Entry(night=night, what="begun", at="-"))
    assert not is_open(home, now)
    assert is_open(home, now + timedelta(days=1))
    note(home, Entry(night=night_of(home.config, now + timedelta(days=1)), what="ended", at="-", code=0))
    assert not is_open(home, now + timedelta(days=1))


def test_a_line_cut_by_a_crash_is_passed_over(home, records):
    note(home, Entry(night="2026-11-25", what="ended", at="-", code=0))
    with diary(home).open("ab") as stream:
        stream.write(b'{"night": "2026-11-26", "wh\xff\n[1]\nnull\n')
    assert [entry.night for entry in entries(home)] == ["2026-11-25"]
