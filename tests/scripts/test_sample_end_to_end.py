"""`scripts/run` as a newcomer meets it: the sample from answers to workbook, twice, and a firm that asks to be forgotten."""

import gzip
import json
import re
from pathlib import Path
from zipfile import ZipFile

import openpyxl

from market_db.home import open_home
from market_db.queries import LeadQuery, find_leads, latest_runs, markets
from market_db.schema import open_market, open_published
from scripts import sample
from scripts.forget import forget


def snapshot(folder):
    return open_published(open_home(folder, {}))


def test_it_ends_with_leads_markets_and_a_workbook(sample_run):
    folder, printed = sample_run
    assert "pembeli ditemukan" in printed
    assert "INI CONTOH" in printed
    db = snapshot(folder)
    assert find_leads(db, LeadQuery(products=("sambal",))).total >= 40
    assert find_leads(db, LeadQuery(products=("ground_coffee",))).total >= 5
    assert all(row.company.lower().count("(contoh)") for row in find_leads(db, LeadQuery(limit=500)).rows)
    assert {market.product for market in markets(db)} == {"sambal", "ground_coffee"}
    books = list((folder / "exports").glob("*.xlsx"))
    assert len(books) == 1
    sheet = openpyxl.load_workbook(books[0]).worksheets[0]
    assert sheet.max_row > 40


def test_every_source_did_what_it_should_and_adds_up(sample_run):
    runs = latest_runs(snapshot(sample_run[0]))
    assert {name.partition(":")[0] for name in runs} == {
        "uk_trade_info", "bronnoysund", "ted", "openstreetmap", "un_comtrade", "shopify", "structured",
    }  # fmt: skip
    assert {(run.verdict, run.adds_up, run.mode) for run in runs.values()} == {("ok", True, "sample")}
    assert {name: run.countries for name, run in runs.items() if run.countries} == {"openstreetmap": ("NL",)}
    states = {market.country: (market.looked, market.tenders_looked) for market in markets(snapshot(sample_run[0]))}
    assert (states["NL"], states["AU"], states["GB"]) == (("looked", "looked"), ("not_run", "not_run"), ("looked", "not_run"))


def test_a_second_run_changes_nothing(sample_copy, tmp_path):
    folder = sample_copy(tmp_path / "home")
    before = [(row.lead_id, row.score) for row in find_leads(snapshot(folder), LeadQuery(limit=500)).rows]
    sample.run_sample(open_home(folder, {}))
    db = snapshot(folder)
    page = find_leads(db, LeadQuery(limit=500))
    assert [(row.lead_id, row.score) for row in page.rows] == before
    assert not any(row.new for row in page.rows)
    assert {(run.stored_new, run.stored_changed) for run in latest_runs(db).values()} == {(0, 0)}


def everything(folder):
    """All bytes of the home a person or program could find something in, unpacked."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".gz":
            yield path, gzip.decompress(path.read_bytes())
        elif path.suffix == ".xlsx":
            with ZipFile(path) as parts:
                yield path, b"".join(parts.read(name) for name in parts.namelist())
        elif path.is_file():
            yield path, path.read_bytes()


def where(folder, word):
    return [path.name for path, data in everything(folder) if word.lower() in data.lower()]


def sources_that_show(home, word):
    """Sources of the firms whose contacts name a word."""
    db = open_market(home)
    rows = db.execute("select distinct source from all_parties where contacts like ? order by 1", (f"%{word}%",)).fetchall()
    db.close()
    return tuple(source.partition(":")[0] for (source,) in rows)


def test_who_asks_to_be_forgotten_is_gone_everywhere_and_stays_away(sample_copy, tmp_path, monkeypatch):
    folder = sample_copy(tmp_path / "home")
    home = open_home(folder, {})
    db = open_published(home)
    row = next(row for row in find_leads(db, LeadQuery(products=("sambal",), has=("email",))).rows)
    db.close()
    domain = row.email.partition("@")[2].encode()
    assert where(folder, domain)
    showing = sources_that_show(home, domain.decode())
    assert showing

    done = forget(home, "domain", domain.decode(), by="operator", reason="asked by telephone")
    assert done.parties >= 1
    assert done.archive_records >= 1
    assert done.republished
    assert where(folder, domain) == []
    names = {r.company for r in find_leads(open_published(home), LeadQuery(limit=500)).rows}
    assert row.company not in names

    # the sample's own recording brings it back; the list keeps it out of everything made from it
    monkeypatch.setattr(sample, "SOURCES", showing)
    sample.run_sample(home)
    assert row.company not in {r.company for r in find_leads(open_published(home), LeadQuery(limit=500)).rows}
    market = open_market(home)
    assert market.execute("select count(*) from all_parties where contacts like ?", (f"%{domain.decode()}%",)).fetchone()[0] == 0
    proof = [json.loads(line) for line in (folder / "logs" / "forget.jsonl").read_text("utf-8").splitlines()]
    assert [entry["kind"] for entry in proof] == ["domain"]
    assert domain.decode() not in json.dumps(proof)


def test_the_readme_shows_what_the_sample_shows(sample_run):
    """Run `scripts/run` and paste its lines where this fails; the width of the screen does not matter."""
    shown = (Path(__file__).parents[2] / "README.md").read_text("utf-8").split("```")[1].strip().splitlines()
    printed = [" ".join(line.split()) for line in sample_run[1].splitlines()]
    assert shown[0] in printed
    lines = [
        found for line in shown[1:] if (found := re.match(r" *\d+ \S+ +(\d+) [ABC] (.{20})|(\S.{12}\S*) +[█░]+ +(\d+) +(US\S+)", line))
    ]
    assert len(lines) == 5
    for found in lines:
        parts = [" ".join(part.split()) for part in found.groups() if part]
        assert any(all(part in line for part in parts) for line in printed), parts
