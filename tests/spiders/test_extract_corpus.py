"""The page extractor over the whole corpus of real pages: no crash, no personal address, and the scores it has reached."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from spiders.extract.flat import extract_file

SHARED = Path(__file__).parents[3] / "shared"
CORPUS = SHARED / "corpus" / "market"
SCORER = SHARED / "bench" / "score_extraction.py"

if not (CORPUS.is_dir() and SCORER.is_file()):
    pytest.skip("corpus not beside the checkout", allow_module_level=True)

FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())
TRUTH = [json.loads(line) for line in (CORPUS / "truth.jsonl").read_text("utf-8").splitlines()]

FLOORS = {
    "product:name": (0.95, 0.94),
    "product:price": (0.98, 0.96),
    "product:currency": (0.97, 0.95),
    "product:availability": (0.98, 0.95),
    "product:brand": (0.85, 0.75),
    "product:breadcrumbs": (0.98, 0.95),
    "product:seller": (0.92, 0.8),
    "product:country": (0.95, 0.9),
    "company:seller": (0.95, 0.85),
    "company:country": (0.98, 0.95),
    "company:phones": (0.98, 0.95),
    "company:emails": (0.97, 0.92),
    "listing:name": (0.95, 0.95),
    "listing:price": (0.98, 0.95),
    "other:no_offer": (1.0, 1.0),
}
"""Field -> least precision and recall; a little below what is reached, because the values behind them improve on their own."""


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_extraction", SCORER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def scores() -> dict:
    guesses = {}
    for row in TRUTH:
        flat = extract_file(CORPUS / row["file"], row["url"])
        guesses[row["file"]] = {**(flat[0] if flat else {}), "file": row["file"]}
    return scorer().evaluate(TRUTH, guesses)["fields"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[:60])
def test_any_file_is_read_without_a_crash_and_prints_as_json(path: Path) -> None:
    for flat in extract_file(path, "https://page.example/"):
        again = json.loads(json.dumps(flat, ensure_ascii=True))
        assert set(again) <= {
            "name", "price", "currency", "availability", "breadcrumbs", "brand", "seller", "country", "language", "phones", "emails", "items",
        }  # fmt: skip
        assert again.get("price") is None or again["price"] > 0


@pytest.mark.parametrize("path", sorted((CORPUS / "negative_html").iterdir()), ids=lambda path: path.name)
def test_recipes_and_articles_offer_nothing(path: Path) -> None:
    flat = extract_file(path, f"https://{path.stem}/recipe/1")[0]
    assert flat.get("price") is None
    assert not [item for item in flat.get("items", ()) if item["price"] is not None]


@pytest.mark.parametrize("field", FLOORS)
def test_score_stays_above_its_floor(field: str, scores: dict) -> None:
    precision, recall = FLOORS[field]
    assert scores[field]["precision"] >= precision
    assert scores[field]["recall"] >= recall


def test_no_address_of_a_person_leaks(scores: dict) -> None:
    assert scores["any:staff_leaks"]["predicted"] == 0
