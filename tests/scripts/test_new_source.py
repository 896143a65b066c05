"""A new source begins as a file that passes the checks and stays off until its terms were read."""

import importlib.util
import json
import subprocess
import sys

import pytest

from scripts.capture import NothingCaptured, keep
from scripts.new_source import BadSourceName, new_source
from scripts.why import passport_text
from scripts.words import words_in


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "tests" / "spiders" / "fixtures").mkdir(parents=True)
    (tmp_path / "spiders").mkdir()
    return tmp_path


def test_the_file_is_a_spider_that_is_off(checkout):
    path, fixtures = new_source("importers_xx", "registers", "Importers of Xland", "Customs (contoh)", "api.customs.example", root=checkout)
    assert (fixtures / "LICENCE.txt").exists()
    spec = importlib.util.spec_from_file_location("importers_xx", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    about = module.ImportersXx.about
    assert (about.ready, about.hosts) == (False, ("api.customs.example",))
    said = [text for text in (about.note, about.basis, about.personal_data) if passport_text(text, words_in("id")) == text]
    assert said == [], "a new source needs no words before somebody writes some"
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,I", "--line-length", "140", str(path)]
    assert subprocess.run(ruff, capture_output=True, text=True, check=False).returncode == 0


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
