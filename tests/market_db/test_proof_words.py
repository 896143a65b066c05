"""What proves a role and why a record is about a product, in Indonesian: every sentence of ours has its words, and quotes stay quotes."""

import ast
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_db.proof_words import REGISTERS, goods_in, is_quote, reason_in, register_in, role_proof_in, sentences

ROOT = Path(__file__).parents[2]
QUOTED = {
    "shop=supermarket", "wholesale=food", "shop=convenience", "shop=deli", "shop=food",
}  # fmt: skip
"""Tags of a map are what it prints."""
CODED = re.compile(r"SIC 2007 [\d, ]+|SCIAN \d+.*|[\d.]{2,8}( .*)?")
"""An activity code with the register's own words."""


def test_both_sides_of_a_sentence_have_the_same_gaps():
    for kind in ("role", "reason"):
        assert len(sentences(kind)) > 20
        for known in sentences(kind):
            gaps = set(known.pattern.groupindex)
            assert set(re.findall(r"\{(\w+)\}", known.own)) == gaps, known.own


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (
            "HMRC lists it as importer of CN8 21039090 in 23 months, 2024-11 to 2026-09",
            "HMRC mencatatnya sebagai importir CN8 21039090 dalam 23 bulan, Nov 2024 sampai Sep 2026",
        ),
        ("HMRC lists it as importer of CN8 21039090 in 2026-09", "HMRC mencatatnya sebagai importir CN8 21039090 pada Sep 2026"),
        ("winner in TED 690002-2026: LOT-0002 Krydder; LOT-0003 X", "pemenang dalam TED 690002-2026: LOT-0002 Krydder; LOT-0003 X"),
        ("contracting authority of the notice", "instansi pembeli dalam pengumuman itu"),
        ("12 branches in NL (shop=supermarket)", "12 cabang di NL (shop=supermarket)"),
        ('FDA report F-1-2: label says "Imported by: X"', 'laporan FDA F-1-2: labelnya berbunyi "Imported by: X"'),
    ],
)
def test_sentences_of_ours_are_told_in_the_language(text, own):
    assert role_proof_in(text, "id") == own
    assert role_proof_in(text, "en") == text.replace("2024-11", "Nov 2024").replace("2026-09", "Sep 2026")
    assert not is_quote(text)


@pytest.mark.parametrize(
    "text",
    [
        "We are a major importer of Asian food.",
        "brand building importer since 1970",
        "46.390 Engroshandel med bredt utvalg",
        "Directory of importers: every member imports food.",
        "Winner in TED talks",
        "contracting authority of the notice board",
        "Ten friendly branches in Leeds (and more)",
        "",
    ],
)
def test_quotes_of_a_source_stay_as_they_are(text):
    assert role_proof_in(text, "id") == text
    assert is_quote(text)


def proofs_of_fixtures():
    for path in sorted((ROOT / "tests" / "spiders" / "fixtures").glob("*/*/expected.json")):
        answers = "".join(one.read_text("utf-8", "replace") for one in path.parent.iterdir() if one.name != "expected.json")
        yield from ((path.parent, proof, answers) for proof in _proofs(json.loads(path.read_text("utf-8"))))


def _proofs(node):
    if isinstance(node, dict):
        if node.get("role_proof"):
            yield node["role_proof"]
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from _proofs(one)


def test_every_proof_that_a_source_s_reader_writes_is_told_or_stands_in_the_answer():
    unknown = {
        (folder.parent.name, proof)
        for folder, proof, answers in proofs_of_fixtures()
        if is_quote(proof) and proof not in QUOTED and not CODED.fullmatch(proof) and proof not in answers
    }
    assert unknown - {("directory", "Directory of importers: every member imports food.")} == set()


def text_of(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "name" if at == 0 else "7" for at, part in enumerate(node.values))
    return None


def test_every_reason_that_the_judges_write_is_told():
    tree = ast.parse((ROOT / "pipelines" / "relevance.py").read_text("utf-8"))
    written = [text_of(node.value.elts[1]) for node in ast.walk(tree) if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple)]
    written += [text_of(value) for node in ast.walk(tree) if isinstance(node, ast.Dict) for value in node.values]
    told = [text.replace("name 7", "CPV 7", 1) if text.startswith("name 7") else text for text in written if text and " " in text]
    assert len(told) > 12
    assert [text for text in told if reason_in(text, "id") == text] == []


@pytest.mark.parametrize("scheme", ["CN", "HS", "CPV", "UNSPSC"])
def test_codes_of_every_scheme_are_told(scheme):
    assert reason_in(f"{scheme} 15871260 is its code", "id") == f"{scheme} 15871260 adalah kodenya"
    assert reason_in(f"{scheme} 15871260 is a group it belongs to", "id") == f"{scheme} 15871260 adalah kelompoknya"


@given(st.text(max_size=200))
def test_any_text_is_told_somehow(text):
    assert role_proof_in(text, "en") == reason_in(text, "en") == text
    assert isinstance(role_proof_in(text, "id") + reason_in(text, "id"), str)


@pytest.mark.parametrize(
    ("seen", "indonesian", "english"),
    [
        ("cn8:21039090", "kode CN8 21039090", "code CN8 21039090"),
        ("cn8:21039090, 2026-09", "kode CN8 21039090, 2026-09", "code CN8 21039090, 2026-09"),
        ("hs:210390 sambal", "kode HS 210390 sambal", "code HS 210390 sambal"),
        (
            "shop=supermarket shop=supermarket, origin=asian",
            "tanda di peta: shop=supermarket, origin=asian",
            "map tags: shop=supermarket, origin=asian",
        ),
        ("Sambal oelek 200 g", "Sambal oelek 200 g", "Sambal oelek 200 g"),
        ("size=200 g of sambal", "size=200 g of sambal", "size=200 g of sambal"),
        ("", "", ""),
    ],
)
def test_codes_and_tags_of_goods_are_named_as_such(seen, indonesian, english):
    assert (goods_in(seen, "id"), goods_in(seen, "en")) == (indonesian, english)


@pytest.mark.parametrize(
    ("stored", "told"),
    [("no-brreg 010001013", "Brønnøysund 010001013"), ("osm node/99", "OpenStreetMap node/99"), ("xx-own 7", "xx-own 7"), ("7", "7 ")],
)
def test_a_number_is_named_by_the_register_that_gave_it(stored, told):
    assert register_in(stored) == told


def test_every_register_that_a_source_names_has_a_name():
    written = [text for path in (ROOT / "spiders").rglob("*.py") for text in re.findall(r'registry="([a-z-]+)"', path.read_text("utf-8"))]
    assert len(written) > 8
    assert set(written) - set(REGISTERS) == set()


@given(st.text(max_size=200))
def test_any_goods_are_told_somehow(text):
    assert isinstance(goods_in(text, "id") + goods_in(text, "en"), str)
