"""Erasure and retention: what was to be forgotten is gone in every spelling, and everything else stays where it was."""

import gzip
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.utils.request import RequestFingerprinter
from scrapy.utils.test import get_crawler

from spiders.archive import WarcStorage
from spiders.archive_errors import ArchiveMissing, ArchiveTombstone
from spiders.archive_forget import Forgotten, forget_in_archive, purge
from spiders.archive_index import INDEX_NAME, ArchiveIndex
from spiders.needles import Needle, blanked, mentioned, needle_of, needles_for_name
from spiders.warc_answers import iterate_answers, open_answer
from spiders.warc_reading import WarcFile
from spiders.warc_writing import member, record_bytes

MAIL, FIRM, PHONE, DOMAIN = b"Rini@warung-rini.example", "PT Sambal  Ibu Añe (contoh)".encode(), b"+62 61 555 0101", b"warung-rini.example"


@pytest.mark.parametrize(
    ("needle", "text"),
    [
        (MAIL, b"write to RINI@Warung-Rini.EXAMPLE!"),
        (MAIL, b"mailto:rini@warung-rini.example?subject=x"),
        (MAIL, b"/send?to=rini%40warung%2Drini.example"),
        (MAIL, b"/send?to=rini%2540warung-rini.example"),
        (MAIL, b'{"to": "first\\nrini\\u0040warung-rini\\u002Eexample"}'),
        (MAIL, b"rini&#64;warung-rini&#x2E;example"),
        (MAIL, b"rini&commat;warung-rini&period;example"),
        (MAIL, b"&#114;&#105;ni@warung-rini.example"),
        (FIRM, "PT SAMBAL IBU AÑE (Contoh)".encode()),
        (FIRM, "<b>PT Sambal\n   Ibu  Añe (contoh)</b>".encode()),
        (FIRM, "PT Sambal Ibu Añe (contoh)".encode("cp1252")),
        (FIRM, b"PT&nbsp;Sambal&#160;Ibu&#32;A&ntilde;e (contoh)"),
        (FIRM, b"q=pt+sambal+ibu+a%C3%B1e+%28contoh%29"),
        (FIRM, b'"PT Sambal\\u00a0Ibu A\\u00f1e (contoh)"'),
        (PHONE, b"+62615550101"),
        (PHONE, b"+62 (0)61 555-0101"),
        (PHONE, b"0062 61 5550101"),
        (PHONE, b"Telp. (061) 555.01.01"),
        (PHONE, b"tel:%2B62%2061%20555%200101"),
        (PHONE, b"061&nbsp;555&nbsp;0101"),
        (b"061 555 0101", b"+62 61 5550101"),
        (DOMAIN, b"https://www.warung-rini.example/menu"),
        (DOMAIN, b"https%3A%2F%2Fwarung-rini.example"),
        (DOMAIN, b'"https:\\/\\/warung-rini.example\\/"'),
        (DOMAIN, b"jual@warung-rini.example"),
    ],
)
def test_every_spelling_is_found_and_blanked_out_alone(needle: bytes, text: bytes) -> None:
    page = b"<p>before</p> " + text + b" <p>behind</p>"
    assert mentioned(page, [needle_of(needle)])
    clean = blanked(page, [needle_of(needle)])
    assert clean is not None
    assert len(clean) == len(page)
    assert clean.startswith(b"<p>before</p> ")
    assert clean.endswith(b" <p>behind</p>")
    assert not mentioned(clean, [needle_of(needle)])


@pytest.mark.parametrize(
    ("needle", "text"),
    [
        (MAIL, b"<b>rini</b>@warung-rini.example"),
        (PHONE, b"<i>061</i> <i>555</i> <i>0101</i>"),
        (FIRM, "PT Sambal<br>Ibu Añe (contoh)".encode()),
        (MAIL, "rini@warung-rini.example".encode("utf-16")),
        (MAIL, "ｒｉｎｉ＠warung-rini.example".encode()),
        (MAIL, b"rini [at] warung-rini.example"),
        (MAIL, b"rini (at) warung-rini (dot) example"),
        (MAIL, b"rini at warung-rini dot example"),
    ],
)
def test_what_cannot_be_blanked_out_is_still_found(needle: bytes, text: bytes) -> None:
    assert mentioned(text, [needle_of(needle)])
    assert blanked(text, [needle_of(needle)]) is None


@pytest.mark.parametrize(
    ("needle", "text"),
    [
        (MAIL, b"karini@warung-rini.example"),
        (MAIL, b"rini@warung-rini.examples"),
        (DOMAIN, b"https://mywarung-rini.example"),
        (PHONE, b"061 555 0102"),
        (PHONE, b"8996155501017"),
        (FIRM, b"PT Sambal Bapak (contoh)"),
    ],
)
def test_others_are_left_alone(needle: bytes, text: bytes) -> None:
    assert not mentioned(text, [needle_of(needle)])


GENERIC = frozenset({"asia", "food", "toko"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Leave Us Alone B.V.", b"of LEAVE US ALONE BV"),
        ("Leave Us Alone B.V.", b"/shops/leave-us-alone/1"),
        ("Leave Us Alone B.V.", b"Leave&nbsp;Us&#160;Alone"),
        ("Leave Us Alone B.V.", b'"Leave\\u00a0Us Alone"'),
        ("Müller & Söhne GmbH", b"Mueller und Soehne"),
        ("Müller & Söhne GmbH", b"M&uuml;ller &amp; S&ouml;hne"),
        ("Müller & Söhne GmbH", b'"M\\u00fcller \\u0026 S\\u00f6hne"'),
        ("Müller & Söhne GmbH", "MÜLLER-SÖHNE".encode("cp1252")),
        ("Muller Sohne", "Müller & Söhne".encode()),
        ("AH", b'{"name":"AH"}'),
        ("AH", b'{"name":"ah"}'),
        ("AH", b"<td> AH </td>"),
        ("AH", b"x;AH;y"),
        ("AH", b"buy at AH now"),
        ("3M Ltd", b"<b>3M</b>"),
        ("Asia Food Ltd", b"<td>Asia Food</td>"),
        ("Asia Food Ltd", b"of Asia Food Ltd. in"),
        ("東京食品", "東京食品株式会社".encode()),
    ],
)
def test_a_company_is_found_in_every_spelling_and_blanked_out_alone(name: str, text: bytes) -> None:
    page, needles = b"<p>before</p> " + text + b" <p>behind</p>", needles_for_name(name, GENERIC)
    assert mentioned(page, needles)
    clean = blanked(page, needles)
    assert clean is not None
    assert len(clean) == len(page)
    assert clean.startswith(b"<p>before</p> ")
    assert clean.endswith(b" <p>behind</p>")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Leave Us Alone B.V.", b"cleave us alone, leave us alonely"),
        ("Müller & Söhne GmbH", "Schmüller Söhne".encode()),
        ("AH", b"ah well, Ahold and BAH"),
        ("3M Ltd", b"13M of 3Mx"),
        ("Asia Food Ltd", b"the asia food of Asia Foods Limited"),
        ("X B.V.", b"x = 3"),
    ],
)
def test_names_of_others_are_left_alone(name: str, text: bytes) -> None:
    assert not mentioned(text, needles_for_name(name, GENERIC))


@pytest.mark.parametrize(
    "text", [b"+31201234567", b"0031 20 1234567", b"+31 (0)20-123 4567", b"020 1234567", b"tel:%2B31201234567", "+31·20·1234567".encode()]
)
def test_a_number_without_its_country_is_found_with_it(text: bytes) -> None:
    needle = Needle("phone", "020 123 4567")
    assert mentioned(text, [needle])
    assert blanked(text, [needle]) is not None


@pytest.mark.parametrize("given_", [b"", b"a@b", b"12", b"PT", b"x" * 301])
def test_needles_that_would_blank_out_everything_are_refused(given_: bytes) -> None:
    with pytest.raises(ValueError, match="to be erased"):
        needle_of(given_)


@settings(max_examples=150, deadline=None)
@given(
    st.text(min_size=3, max_size=12).filter(lambda text: len(text.strip()) >= 3),
    st.binary(max_size=60),
    st.sampled_from(["email", "name", "domain"]),
)
def test_any_needle_in_any_bytes_is_gone_or_reported(value: str, noise: bytes, kind: str) -> None:
    try:
        needle = Needle(kind, value)
    except ValueError:
        return
    clean = blanked(noise + value.encode("utf-8", "surrogatepass") + noise, [needle])
    assert clean is None or not mentioned(clean, [needle])


def archive(folder: Path, run_id: str, pages: list[tuple[str, bytes]]) -> list[tuple[str, int]]:
    crawler = get_crawler(Spider, {"TEMBUS_ARCHIVE": str(folder), "TEMBUS_RUN_ID": run_id})
    crawler.request_fingerprinter = RequestFingerprinter()
    spider = crawler._create_spider("toko")
    storage = WarcStorage(crawler.settings)
    storage.open_spider(spider)
    places = []
    for url, body in pages:
        request = Request(url)
        storage.store_response(spider, request, Response(url, body=body, headers={"Content-Type": "text/html", "ETag": '"1"'}))
        places.append((request.meta["archived"].file, request.meta["archived"].offset))
    storage.close_spider(spider)
    return places


def test_erasure_blanks_out_or_entombs_and_moves_nothing(tmp_path: Path) -> None:
    filler = os.urandom(3000).hex().encode()
    url = "https://toko.example/"
    pages = [
        (url + "1", b"<p>sambal</p>" + filler),
        (url + "2", b"<p>sambal bawang</p> call RINI@warung-rini.example now" + filler),
        (url + "3?mail=rini%40warung-rini.example", b"<p>nothing</p>" + filler),
        (url + "4", b"<b>rini</b>@warung-rini.example " + filler),
        (url + "5", b"<p>kecap</p>" + filler),
    ]
    places = archive(tmp_path, "one", pages)
    repeats = archive(tmp_path, "two", [pages[1], pages[3]])
    before = {path.name: path.stat().st_size for path in tmp_path.glob("*.warc.gz")}
    done = forget_in_archive(tmp_path, [MAIL])
    assert done == Forgotten(records=4, files=1, redacted=1, erased=3)
    assert {path.name: path.stat().st_size for path in tmp_path.glob("*.warc.gz")} == before
    for at in (0, 4):
        assert open_answer(tmp_path, *places[at])[0].body == pages[at][1]
    redacted = open_answer(tmp_path, *places[1])[0].body
    assert redacted == pages[1][1].replace(b"RINI@warung-rini.example", b"x" * 24)
    assert open_answer(tmp_path, *repeats[0])[0].body == redacted
    for place in (places[2], places[3], repeats[1]):
        with pytest.raises(ArchiveTombstone, match="erased on request"):
            open_answer(tmp_path, *place)
    answers = iterate_answers(tmp_path / places[0][0])
    assert [(a.answer.url[-1], a.redacted) for a in answers] == [("1", False), ("2", True), ("5", False)]
    assert answers.skipped == {}
    everything = b"".join(gzip.decompress(path.read_bytes()) for path in tmp_path.glob("*.warc.gz"))
    assert not mentioned(everything, [needle_of(MAIL)])
    for path in tmp_path.glob("index.db*"):
        assert not mentioned(path.read_bytes(), [needle_of(MAIL)])
    assert forget_in_archive(tmp_path, [MAIL]) == Forgotten(0, 0, 0, 0)
    assert not list(tmp_path.glob(".*"))


def test_other_tools_still_read_a_rewritten_file(tmp_path: Path) -> None:
    from warcio.archiveiterator import ArchiveIterator

    places = archive(tmp_path, "one", [(f"https://toko.example/{n}", b"%d rini@warung-rini.example " % n * 50) for n in range(3)])
    places += archive(tmp_path, "two", [("https://warung-rini.example/", b"home")])
    forget_in_archive(tmp_path, [DOMAIN])
    kinds = []
    for path in sorted(tmp_path.glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.content_stream().read()
                kinds.append(record.rec_type)
    assert kinds == ["warcinfo", *["request", "response"] * 3, "warcinfo", "metadata", "metadata"]


def test_redacted_pages_are_fetched_anew_not_repeated(tmp_path: Path) -> None:
    page = ("https://toko.example/1", b"rini@warung-rini.example " * 100)
    archive(tmp_path, "one", [page])
    forget_in_archive(tmp_path, [MAIL])
    index = ArchiveIndex(tmp_path / INDEX_NAME)
    (row,) = index.rows("")
    index.close()
    assert (row.state, row.etag) == ("redacted", None)
    (again,) = archive(tmp_path, "two", [page])
    assert open_answer(tmp_path, *again)[0].body == page[1]


@pytest.mark.parametrize("gz", [True, False])
def test_files_of_others_and_damage_in_them(tmp_path: Path, gz: bool) -> None:
    def record(url: str, body: bytes, head: bytes = b"") -> bytes:
        fields = [
            ("WARC-Type", "response"),
            ("WARC-Record-ID", f"<urn:{url}>"),
            ("WARC-Target-URI", url),
            ("WARC-Date", "2026-11-20T03:04:05Z"),
        ]
        data = record_bytes([*fields, ("WARC-Block-Digest", "sha1:" + "A" * 32)], b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body)
        return member(data, 6) if gz else data

    parts = [
        record("https://a.example/1", b"rini@warung-rini.example " + os.urandom(40).hex().encode()),
        record("https://a.example/2", b"clean"),
        record("https://a.example/3", gzip.compress(b"rini@warung-rini.example"), b"Content-Encoding: gzip\r\n"),
        b"\xffdamaged rini@warung-rini.example" + b"\xfe" * 100,
        record("https://a.example/4", b"clean too"),
    ]
    path = tmp_path / ("other.warc.gz" if gz else "other.warc")
    path.write_bytes(b"".join(parts))
    before = [record.offset for record in WarcFile(path)]
    done = forget_in_archive(tmp_path, [MAIL])
    assert (done.files, done.redacted, done.erased, done.damaged) == (1, 1, 1, 1)
    assert [record.offset for record in WarcFile(path)] == before
    assert path.stat().st_size == sum(map(len, parts))
    answers = iterate_answers(path)
    assert [a.answer.body[:9] for a in answers] == [b"x" * 9, b"clean", b"clean too"]
    assert b"rini" not in path.read_bytes()
    assert forget_in_archive(tmp_path, [MAIL]).files == 0


def test_purge_keeps_what_newer_repeats_point_to(tmp_path: Path) -> None:
    body = b"<p>sambal</p>" * 200
    (old,) = archive(tmp_path, "old", [("https://toko.example/1", body)])
    (lone,) = archive(tmp_path, "lone", [("https://toko.example/2", body + b"2")])
    (new,) = archive(tmp_path, "new", [("https://toko.example/1", body)])
    for run, day in (("old", "20250101"), ("lone", "20250102")):
        (path,) = tmp_path.glob(f"*-{run}.warc.gz")
        index = ArchiveIndex(tmp_path / INDEX_NAME)
        name = f"{day}-{run}.warc.gz"
        index.change("update answers set file = ? where file = ?", [(name, path.name)])
        index.change("update answers set refers_to = ? where refers_to = ?", [(name, path.name)])
        index.close()
        path.rename(tmp_path / name)
    size = (tmp_path / "20250102-lone.warc.gz").stat().st_size
    done = purge(tmp_path, date(2025, 6, 1))
    assert (done.files, done.records, done.bytes) == (1, 1, size)
    with pytest.raises(ArchiveMissing):
        open_answer(tmp_path, "20250102-lone.warc.gz", lone[1])
    assert open_answer(tmp_path, *new)[0].body == body
    assert purge(tmp_path, date(2099, 1, 1)).files == 2
    index = ArchiveIndex(tmp_path / INDEX_NAME)
    assert index.rows("") == []
    index.close()
    assert old
