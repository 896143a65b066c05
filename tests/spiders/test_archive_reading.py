"""WARC files made by anyone: every form of record gives the right answer, or a count of why it gives none."""

import gzip
import hashlib
import io
import subprocess
import sys
import zlib
from datetime import UTC, date, datetime
from pathlib import Path

import brotli
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from spiders.archive_errors import ArchiveCorrupt, ArchiveMissing, NotAWarc
from spiders.warc_answers import Answers, as_of_of, decode_body, iterate_answers, open_answer
from spiders.warc_reading import WarcFile
from spiders.warc_writing import member, record_bytes

PAGE = "<html><title>Sambal oelek – 340 g</title></html>".encode()
URL = "https://toko.example/p/1"
DATE = "2026-11-20T03:04:05Z"


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def record(kind: str = "response", block: bytes = b"", url: str = URL, **more: str) -> bytes:
    fields = [("WARC-Type", kind), ("WARC-Target-URI", url), ("WARC-Date", DATE)]
    return record_bytes([*fields, *((name.replace("_", "-"), value) for name, value in more.items())], block)


def http(body: bytes, head: bytes = b"HTTP/1.1 200 OK\r\nContent-Type: text/html") -> bytes:
    return head + b"\r\n\r\n" + body


def written(tmp_path: Path, *parts: bytes, name: str = "x.warc.gz") -> Path:
    path = tmp_path / name
    path.write_bytes(b"".join(parts))
    return path


def packed(tmp_path: Path, *records: bytes) -> Path:
    return written(tmp_path, *(member(each) for each in records))


def bodies(answers: Answers) -> list[bytes]:
    return [archived.answer.body for archived in answers]


@pytest.mark.parametrize("gz", [True, False])
def test_reads_what_warcio_wrote(tmp_path: Path, gz: bool) -> None:
    path = tmp_path / ("a.warc.gz" if gz else "a.warc")
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=gz, warc_version="1.1")
        writer.write_record(writer.create_warcinfo_record("a.warc.gz", {"software": "other"}))
        for number in range(3):
            url = f"https://api.example/q/{number}"
            said = StatusAndHeaders("200 OK", [("Content-Type", "application/json"), ("X-A", "1"), ("X-A", "2")], protocol="HTTP/1.1")
            reply = writer.create_warc_record(url, "response", payload=io.BytesIO(b'{"n": %d}' % number), length=8, http_headers=said)
            asked = StatusAndHeaders("POST /q HTTP/1.1", [("Host", "api.example")], is_http_request=True)
            ask = writer.create_warc_record(url, "request", payload=io.BytesIO(b"q=%d" % number), length=3, http_headers=asked)
            writer.write_request_response_pair(ask, reply)
    found = list(iterate_answers(path))
    assert [(a.answer.url, a.answer.method, a.answer.asked, a.answer.body) for a in found] == [
        (f"https://api.example/q/{n}", "POST", b"q=%d" % n, b'{"n": %d}' % n) for n in range(3)
    ]
    assert found[0].answer.headers["x-a"] == "1,2"
    assert found[0].answer.headers["content-length"] == "8"
    for archived in found:
        answer, fetched_at = open_answer(tmp_path, path.name, archived.offset)
        assert (answer.body, answer.url, fetched_at) == (archived.answer.body, archived.answer.url, archived.fetched_at)


@pytest.mark.parametrize("request_first", [True, False])
def test_request_belongs_to_its_answer_in_either_order(tmp_path: Path, request_first: bool) -> None:
    ask = record("request", b"POST /q HTTP/1.1\r\nHost: toko.example\r\n\r\nbody", WARC_Record_ID="<urn:q>", WARC_Concurrent_To="<urn:a>")
    other = record("request", b"PUT /q HTTP/1.1\r\n\r\nno", WARC_Record_ID="<urn:z>", WARC_Concurrent_To="<urn:other>")
    reply = record("response", http(PAGE), WARC_Record_ID="<urn:a>")
    path = packed(tmp_path, other, *((ask, reply) if request_first else (reply, ask)))
    (found,) = iterate_answers(path)
    assert (found.answer.method, found.answer.asked) == ("POST", b"body")


@pytest.mark.parametrize(
    ("head", "raw"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html", PAGE),
        (b"HTTP/1.0 200\r\nContent-Type: text/html", PAGE),
        (b"HTTP/2 200\r\ncontent-type: text/html", PAGE),
        (b"HTTP/1.1 200 OK\nContent-Type: text/html\nno colon here\nX: a\n folded", PAGE),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX: \xe9\xff", PAGE),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999", PAGE),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked", chunked(PAGE)),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked", PAGE),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip", gzip.compress(PAGE, mtime=0)),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip", PAGE),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: deflate", zlib.compress(PAGE)),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: deflate", zlib.compress(PAGE)[2:-4]),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: br", brotli.compress(PAGE)),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: zstd", zstandard.compress(PAGE)),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked",
            chunked(gzip.compress(PAGE, mtime=0)),
        ),
    ],
)
def test_http_oddities(tmp_path: Path, head: bytes, raw: bytes) -> None:
    blank = b"\n\n" if b"\r\n" not in head else b"\r\n\r\n"
    (found,) = iterate_answers(packed(tmp_path, record("response", head + blank + raw)))
    assert found.answer.body == PAGE
    assert found.answer.status == 200
    assert found.answer.media_type == "text/html"
    assert found.answer.headers["content-length"] == str(len(PAGE))
    assert "content-encoding" not in found.answer.headers
    assert found.fetched_at == datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)


def test_resource_is_its_block(tmp_path: Path) -> None:
    (found,) = iterate_answers(packed(tmp_path, record("resource", b'{"a": 1}', Content_Type="application/json")))
    assert (found.answer.body, found.answer.media_type, found.answer.status) == (b'{"a": 1}', "application/json", 200)


def test_bomb_is_refused() -> None:
    with pytest.raises(ArchiveCorrupt, match="10485760"):
        decode_body(gzip.compress(b"\0" * 10_485_761), {"content-encoding": "gzip"})
    assert len(decode_body(gzip.compress(b"\0" * 10_485_760), {"content-encoding": "gzip"})) == 10_485_760


def test_revisit_gives_the_earlier_body_with_its_own_headers_and_time(tmp_path: Path) -> None:
    first = record("response", http(PAGE), WARC_Payload_Digest="sha1:AAA", WARC_Record_ID="<urn:1>")
    again = record(
        "revisit",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-New: yes\r\n\r\n",
        WARC_Payload_Digest="sha1:AAA",
        WARC_Profile="http://netpreserve.org/warc/1.0/revisit/identical-payload-digest",
        WARC_Refers_To_Target_URI=URL,
        WARC_Refers_To_Date=DATE,
    ).replace(DATE.encode(), b"2026-11-21T00:00:00Z", 1)
    bare = record("revisit", b"", WARC_Refers_To="<urn:1>", WARC_Profile="http://netpreserve.org/warc/1.1/revisit/server-not-modified")
    lost = record("revisit", b"", url="https://toko.example/p/2", WARC_Payload_Digest="sha1:ZZZ")
    answers = iterate_answers(packed(tmp_path, first, again, bare, lost))
    found = list(answers)
    assert [a.answer.body for a in found] == [PAGE, PAGE, PAGE]
    assert found[1].answer.headers["x-new"] == "yes"
    assert found[1].fetched_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert found[2].answer.headers["content-type"] == "text/html"
    assert answers.skipped == {"original_missing": 1}


def test_bare_304_and_truncation_are_counted(tmp_path: Path) -> None:
    answers = iterate_answers(
        packed(
            tmp_path,
            record("response", b"HTTP/1.1 304 Not Modified\r\n\r\n"),
            record("response", http(PAGE[:20]), WARC_Truncated="length"),
        )
    )
    assert bodies(answers) == [PAGE[:20]]
    assert answers.skipped == {"not_modified": 1, "truncated_but_given": 1}


def test_missing_content_length(tmp_path: Path) -> None:
    one = record("response", http(PAGE))
    cut = b"".join(line for line in one.splitlines(keepends=True) if not line.startswith(b"Content-Length"))
    assert bodies(iterate_answers(packed(tmp_path, cut, one))) == [PAGE, PAGE]
    assert bodies(iterate_answers(written(tmp_path, cut, one, name="b.warc"))) == [PAGE, PAGE]


@pytest.mark.parametrize("gz", [True, False])
def test_damage_in_the_middle_costs_one_record(tmp_path: Path, gz: bool, caplog: pytest.LogCaptureFixture) -> None:
    records = [record("response", http(b"page %d " % n + bytes(range(256)) * 8), url=f"https://toko.example/{n}") for n in range(5)]
    parts = [member(each) if gz else each for each in records]
    bad = parts[2]
    parts[2] = bad[:12] + b"\xff\x00garbage\xff" + bad[24:] if gz else b"WARC/" + bad[9:]
    answers = iterate_answers(written(tmp_path, *parts, name="d.warc.gz" if gz else "d.warc"))
    assert [a.answer.url[-1] for a in answers] == ["0", "1", "3", "4"]
    assert answers.skipped == {"corrupt": 1}
    assert "passed over" in caplog.text


@pytest.mark.parametrize("gz", [True, False])
def test_torn_tail_costs_the_last_record(tmp_path: Path, gz: bool) -> None:
    one = record("response", http(PAGE))
    data = member(one) if gz else one
    answers = iterate_answers(written(tmp_path, data, data[: len(data) - 30], name="t.warc.gz" if gz else "t.warc"))
    assert bodies(answers) == [PAGE]
    assert answers.skipped == {"torn": 1}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (b"<html>", "not a WARC file"),
        (b"PK\x03\x04 zip", "not a WARC file"),
        (gzip.compress(b"hello", mtime=0), "no whole WARC record"),
        (b"WARC/1.1\r\n", "no whole WARC record"),
        (gzip.compress(record("response", http(PAGE)) * 2, mtime=0), "warcio recompress"),
    ],
)
def test_not_a_warc_is_said_clearly(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(NotAWarc, match=words):
        list(iterate_answers(written(tmp_path, data)))


def test_missing_and_wrong_places(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing, match=r"gone\.warc\.gz"):
        open_answer(tmp_path, "gone.warc.gz", 0)
    with pytest.raises(ArchiveMissing, match="no name of an archive file"):
        open_answer(tmp_path, "../x.warc.gz", 0)
    path = packed(tmp_path, record("response", http(PAGE)), record("metadata", b"x"))
    second = list(WarcFile(path))[1].offset
    with pytest.raises(ArchiveCorrupt):
        open_answer(tmp_path, path.name, 7)
    with pytest.raises(ArchiveCorrupt, match="metadata"):
        open_answer(tmp_path, path.name, second)


def test_as_of(tmp_path: Path) -> None:
    info = record("warcinfo", b"software: Tembus\r\ntembus-as-of: 2026-11-01\r\n")
    ours = written(tmp_path, member(info), member(record("response", http(PAGE))), name="o.warc.gz")
    other = packed(tmp_path, record("request", b"GET / HTTP/1.1\r\n\r\n"), record("response", http(PAGE)))
    assert as_of_of([ours]) == date(2026, 11, 1)
    assert as_of_of([other]) == date(2026, 11, 20)
    assert as_of_of([other, ours]) == date(2026, 11, 1)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_any_damage_ends_in_answers_or_clear_words(tmp_path: Path, data: st.DataObject) -> None:
    gz = data.draw(st.booleans())
    records = [record("response", http(b"%d" % n * 300), url=f"https://toko.example/{n}") for n in range(4)]
    raw = bytearray(b"".join(member(each) if gz else each for each in records))
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=6)):
        raw[at] = data.draw(st.integers(0, 255))
    path = written(tmp_path, bytes(raw[: data.draw(st.integers(0, len(raw)))]), name="h.warc.gz" if gz else "h.warc")
    try:
        found = list(iterate_answers(path))
    except NotAWarc:
        return
    assert len(found) <= 4


def test_a_file_of_another_tool_with_real_answers(corpus: Path, tmp_path: Path) -> None:
    script = corpus.parent / "bench" / "corpus_warc.py"
    path = tmp_path / "corpus.warc.gz"
    done = subprocess.run([sys.executable, str(script), str(corpus), str(path)], capture_output=True, text=True, check=True)
    stated = sum(int(line.rsplit(" ", 1)[1]) for line in done.stdout.splitlines())
    answers = iterate_answers(path)
    offsets = {archived.answer.url: (archived.offset, archived.digest) for archived in answers}
    assert len(offsets) == stated > 100
    assert answers.skipped == {}
    for offset, digest in list(offsets.values())[::10]:
        assert hashlib.sha256(open_answer(tmp_path, path.name, offset)[0].body).hexdigest() == digest
