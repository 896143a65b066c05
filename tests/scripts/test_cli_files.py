"""`tembus export`, `init` and `extract`: files land where they belong, whole, under a telling name, and are written down."""

import csv
import json
import tomllib
from dataclasses import fields

import pytest
from openpyxl import load_workbook

from market_db.home import Config, read_config


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "json"])
def test_an_export_is_named_after_its_filter_and_logged(seeded, tembus, suffix):
    done = tembus("export", "-c", "NL", "--has", "email", "--format", suffix)
    assert done.code == 0
    path = seeded.exports / done.out.strip().rpartition("/")[2]
    assert str(path) == done.out.strip()
    assert path.name.startswith("pembeli-NL-")
    assert path.stat().st_mode & 0o077 == 0
    assert "1 dari 1 pembeli" in done.err
    line = json.loads((seeded.logs / "exports.jsonl").read_text("utf-8").splitlines()[-1])
    assert (line["file"], line["rows"], line["format"], line["filter"]) == (path.name, 1, suffix, "negara Belanda, punya E-mail")
    assert line["by"]
    assert line["at"].startswith("20")


def test_the_workbook_holds_the_buyers_and_the_filter(seeded, tembus):
    tembus("export", "-r", "wholesaler", "-o", "daftar.xlsx")
    book = load_workbook(seeded.exports / "daftar.xlsx")
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value}
    assert "東京食品 (contoh)" in cells
    assert any("jenis Grosir" in cell for cell in cells)
    assert not any("Nusantara Foods" in cell for cell in cells)


def test_a_cut_list_says_so_in_file_and_on_screen(seeded, tembus):
    done = tembus("export", "--format", "csv", "-n", "2", "-o", "dua")
    assert "2 dari 4 pembeli" in done.err
    rows = list(csv.reader((seeded.exports / "dua.csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == 4
    assert "2 pertama dari 4" in rows[-1][0]


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd", "CON", "a" * 300, "..", "", "x\x00y", "sub/dir/../f"])
def test_whatever_the_name_the_file_lands_in_exports(seeded, tembus, name):
    done = tembus("export", "--format", "csv", "-o", name)
    assert done.code == 0
    assert [path.parent for path in seeded.root.rglob("*.csv")] == [seeded.exports]


def test_json_output_names_the_file(seeded, tembus):
    data = json.loads(tembus("export", "--format", "json", "--json").out)
    assert (data["rows"], data["total"]) == (4, 4)


def test_an_export_nobody_may_log_does_not_leave(seeded, tembus):
    (seeded.logs / "exports.jsonl").mkdir(parents=True)
    done = tembus("export", "--format", "csv", "-o", "x")
    assert done.code == 1
    assert not list(seeded.exports.glob("*.csv"))


def test_unknown_format_is_refused(seeded, tembus):
    assert "xlsx, csv, json" in tembus("export", "--format", "pdf").err


def test_init_writes_a_configuration_that_reads_back_as_the_defaults(home, tembus):
    done = tembus("init", "--contact", "desk@office.example")
    assert done.code == 0
    path = home.root / "tembus.toml"
    assert done.out.strip() == str(path)
    assert read_config(path) == Config(contact="desk@office.example")
    assert path.stat().st_mode & 0o077 == 0
    text = path.read_text("utf-8")
    everything = tomllib.loads(text.replace("\n# retention", "\nretention").replace("\n# mail_to", "\nmail_to"))
    assert everything["retention_days"] == Config().retention_days
    assert all(f"{item.name} = " in text for item in fields(Config))


def test_init_leaves_what_is_there(home, tembus):
    tembus("init")
    (home.root / "tembus.toml").write_text('language = "en"\n')
    again = tembus("init")
    assert again.code == 2
    assert (home.root / "tembus.toml").read_text() == 'language = "en"\n'


def test_the_configured_language_is_spoken(home, tembus, records):
    home.make()
    (home.root / "tembus.toml").write_text('language = "en"\n')
    records.fill(home)
    assert tembus("leads").out.startswith("4 buyers found")
    assert tembus("leads", "--lang", "id").out.startswith("4 pembeli")


@pytest.mark.parametrize("text", ['contatc = "x"\n', "products = 3\n", "= broken", 'language = "id'])
def test_a_broken_configuration_is_named_with_its_file(home, tembus, text):
    home.make()
    (home.root / "tembus.toml").write_text(text)
    for command in (("leads",), ("nightly",), ("crawl",), ("refresh",)):
        found = tembus(*command)
        assert (found.code, found.out) == (5, "")
        assert "tembus.toml" in found.err
    assert tembus("--help").code == 0


def test_extract_wants_a_web_address(tmp_path, tembus):
    page = tmp_path / "page.html"
    page.write_text("<html></html>")
    assert tembus("extract", page, "--url", "file:///x").code == 2
    assert tembus("extract", tmp_path / "none.html", "--url", "https://x.example").code == 2
