"""One night from end to end with a crawl that plays its part: steps fail alone, codes tell the truth, the report always comes."""

import json
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from market_db.home import Config, Home
from market_db.schema import MarketError, open_market
from market_db.sqlite import sqlite3
from market_db.store import save_run
from scripts import crawl, nightly, report, tell
from scripts.backup import backups
from scripts.journal import entries
from scripts.lock import AlreadyRunning, one_writer
from scripts.nothing_to_crawl import NothingToCrawl
from scripts.words import words_in
from spiders.site import BadSite

WORDS = words_in("id", "Asia/Jakarta")


class Night:
    """A home with sources whose runs are as told."""

    def __init__(self, home, records, monkeypatch):
        self.home, self.records, self.now, self.asked, self.said = home, records, records.NOW + timedelta(days=1), [], []
        self.verdicts = {"register": "ok", "ted": "ok"}
        self.raises = None
        monkeypatch.setattr(crawl, "source_cards", lambda *_, **__: [records.card(name) for name in self.verdicts])
        monkeypatch.setattr(crawl, "crawl", self.crawl)

    def crawl(self, home, names, **_):
        self.asked.append(list(names))
        if self.raises:
            raise self.raises
        db = open_market(home)
        for name in names:
            verdict = self.verdicts[name]
            count = 5 if verdict in ("ok", "thin") else 0
            run = self.records.run_of(
                name, verdict, self.now, scraped=count, stored_new=count, answers=count, run_id=f"{self.now:%Y%m%dT%H%M%SZ}-x"
            )
            save_run(db, run)
        db.close()

    def run(self, **more):
        return nightly.nightly(self.home, WORDS, clock=lambda: self.now, say=self.said.append, **more)

    def report_of(self, now):
        return json.loads((self.home.logs / f"report-{now:%Y-%m-%d}.json").read_text("utf-8"))

    def report(self):
        path = max(self.home.logs.glob("report-*.json"))
        return json.loads(path.read_text("utf-8"))


@pytest.fixture
def night(seeded, records, monkeypatch):
    return Night(Home(root=seeded.root, config=Config(contact="desk@office.example")), records, monkeypatch)


def test_a_good_night_crawls_refreshes_publishes_backs_up_and_says_ok(night):
    assert night.run() == 0
    assert night.asked == [["register", "ted"]]
    told = night.report()
    assert (told["outcome"], told["night"], told["code"]) == ("ok", "2026-11-26", 0)
    assert [(line["source"], line["scraped"], line["usual"]) for line in told["sources"]] == [("register", 5, 5), ("ted", 5, None)]
    assert told["leads"] is not None
    assert [copy.kind for copy in backups(night.home)] == ["market"]
    assert told["backups"] == [backups(night.home)[0].path.name]
    text = (night.home.logs / "report-2026-11-26.txt").read_text("utf-8")
    assert text.startswith("OK: malam 26 Nov 2026, 2 dari 2 sumber baik")
    assert "biasanya 5" in text
    assert "Malam berikutnya: 27 Nov 2026 01:30." in text
    assert text in night.said
    assert [(entry.what, entry.code) for entry in entries(night.home)] == [("begun", None), ("ended", 0)]


def test_a_night_under_a_clock_years_ahead_stops_no_later_night_and_doubles_none(night, records):
    true = night.now
    night.now = true + timedelta(days=1500)
    assert night.run() == 0
    for days in (0, 1, 2):
        night.now = true + timedelta(days=days)
        assert night.run() == 0
        assert night.asked[-1] == ["register", "ted"]
        told = night.report_of(night.now)
        assert told["ahead"] == 2
        assert told["leads"] is not None
    night.now += timedelta(hours=2)
    night.run()
    assert len(night.asked) == 4
    assert "bertanggal sesudah hari ini" in night.said[-1]


def test_what_was_read_today_is_not_read_again_unless_forced(night):
    night.run()
    night.now += timedelta(hours=2)
    assert night.run() == 0
    assert len(night.asked) == 1
    assert night.report()["not_due"] == 2
    night.now += timedelta(hours=1)
    night.run(force=True)
    assert night.asked[-1] == ["register", "ted"]


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (("ok", "thin"), 0),
        (("ok", "not_run"), 3),  # it had all it needed, and nothing came back
        (("ok", "broken"), 3),
        (("ok", "blocked"), 3),
        (("ok", "stopped"), 3),  # killed at its time limit before the first answer
        (("ok", "aborted"), 3),
        (("broken", "robots"), 1),
    ],
)
def test_the_code_says_how_many_sources_worked(night, verdicts, code):
    night.verdicts = dict(zip(("register", "ted"), verdicts, strict=True))
    assert night.run() == code
    assert night.report()["code"] == code
    assert backups(night.home)


def test_a_source_without_its_key_is_no_failure_and_not_counted_as_good(night, records, monkeypatch):
    monkeypatch.delenv("SOME_KEY", raising=False)
    night.verdicts["ted"] = "not_run"
    cards = [records.card(), records.card("ted", key_env="SOME_KEY")]
    monkeypatch.setattr(crawl, "source_cards", lambda *_, **__: cards)
    assert night.run() == 0
    assert "1 dari 1 sumber baik" in night.said[-1]
    assert "ted: tidak dijalankan" in night.said[-1]


def test_runs_of_a_dead_process_are_marked(night, records):
    db = open_market(night.home)
    save_run(db, records.run_of("ted", "running", run_id="20261125T233000Z-dead"))
    db.close()
    assert night.run() == 0
    db = open_market(night.home)
    verdict = db.conn.execute("select verdict from runs where run_id like '%dead'").fetchone()[0]
    db.close()
    assert verdict == "aborted"
    assert night.report()["aborted"] == 1
    assert "ted" in night.asked[0]


def test_no_network_backs_up_and_reports_and_makes_nothing_look_fresh(night):
    night.raises = crawl.NoNetwork("no network")
    assert night.run() == 1
    told = night.report()
    assert told["problems"] == {"crawl": WORDS.say("errors.NoNetwork")}
    assert told["leads"] is None
    assert told["backups"]


def test_an_empty_home_without_network_stays_without_a_database(home, records, monkeypatch):
    night = Night(Home(root=home.root, config=Config(contact="desk@office.example")), records, monkeypatch)
    night.raises = crawl.NoNetwork("no network")
    assert night.run() == 1
    assert night.report()["problems"] == {"crawl": WORDS.say("errors.NoNetwork")}
    assert not list(home.root.glob("*.db"))


@pytest.mark.parametrize("left", [None, b""])
def test_a_lost_market_fails_the_night_and_harms_neither_snapshot_nor_backups(night, left):
    night.run()
    before = night.home.published.read_bytes()
    for path in night.home.root.glob("market.db*"):
        path.unlink()
    if left is not None:
        night.home.market.write_bytes(left)
    night.now += timedelta(days=2)
    assert night.run() == 1
    assert len(night.asked) == 1
    problems = night.report()["problems"]
    assert {"crawl", "refresh", "publish"} & problems.keys() == {"crawl"}, "what follows a crawl that could not begin is left out"
    assert "tembus restore" in problems["crawl"]
    assert night.home.published.read_bytes() == before
    assert len(backups(night.home, "market")) == 1


def test_a_mistake_in_a_list_of_shops_stops_the_reading_and_is_told_in_words(night):
    night.run()
    before = night.home.published.read_bytes()
    night.raises = BadSite("toko.toml: site 1 (toko): currency: missing")
    night.now += timedelta(days=1)
    assert night.run() == 1
    told = night.report()
    assert told["problems"] == {"crawl": "Daftar situs salah. toko.toml: situs 1 (toko): currency: belum diisi"}
    assert told["log"] == ""
    assert told["leads"] is None
    assert night.home.published.read_bytes() == before, "nothing was read: nothing must look fresh"
    assert "tidak ada sumber yang dibaca" in night.said[-1]


def test_a_full_disk_is_called_so_in_every_step(night):
    night.raises = sqlite3.OperationalError("database or disk is full")
    assert night.run() == 1
    assert night.report()["problems"]["crawl"].startswith("Ruang disk habis")


@pytest.mark.parametrize("verdict", ["blocked", "robots", "broken", "not_run", "aborted"])
def test_a_source_that_did_not_answer_is_not_told_with_noughts(night, verdict):
    night.verdicts = {"register": "ok", "ted": verdict}
    night.run()
    said = next(line for line in night.said[-1].splitlines() if "ted:" in line)
    assert "0" not in said
    assert WORDS.say(f"verdicts.{verdict}") in said


def test_a_second_night_of_the_day_still_names_what_failed_in_the_first(night):
    night.verdicts = {"register": "ok", "ted": "blocked"}
    assert night.run() == 3
    night.now += timedelta(hours=2)
    assert night.run() == 0
    assert night.report()["failing"] == {"ted": "blocked"}
    assert "tidak ada sumber yang dibaca" in night.said[-1]
    assert "ted (diblokir situs)" in night.said[-1]


def test_without_a_contact_address_the_night_is_not_configured(night):
    night.home = Home(root=night.home.root)
    night.raises = NothingToCrawl("set contact")
    assert night.run() == 5
    assert "tembus doctor" in night.said[-1]


@pytest.mark.parametrize("step", ["refresh_all", "publish_all", "copy_all", "clear_out"])
@pytest.mark.parametrize("error", [MarketError("broken file"), ZeroDivisionError("bug")])
def test_a_step_that_fails_takes_no_other_along(night, monkeypatch, step, error):
    def fail(_):
        raise error

    steps = tuple((name, fail if act.__name__ == step else act) for name, act in nightly.STEPS)
    monkeypatch.setattr(nightly, "STEPS", steps)
    assert night.run() == (1 if step in ("refresh_all", "publish_all") else 3)
    told = night.report()
    name = next(name for name, act in steps if act is fail)
    assert list(told["problems"]) == [name]
    assert bool(told["backups"]) is (step != "copy_all")
    assert bool(told["log"]) is isinstance(error, ZeroDivisionError)
    if told["log"]:
        assert "ZeroDivisionError: bug" in (night.home.logs / "nightly-2026-11-26.log").read_text("utf-8")


def test_a_damaged_database_is_reported_and_not_made_anew(night):
    night.home.market.write_bytes(b"rubbish" * 2000)
    for tail in ("-wal", "-shm"):
        (night.home.root / f"market.db{tail}").unlink(missing_ok=True)
    assert night.run() == 1
    assert night.home.market.read_bytes().startswith(b"rubbish")
    assert "tembus restore" in night.report()["problems"]["crawl"]
    assert "GAGAL" in night.said[-1]


def test_a_second_night_is_refused_and_written_down(night):
    with one_writer(night.home, "crawl"), pytest.raises(AlreadyRunning, match="crawl since"):
        night.run()
    assert [(entry.what, entry.code) for entry in entries(night.home)] == [("skipped", 4)]
    assert night.run() == 0


def test_old_archive_files_and_logs_go_and_new_ones_stay(night):
    import os

    night.home.archive.mkdir(exist_ok=True)
    old, new = night.home.logs / "20250101T000000Z-aaaa-ted.log", night.home.logs / "20261125T000000Z-bbbb-ted.log"
    for path in (old, new):
        path.write_text("x")
    os.utime(old, (1_700_000_000, 1_700_000_000))
    os.utime(new, (night.now.timestamp(), night.now.timestamp()))
    warc = night.home.archive / "20250101-ted.warc.gz"
    warc.write_bytes(b"")
    assert night.run() == 0
    assert (old.exists(), new.exists(), warc.exists()) == (False, True, False)
    assert night.report()["purged_files"] == 1


class Listener(BaseHTTPRequestHandler):
    status, delay = 200, 0.0

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, body))
        time.sleep(self.delay)
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def listener():
    server = HTTPServer(("127.0.0.1", 0), type("Own", (Listener,), {}))
    server.got = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_ping_and_webhook_tell_start_and_end_also_of_a_bad_night(night, listener):
    url = f"http://127.0.0.1:{listener.server_port}"
    night.home = Home(root=night.home.root, config=Config(contact="x@y.example", health_url=f"{url}/ping", webhook=f"{url}/hook"))
    assert night.run() == 0
    night.verdicts = {"register": "broken", "ted": "broken"}
    night.now += timedelta(days=1)
    assert night.run() == 1
    assert [path for path, _ in listener.got] == ["/ping/start", "/ping", "/hook", "/ping/start", "/ping/fail", "/hook"]
    hook = json.loads(listener.got[2][1])
    assert (hook["outcome"], hook["night"]) == ("ok", "2026-11-26")
    assert hook["text"].startswith("OK: ")


def test_a_listener_that_fails_or_drips_cannot_fail_or_hold_the_night(night, listener, monkeypatch):
    monkeypatch.setattr(tell, "SECONDS", 0.2)
    listener.RequestHandlerClass.delay = 0.6
    listener.RequestHandlerClass.status = 500
    url = f"http://127.0.0.1:{listener.server_port}/hook"
    night.home = Home(
        root=night.home.root, config=Config(contact="x@y.example", health_url="http://127.0.0.1:9/", webhook=url, mail_to="a@b.example")
    )
    monkeypatch.setattr(tell.shutil, "which", lambda _: None)
    assert night.run() == 0
    failed = [line for line in night.said if line.startswith("Laporan tidak terkirim")]
    assert [line.split(":")[0].split()[-1] for line in failed] == ["health_url", "webhook", "mail_to"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x.example/", "no address", "http://", "http://[bad/"])
def test_addresses_that_are_none_are_not_called(url):
    assert tell.ping(Config(health_url=url), "ok") is not None


def test_a_mail_is_handed_to_sendmail_and_a_split_address_is_not(tmp_path, monkeypatch):
    program = tmp_path / "sendmail"
    program.write_text(f"#!/bin/sh\ncat > {tmp_path}/mail\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    tell.mail("desk@office.example", "OK: malam", "isi\n")
    assert "To: desk@office.example" in (tmp_path / "mail").read_text()
    with pytest.raises(ValueError):
        tell.mail("a@b.example\nBcc: c@d.example", "x", "y")


def test_times_of_a_report_never_run_backwards(night):
    moments = iter([night.now, *[night.now - timedelta(hours=3)] * 50])
    code = nightly.nightly(night.home, WORDS, clock=lambda: next(moments), say=night.said.append)
    told = night.report()
    assert code == 0
    assert told["ended"] >= told["started"]


def test_the_usual_count_is_the_median_of_good_live_runs(records):
    earlier = [records.run_of(scraped=n, run_id=f"r{n}") for n in (10, 1000, 30)]
    bad = records.run_of(verdict="broken", scraped=0, run_id="b")
    sample = records.run_of(scraped=9, run_id="s", mode="sample")
    (line,) = report.source_lines([records.run_of(scraped=28, run_id="t")], {"register": [bad, *earlier, sample]})
    assert (line.usual, line.good) == (30, True)
