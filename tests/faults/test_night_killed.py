"""Nights that are killed, doubled, stopped or restarted, as real processes with real signals."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from market_db.runs import Run
from market_db.schema import open_market
from market_db.store import save_run
from scripts.backup import fault_of
from scripts.journal import entries
from scripts.lock import holder, is_held

REPO = Path(__file__).parents[2]
PATIENCE = 20.0

CHILD = """
import signal, sys, time
stubborn = sys.argv[2] == "stubborn"
def finish(*_):
    if not stubborn:
        open(sys.argv[1] + "/batch", "w").write("finished")
        sys.exit(0)
signal.signal(signal.SIGTERM, finish)
open(sys.argv[1] + "/reading", "w").write("x")
time.sleep(60)
"""
NIGHT = """
import subprocess, sys
from scripts import crawl
from scripts.cli import main
folder, how = sys.argv[1:3]
def slow(home, names, **_):
    from market_db.runs import Run
    from market_db.schema import open_market
    from market_db.store import save_run
    db = open_market(home)
    save_run(db, Run(run_id="20261125T013000Z-slow", source=names[0], mode="live", started="2026-11-25T01:30:00+00:00"))
    db.close()
    process = subprocess.Popen([sys.executable, "-c", open(folder + "/child.py").read(), folder, how])
    try:
        process.communicate()
    except BaseException:
        crawl._end(process)
        raise
crawl.crawl = slow
sys.exit(main(["nightly"]))
"""


def command(home, code, *arguments):
    environ = {**os.environ, "TEMBUS_HOME": str(home.root), "TEMBUS_LANG": "en"}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=REPO, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def tembus(home, *arguments):
    environ = {**os.environ, "TEMBUS_HOME": str(home.root), "TEMBUS_LANG": "en"}
    return subprocess.Popen(
        [sys.executable, "-m", "scripts", *arguments], cwd=REPO, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.fixture
def quiet(home):
    """A home without sources: its nights ask nobody."""
    home.make()
    (home.root / "tembus.toml").write_text('sources = ["none"]\n')
    return home


@pytest.fixture
def reading(home, tmp_path):
    """Start a night that hangs in its crawl; it is ended with the test."""
    home.make()
    (tmp_path / "child.py").write_text(CHILD)
    started = []

    @contextmanager
    def start(how):
        process = command(home, NIGHT, str(tmp_path), how)
        started.append(process)
        wait_for(lambda: (tmp_path / "reading").exists() or process.poll() is not None)
        children = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        assert children
        started.extend(children)
        yield process, children

    yield start
    for item in started:
        with suppress(ProcessLookupError):
            os.kill(item if isinstance(item, int) else item.pid, signal.SIGKILL)
    started[0].communicate()


def verdicts(home):
    db = open_market(home)
    try:
        return dict(db.conn.execute("select run_id, verdict from runs").fetchall())
    finally:
        db.close()


def test_a_killed_night_leaves_no_lock_and_its_run_is_marked_by_the_next(home, reading):
    with reading("stubborn") as (process, children):
        assert is_held(home)
        assert holder(home).pid == process.pid
        process.kill()
        process.wait()
        for child in children:
            os.kill(child, signal.SIGKILL)
    assert not is_held(home)
    (home.root / "tembus.toml").write_text('sources = ["none"]\n')
    after = tembus(home, "nightly")
    _, said = after.communicate(timeout=PATIENCE)
    assert after.returncode == 0, said
    assert verdicts(home) == {"20261125T013000Z-slow": "aborted"}
    assert fault_of(home.market) is None
    assert [entry.what for entry in entries(home)] == ["begun", "begun", "ended"]
    assert "1 run whose process had died was marked." in said


def test_a_second_night_ends_with_4_and_is_written_down(home, reading):
    with reading("stubborn") as (process, _):
        second = tembus(home, "nightly")
        _, said = second.communicate(timeout=PATIENCE)
        assert second.returncode == 4
        assert f"number {process.pid}" in said
        assert [(entry.what, entry.code) for entry in entries(home)] == [("begun", None), ("skipped", 4)]
        assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_lets_the_batch_end_and_leaves_the_night_open(home, reading, tmp_path, number):
    with reading("polite") as (process, children):
        began = time.monotonic()
        process.send_signal(number)
        _, said = process.communicate(timeout=PATIENCE)
        assert time.monotonic() - began < 30
        assert process.returncode == 3, said
        assert (tmp_path / "batch").read_text() == "finished"
        assert not any(map(alive, children))
    assert not is_held(home)
    assert verdicts(home) == {"20261125T013000Z-slow": "aborted"}
    assert [(entry.what, entry.code) for entry in entries(home)] == [("begun", None), ("interrupted", 3)]
    report = json.loads(max(home.logs.glob("report-*.json")).read_text())
    assert "stopped before its end" in report["problems"]["night"]


def test_the_second_signal_ends_everything_at_once(home, reading):
    with reading("stubborn") as (process, children):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert process.poll() is None
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        assert time.monotonic() - began < 30
        assert process.returncode == 130
        wait_for(lambda: not any(map(alive, children)))
    assert not is_held(home)
    assert fault_of(home.market) is None
    assert verdicts(home) == {"20261125T013000Z-slow": "running"}


def test_a_signal_in_the_middle_of_a_transaction_rolls_it_back(quiet):
    db = open_market(quiet)
    save_run(db, Run(run_id="r", source="s", mode="live", started="2026-11-25T01:30:00+00:00", verdict="ok"))
    db.close()
    code = (
        "import sys, time\nfrom scripts.cli import main\nimport pipelines.refresh as p\n"
        "def slow(home, *, now):\n"
        "    from market_db.schema import open_market\n"
        "    db = open_market(home)\n"
        "    with db.atomic():\n"
        "        db.conn.execute('delete from runs')\n"
        "        (home.root / 'reading').write_text('x')\n"
        "        time.sleep(60)\n"
        "p.refresh = slow\nsys.exit(main(['nightly']))"
    )
    process = command(quiet, code)
    wait_for((quiet.root / "reading").exists)
    process.terminate()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 3
    assert verdicts(quiet) == {"r": "ok"}


def test_the_ticker_makes_up_the_missed_night_once_and_goes_when_told(quiet):
    for _ in range(2):
        ticker = tembus(quiet, "schedule")
        assert "Waiting" in ticker.stderr.readline()  # until then a signal ends it as it ends any process
        wait_for(lambda: [entry.what for entry in entries(quiet)] == ["begun", "ended"])
        time.sleep(0.3)
        began = time.monotonic()
        ticker.terminate()
        ticker.communicate(timeout=PATIENCE)
        assert ticker.returncode == 0
        assert time.monotonic() - began < 30
    assert entries(quiet)[-1].code == 0


def test_a_night_killed_under_the_ticker_is_begun_again_but_not_for_ever(quiet):
    (quiet.root / "sitecustomize.py").write_text(
        "import os, sys\nif 'nightly' in sys.orig_argv:\n"
        "    from scripts.journal import Entry, note, night_of\n    from scripts.nightly import utc_now\n"
        "    from market_db.home import open_home\n    home = open_home()\n"
        "    note(home, Entry(night=night_of(home.config, utc_now()), what='begun', at='-'))\n    os.kill(os.getpid(), 9)\n"
    )
    code = (
        "import sys\nfrom scripts import ticker\nfrom market_db.home import open_home\nhome = open_home()\n"
        "t = ticker.Ticker(home=home, night=ticker.NightProcess(home))\nfor _ in range(6): t.tick()\n"
    )
    environ = {**os.environ, "TEMBUS_HOME": str(quiet.root), "PYTHONPATH": f"{quiet.root}:{REPO}"}
    subprocess.run([sys.executable, "-c", code], cwd=REPO, env=environ, check=True, timeout=60)
    assert [entry.what for entry in entries(quiet)] == ["begun"] * 3
