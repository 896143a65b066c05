"""A new source begins as a file that passes the checks and stays off until its terms were read."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from market_db.products import load_products
from scripts.capture import NothingCaptured, capture, keep
from scripts.check import check
from scripts.new_source import BadSourceName, new_source
from scripts.nothing_to_crawl import NothingToCrawl
from scripts.why import passport_text
from scripts.words import words_in
from spiders.reading import Answer

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "tests" / "spiders" / "fixtures").mkdir(parents=True)
    (tmp_path / "spiders").mkdir()
    return tmp_path


def test_the_file_is_a_spider_that_is_off(checkout):
    path, fixtures = new_source("importers_xx", "registers", "Importers of Xland", "Customs (contoh)", "api.customs.example", root=checkout)
    assert (fixtures / "LICENCE.txt").exists()
    about = module_of(path).ImportersXx.about
    assert (about.ready, about.hosts) == (False, ("api.customs.example",))
    said = [text for text in (about.note, about.basis, about.personal_data) if passport_text(text, words_in("id")) == text]
    assert said == [], "a new source needs no words before somebody writes some"
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,I", "--line-length", "140", str(path)]
    assert subprocess.run(ruff, capture_output=True, text=True, check=False).returncode == 0


def module_of(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def readme_example(path):
    """The file that the README's example amounts to: the shipped one with its passport and reader."""
    (example,) = re.findall(r"```python\n(SHAPE.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    names = "Json, JsonApiSpider, Shape, json_object, listed_in, read_rows, text_in"
    head = (
        "from datetime import date, timedelta\nfrom market_db.seen import Party, Registration\nfrom spiders.source import Expect, Source\n"
        f"from spiders.base.json_api import {names}\nfrom spiders.reading import Rejected\n"
    )
    path.write_text(head + example, "utf-8")
    return module_of(path).Importers, "importers", {"id": "1", "name": "Toko (contoh) B.V.", "hs": "210390", "page": "https://x.example/1"}


def shipped_start(path):
    made, _ = new_source("importers_xx", "registers", "Importers of Xland", "Customs (contoh)", "api.customs.example", root=path.parent)
    return module_of(made).ImportersXx, "rows", {"id": "1", "name": "Toko (contoh) B.V."}


@pytest.mark.parametrize("begun", [readme_example, shipped_start])
def test_what_a_contributor_begins_with_stands_every_fault_of_an_answer(checkout, begun):
    spider, listed, row = begun(checkout / "example.py")

    def read(*rows):
        body = json.dumps({listed: rows}).encode()
        return list(spider(products=load_products().values()).read(Answer(body=body, url="https://api.customs.example/", headers={})))

    assert [one.party.name for one in read(row)] == ["Toko (contoh) B.V."]
    assert [one.reason for one in read(row, 7)[1:]] == ["not an object"]
    for field in row:
        renamed = {**row, f"{field}2": row[field]}
        renamed.pop(field)
        assert any(field in getattr(one, "detail", "") for one in read(renamed)), f"{field} renamed"
        for odd in (None, 7, [], {}, "", "x" * 100_000, [{"a": []}]):
            read({**row, field: odd})


@pytest.mark.parametrize(("name", "kind"), [("Importers", "registers"), ("x y", "registers"), ("importers_xx", "scripts")])
def test_names_and_kinds_that_cannot_be_used_are_refused(checkout, name, kind):
    with pytest.raises(BadSourceName):
        new_source(name, kind, "t", "p", "h.example", root=checkout)


def test_nothing_is_overwritten(checkout):
    arguments = ("importers_xx", "registers", "t", "p", "h.example")
    new_source(*arguments, root=checkout)
    with pytest.raises(FileExistsError):
        new_source(*arguments, root=checkout)


def test_without_a_checkout_there_is_nowhere_to_add_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="no checkout"):
        new_source("importers_xx", "registers", "t", "p", "h.example", root=tmp_path)


def test_a_saved_answer_becomes_a_fixture_without_asking_anybody(home, tmp_path):
    saved = tmp_path / "answer.json"
    row = {"organisasjonsnummer": "974760673", "navn": "Register (contoh) AS", "epostadresse": "kari.nordmann@x.example"}
    page = {"totalElements": 1, "totalPages": 1, "size": 100, "number": 0}
    saved.write_text(json.dumps({"_embedded": {"enheter": [row]}, "page": page}), "utf-8")
    url = "https://data.brreg.no/enhetsregisteret/api/enheter?page=0"
    kept = keep(home, "bronnoysund", tmp_path / "case", saved, url=url)
    assert kept.records == 1
    assert json.loads((tmp_path / "case" / "request.json").read_text("utf-8"))["url"] == url
    assert "kari.nordmann" not in (tmp_path / "case" / "response.json").read_text("utf-8")
    assert json.loads((tmp_path / "case" / "expected.json").read_text("utf-8"))[0]["key"] == "974760673"
    with pytest.raises(FileExistsError):
        keep(home, "bronnoysund", tmp_path / "case", saved, url=url)
    with pytest.raises(NothingCaptured, match="--url"):
        keep(home, "bronnoysund", tmp_path / "other", saved, url="")


def test_without_a_contact_address_the_homes_own_file_is_named(home, tmp_path):
    for ask in (lambda: capture(home, "ted", tmp_path / "case"), lambda: list(check(home, ["ted"]))):
        with pytest.raises(NothingToCrawl) as met:
            ask()
        assert f"{home.root}/tembus.toml" in met.value.told(words_in("id"))
