"""Chains of pages through the real crawl process, from a recording: a page that is not in it makes the run broken, and the rest is kept."""

import json
from datetime import date
from pathlib import Path

import pytest

from market_db.home import Home, open_home
from market_db.products import load_products
from market_db.schema import open_market
from scripts.crawl import crawl
from scripts.sample_archive import AS_OF, write_sample
from spiders.registers.recherche_entreprises import RechercheEntreprises, valid_siren

PAGES = 3
TOTAL = 60


def numbers(start: int, count: int) -> list[str]:
    found = (f"{base:08d}{digit}" for base in range(start, start + count) for digit in range(10))
    return [number for number in found if valid_siren(number)]


def recording(folder: Path, *, without: int | None = None) -> Path:
    """A WARC of every page the spider asks for the sauce, but for one page of the first chain."""
    spider = RechercheEntreprises(products=[load_products()["sambal"]], as_of=date(2026, 11, 20))
    source, entries = folder / "answers" / spider.name, []
    source.mkdir(parents=True)
    for at, first in enumerate(list(spider.first_requests())):
        rows = [
            {"siren": siren, "nom_complet": f"FIRME {siren} (SAMPLE) SAS", "activite_principale": "46.39B"}
            for siren in numbers(1_000 * at + 1, TOTAL)
        ]
        code = first.meta["question"][0]
        for page in range(1, PAGES + 1):
            if (at, page) == (0, without):
                continue
            part = [{**row, "activite_principale": code} for row in rows[25 * (page - 1) : 25 * page]]
            (source / f"{at}-{page}.json").write_text(json.dumps({"results": part, "total_results": TOTAL}), "utf-8")
            url = spider.page_request((code,), page).url
            entries.append({"url": url, "file": f"{at}-{page}.json", "headers": {"content-type": "application/json"}})
    (source / "index.json").write_text(json.dumps(entries), "utf-8")
    write_sample(folder / "pages.warc.gz", folder / "answers")
    return folder / "pages.warc.gz"


def run(tmp_path: Path, **missing: int) -> tuple[dict, list[dict]]:
    home: Home = open_home(tmp_path / "home", {})
    home.make()
    (record,) = crawl(home, ["recherche_entreprises"], replay=[recording(tmp_path, **missing)], products=["sambal"], as_of=AS_OF)
    db = open_market(home)
    rows = list(db.query("select kind, detail from issues"))
    db.close()
    return {"verdict": record.verdict, "scraped": record.scraped, "adds_up": record.adds_up}, rows


def test_a_whole_chain_is_ok(tmp_path: Path) -> None:
    record, found = run(tmp_path)
    codes = len(load_products()["sambal"].activities["naf2"])
    assert record == {"verdict": "ok", "scraped": codes * TOTAL, "adds_up": True}
    assert found == []


@pytest.mark.parametrize("page", [2, 3])
def test_a_missing_page_breaks_the_run_and_keeps_the_rest(tmp_path: Path, page: int) -> None:
    record, found = run(tmp_path, without=page)
    codes = len(load_products()["sambal"].activities["naf2"])
    assert record == {"verdict": "broken", "scraped": (codes - 1) * TOTAL + 25 * (page - 1), "adds_up": True}
    assert [row["kind"] for row in found] == ["partial_answer"]
    assert f"46.38B: page {page} could not be had" in found[0]["detail"]
