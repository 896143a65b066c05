"""The archive when the disk is full, the process is killed, the index is lost or somebody else is writing."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from scrapy import Request, Spider
from scrapy.http import TextResponse
from scrapy.utils.test import get_crawler

from spiders.archive import WarcStorage
from spiders.archive_errors import ArchiveBroken, ArchiveBusy, ArchiveFull
from spiders.archive_forget import forget_in_archive, purge
from spiders.archive_index import INDEX_NAME, ArchiveIndex
from spiders.warc_answers import iterate_answers, open_answer, reindex
from spiders.warc_reading import WarcFile
from spiders.warc_writing import WarcAppender

REPO = Path(__file__).parents[2]
CRAWL = REPO / "tests" / "spiders" / "test_archive_crawl.py"
SERVER = """
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = os.urandom(20000)
        self.send_response(200)
        self.send_header("Content-Length", "20000")
        self.send_header("Content-Type", "application/octet-stream")
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
print(s.server_port, flush=True)
s.serve_forever()
"""


@pytest.fixture
def port():
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        yield int(process.stdout.readline())
        process.kill()


def store(folder, run_id, bodies, **settings):
    """Archive some bodies without a crawl."""
    crawler = get_crawler(Spider, {"TEMBUS_ARCHIVE": str(folder), "TEMBUS_RUN_ID": run_id, **settings})
    spider = crawler._create_spider("toko")
    crawler.spider = spider
    storage = WarcStorage(crawler.settings)
    crawler.request_fingerprinter = fingerprinter()
    storage.open_spider(spider)
    places = []
    for url, body in bodies:
        request = Request(url)
        storage.store_response(spider, request, TextResponse(url, body=body, headers={"Content-Type": "text/html"}))
        places.append(request.meta["archived"])
    return storage, spider, places


def fingerprinter():
    from scrapy.utils.request import RequestFingerprinter

    return RequestFingerprinter()


def test_full_disk_ends_the_crawl_and_leaves_only_whole_records(port, tmp_path):
    asks = [["GET", f"/{number}", ""] for number in range(60)]
    job = {
        "port": port,
        "asks": asks,
        "replay": [],
        "file_limit": 300_000,
        "settings": {"TEMBUS_ARCHIVE": str(tmp_path), "CONCURRENT_REQUESTS": 4},
    }
    done = subprocess.run(
        [sys.executable, str(CRAWL)], input=json.dumps(job), capture_output=True, text=True, timeout=60, check=False, cwd=REPO
    )
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout)
    assert "no room for the archive" in result["stats"]["tembus/fatal"]
    assert result["stats"]["finish_reason"] == "archive"
    assert "the crawl ends" in done.stderr
    (path,) = tmp_path.glob("*.warc.gz")
    answers = iterate_answers(path)
    found = list(answers)
    assert 5 < len(found) < 20
    assert answers.skipped == {}
    assert len(result["items"]) == len(found)
    for item in result["items"]:
        assert len(open_answer(tmp_path, item["file"], item["offset"])[0].body) == 20_000
    index = ArchiveIndex(tmp_path / INDEX_NAME)
    assert len(index.rows("")) == len(found)
    index.close()


def test_full_disk_at_the_writer_gives_the_place_back(tmp_path):
    code = """
import resource, sys
from pathlib import Path
from spiders.archive_errors import ArchiveFull
from spiders.warc_writing import WarcAppender
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
out = WarcAppender(Path(sys.argv[1]))
assert out.append(b"a" * 700) == 0
for _ in range(2):
    try:
        out.append(b"b" * 700)
    except ArchiveFull as error:
        assert "free space" in str(error)
    else:
        raise SystemExit("took it")
out.close()
"""
    path = tmp_path / "w.warc.gz"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, cwd=REPO, timeout=30)
    assert path.read_bytes() == b"a" * 700


def test_unwritable_folder_ends_the_crawl_before_the_first_request(port, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    job = {"port": port, "asks": [["GET", "/1", ""]], "replay": [], "settings": {"TEMBUS_ARCHIVE": str(tmp_path / "file" / "archive")}}
    done = subprocess.run(
        [sys.executable, str(CRAWL)], input=json.dumps(job), capture_output=True, text=True, timeout=60, check=False, cwd=REPO
    )
    stats = json.loads(done.stdout)["stats"]
    assert "archive folder cannot be made" in stats["tembus/fatal"]
    assert stats.get("downloader/response_count", 0) == 0
    assert stats["finish_reason"] == "archive"


def test_kill_9_leaves_a_readable_file(port, tmp_path):
    asks = [["GET", f"/{number}", ""] for number in range(4000)]
    job = {"port": port, "asks": asks, "replay": [], "settings": {"TEMBUS_ARCHIVE": str(tmp_path), "TEMBUS_RUN_ID": "killed"}}
    with subprocess.Popen(
        [sys.executable, str(CRAWL)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, cwd=REPO
    ) as process:
        process.stdin.write(json.dumps(job))
        process.stdin.close()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and sum(p.stat().st_size for p in tmp_path.glob("*.warc.gz")) < 6_000_000:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    (path,) = tmp_path.glob("*-killed.warc.gz")
    answers = iterate_answers(path)
    found = list(answers)
    assert len(found) > 256  # at least one batch of index rows was committed
    assert all(len(archived.answer.body) == 20_000 for archived in found)
    assert sum(answers.skipped.values()) <= 1
    index = ArchiveIndex(tmp_path / INDEX_NAME)
    assert index.db.execute("pragma integrity_check").fetchone()[0] == "ok"
    rows = index.rows("")
    index.close()
    places = {archived.offset for archived in found}
    assert rows
    assert {row.offset for row in rows} <= places
    assert reindex(tmp_path).total() <= 1
    index = ArchiveIndex(tmp_path / INDEX_NAME)
    assert {row.offset for row in index.rows("")} == places
    index.close()


def test_every_cut_of_the_file_keeps_the_whole_records_before_it(tmp_path):
    storage, spider, places = store(tmp_path, "cut", [(f"https://toko.example/{n}", os.urandom(300)) for n in range(4)])
    storage.close_spider(spider)
    (path,) = tmp_path.glob("*.warc.gz")
    data = path.read_bytes()
    ends = [record.offset + record.length for record in WarcFile(path)]
    for cut in range(ends[0], len(data), 7):
        short = tmp_path / "cut.warc.gz"
        short.write_bytes(data[:cut])
        whole = sum(end <= cut for end in ends)
        scan = WarcFile(short)
        assert sum(1 for _ in scan) == whole
        assert scan.skipped == ({} if cut in ends else {"torn": 1})
    assert [place.offset for place in places] == [record.offset for record in WarcFile(path) if record.kind == "response"]


def test_lost_index_is_rebuilt_and_repeats_are_found_without_it(tmp_path):
    body = b"<html>" + b"sambal " * 300
    first, spider, (whole,) = store(tmp_path, "one", [("https://toko.example/1", body)])
    first.close_spider(spider)
    second, spider, (repeat,) = store(tmp_path, "two", [("https://toko.example/1", body)])
    second.close_spider(spider)
    assert (tmp_path / repeat.file).stat().st_size < (tmp_path / whole.file).stat().st_size + 300
    for name in tmp_path.glob("index.db*"):
        name.unlink()
    assert open_answer(tmp_path, repeat.file, repeat.offset)[0].body == body
    assert reindex(tmp_path) == {}
    assert open_answer(tmp_path, repeat.file, repeat.offset)[0].body == body
    index = ArchiveIndex(tmp_path / INDEX_NAME)
    assert [(row.kind, row.digest, row.refers_to) for row in index.rows("order by time")] == [
        ("response", whole.sha256, None),
        ("revisit", whole.sha256, whole.file),
    ]
    index.close()


def test_broken_index_is_said_clearly(tmp_path):
    (tmp_path / INDEX_NAME).write_bytes(b"this is no database at all" * 100)
    with pytest.raises(ArchiveBroken, match="rebuilt from the WARC files"):
        store(tmp_path, "one", [])


def test_two_processes_of_one_run_get_files_of_their_own(tmp_path):
    one, spider, (a,) = store(tmp_path, "run", [("https://toko.example/1", b"one")])
    two, other, (b,) = store(tmp_path, "run", [("https://toko.example/1", b"two")])
    one.close_spider(spider)
    two.close_spider(other)
    assert a.file != b.file
    assert open_answer(tmp_path, a.file, a.offset)[0].body == b"one"
    assert open_answer(tmp_path, b.file, b.offset)[0].body == b"two"


def test_a_file_being_written_is_neither_purged_nor_rewritten(tmp_path):
    storage, spider, (place,) = store(tmp_path, "run", [("https://toko.example/1", b"info@acme.example")])
    with pytest.raises(ArchiveBusy, match="try again"):
        forget_in_archive(tmp_path, [b"info@acme.example"])
    assert purge(tmp_path, date(2099, 1, 1)).files == 0
    storage.close_spider(spider)
    assert open_answer(tmp_path, place.file, place.offset)[0].body == b"info@acme.example"
    assert forget_in_archive(tmp_path, [b"info@acme.example"]).records == 1
    assert purge(tmp_path, date(2099, 1, 1)).files == 1


def test_name_taken(tmp_path):
    (tmp_path / "x").write_bytes(b"")
    with pytest.raises(FileExistsError):
        WarcAppender(tmp_path / "x")
    with pytest.raises(ArchiveBroken):
        WarcAppender(tmp_path / "no" / "folder")
    assert issubclass(ArchiveFull, Exception)
