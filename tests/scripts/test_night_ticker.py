"""The ticker over simulated weeks: one night a day through clock changes, clock jumps, restarts, sleeps and failing jobs."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import schedule

from market_db.home import Config, Home
from scripts.journal import Entry, night_of, note
from scripts.ticker import Ticker


class World:
    """A wall clock and a stopwatch that only move when somebody sleeps."""

    def __init__(self, start):
        self.now, self.watch = start, 0.0
        self.jumps = []

    def sleep(self, seconds):
        self.now += timedelta(seconds=seconds)
        self.watch += seconds
        while self.jumps and self.now >= self.jumps[0][0]:
            _, by, awake = self.jumps.pop(0)
            self.now += by
            self.watch += by.total_seconds() if awake else 0


@pytest.fixture
def world(monkeypatch):
    made = World(datetime(2026, 11, 1, tzinfo=UTC))

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return made.now.astimezone(tz) if tz else made.now.astimezone().replace(tzinfo=None)

    monkeypatch.setattr(schedule.datetime, "datetime", Clock)
    yield made
    monkeypatch.undo()


def live(world, home, until, night=None, *, tick=600.0, end=True):
    """Run a ticker until a moment; returns the nights it began."""
    begun = []

    def run():
        name = night_of(home.config, world.now)
        begun.append((name, world.now))
        if end:
            note(home, Entry(night=name, what="begun", at=world.now.isoformat()))
        code = night() if night else 0
        if end:
            note(home, Entry(night=name, what="ended", at=world.now.isoformat(), code=code))
        return code

    def sleep(_):
        world.sleep(tick)
        ticker.stopped = world.now >= until

    ticker = Ticker(home=home, night=run, clock=lambda: world.now, stopwatch=lambda: world.watch, sleep=sleep)
    ticker.run()
    return begun


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Asia/Jakarta", datetime(2026, 11, 1)),
        ("Europe/Amsterdam", datetime(2026, 3, 25)),  # spring: 29 March
        ("Europe/Amsterdam", datetime(2026, 10, 21)),  # autumn: 25 October
        ("Pacific/Auckland", datetime(2026, 9, 23)),  # spring: 27 September
        ("Pacific/Auckland", datetime(2026, 4, 1)),  # autumn: 5 April
    ],
)
def test_one_night_a_day_through_the_change_of_clocks(tmp_path, world, zone, first):
    home = Home(root=tmp_path, config=Config(timezone=zone, nightly_at="02:30"))
    world.now = first.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    begun = live(world, home, world.now + timedelta(days=8))
    counts = Counter(night for night, _ in begun)
    assert set(counts.values()) == {1}
    # the first is the overdue one of the day before
    assert len(counts) == 9
    for _, at in begun[1:]:
        local = at.astimezone(ZoneInfo(zone))
        assert (local.hour, local.minute // 15) in ((2, 2), (2, 3), (3, 2), (3, 3))


def test_a_missed_night_is_made_up_on_start_and_only_once(tmp_path, world):
    home = Home(root=tmp_path)
    first = live(world, home, world.now + timedelta(hours=2))
    again = live(world, home, world.now + timedelta(hours=2))
    world.now += timedelta(days=3)
    later = live(world, home, world.now + timedelta(hours=2))
    assert [len(part) for part in (first, again, later)] == [1, 0, 1]


def test_a_clock_set_back_three_days_doubles_no_night(tmp_path, world):
    home = Home(root=tmp_path)
    world.jumps = [(world.now + timedelta(days=5), timedelta(days=-3), False)]
    begun = live(world, home, world.now + timedelta(days=8))
    assert set(Counter(night for night, _ in begun).values()) == {1}
    assert len(begun) == 9


def test_a_clock_that_was_years_ahead_does_not_stop_the_nights(tmp_path, world):
    home = Home(root=tmp_path)
    start = world.now
    world.jumps = [
        (start + timedelta(days=1), timedelta(days=20_000), False),
        (start + timedelta(days=20_001, hours=1), timedelta(days=-20_000), False),
    ]
    begun = _ahead(world, home)
    names = [night for night, _ in begun]
    assert len(names) == len(set(names))
    assert {"2026-11-03", "2026-11-04", "2026-11-05"} <= set(names)


def _ahead(world, home):
    begun = []
    ticker = Ticker(home=home, night=lambda: 0, clock=lambda: world.now, stopwatch=lambda: world.watch, sleep=lambda _: None)

    def run():
        name = night_of(home.config, world.now)
        begun.append((name, world.now))
        note(home, Entry(night=name, what="ended", at=world.now.isoformat(), code=0))
        return 0

    def sleep(_):
        world.sleep(1800)
        ticker.stopped = len(begun) > 8 or world.watch > 10 * 86_400

    ticker.night, ticker.sleep = run, sleep
    ticker.run()
    return begun


def test_a_machine_that_slept_through_the_night_runs_it_when_it_wakes(tmp_path, world):
    home = Home(root=tmp_path)
    live(world, home, world.now + timedelta(hours=1))
    world.jumps = [(world.now + timedelta(hours=2), timedelta(hours=30), False)]
    begun = live(world, home, world.now + timedelta(hours=34))
    assert [night for night, _ in begun] == [night_of(home.config, world.now - timedelta(hours=1))]


def test_a_night_that_raises_neither_ends_the_ticker_nor_loops(tmp_path, world, caplog):
    home = Home(root=tmp_path)

    def broken():
        raise RuntimeError("no")

    begun = live(world, home, world.now + timedelta(days=3), broken)
    counts = Counter(night for night, _ in begun)
    assert len(counts) == 4
    assert max(counts.values()) <= 3
    assert "the ticker goes on" in caplog.text


def test_without_a_diary_a_night_is_not_begun_without_end(tmp_path, world):
    home = Home(root=tmp_path)
    begun = live(world, home, world.now + timedelta(days=2), end=False)
    assert max(Counter(night for night, _ in begun).values()) == 3


def test_somebody_else_writing_is_not_counted_as_a_try(tmp_path, world):
    home = Home(root=tmp_path)
    answers = iter([4, 4, 4, 4, 4, 0])
    begun = live(world, home, world.now + timedelta(hours=3), lambda: next(answers), end=False)
    assert len(begun) >= 6
