import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.values.text import clean, fold, plain

ANY_TEXT = st.text(alphabet=st.characters(), max_size=300)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("  Sambal \n\t Oelek ", "Sambal Oelek"),
        ("Sam\x00bal", "Sambal"),
        ("a\x0bb", "a b"),
        ("a\x16b", "ab"),
        ("a\x85b", "a b"),
        ("a\x96b", "ab"),
        ("\ufeffToko", "Toko"),
        ("abc\ud800def", "abcdef"),
        ("\u202eGnp.exe\u202c", "Gnp.exe"),
        ("To\u200bko", "Toko"),
        ("To\u200cko", "Toko"),
        ("soft\u00adhyphen", "softhyphen"),
        ("Cafe\u0301", "Café"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ｽｲｰﾄ", "ｽｲｰﾄ"),
        ("①", "①"),
        ("", ""),
        ("\u00a0\u3000x\u2009", "x"),
    ],
)
def test_clean_leaves_what_a_person_sees(raw, shown):
    assert clean(raw) == shown


def test_clean_cuts_at_the_limit_without_a_trailing_space():
    assert clean("abc def", limit=4) == "abc"


@pytest.mark.parametrize(
    ("raw", "folded", "without_accents"),
    [
        ("CAFÉ", "café", "cafe"),
        ("ｽｲｰﾄﾁﾘ", "スイートチリ", "スイートチリ"),
        ("Straße", "strasse", "strasse"),
        ("Łódź", "łódź", "lodz"),
        ("Йод", "йод", "йод"),
        ("น้ำพริก", "น้ํา" + "พริก", "น้ํา" + "พริก"),
        ("Tương ớt", "tương ớt", "tuong ot"),
        ("मिर्च", "मिर्च", "मिर्च"),
        ("Σάλτσα", "σάλτσα", "σαλτσα"),
        ("５００ｍｌ", "500ml", "500ml"),
    ],
)
def test_fold_keeps_accents_and_plain_drops_those_of_latin_and_greek(raw, folded, without_accents):
    assert fold(raw) == folded
    assert plain(raw) == without_accents


@settings(deadline=None)  # the first call loads tables
@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(raw):
    for function in (clean, fold):
        once = function(raw)
        assert function(once) == once
    assert len(clean(raw, 50)) <= 50


@settings(deadline=None)  # the first call loads tables
@given(ANY_TEXT)
def test_cleaned_text_can_be_stored(raw):
    shown = clean(raw)
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char in "\u200b\u202e\ufeff" for char in shown)
