"""`python -m scripts.evaluate companies|names`: figures over a small file, columns by name, and what cannot be measured."""

import json
from dataclasses import replace

import pytest

from pipelines.companies.scorecard import scorecard, write_scorecard
from scripts.evaluate import main
from scripts.evaluation.company_figures import figures

ROWS = """listing_id,source,name,address,city,country,phone,website,email,product,day,company_id
1,map,Alba Tirta Ltd,1 Mill Road,Leeds,GB,0113 496 0000,,,,0,1
2,directory,ALBA TIRTA LIMITED,1 Mill Rd,Leeds,United Kingdom,+44 113 496 0000,,,,1,1
3,map,Krakatau Bricks,9 High Street,York,GB,,,,,0,2
"""


def test_figures_of_a_small_world():
    found = figures(["a", "a", "b"], [[0, 1, 2]])
    assert found["pairwise"] == {"precision": 0.3333, "recall": 1.0, "f1": 0.5}
    assert found["bcubed"]["recall"] == 1.0
    assert (found["clusters"], found["largest"], found["largest_wrong"]) == (1, 3, 3)
    assert figures([], [])["pairwise"]["f1"] == 1.0


@pytest.mark.parametrize("more", [[], ["--judgements", "2"], ["--incremental", "1"], ["--incremental", "1", "--nights", "2", "--one-go"]])
def test_companies_are_measured(tmp_path, capsys, more):
    path = tmp_path / "l.csv"
    path.write_text(ROWS, "utf-8")
    assert main(["companies", str(path), "--json", *more]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["n"] == 3
    assert result["pairwise"]["f1"] == 1.0
    assert result.get("one_go_f1", 1.0) == 1.0
    assert {"clusters", "largest", "largest_wrong", "seconds", "max_rss_mb"} <= result.keys()
    assert result["max_rss_of"] == ("night" if "--incremental" in more else "whole")


def test_the_memory_of_nights_is_that_of_one_night_without_the_load_before_them(tmp_path, capsys):
    path = tmp_path / "l.csv"
    path.write_text(ROWS, "utf-8")
    held = bytearray(200_000_000)  # what the measuring process holds must not count
    assert main(["companies", str(path), "--json", "--incremental", "1", "--nights", "2"]) == 0
    shown = capsys.readouterr()
    result = json.loads(shown.out)
    assert [(night["listings"], night["looks"]) for night in result["nights"]] == [(1, 0), (1, 1), (1, 2)]
    assert result["max_rss_mb"] == max(night["max_rss_mb"] for night in result["nights"][1:])
    assert result["max_rss_mb"] < 150 < len(held) / 1e6 < result["script_rss_mb"]
    assert result["night_cpu"] == max(night["cpu"] for night in result["nights"][1:])
    assert shown.err.splitlines()[0].startswith("1 listings into 0 looks: ")

    assert main(["companies", str(path), "--incremental", "3"]) == 0
    assert "MB, in a process of its own" in capsys.readouterr().out


@pytest.mark.parametrize("more", [[], ["--judgements", "2"]])
def test_other_weights_are_measured(tmp_path, capsys, more):
    path, weights = tmp_path / "l.csv", tmp_path / "w.toml"
    path.write_text(ROWS, "utf-8")
    write_scorecard(replace(scorecard(), bias=-50.0), weights, "nobody is one")
    assert main(["companies", str(path), "--json", "--weights", str(weights), *more]) == 0
    assert json.loads(capsys.readouterr().out)["clusters"] == 3


def test_columns_are_named_on_the_command_line(tmp_path, capsys):
    path = tmp_path / "l.csv"
    path.write_text("Id,Firm\n1,Alba\n", "utf-8")
    assert main(["companies", str(path)]) == 2
    assert "no column" in capsys.readouterr().err
    assert main(["companies", str(path), "--column", "name=Firm", "--column", "truth=Id"]) == 0
    assert "1 listings" in capsys.readouterr().out
    assert main(["companies", str(path), "--column", "nme=Firm"]) == 2


def test_names_are_measured(tmp_path, capsys):
    path = tmp_path / "n.tsv"
    path.write_text("PT. Sumber Rasa\tSumber Rasa\nAlba Ltd\tAlba Ltd\n", "utf-8")
    assert main(["names", str(path), "--wrong", "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"n": 2, "accuracy": 0.5}
    assert "Alba Ltd\tAlba Ltd\talba" in shown.err
    assert main(["names", str(path)]) == 0
    assert capsys.readouterr().out == "2 names: core right 0.5000\n  'Alba Ltd': 'alba', should be 'alba ltd'\n"


@pytest.mark.parametrize("text", ["", "one column\n", "name\t\n"])
def test_names_without_cores_cannot_be_measured(tmp_path, text):
    path = tmp_path / "n.tsv"
    path.write_text(text, "utf-8")
    assert main(["names", str(path)]) == 2
