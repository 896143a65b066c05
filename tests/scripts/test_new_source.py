"""A new source begins as a file that passes the checks and stays off until its terms were read."""

import importlib.util
import subprocess
import sys

import pytest

from scripts.new_source import BadSourceName, new_source


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
