"""How `tembus` starts, fails and ends: fast, with the promised exit codes, and never with a traceback for the person."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from market_db import opening
from market_db.home import open_home
from market_db.schema import open_market
from scripts import failures, live
from scripts.cli import take_globals
from scripts.lock import AlreadyRunning, Holder, one_writer
from scripts.nothing_to_crawl import NoNetwork, NothingToCrawl
from scripts.report import crawl_progress
from scripts.why import why_of
from scripts.words import words_in

WORDS = words_in("id")

REPO = Path(__file__).parents[2]


def start(*arguments, home, **more):
    environ = {**os.environ, "TEMBUS_HOME": str(home.root), "PYTHONWARNINGS": "default", **more.pop("environ", {})}
    command = [sys.executable, "-m", "scripts", *arguments]
    return subprocess.run(command, cwd=REPO, env=environ, capture_output=True, text=True, timeout=60, check=False, **more)


def test_help_starts_without_the_heavy_libraries(home):
    code = "import sys; from scripts.cli import main; main(['--help']); print(sorted({'scrapy','lxml','rich','pycountry','sqlite_utils','babel'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_takes_less_than_six_tenths_of_a_second_of_cpu(home):
    before = os.times()
    assert start("--help", home=home).returncode == 0
    after = os.times()
    assert after.children_user + after.children_system - before.children_user - before.children_system < 0.6


def test_without_a_command_the_help_is_shown(tembus):
    found = tembus()
    assert found.code == 0
    assert "Perintah:" in found.out
    assert "Commands:" in tembus("--lang", "en").out


def test_version(tembus):
    assert tembus("--version").out.startswith("tembus ")


@pytest.mark.parametrize(
    ("given", "rest", "found"),
    [
        (["leads", "--home", "/x", "-q", "a"], ["leads", "-q", "a"], {"home": "/x"}),
        (["--lang=en", "leads"], ["leads"], {"lang": "en"}),
        (["--home=/a", "leads", "--home", "/b"], ["leads"], {"home": "/b"}),
        (["leads", "--", "--home", "/x"], ["leads", "--", "--home", "/x"], {}),
        (["leads", "--home"], ["leads", "--home"], {}),
    ],
)
def test_home_and_language_are_taken_from_any_place(given, rest, found):
    taken = take_globals(given)
    assert (taken.rest, taken.found) == (rest, found)


def test_output_cut_off_by_the_reader_is_no_error(seeded):
    command = f"{sys.executable} -m scripts leads --json | head -c 20"
    environ = {**os.environ, "TEMBUS_HOME": str(seeded.root)}
    done = subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"],
        cwd=REPO,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_that_cannot_show_the_letters_gets_marks_instead(seeded):
    done = start("leads", home=seeded, environ={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "? (contoh)" in done.stdout or "????" in done.stdout


def test_a_bug_is_one_sentence_and_a_file(seeded, tembus, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("oops")

    tembus("leads")  # whoever takes `find_leads` by name has it before it breaks, and keeps the good one for the next test
    monkeypatch.setattr("market_db.queries.find_leads", broken)
    found = tembus("leads")
    assert found.code == 1
    assert "Traceback" not in found.err
    crash = next(seeded.logs.glob("crash-*.log"))
    assert str(crash) in found.err
    assert "ZeroDivisionError: oops" in crash.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("market_db.schema.MarketError", 1),
        ("market_db.home.BadConfig", 5),
        ("market_db.products.BadProduct", 5),
        ("market_db.queries.BadQuestion", 2),
        ("market_db.desk.store.BadSuppression", 2),
        ("scripts.nothing_to_crawl.UnknownSource", 2),
        ("scripts.nothing_to_crawl.NoNetwork", 1),
        ("scripts.nothing_to_crawl.NothingToCrawl", 5),
        ("spiders.archive_errors.ArchiveBusy", 1),
        ("scripts.backup.BackupFailed", 1),
        ("builtins.PermissionError", 1),
        ("builtins.ZeroDivisionError", None),
    ],
)
def test_every_failure_has_its_exit_code(name, code):
    module, _, cls = name.rpartition(".")
    error = getattr(__import__(module, fromlist=[cls]), cls)("why")
    assert failures.code_of(error) == code


def test_a_second_writer_ends_with_4_and_says_who_writes(seeded, tembus):
    with one_writer(seeded, "nightly"):
        for command in (("refresh",), ("publish",), ("restore",), ("forget", "email", "a@b.example", "--reason", "x", "--yes")):
            found = tembus(*command)
            assert found.code == 4
            assert "nightly" in found.err
            assert str(os.getpid()) in found.err
    assert failures.code_of(AlreadyRunning(Holder("x", 1, "y"))) == 4


def test_a_locked_database_waits_and_then_names_the_holder(seeded, tembus, monkeypatch):
    monkeypatch.setattr(opening, "BUSY_MS", 50)
    db = open_market(seeded)
    db.conn.execute("begin immediate")
    found = tembus("refresh")
    db.close()
    assert found.code == 4
    assert found.err == WORDS.say("errors.locked") + "\n"


def test_a_damaged_snapshot_is_said_to_be_damaged(seeded, tembus):
    seeded.published.write_bytes(b"no database" * 1000)
    found = tembus("leads")
    assert found.code == 1
    assert "tembus publish" in found.err


def test_crawl_tells_its_runs_in_words_and_its_code(home, tembus, monkeypatch, records):
    for verdicts, code in ((("ok", "thin"), 0), (("ok", "broken"), 3), (("blocked",), 1)):
        done = [records.run_of(f"s{n}", verdict, scraped=n, why="because") for n, verdict in enumerate(verdicts)]
        monkeypatch.setattr("scripts.crawl.crawl", lambda *_, done=done, **__: done)
        found = tembus("crawl")
        assert (found.code, found.out) == (code, "")
        assert f"{sum(v in ('ok', 'thin') for v in verdicts)} dari {len(verdicts)} sumber baik" in found.err


def test_crawl_without_contact_is_a_matter_of_configuration(home, tembus, monkeypatch):
    monkeypatch.setattr("scripts.crawl.reachable", lambda _: True)
    found = tembus("crawl", "ted")
    assert found.code == 5
    assert "contact" in found.err
    assert tembus("crawl", "no-such-source").code == 2


def test_a_source_without_its_key_is_not_run_and_no_failure(home, tembus, monkeypatch):
    monkeypatch.setattr("scripts.crawl.reachable", lambda _: True)
    monkeypatch.delenv("CENSUS_API_KEY", raising=False)
    home.make()
    (home.root / "tembus.toml").write_text('contact = "operator@kantor.example"\n', "utf-8")
    assert tembus("sources", "approve", "us_census", "--basis", "public domain", "--read-on", "2026-11-20").code == 0
    found = tembus("crawl", "us_census", "--lang", "en")
    assert found.code == 0
    assert "us_census: not run · no key: set CENSUS_API_KEY" in found.err
    (card,) = (one for one in json.loads(tembus("sources", "--json").out) if one["name"] == "us_census")
    assert card["state"] == "no_key"
    found = tembus("crawl", "us_census", "--dry-run", "--lang", "en")
    assert (found.code, "would ask" in found.err) == (0, False)


def test_dry_run_takes_no_lock_and_makes_no_home(home, tembus, monkeypatch):
    monkeypatch.setattr("scripts.crawl.reachable", lambda _: True)
    found = tembus("crawl", "ted", "--dry-run")
    assert found.code == 0
    assert "api.ted.europa.eu" in found.err
    assert not home.root.exists()


def test_forget_asks_a_person_and_refuses_where_there_is_none(seeded, tembus, monkeypatch):
    found = tembus("forget", "email", "info@a.example", "--reason", "asked us")
    assert found.code == 2
    assert "--yes" in found.err
    monkeypatch.setattr("sys.stdin", type("Tty", (), {"isatty": lambda _: True, "readline": lambda _: "t\n"})())
    assert tembus("forget", "email", "info@a.example", "--reason", "asked us").code == 130
    assert "info@a.example" in tembus("leads", "--json").out


def test_forget_takes_the_contact_out_at_once(seeded, tembus):
    found = tembus("forget", "email", "info@a.example", "--reason", "asked us", "--yes")
    assert found.code == 0
    assert "jangan-hubungi" in found.err
    assert "info@a.example" not in tembus("leads", "--json").out
    assert tembus("forget", "fax", "1", "--reason", "x", "--yes").code == 2
    assert tembus("forget", "email", "nonsense", "--reason", "x", "--yes").code == 2


def test_progress_is_told_in_the_language_and_results_only_once(capsys, home):
    tell = crawl_progress(words_in("id"), print)
    tell("reading", source="ted")
    tell("lacks", source="x", key="K")
    assert capsys.readouterr().out.splitlines() == ["Membaca ted ...", "x: tidak dijalankan, belum ada kunci (isi K)"]


def test_a_home_that_is_a_file_is_an_error_of_one_line(tmp_path, tembus):
    (tmp_path / "f").write_text("x")
    found = tembus("leads", "--home", tmp_path / "f")
    assert found.code in (1, 5)
    assert "Traceback" not in found.err
    assert open_home(tmp_path / "other", {}).config.language == "id"


@pytest.mark.parametrize("text", ['nightly_at = "25:61"\n', 'timezone = "Mars/Base"\n'])
def test_a_schedule_that_cannot_be_kept_is_a_matter_of_configuration(home, tembus, text):
    home.make()
    (home.root / "tembus.toml").write_text(text)
    for command in ("schedule", "nightly"):
        found = tembus(command)
        assert found.code == 5
        assert text.split()[0] in found.err


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        opening.MarketError("the snapshot could not be written (database or disk is full); the old one stays"),
        OSError("a file system of one's own: disk quota exceeded"),
    ],
)
def test_a_full_disk_is_said_in_the_person_s_language(error):
    for language, says in (("id", "Ruang disk habis"), ("en", "The disk is full")):
        told = failures.sentence(error, words_in(language))
        assert says in told
        assert "tembus doctor" in told
    wrapped = RuntimeError("could not be written")
    wrapped.__cause__ = OSError(28, "-")
    assert failures.is_disk_full(wrapped)
    assert not failures.is_disk_full(RuntimeError("disk"))
    assert why_of("the fault is ours: database or disk is full", words_in("id")).startswith("Ruang disk habis")
    assert why_of("all is well", words_in("id")) == "all is well"


@pytest.mark.parametrize(("error", "code"), [(NoNetwork("no network"), 1), (NothingToCrawl.of("none_enabled"), 5)])
def test_the_small_live_crawl_speaks_the_persons_language(home, capsys, monkeypatch, error, code):
    def fail(*_, **__):
        raise error

    monkeypatch.setenv("TEMBUS_HOME", str(home.root))
    monkeypatch.setenv("TEMBUS_LANG", "id")
    monkeypatch.setattr(live, "crawl", fail)
    assert live.main() == code
    assert capsys.readouterr().err == failures.sentence(error, WORDS) + "\n"
    with one_writer(home, "nightly"):
        assert live.main() == 4, "never beside a night"
    assert "nightly" in capsys.readouterr().err


@pytest.mark.parametrize("command", [("crawl",), ("crawl", "ted", "--dry-run"), ("nightly",)])
def test_a_product_type_that_is_none_is_told_before_anybody_is_asked(home, tembus, command):
    home.make()
    (home.root / "tembus.toml").write_text('contact = "desk@office.example"\nproducts = ["sambl"]\n', "utf-8")
    found = tembus(*command)
    assert found.code == (1 if command == ("nightly",) else 5)
    assert "tidak ada jenis produk sambl; yang ada: " in found.err
    assert not home.market.exists()
