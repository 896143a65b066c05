"""`tembus markets`, `sources` and `runs`: no data is not 0, and not run is not nothing found."""

import json
from dataclasses import replace

import pytest

from market_db.schema import open_market
from market_db.store import save_run
from scripts import crawl
from scripts.show.sources import last_run, state_of
from scripts.words import words_in


@pytest.fixture
def register(monkeypatch, records):
    cards = [records.card(), records.card("unread", terms_read=None, enabled=False), records.card("keyed", key_env="SOME_KEY")]
    monkeypatch.setattr(crawl, "source_cards", lambda *_, **__: cards)
    monkeypatch.delenv("SOME_KEY", raising=False)


@pytest.mark.parametrize("columns", [80, 120])
def test_markets_show_a_gap_where_nothing_is_known(seeded, tembus, columns):
    lines = tembus("markets", columns=columns).out.splitlines()
    assert lines[0] == "2 pasar"
    britain = next(line for line in lines if line.startswith("Inggris Raya"))
    netherlands = next(line for line in lines if line.startswith("Belanda"))
    assert "US$520 jt (2025)" in britain
    assert "4,0%" in britain
    assert netherlands.split()[1:6] == ["–", "–", "–", "–", "1"]
    assert "– berarti tidak ada data; itu tidak sama dengan nol." in lines
    assert max(map(len, lines)) <= columns


def test_a_market_is_told_with_the_figures_behind_it(seeded, tembus):
    out = tembus("markets", "-c", "GB", columns=80).out
    assert "Nilai impor · HS 210390 · dunia · dilaporkan · register" in out
    assert "2025: US$520 jt" in out
    gap = tembus("markets", "-c", "Belanda", "--lang", "en", columns=80).out
    assert "Imports from the world: no data" in gap
    assert "Known buyers: 1" in gap


def test_markets_as_json_have_null_for_unknown(seeded, tembus):
    data = json.loads(tembus("markets", "-p", "sambal", "--json").out)
    assert [(market["country"], market["import_usd"], market["buyers"]) for market in data] == [("GB", 5.2e8, 0), ("NL", None, 1)]


@pytest.mark.parametrize(
    ("verdict", "more", "state", "said"),
    [
        (None, {}, "never", "Belum pernah dijalankan."),
        ("ok", {"scraped": 5, "stored_new": 4}, "ok", "Baik, 25 Nov 2026 08:30: 5 rekaman, 4 baru, 0 ditolak."),
        ("ok", {"scraped": 0}, "ok_zero", "memang 0 rekaman"),
        ("blocked", {}, "blocked", "Diblokir oleh situs"),
        ("robots", {}, "robots", "Tertahan robots.txt"),
        ("broken", {"scraped": 0}, "broken", "Gagal dibaca"),
        ("not_run", {}, "not_run", "Tidak dijalankan pada"),
        ("aborted", {}, "aborted", "Prosesnya mati"),
        ("thin", {"scraped": 1}, "thin", "Lebih sedikit"),
        ("stopped", {"scraped": 9}, "stopped", "9 rekaman disimpan"),
        ("running", {}, "running", "Sedang berjalan"),
    ],
)
def test_nothing_found_not_run_and_blocked_are_three_things(records, verdict, more, state, said):
    run = records.run_of(verdict=verdict, **more) if verdict else None
    assert state_of(records.card(), run, {}) == state
    assert said in last_run(records.card(), run, words_in("id", "Asia/Jakarta"))


def test_a_source_without_key_or_terms_says_why_it_is_silent(records):
    assert state_of(records.card(terms_read=None, enabled=False), None, {}) == "off_terms"
    assert state_of(records.card(enabled=False), None, {}) == "off"
    assert state_of(records.card(key_env="K"), None, {}) == "no_key"
    assert state_of(records.card(key_env="K"), None, {"K": "x"}) == "never"


def test_sources_lists_every_source_with_its_state(seeded, tembus, register):
    out = tembus("sources", columns=80).out
    assert out.startswith("3 sumber, 2 aktif")
    assert "Baik, 25 Nov 2026 08:30: 5 rekaman, 4 baru, 1 ditolak." in out
    assert "Dimatikan: ketentuannya belum dibaca." in out
    assert "belum ada kunci (isi variabel SOME_KEY)" in out
    data = json.loads(tembus("sources", "--json").out)
    read = [item for item in data if not item["state"].startswith("not_read_")]
    assert [(item["name"], item["state"]) for item in read] == [("register", "ok"), ("unread", "off_terms"), ("keyed", "no_key")]


def test_a_passport_is_shown_in_full_also_before_anything_ran(home, tembus):
    found = tembus("sources", "ted", columns=80)
    assert found.code == 0
    for said in ("Belum pernah dijalankan.", "Lisensi: ", "Ketentuan dibaca: ", "robots.txt: ", "Kecepatan: jeda sedikitnya"):
        assert said in found.out
    assert not home.root.exists()
    assert "Maksud Anda ted?" in tembus("sources", "tedd").err


def test_runs_are_listed_and_told_in_full(seeded, tembus, records):
    out = tembus("runs", columns=80).out
    assert out.startswith("1 pembacaan sumber")
    assert max(map(len, out.splitlines())) <= 80
    full = tembus("runs", "show", records.RUN, columns=80).out
    assert "1 × produk lain · contoh: kecap" in full
    assert "1 × new_field: halal_no" in full
    assert tembus("runs", "register", "--details", columns=80).out == full
    data = json.loads(tembus("runs", "show", records.RUN, "--json").out)
    assert data[0]["rejections"][0]["reason"] == "OtherProduct"


def test_a_run_that_did_not_happen_shows_no_counts(seeded, tembus, records):
    db = open_market(seeded)
    save_run(db, replace(records.run_of("ted", "not_run"), run_id="20261125T020000Z-bbbb"))
    db.close()
    line = next(line for line in tembus("runs", columns=80).out.splitlines() if "tidak dijalankan" in line)
    assert line.split()[-3:] == ["–", "–", "–"]


@pytest.mark.parametrize("arguments", [("show",), ("show", "nope"), ("a", "b"), ("unknown-source",), ("a", "b", "c")])
def test_runs_asked_wrongly_says_how(seeded, tembus, arguments):
    found = tembus("runs", *arguments)
    assert (found.code, found.out) == (2, "")


def test_runs_before_the_first_crawl(home, tembus):
    assert "Mulai dengan: tembus crawl" in tembus("runs").out
    assert tembus("runs", "--json").out.strip() == "[]"


def test_a_source_is_off_until_a_person_read_its_terms(home, tembus):
    from scripts.crawl import all_sources

    assert tembus("sources", "withdraw", "ted", "--basis", "asked to stop").code == 0
    assert not all_sources(home)["ted"][1].ready
    shown = tembus("sources", "ted").out
    assert "Dimatikan." in shown
    assert "asked to stop" in shown
    found = tembus("sources", "approve", "ted", "--basis", "Decision 2011/833/EU", "--read-on", "2026-11-20")
    assert found.code == 0
    about = all_sources(home)["ted"][1]
    assert (about.ready, about.basis, about.terms_read.isoformat()) == (True, "Decision 2011/833/EU", "2026-11-20")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("approve", "ted"), "Bacalah ketentuan ted (https://"),
        (("approve",), "Pakai: tembus sources"),
        (("approve", "tedd", "--basis", "x"), "Maksud Anda ted?"),
        (("approve", "ted", "--basis", "x", "--read-on", "2999-01-01"), "bukan tanggal yang sudah lewat"),
        (("ted", "bronnoysund"), "Pakai: tembus sources"),
    ],
)
def test_a_decision_that_lacks_something_says_what(home, tembus, arguments, said):
    found = tembus("sources", *arguments)
    assert found.code == 2
    assert said in found.err
    assert not home.desk.exists()


def test_the_crawl_process_travels_on_the_decided_passport(home, tembus):
    from scripts.crawl import Job
    from scripts.crawl_one import arguments, spider_class

    tembus("sources", "approve", "ted", "--basis", "read again")
    given = arguments(Job(home=str(home.root), run_id="r", spider="ted", mode="live", as_of="2026-11-20"), home)
    assert spider_class("ted")(**given).passports()["ted"].basis == "read again"
