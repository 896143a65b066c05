"""Lists of patterns that are tried only where their letters occur find what the patterns find by themselves."""

import re
from itertools import chain, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.extract import cues
from spiders.extract.location import _clue_tables
from spiders.extract.sought import Sought, parts_of

CREDITS = cues.contact_words()["credit"]["words"]
REGISTERS = _clue_tables()["registers"]
LABELS = (
    "product-price price--sale regular-price",
    "old-price",
    "golden-holder",
    "site-footer",
    "product-footer-wrap",
    "add-to-cart-discount",
    "discount-price",
    "price-item--regular",
    "unit-price",
    "price excl-vat",
    "mini-cart",
    "preview-slider",
    "installment",
    "instalments",
    "ads",
    "loads",
    "was",
    "washing",
)
FRAGMENTS = sorted({piece for pattern in chain(CREDITS, REGISTERS.values()) for piece in re.findall(r"[^\W\d_]+", pattern)})


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("price", [("price", "price")]),
        (r"price-?old|\bwas\b", [("price", "price-?old"), ("was", r"\bwas\b")]),
        (r"(?<![a-z])(?<!out-)sidebar", [("sidebar", r"(?<![a-z])(?<!out-)sidebar")]),
        (r"instal+ment", [("insta", "instal+ment")]),
        (r"cross(?:ed|ed?out)?", [("cross", r"cross(?:ed|ed?out)?")]),
        (r"(?:footer|header)(?![\w-])", [("", r"(?:footer|header)(?![\w-])")]),
        (r"\b(?:S|Singapore)[\s(]{1,2}\d{6}\)?", [("", r"\b(?:S|Singapore)[\s(]{1,2}\d{6}\)?")]),
        (r"^PT\.? [A-Z]|\bTbk\b", [("PT", r"^PT\.? [A-Z]"), ("Tbk", r"\bTbk\b")]),
        (r"ab{2,}c", [("a", "ab{2,}c")]),
    ],
)
def test_each_alternative_stands_behind_letters_it_cannot_do_without(pattern: str, expected: list[tuple[str, str]]) -> None:
    assert list(parts_of(pattern)) == expected


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("cue", ["PRICE_ATTRIBUTE", "OLD_PRICE", "ASIDE", "CURRENT_PRICE", "UNIT_PRICE", "NET_PRICE"])
def test_a_label_has_a_cue_among_others_as_by_itself(cue: str, label: str) -> None:
    sought: Sought = getattr(cues, cue)
    assert (label in sought.among(LABELS)) == bool(sought.search(label)) == bool(sought.search(label.upper()))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*FRAGMENTS, " ", ", ", ": ", "12", "by", "\n"]), max_size=8).map("".join))
def test_a_list_finds_what_its_patterns_find_one_by_one(text: str) -> None:
    plain = [m.start() for pattern in CREDITS if (m := re.search(rf"(?<![^\W\d_])(?:{pattern})(?![^\W\d_])", text, re.IGNORECASE))]
    found = cues.CREDIT.search(text)
    assert (found.match.start() if found else None) == min(plain, default=None)
    narrowed = cues.CREDIT.narrowed(f"before\n{text}\nbehind").search(text)
    assert (narrowed.match.span() if narrowed else None) == (found.match.span() if found else None)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*FRAGMENTS, " ", ": ", "12345", "\n"]), max_size=8).map("".join))
def test_registers_are_told_as_by_one_long_pattern(text: str) -> None:
    registers = Sought.of({code: [pattern] for code, pattern in REGISTERS.items()}, case=True)
    one_by_one = {code for code, pattern in REGISTERS.items() if re.search(pattern, text)}
    found = registers.all(text)
    assert {each.name for each in found} <= one_by_one
    assert bool(found) == bool(one_by_one)
    assert all(one.match.end() <= other.match.start() for one, other in pairwise(found))
