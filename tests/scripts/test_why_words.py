"""Reasons of runs are told in Indonesian: every sentence the code can note down has its words."""

import ast
import re
from pathlib import Path

import pytest

from market_db.markets.coverage import Gap
from scripts.show.market import gap_line
from scripts.why import passport_text, why_of
from scripts.words import words_in
from spiders.by_hand import load_presets
from spiders.catalogue import load_spiders
from spiders.run_record import STOPS

ROOT = Path(__file__).parents[2]
VERDICTS = {"ok", "thin", "broken", "blocked", "robots", "not_run", "stopped", "aborted"}
ID, EN = words_in("id"), words_in("en")


def text_of(node):
    """A string of the source with its gaps filled by 7; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    if isinstance(node, ast.Subscript):
        return text_of(node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("replace", "format"):
        return text_of(node.func.value)
    return None


def noted():
    """Sentences returned beside a verdict, and those that the parent of a crawl writes."""
    for path in (ROOT / "spiders" / "run_record.py", ROOT / "scripts" / "crawl.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
                verdict, why = map(text_of, node.value.elts)
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_close_run":
                verdict, why = map(text_of, node.args[-2:])
            else:
                continue
            if verdict in VERDICTS and why and " " in why:
                # two sentences are put together from parts: the gap before "; it has" holds the other half, the one behind "kept" may be empty
                yield re.sub(r"^7;", "all 7 records were refused: 7;", why.removesuffix("7") if why.endswith("kept7") else why)


SENTENCES = sorted({*noted(), *(sentence.format(detail="HTTP 403", key_env="KEY") for _, sentence in STOPS.values()), "no key: set 7"})


def test_sentences_are_found():
    assert len(SENTENCES) > 20


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_reason_has_indonesian_words(sentence):
    said = why_of(sentence, ID)
    assert said != sentence
    assert not re.search(r"\{\w+\}", said)
    assert why_of(sentence, EN) == sentence


def test_what_stands_inside_stays():
    assert why_of("no key: set BPS_API_KEY", ID) == "belum ada kunci: isi BPS_API_KEY"
    inner = "answers could not be read: 3 of 9 pages, the first: bad_answer: not json"
    assert why_of(inner, ID) == "jawabannya tidak terbaca: 3 dari 9 halaman, yang pertama: bad_answer: not json"
    assert why_of("a sentence nobody wrote", ID) == "a sentence nobody wrote"


PASSPORTS = {name: spider.about for name, spider in load_spiders().items()}
NOT_OF_A_SOURCE = {
    *("contact addresses of the shop; personal ones are dropped", "robots and terms", "not crawled", "unknown"),  # declared sites and lists
    "shape unverified until the first live check",  # what a new source begins with
}
FIELDS = ("note", "basis", "personal_data", "api_robots")


@pytest.mark.parametrize("name", PASSPORTS)
def test_what_a_passport_says_has_indonesian_words(name):
    """A new text in a passport needs a line in scripts/words/passport_id.toml: the English, then the Indonesian."""
    for field in FIELDS:
        text = getattr(PASSPORTS[name], field)
        if text:
            said = passport_text(text, ID)
            assert said != text, f"{name}: {field}: add it to scripts/words/passport_id.toml"
            assert said == passport_text(text, ID).strip()
            assert not re.search(r"\{\w+\}", said)
            assert passport_text(text, EN) == text


def test_what_an_operator_wrote_stays_inside():
    assert passport_text("switched off: open licence", ID) == "dimatikan: lisensi terbuka"
    assert passport_text("switched off: diminta berhenti", ID) == "dimatikan: diminta berhenti"
    assert passport_text("Boleh dibaca, kata pemiliknya", ID) == "Boleh dibaca, kata pemiliknya"


def test_no_line_of_the_words_is_left_over():
    import tomllib

    lines = tomllib.loads((ROOT / "scripts" / "words" / "passport_id.toml").read_text("utf-8"))["sentence"]
    said = {getattr(about, field) for about in PASSPORTS.values() for field in FIELDS}
    assert {english for english, _ in lines if "{" not in english} - said == NOT_OF_A_SOURCE
    assert len({english for english, _ in lines}) == len(lines)


def reasons_in_code():
    """Every reason for which a reader or a judge of ours turns a record away, as its code writes it."""
    for folder in ("spiders", "pipelines", "market_db"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Rejected" and node.args:
                    first = node.args[0]
                    choices = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
                    yield from (one.value for one in choices if isinstance(one, ast.Constant) and isinstance(one.value, str))


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_reason_to_turn_a_record_away_has_words(language):
    words = words_in(language)
    found = set(reasons_in_code())
    assert len(found) > 80
    assert sorted(reason for reason in found if not words.has(f"reasons.{reason.replace(' ', '_')}")) == []


def test_why_a_list_comes_by_hand_is_told_in_the_language():
    for preset in load_presets().values():
        assert passport_text(preset.why["en"], ID) == preset.why["id"]
        assert passport_text(preset.why["en"], EN) == preset.why["en"]


def test_a_gap_names_sources_by_their_titles_in_the_language():
    world_bank, chains = "World Bank: population, income, logistics, governance", "All The Places: branches of chains"
    gap = Gap(kind="not_run", product="sambal", country="NL", index=60.0, what=f"{world_bank}; {chains}")
    assert gap_line(gap, EN).endswith(f"{world_bank}; {chains}")
    told = gap_line(gap, ID)
    assert ID.source(world_bank) in told
    assert ID.source(chains) in told
    assert "branches" not in told
