"""Both languages say the same things, every command and option has words, and every key the code names exists."""

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest

from scripts.cli import build
from scripts.words import UnknownLanguage, pick_language, words_in

FOLDER = Path(__file__).parents[2] / "scripts"


def table(language):
    return tomllib.loads((FOLDER / "words" / f"{language}.toml").read_text("utf-8"))


def fields_in(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("group", sorted(set(table("id")) - {"parser"}))
def test_both_languages_have_the_same_keys_and_the_same_gaps(group):
    own, other = table("id")[group], table("en")[group]
    plain = {key for key in other if not key.endswith("_one")}
    assert set(own) == plain
    for key in own:
        assert fields_in(own[key]) == fields_in(other[key]), key


def test_every_sentence_the_code_names_is_there():
    named = set()
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("say", "count") and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and re.fullmatch(r"[a-z_]+\.[a-zA-Z_]+", key.value):
                    named.add(key.value)
    words = table("id")
    assert len(named) > 80
    assert {key for key in named if key.split(".")[1] not in words.get(key.split(".")[0], {})} == set()


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_command_and_option_has_help_in_the_language(language):
    group = build(words_in(language))
    assert len(group.commands) >= 17
    for command in [group, *group.commands.values()]:
        assert command.help
        assert all(parameter.help for parameter in command.params)


@pytest.mark.parametrize("name", ["", *build(words_in("id")).commands])
def test_help_in_indonesian_holds_no_word_of_the_parser(name, tembus):
    found = tembus(*filter(None, [name]), "--help")
    assert found.code == 0
    assert re.search(r"<\w|OPTIONS|COMMAND|ARGS|TEXT|INTEGER|FILE|SOURCE|NAME\b|VALUE|KIND|Usage|Show|required|default:", found.out) is None


def test_help_of_an_argument_is_about_its_own_command(tembus):
    assert "run" not in tembus("users", "--help").out
    assert "diminta" not in tembus("serve", "--help").out
    assert "tanpa nama" not in tembus("capture", "--help").out


def test_language_is_chosen_by_flag_then_variable_then_configuration():
    assert pick_language("en", {"TEMBUS_LANG": "id"}, "id") == "en"
    assert pick_language(None, {"TEMBUS_LANG": "EN_us"}, "id") == "en"
    assert pick_language(None, {}, "en") == "en"
    assert pick_language(None, {"TEMBUS_LANG": "xx"}, None) == "id"
    with pytest.raises(UnknownLanguage):
        pick_language("fr", {}, None)


def test_numbers_dates_and_gaps_are_written_in_the_language():
    own, english = words_in("id", "Asia/Jakarta"), words_in("en", "Asia/Jakarta")
    assert (own.number(50000), english.number(50000)) == ("50.000", "50,000")
    assert own.usd(306_400_000) == "US$306,4 jt"
    assert own.percent(0.0425) == "4,2%"
    assert own.moment("2026-11-24T19:30:00+00:00") == "25 Nov 2026 02:30"
    assert own.day("2026-11-08") == "8 Nov 2026"
    told = {"2026-10": "Okt 2026", "2026-10-08": "8 Okt 2026", "2021-2025": "2021-2025", "2025": "2025", "2026-13": "2026-13", "": ""}
    assert {period: own.period(period) for period in told} == told
    assert english.period("2026-10, 2024") == "Oct 2026, 2024"
    assert [own.score(points) for points in (69.96, 70.0, 0.4)] == ["69", "70", "0"]
    assert [own.number(None), own.usd(None), own.percent(None), own.day(None)] == ["tidak ada data"] * 4
    assert english.count("leads.found", 1) == "1 buyer found"
    assert own.count("leads.found", 1) == "1 pembeli ditemukan"


def test_a_strange_zone_shows_utc_instead_of_failing():
    assert words_in("en", "Nowhere/Town").zone == "UTC"
