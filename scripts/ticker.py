"""`tembus schedule`: stays and starts the night when it is due; `schedule` only ticks, the diary decides."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

from schedule import Scheduler

from market_db.home import Home
from scripts.journal import MOST_ATTEMPTS, is_open, night_of, time_of, zone_of
from scripts.nightly import utc_now
from scripts.stopping import AT_ONCE

log = logging.getLogger(__name__)

TICK = 20.0
"""Seconds between two looks at the clock."""
LOOK = 10
"""Minutes between two looks at the diary: heals what the daily tick missed."""
JUMP = timedelta(seconds=90)
"""Beyond it wall clock and stopwatch disagree: the clock was set, or the machine slept."""
BUSY = 4
"""Somebody else was writing: nothing was tried."""
REPO = Path(__file__).parent.parent


@dataclass(slots=True, kw_only=True)
class Ticker:
    """Runs `night` once for every date; survives whatever `night` raises."""

    home: Home
    night: Callable[[], int]
    """Runs a night and returns its exit code."""
    clock: Callable[[], datetime] = utc_now
    stopwatch: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    say: Callable[[str, int], None] = lambda *_: None
    """Told the date and the exit code of each night."""
    tried: Counter[str] = field(default_factory=Counter)
    """Date -> starts from here: no endless loop where the diary cannot be written."""
    stopped: bool = False
    scheduler: Scheduler = field(default_factory=Scheduler)

    def arrange(self) -> None:
        """(Re)make the jobs: `schedule` remembers moments of the wall clock, which a clock set back leaves days away."""
        self.scheduler.clear()
        config = self.home.config
        self.scheduler.every().day.at(f"{time_of(config):%H:%M}", str(zone_of(config))).do(self.tick)
        self.scheduler.every(LOOK).minutes.do(self.tick)

    def tick(self) -> None:
        """Run the night if its date is still open. Never raises: `schedule` would call a job that raised again at once."""
        try:
            now = self.clock()
            date = night_of(self.home.config, now)
            if self.stopped or self.tried[date] >= MOST_ATTEMPTS or not is_open(self.home, now):
                return
            self.tried[date] += 1
            code = self.night()
            self.say(date, code)
            if code == BUSY:
                self.tried[date] -= 1
        except Exception:  # one night that fails in a way nobody foresaw must not cost all nights after it; the log has it whole
            log.exception("the night could not be run; the ticker goes on")

    def run(self) -> None:
        """Tick until `stopped`."""
        self.arrange()
        self.tick()
        wall, watch = self.clock(), self.stopwatch()
        while not self.stopped:
            self.sleep(TICK)
            now, count = self.clock(), self.stopwatch()
            if abs((now - wall) - timedelta(seconds=count - watch)) > JUMP:
                self.arrange()
                self.tick()
            wall, watch = now, count
            self.scheduler.run_pending()
            # a night takes hours, and is no jump
            wall, watch = (self.clock(), self.stopwatch())


@dataclass(slots=True)
class NightProcess:
    """Starts `tembus nightly` as a process of its own: what it leaks or breaks ends with it. Signals are handed on."""

    home: Home
    process: subprocess.Popen[bytes] | None = None

    def __call__(self) -> int:
        """Start it and wait for its end."""
        command = [sys.executable, "-m", "scripts", "--home", str(self.home.root), "nightly"]
        # in a session of its own: Ctrl-C in a terminal must reach it once, through `hand_on`, not twice
        self.process = subprocess.Popen(command, cwd=REPO, start_new_session=True)
        try:
            return self.process.wait()
        finally:
            self.process = None

    def hand_on(self, number: int) -> None:
        """Tell the night to stop, if there is one."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)


def stay(home: Home, say: Callable[[str, int], None]) -> int:
    """Run the ticker until SIGTERM or Ctrl-C. Raises BadConfig."""
    night = NightProcess(home)
    ticker = Ticker(home=home, night=night, say=say)

    def handle(number: int, _frame: FrameType | None) -> None:
        if ticker.stopped and night.process is None:
            os._exit(AT_ONCE)
        ticker.stopped = True
        night.hand_on(number)

    def doze(seconds: float) -> None:
        # a handler that returns does not wake sleep(): look often whether we were stopped
        end = time.monotonic() + seconds
        while not ticker.stopped and time.monotonic() < end:
            time.sleep(0.2)

    ticker.sleep = doze
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
    ticker.run()
    return 0
