"""`tembus leads` and `tembus lead` as a clerk sees them, and as a program reads them."""

import json
import unicodedata
from datetime import timedelta

import pytest

from market_db.derived import lead_id
from market_db.desk.entered import FollowUp
from market_db.desk.store import add_follow_up, do_not_contact
from market_db.publish import publish


def names(result):
    return [row["company"] for row in json.loads(result.out)]


def test_count_comes_first_then_the_buyers_best_first(seeded, tembus):
    found = tembus("leads", columns=80)
    assert found.code == 0
    lines = found.out.splitlines()
    assert lines[0] == "4 pembeli ditemukan"
    assert lines[1].startswith("Data per 25 Nov 2026 08:30")
    assert "82 A" in lines[2]
    assert "Nusantara Foods Ltd (contoh)" in lines[2]
    assert lines[3].split(" · ") == ["  Inggris Raya, Felixstowe", "Importir", "e·w", "terlihat 25 Nov 2026"]


def test_a_score_below_the_grade_is_not_rounded_up_to_it(seeded, tembus):
    assert " 69 B" in tembus("leads", columns=80).out


@pytest.mark.parametrize("columns", [40, 80, 116, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_no_name_is_broken_in_two(seeded, tembus, columns):
    lines = tembus("leads", columns=columns).out.splitlines()
    assert max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines) <= columns
    assert sum("Sehr Langer" in line for line in lines) == 1


def test_in_a_pipe_without_columns_names_are_whole(seeded, tembus):
    out = tembus("leads").out
    assert "Sehr Langer Lebensmittelimportgesellschaftsname und Feinkosthandel Nord GmbH & Co. KG (contoh)" in out


@pytest.mark.parametrize(
    "arguments", [("leads",), ("leads", "--json"), ("lead", "2"), ("lead", "2", "--json"), ("leads", "-q", "\x1b[31m\u202e")]
)
def test_scraped_text_drives_neither_markup_nor_terminal(seeded, tembus, arguments):
    found = tembus(*arguments, columns=100)
    assert "\x1b" not in found.out
    assert "\x07" not in found.out
    assert "\u202e" not in found.out
    if "-q" not in arguments:
        assert "[bold red]Sambal[/]" in found.out


def test_new_is_marked_and_found(seeded, tembus):
    lines = tembus("leads", columns=80).out.splitlines()
    assert not lines[2].endswith("BARU")
    assert lines[4].endswith("BARU")
    assert len(names(tembus("leads", "--new", "--json"))) == 3
    assert "hanya yang baru" in tembus("leads", "--new", columns=200).out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("-c", "Belanda"), "b"),
        (("-c", "NLD"), "b"),
        (("-c", "nl"), "b"),
        (("--country", "United Kingdom"), "a"),
        (("-r", "Importir"), "a"),
        (("-r", "Importer"), "a"),
        (("--grade", "b"), "b"),
        (("--has", "telepon"), "b"),
        (("--has", "email", "--has", "website"), "ab"),
        (("--fresh-days", "30"), "abc"),
        (("-q", "nusantara"), "a"),
        (("-q", "食品"), "c"),
        (("-q", '"* NEAR('), ""),
        (("--since", "2026-11-01"), "bcd"),
        (("--source", "Register of firms"), "abcd"),
        (("-p", "Sambal dan saus cabai"), "abcd"),
        (("--limit", "1", "--offset", "1"), "b"),
        (("--limit", "0"), ""),
        (("--sort", "country", "-n", "1"), "d"),
    ],
)
def test_filters_find_what_they_say(seeded, tembus, arguments, expected):
    found = json.loads(tembus("leads", *arguments, "--json").out)
    assert sorted(row["company_id"] for row in found) == [f"c{key}" for key in expected]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-c", "Atlantis"), "Negara “Atlantis” tidak dikenal"),
        (("-p", "samba"), "Maksud Anda sambal?"),
        (("-r", "tukang"), "importer (Importir)"),
        (("--grade", "D"), "A, B, C"),
        (("--source", "brreg"), "register (Register of firms)"),
        (("--has", "fax"), "email, phone, website"),
        (("--since", "kemarin"), "2026-11-25"),
        (("--sort", "price"), "last_seen"),
        (("--limit", "-1"), "sedikitnya 0"),
        (("--limit", "abc"), "bilangan bulat"),
        (("--fresh-days", "-2"), "sedikitnya 0"),
        (("--limt", "3"), "Maksud Anda --limit?"),
        (("seratus",), "Terlalu banyak isian"),
    ],
)
def test_what_is_unknown_is_answered_with_what_exists(seeded, tembus, arguments, said):
    found = tembus("leads", *arguments)
    assert (found.code, found.out) == (2, "")
    assert said in found.err
    assert "Traceback" not in found.err


def test_an_empty_page_says_what_to_do(seeded, tembus):
    assert "Longgarkan saringan" in tembus("leads", "-c", "FR").out
    assert "Kurangi --offset" in tembus("leads", "--offset", "99").out
    assert tembus("leads", "-c", "FR", "--json").out.strip() == "[]"


def test_an_old_snapshot_says_so(home, records, tembus):
    records.fill(home)
    publish(home, now=records.NOW - timedelta(days=400))
    assert "perbarui dengan: tembus nightly" in tembus("leads").out


def test_no_snapshot_says_what_to_type_and_creates_nothing(home, tembus):
    for command in (("leads",), ("lead", "1"), ("markets",), ("export",)):
        found = tembus(*command)
        assert (found.code, found.out) == (1, "")
        assert "tembus crawl, tembus refresh, tembus publish" in found.err
    assert not home.root.exists()


def test_english_when_asked_anywhere_on_the_line(seeded, tembus):
    assert tembus("leads", "--lang", "en").out.startswith("4 buyers found")
    assert tembus("--lang=en", "leads").out.startswith("4 buyers found")
    found = tembus("leads", "-c", "Atlantis", "--lang", "en")
    assert "Unknown country “Atlantis”" in found.err
    assert tembus("leads", "--lang", "fr").code == 2


def test_home_may_stand_after_the_command(seeded, tembus, monkeypatch):
    monkeypatch.delenv("TEMBUS_HOME")
    assert tembus("leads", "--home", seeded.root).out.startswith("4 pembeli")


@pytest.mark.parametrize("wanted", ["1", lead_id("ca", "sambal"), lead_id("ca", "sambal")[:8]])
def test_a_lead_is_found_by_number_id_or_beginning(seeded, tembus, wanted):
    out = tembus("lead", wanted, columns=80).out
    assert out.splitlines()[0] == "Nusantara Foods Ltd (contoh)"
    for said in (
        "Mengapa skor ini",
        "Terdaftar sebagai importer. [1]",
        "E-mail: info@a.example",
        "Jenis: Importir – “listed as importer” [1]",
    ):
        assert said in out
    assert "[1] Register of firms · diambil 25 Nov 2026 08:30" in out
    assert "https://r.example/a" in out
    assert "tanpa salinan · lisensi: OGL v3" in out


@pytest.mark.parametrize("wanted", ["999", "zzzz", "", "'; drop table lead_rows", "\x00", "*", "9" * 400])
def test_no_such_lead_is_said_plainly(seeded, tembus, wanted):
    found = tembus("lead", wanted)
    assert found.code == 2
    assert "Tidak ada pembeli" in found.err


def test_lead_as_json_ties_every_value_to_its_evidence(seeded, tembus):
    data = json.loads(tembus("lead", "1", "--json").out)
    ids = {proof["id"]: proof for proof in data["evidence"]}
    assert data["lead"]["last_seen"] == "2026-11-25"
    assert {item["field"] for item in data["values"]} == {"name", "role", "country", "city"}
    assert all(set(item["evidence"]) <= set(ids) for item in data["values"])
    assert ids[data["reasons"][0]["evidence_ids"][0]]["url"] == "https://r.example/a"


def test_archived_copies_that_are_not_there_are_told_apart(seeded, tembus):
    assert "tidak punya salinan" in tembus("lead", "1", "--archived", "1").err
    assert "nomornya 1 sampai 1" in tembus("lead", "1", "--archived", "7").err


def test_follow_up_is_shown(seeded, tembus):
    key = lead_id("ca", "sambal")
    add_follow_up(seeded, FollowUp(lead_id=key, status="contacted", entered_at="2026-11-25T02:00:00+00:00", entered_by="Sari (contoh)"))
    assert "Tindak lanjut: Sudah dihubungi (Sari (contoh))" in tembus("lead", "1").out


def test_listed_contacts_do_not_leave_even_before_the_next_publish(seeded, tembus, records):
    do_not_contact(seeded, "email", "info@a.example", by="-", reason="-", now=records.NOW)
    tembus("export", "--format", "json", "--output", "x")
    rows = {row["company_id"]: row for row in json.loads((seeded.exports / "x.json").read_text("utf-8"))}
    assert rows["ca"]["email"] is None
    assert rows["cb"]["email"] == "info@b.example"


@pytest.mark.parametrize(
    ("option", "value"), [("--role", "pengimpor"), ("--role", "Importir"), ("--role", "IMPORTER"), ("--product", "saus")]
)
def test_a_word_of_a_name_or_another_word_for_it_is_enough(seeded, tembus, option, value):
    found = tembus("leads", option, value, "--json")
    assert found.code == 0
    assert "Nusantara Foods" in found.out


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        ("id", ("Cara nilai dibaca", "disebut oleh sumber (pasti)", "kalimat atau kode dari sumber", "Periksa ini dahulu", "Hanya satu sumber")),
        ("en", ("How values were read", "stated by the source (certain)", "sentence or code of the source", "Look at this first", "Only one source")),
    ],
)  # fmt: skip
def test_a_lead_tells_how_its_values_were_read_and_what_to_look_at(seeded, tembus, lang, texts):
    out = tembus("--lang", lang, "lead", "1", columns=200).out
    assert [text for text in texts if text not in out] == []
    data = json.loads(tembus("lead", "1", "--json").out)
    assert {judged["field"] for judged in data["judged"]} >= {"country", "role", "relevance"}
    assert all(judged["evidence_id"] for judged in data["judged"])
    assert {cue["kind"] for cue in data["cues"]} == {"one_source"}
