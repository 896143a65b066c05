"""Golden answers: every folder under fixtures/<source>/<case> is read and compared with its expected.json."""

import json
from pathlib import Path

import pytest

from scripts.golden import answer_in, read_plain
from spiders.catalogue import load_spiders

FIXTURES = Path(__file__).parent / "fixtures"
CASES = sorted(folder.parent for folder in FIXTURES.glob("*/*/request.json") if folder.parent.parent.name in load_spiders())


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_fixture_gives_what_is_expected(folder: Path) -> None:
    assert read_plain(folder.parent.name, answer_in(folder)) == json.loads((folder / "expected.json").read_text("utf-8"))
