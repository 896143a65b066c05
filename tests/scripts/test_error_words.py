"""What errors say is told in Indonesian: every sentence the program raises has its words, whatever file, key or value stands in it."""

import ast
import re
from pathlib import Path

import pytest

from market_db.home import BadConfig, read_config
from scripts.failures import sentence
from scripts.translated import error_in
from scripts.words import words_in
from spiders.site_checks import CHECKS, BadSite

ROOT = Path(__file__).parents[2]
ID, EN = words_in("id"), words_in("en")
RAISED = re.compile(
    r"Bad(?!Answer|Account|Suppression|Url)\w+|MarketError|BackupFailed|Archive(?!Missing$|Tombstone$)\w+|NotAWarc|NotTold|NothingCaptured"
    r"|ProbeFailed|RealHome|NoNetwork|File\w+Error|IncompletePassport"
)
"""Errors whose message reaches people; the others have keys, or sentences of their own (`forget_bad`, `bad_list`, `accounts`)."""
RETURNED = {"market_db/lost.py": {"lost_file", "lost_tables", "_way_back", "_witness"}, "market_db/opening.py": {"_explain"}}
EXPECTED = {"ISO 3166-1 alpha-2", "ISO 4217", "ISO 639-1", "css:SELECTOR or label:WORDS", "label:Words"}
"""What is the same in both languages."""


def text_of(node):
    """A string of the source with its gaps filled by 7; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    return None


def raised():
    """Messages handed to those errors, and what the functions give whose text becomes one."""
    for folder in ("market_db", "spiders", "pipelines", "scripts"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.is_relative_to(ROOT / "market_db" / "web"):
                continue
            tree = ast.parse(path.read_text("utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                    if RAISED.fullmatch(getattr(node.exc.func, "id", "")):
                        yield text_of(node.exc.args[0])
                elif isinstance(node, ast.FunctionDef) and node.name in RETURNED.get(str(path.relative_to(ROOT)), ()):
                    yield from (text_of(one.value) for one in ast.walk(node) if isinstance(one, ast.Return))


SENTENCES = sorted({text for text in raised() if text and " " in text and text != "7: 7"})


def test_sentences_are_found():
    assert len(SENTENCES) > 80


@pytest.mark.parametrize("text", SENTENCES)
def test_every_error_has_indonesian_words(text):
    said = error_in(text, "id")
    assert said != text
    assert not re.search(r"\b(is|the|of|are|not|with|must|expected|there)\b", said), said
    assert error_in(text, "en") == text


@pytest.mark.parametrize("key", CHECKS)
def test_what_is_expected_in_a_row_of_a_shop_has_indonesian_words(key):
    expected = CHECKS[key](object())
    assert expected in EXPECTED or error_in(expected, "id") != expected


def test_what_stands_inside_stays_and_what_is_known_inside_is_told_too():
    english = (
        "/data/market.db is damaged (file is not a database): `tembus restore` brings back the newest backup; the file is left as it is"
    )
    told = error_in(english, "id")
    assert told.startswith("/data/market.db rusak (berkas ini bukan basis data): `tembus restore`")
    lost = "/h/market.db is missing, but published.db was made from it: it is not made anew. there is no backup of it in /h/b"
    assert (
        error_in(lost, "id")
        == "/h/market.db tidak ada, padahal published.db dibuat dari sana: tidak dibuat baru. tidak ada cadangannya di /h/b"
    )
    assert error_in("a sentence nobody wrote", "id") == "a sentence nobody wrote"
    row = BadSite("toko.toml: site 2 (toko): enabled: true or false expected, not 'ya'")
    assert sentence(row, ID) == "Daftar situs salah. toko.toml: situs 2 (toko): enabled: perlu true atau false, bukan 'ya'"
    assert sentence(row, EN).endswith("enabled: true or false expected, not 'ya'")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("contact = 3", "contact harus berupa alamat e-mail atau alamat web dengan https://, bukan 3"),
        ('contact = "bukan alamat"', "contact harus berupa alamat e-mail"),
        ('kontak = "x@y.example"', "kunci 'kontak' tidak dikenal; maksud Anda contact? Yang ada: allow_private"),
        ('sources = "ted"', 'sources harus berupa daftar teks di dalam kurung siku, seperti ["a", "b"], bukan \'ted\''),
        ("retention_days = -1", "retention_days harus berupa bilangan bulat dari 1"),
        ("contact_retention_days = 0", "contact_retention_days harus berupa bilangan bulat dari 1"),
        ('retention_days = "180"', "retention_days harus berupa bilangan bulat dari 1"),
        ('language = "fr"', 'language harus berupa "id" atau "en"'),
        ('webhook = "ftp://x.example/"', "webhook harus berupa alamat web"),
        ('mail_to = "kantor"', "mail_to harus berupa alamat e-mail"),
        ('contact = "x', "tanda kutip penutup? (baris 1, kolom"),
    ],
)
def test_a_mistake_in_the_configuration_says_what_would_be_right(tmp_path, line, said):
    path = tmp_path / "tembus.toml"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(BadConfig) as met:
        read_config(path)
    told = sentence(met.value, ID)
    assert said in told
    assert "must be" not in told


def test_an_empty_address_switches_off(tmp_path):
    path = tmp_path / "tembus.toml"
    path.write_text('contact = ""\nwebhook = ""\nmail_to = ""\nhealth_url = ""\n', "utf-8")
    assert read_config(path).webhook == ""
