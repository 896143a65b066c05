"""`python -m scripts.evaluate`: what it prints, writes and refuses, over a folder of pages written here."""

import json
from functools import cache, lru_cache
from pathlib import Path

import pytest

from scripts.evaluate import main
from scripts.evaluation.measuring import quantiles

SCORER = '''"""Counts the files whose seller is right."""
def evaluate(truth, guesses):
    right = [row["file"] for row in truth if guesses[row["file"]].get("seller") == row["seller"]]
    count = {"correct": len(right), "predicted": len(guesses), "truth": len(truth), "precision": None, "recall": len(right) / len(truth)}
    return {"fields": {"company:seller": count}, "misses": []}
'''
PAGE = """<html lang="nl"><title>Contact - Toko Contoh B.V.</title><body><h1>Contact</h1><p>Toko Contoh B.V. (contoh)</p>
<p>Havenweg 1, 3011 AA Rotterdam</p><p>Tel: +31 10 200 00 00</p><p>© 2026 Toko Contoh B.V.</p></body></html>"""
ROW = {"file": "a.html", "url": "https://tokocontoh.example/contact", "type": "company", "seller": "Toko Contoh B.V."}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    market = tmp_path / "corpus" / "market"
    market.mkdir(parents=True)
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "score_extraction.py").write_text(SCORER, "utf-8")
    (market / "a.html").write_text(PAGE, "utf-8")
    (market / "truth.jsonl").write_text(json.dumps(ROW) + "\n\n", "utf-8")
    return market


def test_the_table_has_fields_and_cpu_time(folder, capsys):
    assert main(["extraction", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "company:seller" in out
    assert "1.000" in out
    assert "pages 1" in out


def test_json_is_one_object_and_predictions_are_written(folder, capsys, tmp_path):
    out = tmp_path / "out.jsonl"
    assert main(["extraction", str(folder), "--json", "--predictions", str(out)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["fields"]["company:seller"]["correct"] == 1
    assert result["cpu_ms"]["n"] == 1
    assert result["failed"] == {}
    guess = json.loads(out.read_text("utf-8"))
    assert guess["file"] == "a.html"
    assert guess["phones"] == ["+31102000000"]


def test_a_scorer_may_lie_elsewhere(folder, tmp_path, capsys):
    other = tmp_path / "other.py"
    other.write_text(SCORER.replace("company:seller", "other:field"), "utf-8")
    assert main(["extraction", str(folder), "--scorer", str(other)]) == 0
    assert "other:field" in capsys.readouterr().out


@lru_cache(maxsize=8)
def of_a_page(body):
    return len(body)


@cache
def table():
    return {"a": 1}


def test_tables_are_loaded_before_a_page_is_timed_and_what_pages_had_is_forgotten(folder, monkeypatch):
    known = []

    def read(body, *_):
        known.append((of_a_page.cache_info().currsize, table.cache_info().currsize))
        of_a_page(body)
        table()
        return iter(())

    monkeypatch.setattr("scripts.evaluation.extraction.flat_records", read)
    of_a_page.cache_clear()
    table.cache_clear()
    assert main(["extraction", str(folder)]) == 0
    assert known == [(0, 0), (0, 1)]


def test_a_page_that_crashes_the_extractor_is_told_and_ends_with_1(folder, monkeypatch, capsys):
    def crash(*_):
        raise RecursionError("too deep")

    monkeypatch.setattr("scripts.evaluation.extraction.flat_records", crash)
    (folder / "b.html").write_text(PAGE, "utf-8")
    (folder / "truth.jsonl").write_text("".join(json.dumps({**ROW, "file": name}) + "\n" for name in ("a.html", "b.html")), "utf-8")
    assert main(["extraction", str(folder)]) == 1
    got = capsys.readouterr()
    assert "b.html: the extractor failed: RecursionError: too deep" in got.err
    assert "pages 0" in got.out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{broken", "line 1: is no JSON"),
        ("[1]", "line 1: is no object"),
        (json.dumps({"file": "a.html", "type": "company"}), "line 1: has no text in url"),
        (json.dumps({**ROW, "file": 3}), "line 1: has no text in file"),
        (json.dumps({**ROW, "type": "firm"}), "is of type 'firm'; known are"),
        (json.dumps({**ROW, "file": "gone.html"}), "names gone.html, which is not in"),
        (json.dumps(ROW) + "\n" + json.dumps(ROW), "a.html has two rows"),
        ("\n", "no row in it"),
    ],
)
def test_bad_truth_lines_are_named(folder, line, said, capsys):
    (folder / "truth.jsonl").write_text(line, "utf-8")
    assert main(["extraction", str(folder)]) == 2
    assert said in capsys.readouterr().err


def test_truth_that_is_no_utf8_is_named(folder, capsys):
    (folder / "truth.jsonl").write_bytes(b"\xff\xfe{}")
    assert main(["extraction", str(folder)]) == 2
    assert "is not UTF-8" in capsys.readouterr().err


def test_what_is_missing_is_named(folder, tmp_path, capsys):
    assert main(["extraction", str(tmp_path / "nowhere")]) == 2
    assert "no such folder" in capsys.readouterr().err
    assert main(["extraction", str(tmp_path)]) == 2
    assert "truth.jsonl: cannot be read" in capsys.readouterr().err
    assert main(["extraction", str(folder), "--scorer", str(tmp_path / "none.py")]) == 2
    assert "no scorer there" in capsys.readouterr().err
    (tmp_path / "empty.py").write_text("", "utf-8")
    assert main(["extraction", str(folder), "--scorer", str(tmp_path / "empty.py")]) == 2
    assert "has no function `evaluate`" in capsys.readouterr().err
    assert main(["extraction", str(folder), "--predictions", str(tmp_path / "no" / "out.jsonl")]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([3.0], {"n": 1, "median": 3.0, "p95": 3.0}),
        ([float(n) for n in range(1, 101)], {"n": 100, "median": 50.5, "p95": 95.0}),
        ([], {"n": 0, "median": None, "p95": None}),
    ],
)
def test_quantiles_by_nearest_rank(times, expected):
    assert quantiles(times) == expected


@pytest.mark.parametrize(
    ("what", "text", "keys"),
    [
        ("titles", '{"title": "Tomato soup basil jar", "lang": "en"}\n', ["n", "accuracy", "accuracy_with_site"]),
        ("prices", '{"raw": "€ 3,49", "amount": 3.49, "country": "NL", "currency": "EUR"}\n', ["n", "amount", "currency"]),
        ("places", "text\tcountry\nBelanda\tNL\n", ["n", "precision", "recall"]),
        ("phones", "raw\tregion\te164\n010 123 4567\tNL\t+31101234567\n", ["n", "precision", "recall"]),
        ("names", "PT. Sumber Rasa\tSumber Rasa\n", ["n", "accuracy"]),
    ],
)
def test_every_measure_prints_a_table_and_one_object(what, text, keys, tmp_path, capsys):
    path = tmp_path / "rows"
    path.write_text(text, "utf-8")
    assert main([what, str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == keys
    assert all(value == 1 for value in found.values())
    assert main([what, str(path)]) == 0
    assert "1" in capsys.readouterr().out
