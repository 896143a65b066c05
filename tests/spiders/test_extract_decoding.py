"""Charsets: valid UTF-8 beats every declaration, a guess needs enough to judge, and lost text is said."""

import pytest

from spiders.extract.decoding import decode

RUSSIAN = "Острый соус чили из Индонезии для мяса и рыбы. " * 12
JAPANESE = "インドネシアの辛いソース、サンバルの通販です。送料無料。" * 20


@pytest.mark.parametrize(
    ("body", "headers", "text"),
    [
        ("Süße Soße".encode(), {"content-type": "text/html; charset=iso-8859-1"}, "Süße Soße"),
        ("<meta charset=windows-1251>Süße".encode(), {}, "<meta charset=windows-1251>Süße"),
        ("Süße".encode("latin-1"), {"content-type": "text/html; charset=ISO-8859-1"}, "Süße"),
        (b"caf\xe9 <meta charset='windows-1252'>", {"content-type": "text/html; charset=utf-8"}, "café <meta charset='windows-1252'>"),
        (b"\xef\xbb\xbfSambal", {}, "Sambal"),
        ("Sambal".encode("utf-16"), {}, "Sambal"),
        ("Соус".encode("cp1251"), {"content-type": "text/html; charset=windows-1251"}, "Соус"),
        ("辣椒醬".encode("big5"), {"content-type": 'text/html; charset="big5"'}, "辣椒醬"),
        ("Süß"[:3].encode()[:-1], {}, "Sü"),
        (b"", {}, ""),
    ],
)
def test_text(body: bytes, headers: dict, text: str) -> None:
    decoded = decode(body, headers)
    assert decoded.text == text
    assert "\ufffd" not in decoded.text


def test_shift_jis_declared_as_utf8_is_told_by_its_bytes() -> None:
    decoded = decode(JAPANESE.encode("shift_jis"), {"content-type": "text/html; charset=utf-8"})
    assert decoded.text.startswith("インドネシアの辛いソース")
    assert "charset_guessed" in decoded.faults


def test_a_long_undeclared_page_is_guessed_and_says_so() -> None:
    decoded = decode(RUSSIAN.encode("cp1251"), {})
    assert "соус чили" in decoded.text
    assert decoded.faults == ("charset_guessed",)


@pytest.mark.parametrize("body", ["Соус чили".encode("cp1251"), "辣椒醬".encode("big5"), "ซอสพริก".encode("tis-620")])
def test_a_short_undeclared_page_is_unknown_never_korean(body: bytes) -> None:
    decoded = decode(body, {})
    assert decoded.charset == "unknown"
    assert {"charset_unknown", "lost_text"} <= set(decoded.faults)
    assert not any("\uac00" <= char <= "\ud7a3" for char in decoded.text)


def test_a_damaged_utf8_page_stays_utf8_and_is_flagged() -> None:
    decoded = decode(RUSSIAN.encode() + b"\xff\xfe" + RUSSIAN.encode(), {"content-type": "text/html; charset=windows-1251"})
    assert (decoded.charset, decoded.faults) == ("utf-8", ("lost_text",))


def test_rows_of_question_marks_are_lost_text() -> None:
    assert decode(b"<p>??????? ????</p><p>?????</p><p>????????</p>", {}).faults == ("lost_text",)


@pytest.mark.parametrize("name", ["no-such-charset", "", "utf-8; rubbish", "\x00"])
def test_a_charset_nobody_knows_is_no_crash(name: str) -> None:
    assert decode("Süße".encode(), {"content-type": f"text/html; charset={name}"}).text == "Süße"


def test_the_override_of_a_site_wins() -> None:
    assert decode("Соус".encode("koi8-r"), {}, "koi8-r").text == "Соус"


@pytest.mark.parametrize(
    ("body", "utf8"),
    [
        (b"<p>a</p>", b"<p>a</p>"),
        (b"\xef\xbb\xbf<p>a\x00b</p>", b"<p>ab</p>"),
        ("<p>é</p>".encode("utf-16"), "<p>é</p>".encode()),
        (b"<meta charset=windows-1252><p>\xe9</p>", "<meta charset=windows-1252><p>é</p>".encode()),
        ("<p>é".encode()[:-1], b"<p>"),
        (b"", b""),
    ],
)
def test_a_parser_is_given_utf8_without_what_it_stumbles_over(body: bytes, utf8: bytes) -> None:
    assert decode(body, {}).utf8 == utf8
