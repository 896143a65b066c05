"""Real crawls against a loopback server: recorded, asked again, and replayed with the server gone.

Run as a script it is the crawl itself: a job on standard input, what became of it on standard output.
"""

import gzip
import json
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

REPO = Path(__file__).parents[2]
PAGE = b"<html><title>Sambal (contoh)</title>" + b"<p>pedas manis asin</p>" * 200 + b"</html>"
COMPRESSION = "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware"


class Shop(BaseHTTPRequestHandler):
    """Pages with every quirk that an archive has to keep."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        getattr(self, "page_" + urlsplit(self.path).path.strip("/").split("/")[0])()

    do_POST = do_HEAD = do_GET

    def say(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    def page_plain(self):
        self.say(200, PAGE, Content_Type="text/html", Cache_Control="no-store", Set_Cookie="a=1")

    def page_packed(self):
        self.say(200, gzip.compress(PAGE), Content_Type="text/html", Content_Encoding="gzip")

    def page_moved(self):
        self.say(302, Location="/plain?from=moved&api_key=GEHEIM")

    def page_gone(self):
        self.say(404, b"not here", Content_Type="text/plain")

    def page_flaky(self):
        self.server.flaky += 1
        self.say(503 if self.server.flaky == 1 else 200, b"try %d" % self.server.flaky, Content_Type="text/plain")

    def page_marked(self):
        if self.headers.get("If-None-Match") == '"v1"':
            self.say(304, ETag='"v1"')
        else:
            self.say(200, PAGE, Content_Type="text/html", ETag='"v1"', Last_Modified="Mon, 02 Nov 2026 00:00:00 GMT")

    def page_api(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.say(200, b'{"echo": "%s"}' % body, Content_Type="application/json")

    def log_message(self, *args):
        pass


@pytest.fixture
def shop():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.asked, server.flaky = [], 0
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def crawl(port, asks, folder, replay=(), **settings):
    job = {
        "port": port,
        "asks": asks,
        "replay": list(replay),
        "settings": {"TEMBUS_ARCHIVE": str(folder), "TEMBUS_AS_OF": "2026-11-24", **settings},
    }
    done = subprocess.run(
        [sys.executable, __file__], input=json.dumps(job), capture_output=True, text=True, timeout=60, check=False, cwd=REPO
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


ASKS = [
    ["GET", "/plain", ""],
    ["GET", "/packed?subscription-key=GEHEIM&q=sambal", ""],
    ["GET", "/moved", ""],
    ["GET", "/gone", ""],
    ["GET", "/flaky", ""],
    ["POST", "/api", "a=1"],
    ["POST", "/api", "a=2"],
]


@pytest.fixture
def recorded(shop, tmp_path):
    """A recording and what the crawl gave."""
    folder = tmp_path / "archive"
    return folder, crawl(shop.server_port, ASKS, folder, TEMBUS_RUN_ID="20261125-night"), shop.server_port


def by_key(result):
    """Records in a fixed order, without the length the server stated: live it is that of the packed body."""
    items = [{name: value for name, value in item.items() if name != "length"} for item in result["items"]]
    return sorted(items, key=lambda item: (item["key"], item["name"], item["hash"], item["offset"]))


def test_records_every_answer_as_readers_see_it(recorded):
    from spiders.warc_answers import iterate_answers, open_answer

    folder, result, _ = recorded
    (path,) = folder.glob("*.warc.gz")
    assert path.name.endswith("-20261125-night.warc.gz")
    found = list(iterate_answers(path))
    assert Counter((urlsplit(a.answer.url).path, a.answer.status) for a in found) == {
        ("/plain", 200): 2,
        ("/packed", 200): 1,
        ("/moved", 302): 1,
        ("/gone", 404): 1,
        ("/flaky", 503): 1,
        ("/flaky", 200): 1,
        ("/api", 200): 2,
    }
    assert {a.answer.asked for a in found if a.answer.method == "POST"} == {b"a=1", b"a=2"}
    packed = next(a for a in found if "/packed" in a.answer.url)
    assert packed.answer.body == PAGE
    assert packed.answer.headers["content-length"] == str(len(PAGE))
    assert "content-encoding" not in packed.answer.headers
    for item in result["items"]:
        answer, _ = open_answer(folder, item["file"], item["offset"])
        assert (len(answer.body), answer.url) == (int(item["name"]), item["url"])
    assert b"GEHEIM" not in gzip.decompress(path.read_bytes())
    assert b"Rahasia" not in gzip.decompress(path.read_bytes())
    assert "GEHEIM" not in json.dumps([item["url"] for item in result["items"]])


def test_other_tools_can_read_and_verify_it(recorded):
    folder, _, _ = recorded
    (path,) = folder.glob("*.warc.gz")
    done = subprocess.run([sys.executable, "-m", "warcio.cli", "check", "-v", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "digest pass" in done.stdout
    from warcio.archiveiterator import ArchiveIterator

    with path.open("rb") as stream:
        first = next(iter(ArchiveIterator(stream)))
        info = first.content_stream().read().decode()
    assert first.rec_type == "warcinfo"
    assert "software: Tembus\r\n" in info
    assert "tembus-as-of: 2026-11-24\r\n" in info
    assert "tembus-source: toko\r\n" in info


def test_replay_gives_the_same_records_without_the_server(recorded, shop):
    folder, result, port = recorded
    asked = len(shop.asked)
    (path,) = folder.glob("*.warc.gz")
    again = crawl(port, [*ASKS, ["GET", "/never", ""]], folder, TEMBUS_REPLAY=[str(path)])
    assert by_key(again) == by_key(result)
    assert len(shop.asked) == asked
    assert again["stats"]["tembus/toko/replay_missing"] == 1
    assert len(list(folder.glob("*.warc.gz"))) == 1


def test_replay_of_a_file_from_elsewhere_makes_its_evidence_reachable(recorded, tmp_path):
    from spiders.warc_answers import open_answer

    folder, result, port = recorded
    (path,) = folder.glob("*.warc.gz")
    home = tmp_path / "other-home"
    for _ in range(2):
        again = crawl(port, ASKS, home, TEMBUS_REPLAY=[str(path)])
    assert len(again["items"]) == len(result["items"])
    assert [p.name[:10] for p in home.glob("*.warc.gz")] == ["handed-in-"]
    for item in again["items"]:
        assert len(open_answer(home, item["file"], item["offset"])[0].body) == int(item["name"])


def test_unchanged_pages_are_not_sent_again(shop, tmp_path):
    asks = [["GET", "/marked", ""], ["GET", "/plain", ""]]
    first = crawl(shop.server_port, asks, tmp_path, TEMBUS_RUN_ID="one")
    second = crawl(shop.server_port, asks, tmp_path, TEMBUS_RUN_ID="two")
    third = crawl(shop.server_port, asks, tmp_path, TEMBUS_RUN_ID="three", TEMBUS_CONDITIONAL=False)
    marked = [headers for _, path, headers in shop.asked if path == "/marked"]
    assert [headers.get("If-None-Match") for headers in marked] == [None, '"v1"', None]
    assert marked[1]["If-Modified-Since"] == "Mon, 02 Nov 2026 00:00:00 GMT"
    assert second["stats"]["tembus/toko/not_modified"] == 1
    strip = [[(i["key"], i["name"], i["hash"]) for i in by_key(each)] for each in (first, second, third)]
    assert strip[0] == strip[1] == strip[2]
    flags = {item["key"][-6:]: item["flags"] for item in second["items"]}
    assert flags == {"marked": ["cached", "not-modified"], "/plain": []}
    replayed = crawl(shop.server_port, asks, tmp_path, TEMBUS_REPLAY=[str(p) for p in tmp_path.glob("*-two.warc.gz")])
    assert [(i["key"], i["name"], i["hash"]) for i in by_key(replayed)] == strip[0]


def test_a_304_whose_page_is_damaged_is_asked_again_without_condition(shop, tmp_path):
    first = crawl(shop.server_port, [["GET", "/marked", ""]], tmp_path, TEMBUS_RUN_ID="one")
    (path,) = tmp_path.glob("*-one.warc.gz")
    data = bytearray(path.read_bytes())
    data[-40:-20] = b"\xff" * 20
    path.write_bytes(data)
    second = crawl(shop.server_port, [["GET", "/marked", ""]], tmp_path, TEMBUS_RUN_ID="two")
    assert [headers.get("If-None-Match") for _, _, headers in shop.asked] == [None, '"v1"', None]
    assert [(item["name"], item["hash"]) for item in second["items"]] == [(item["name"], item["hash"]) for item in first["items"]]
    assert "tembus/toko/not_modified" not in second["stats"]


def test_of_two_nights_the_one_handed_in_last_is_replayed_without_its_passing_failures(shop, tmp_path):
    from scrapy import Request
    from scrapy.utils.request import RequestFingerprinter

    from spiders.archive_replay import Replay

    paths = []
    for run in ("one", "two"):
        shop.flaky = {"one": 0, "two": 7}[run]
        crawl(shop.server_port, [["GET", "/flaky", ""]], tmp_path, TEMBUS_RUN_ID=run)
        paths += tmp_path.glob(f"*-{run}.warc.gz")
    question = RequestFingerprinter().fingerprint(Request(f"http://127.0.0.1:{shop.server_port}/flaky")).hex()
    for order, body in ((paths, b"try 8"), (paths[::-1], b"try 2")):
        replay = Replay(order, tmp_path, RequestFingerprinter())
        assert [replay.next_answer(question)[0].answer.body for _ in range(2)] == [body, body]
        assert replay.next_answer("00" * 20) is None
        replay.close()


def test_head_keeps_the_length_that_was_stated(shop, tmp_path):
    asks = [["HEAD", "/plain", ""]]
    first = crawl(shop.server_port, asks, tmp_path)
    again = crawl(shop.server_port, asks, tmp_path, TEMBUS_REPLAY=[str(path) for path in tmp_path.glob("*.warc.gz")])
    for result in (first, again):
        assert [(item["name"], item["length"]) for item in result["items"]] == [("0", str(len(PAGE)))]


def test_archive_family_reads_a_recording_as_the_crawl_did(recorded):
    folder, result, port = recorded
    (path,) = folder.glob("*.warc.gz")
    again = crawl(port, [], folder, replay=[str(path)])
    places = {(item["key"], item["name"], item["hash"], item["file"], item["offset"], item["url"], item["at"]) for item in result["items"]}
    found = {(item["key"], item["name"], item["hash"], item["file"], item["offset"], item["url"], item["at"]) for item in again["items"]}
    assert {place for place in places if place[0] != "/gone"} == found
    assert again["stats"]["item_scraped_count"] == len(found)
    assert "downloader/request_count" not in again["stats"]


def test_settings_put_the_archive_between_redirects_and_unpacking():
    from spiders.archive import ARCHIVE_SETTINGS
    from spiders.manners.settings import MANNERS_SETTINGS

    merged = {**MANNERS_SETTINGS["DOWNLOADER_MIDDLEWARES"], **ARCHIVE_SETTINGS["DOWNLOADER_MIDDLEWARES"]}
    at = merged.pop("spiders.archive.ArchiveEverything")
    later = {name: place for name, place in merged.items() if place is not None and place > at}
    assert sorted(later, key=later.get) == ["spiders.keys.HiddenKeys", "spiders.manners.budgets.Unpacked"]


def main():
    """One crawl."""
    job = json.load(sys.stdin)
    if limit := job.get("file_limit"):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    from scrapy import signals
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.utils.reactor import install_reactor

    from market_db.seen import Listing
    from spiders.archive import ARCHIVE_SETTINGS
    from spiders.base.spider import TembusSpider
    from spiders.families.archive import ArchiveSpider, passport_of

    class Toko(TembusSpider):
        name = "toko"
        about = replace(passport_of("Toko (contoh)"), hosts=("127.0.0.1",))

        def first_requests(self):
            headers = {"Authorization": "Bearer Rahasia", "Ocp-Apim-Subscription-Key": "Rahasia"}
            for method, path, body in job["asks"]:
                url = f"http://127.0.0.1:{job['port']}{path}"
                yield self.ask(url, method=method, body=body, headers=headers, meta={"handle_httpstatus_list": [404, 503]})

        def read(self, answer):
            length = answer.headers.get("content-length")
            yield Listing(key=urlsplit(answer.url).path, name=str(len(answer.body)), url=answer.url, description=length)

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    middlewares = {**ARCHIVE_SETTINGS["DOWNLOADER_MIDDLEWARES"], "spiders.manners.budgets.Unpacked": None, COMPRESSION: 910}
    settings = {"LOG_LEVEL": "INFO", "TELNETCONSOLE_ENABLED": False, "RETRY_TIMES": 2, "STATS_DUMP": False}
    process = AsyncCrawlerProcess({**settings, **ARCHIVE_SETTINGS, "DOWNLOADER_MIDDLEWARES": middlewares, **job["settings"]})
    crawler = process.create_crawler(ArchiveSpider if job["replay"] else Toko)
    items = []

    def keep(item, response):
        proof = item.evidence
        items.append(
            {
                "key": item.key,
                "name": item.name,
                "file": proof.archive_file,
                "offset": proof.archive_offset,
                "hash": proof.content_hash,
                "url": proof.url,
                "at": proof.fetched_at.isoformat(),
                "flags": [] if response is None or job["settings"].get("TEMBUS_REPLAY") else response.flags,
                "length": item.description,
            }
        )

    crawler.signals.connect(keep, signals.item_scraped)
    process.crawl(crawler, **({"replay": job["replay"], "readers": [Toko()]} if job["replay"] else {}))
    process.start()
    json.dump(
        {"items": items, "stats": {k: str(v) if not isinstance(v, int | float) else v for k, v in crawler.stats.get_stats().items()}},
        sys.stdout,
    )


if __name__ == "__main__":
    sys.path.insert(0, str(REPO))
    main()
