"""Golden answers: every folder under fixtures/<source>/<case> is read and compared with its expected.json."""

import dataclasses
import json
from pathlib import Path

import pytest

from market_db.seen import kind_of
from spiders.catalogue import load_spiders
from spiders.reading import Answer, BadAnswer, Issue, Read, Rejected

FIXTURES = Path(__file__).parent / "fixtures"
CASES = sorted(folder.parent for folder in FIXTURES.glob("*/*/request.json") if folder.parent.parent.name in load_spiders())


def answer_in(folder: Path) -> Answer:
    asked = json.loads((folder / "request.json").read_text("utf-8"))
    return Answer(
        body=(folder / asked["file"]).read_bytes(),
        url=asked["url"],
        status=asked["status"],
        headers=asked["headers"],
        method=asked["method"],
        asked=asked["body"].encode(),
    )


def plain(read: Read) -> dict:
    """What a reader gave, without the fields it left at their defaults."""
    if isinstance(read, Rejected):
        return {"rejected": read.reason, "example": read.example}
    if isinstance(read, Issue):
        return {"issue": read.kind, "detail": read.detail, "broken": read.broken}
    return {"kind": kind_of(read), **filled(read)}


def filled(record: object) -> dict:
    pairs = ((field, getattr(record, field.name)) for field in dataclasses.fields(record))
    kept = {field.name: value for field, value in pairs if value != field.default}
    return {name: rendered(value) for name, value in kept.items()}


def rendered(value: object) -> object:
    if dataclasses.is_dataclass(value):
        return filled(value)
    return [rendered(one) for one in value] if isinstance(value, tuple) else value


def read_case(folder: Path) -> list[dict]:
    spider = load_spiders()[folder.parent.name]()
    try:
        return [plain(read) for read in spider.read(answer_in(folder))]
    except BadAnswer as bad:
        return [{"bad_answer": bad.reason, "detail": bad.detail}]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_fixture_gives_what_is_expected(folder: Path) -> None:
    assert read_case(folder) == json.loads((folder / "expected.json").read_text("utf-8"))
