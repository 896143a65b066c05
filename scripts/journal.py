"""The diary of nights: which were begun, ended, or skipped; a file of its own, so that a damaged database cannot hide it."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as Time  # noqa: N812 - `time` is the module everywhere else
from pathlib import Path
from zoneinfo import ZoneInfo

from market_db.home import CONFIG_NAME, BadConfig, Config, Home

MOST_ATTEMPTS = 3
"""Nights that were begun and never ended are begun again so often for one date, not for ever."""
KEEP_LINES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the diary."""

    night: str
    """Date the night was due, YYYY-MM-DD in the home's zone."""
    what: str
    """begun, ended, interrupted, skipped."""
    at: str
    """UTC, ISO 8601."""
    code: int | None = None
    """Exit code of an ended night."""
    pid: int = 0
    why: str = ""


def diary(home: Home) -> Path:
    """Where it lies."""
    return home.logs / "nights.jsonl"


def note(home: Home, entry: Entry) -> None:
    """Add a line and bring it to the disk. Raises OSError."""
    home.make()
    with diary(home).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def entries(home: Home) -> list[Entry]:
    """The last lines, oldest first; a line cut by a crash is passed over."""
    try:
        lines = diary(home).read_text("utf-8", errors="replace").splitlines()[-KEEP_LINES:]
    except OSError:
        return []
    return [entry for entry in map(_read, lines) if entry]


def _read(line: str) -> Entry | None:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None


def last_due(config: Config, now: datetime) -> datetime:
    """The newest moment, not after `now`, at which a night was due; UTC. One a calendar day of the zone, also when clocks change."""
    zone = zone_of(config)
    today = now.astimezone(zone).date()
    moments = (due_on(config, day) for day in (today, today - timedelta(days=1)))
    return next(moment for moment in moments if moment <= now)


def due_on(config: Config, day: date) -> datetime:
    """When the night of a day is due, UTC: a time the spring change skips is an hour later, one that comes twice counts once."""
    return datetime.combine(day, time_of(config), zone_of(config)).astimezone(UTC)


def time_of(config: Config) -> Time:
    """`nightly_at` as a time of day. Raises BadConfig."""
    try:
        return datetime.strptime(config.nightly_at, "%H:%M").time()  # noqa: DTZ007 - a wall-clock time has no zone
    except ValueError as error:
        raise BadConfig(f'{CONFIG_NAME}: nightly_at must be a time like "01:30", not {config.nightly_at!r}') from error


def zone_of(config: Config) -> ZoneInfo:
    """`timezone` as a zone. Raises BadConfig."""
    try:
        return ZoneInfo(config.timezone)
    except (ValueError, OSError, LookupError) as error:
        raise BadConfig(f'{CONFIG_NAME}: timezone must be a name like "Asia/Jakarta", not {config.timezone!r}') from error


def night_of(config: Config, now: datetime) -> str:
    """Date under which a night begun now is booked."""
    return last_due(config, now).astimezone(zone_of(config)).date().isoformat()


def is_open(home: Home, now: datetime) -> bool:
    """Whether the night due last has not been done: what the ticker asks, so that restarts and clock jumps neither lose nor double one.

    Booked by date, not by distance: a clock set back finds its dates done, one set wrong to 2099 does not block today.
    """
    mine = [entry for entry in entries(home) if entry.night == night_of(home.config, now)]
    done = any(entry.what == "ended" for entry in mine)
    return not done and sum(entry.what == "begun" for entry in mine) < MOST_ATTEMPTS
