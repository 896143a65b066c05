"""Keys of sources in a real crawl: the server gets them, and nothing that stays behind does."""

import base64
import gzip
import io
import os
from datetime import date
from pathlib import Path

import pytest
from scrapy import Request

from market_db.home import open_home
from scripts import crawl as crawling_module
from scripts.crawl import crawl
from spiders.archive import ARCHIVE_SETTINGS
from spiders.keys import BASIC, PLACEHOLDER, Censored, asks_for_key, hidden, keyless, with_key
from spiders.manners.settings import MANNERS_SETTINGS
from spiders.source import Source
from tests.live.crawling import run_crawl, source
from tests.live.hostile_server import Reply, serving

KEY = "GEHEIM/42+x"
SETTINGS = {name: {**MANNERS_SETTINGS[name], **ARCHIVE_SETTINGS[name]} for name in ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES")}
PASSPORT = {"key_env": "TEMBUS_TEST_KEY", "api": True, "pace": {"delay": 0.0}}


def held(folder: Path) -> bytes:
    """Everything the archive holds."""
    packed = b"".join(gzip.decompress(path.read_bytes()) for path in folder.glob("*.warc.gz"))
    return packed + b"".join(path.read_bytes() for path in folder.glob("index.db*"))


def crawled(server, folder, starts, key=KEY, **passport):
    here = f"127.0.0.1:{server.port}"
    asked = [{**start, "url": f"http://{here}{start['url']}", "source": "keyed"} for start in starts]
    env = {**os.environ, "TEMBUS_TEST_KEY": key}
    about = source(here, **{**PASSPORT, "post_hosts": [here], **passport})
    settings = {**SETTINGS, "TEMBUS_ARCHIVE": str(folder), "TEMBUS_AS_OF": "2026-11-24", "LOG_LEVEL": "DEBUG"}
    return run_crawl({"keyed": about}, asked, settings=settings, env=env)


def test_the_key_reaches_the_server_and_stays_nowhere(tmp_path):
    with serving() as server:
        server.routes |= {
            "/echo": lambda asked: Reply(f"bad key {KEY} in {asked.path}", kind="text/plain"),
            "/moved": lambda asked: Reply(status=302, headers={"Location": f"/goal?from={asked.path.partition('=')[2]}"}),
            "/goal": Reply("{}", kind="application/json"),
            "/slow": Reply("{}", reset=True),
            "/none": Reply(status=404),
            "/post": lambda asked: Reply(asked.body, kind="application/json"),
            "/head": Reply("{}", kind="application/json"),
            "/basic": lambda asked: Reply(f"no such user: {asked.headers['authorization']}", kind="text/plain"),
            "/path/GEHEIM%2F42%2Bx/x": Reply("{}", kind="application/json"),
        }
        starts = [
            *({"url": f"/{page}?key={PLACEHOLDER}"} for page in ("echo", "moved", "slow", "none")),
            {"url": f"/path/{PLACEHOLDER}/x"},
            {"url": "/post", "method": "POST", "body": f'{{"key": "{PLACEHOLDER}"}}', "headers": {"Content-Type": "application/json"}},
            {"url": "/head", "headers": {"Ocp-Apim-Subscription-Key": PLACEHOLDER}},
            {"url": "/basic", "headers": {"Authorization": BASIC}},
        ]
        done = crawled(server, tmp_path, starts)
        asked = {each.path.partition("?")[0]: each for each in server.seen("127.0.0.1")}
        assert asked["/echo"].path == "/echo?key=GEHEIM%2F42%2Bx"
        assert "/path/GEHEIM%2F42%2Bx/x" in asked
        assert asked["/post"].body == b'{"key": "GEHEIM/42+x"}'
        assert asked["/head"].headers["ocp-apim-subscription-key"] == KEY
        credentials = base64.b64encode(f"{KEY}:".encode()).decode()
        assert asked["/basic"].headers["authorization"] == f"Basic {credentials}"
        assert "/goal" in asked
        assert sorted(item["url"].partition(f":{server.port}")[2] for item in done.items) == [
            "/basic",
            "/echo?key=__key__",
            "/goal?from=__key__",
            "/head",
            "/path/__key__/x",
            "/post",
        ]
        left = (held(tmp_path).decode("utf-8", "replace"), done.log, repr(done.items), repr(done.stats))
        assert "bad key __key__" in left[0]
        assert "no such user: Basic __key__" in left[0]
        assert not [text for text in left for secret in ("GEHEIM", credentials) if secret in text]


@pytest.mark.parametrize(("key", "stop"), [("", "needs_key"), ("k3y-enough", None)])
def test_without_a_key_nothing_is_sent(tmp_path, key, stop):
    with serving() as server:
        server.routes["*"] = Reply("{}", kind="application/json")
        done = crawled(server, tmp_path, [{"url": f"/x?key={PLACEHOLDER}"}], key=key)
        assert done.stop("keyed") == stop
        assert len(server.seen("127.0.0.1")) == (0 if stop else 1)


def test_a_source_without_its_key_is_not_run_and_no_failure(tmp_path, monkeypatch):
    about = Source(
        title="Keyed (contoh)",
        publisher="x",
        home="https://keyed.example/",
        licence="CC0",
        attribution="x",
        terms_url="https://keyed.example/",
        terms_read=date(2026, 11, 25),
        basis="test",
        hosts=("keyed.example",),
        key_env="TEMBUS_TEST_KEY",
    )
    monkeypatch.setattr(crawling_module, "all_sources", lambda *_, **__: {"keyed": ("keyed", about)})
    monkeypatch.setattr(crawling_module, "reachable", lambda _: True)
    monkeypatch.delenv("TEMBUS_TEST_KEY", raising=False)
    home = open_home(tmp_path / "home", {})
    home.make()
    (home.root / "tembus.toml").write_text('contact = "operator@kantor.example"\n', "utf-8")
    (run,) = crawl(open_home(home.root, {}), ["keyed"])
    assert (run.source, run.verdict, run.why) == ("keyed", "not_run", "no key: set TEMBUS_TEST_KEY")


@pytest.mark.parametrize(
    ("held", "key"), [({}, None), ({"K": ""}, None), ({"K": " \n"}, None), ({"K": " abc\n"}, "abc"), ({"X": "abc"}, None)]
)
def test_a_key_comes_out_of_the_environment_without_blanks(held, key):
    texts = dict.fromkeys(("title", "publisher", "home", "licence", "attribution", "terms_url", "basis"), "x")
    assert Source(**texts, terms_read=None, hosts=("x.example",), key_env="K").key(held) == key
    assert Source(**texts, terms_read=None, hosts=("x.example",)).key(held) is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x?a=1&key=__key__&b=2;3", "https://a.example/x?a=1&b=2;3"),
        ("https://a.example/x?key=__key__", "https://a.example/x"),
        ("https://a.example/x?a=1", "https://a.example/x?a=1"),
    ],
)
def test_addresses_are_shown_without_the_key(url, shown):
    assert keyless(url) == shown


def test_a_request_without_placeholder_is_left_alone():
    assert not asks_for_key(Request("https://a.example/?key=1", headers={"A": "b"}, body=b"x"))
    filled = with_key(Request("https://a.example/", method="POST", body=b"k=__key__"), "a b&c")
    assert filled.body == b"k=a%20b%26c"
    quoted = Request("https://a.example/", method="POST", body=b'{"k": "__key__"}', headers={"Content-Type": "application/json"})
    assert with_key(quoted, 'a"b').body == b'{"k": "a\\"b"}'


@pytest.mark.parametrize(
    ("text", "key", "plain"),
    [
        ("GET /?key=GEHEIM%2F42%2Bx failed", KEY, "GET /?key=__key__ failed"),
        ("GEHEIM/42+x and GEHEIM/42+x", KEY, "__key__ and __key__"),
        ("an ordinary text", "or", "an ordinary text"),
    ],
)
def test_keys_are_hidden_in_texts(text, key, plain):
    assert hidden(text, key) == plain
    stream = io.StringIO()
    assert Censored(stream, (key,)).write(text) == len(text)
    assert stream.getvalue() == plain


def test_a_recording_of_a_keyed_source_is_replayed_without_the_key(tmp_path):
    with serving() as server:
        server.routes["/x"] = Reply('{"a": 1}', kind="application/json")
        start = [{"url": f"/x?q=1&key={PLACEHOLDER}"}]
        first = crawled(server, tmp_path, start)
        (file,) = tmp_path.glob("*.warc.gz")
        here = f"127.0.0.1:{server.port}"
        about = {"keyed": source(here, **{**PASSPORT, "post_hosts": [here]})}
        asked = [{"url": f"http://{here}{start[0]['url']}", "source": "keyed"}]
        again = run_crawl(about, asked, settings={**SETTINGS, "TEMBUS_REPLAY": [str(file)]}, env={**os.environ, "TEMBUS_TEST_KEY": ""})
        assert first.items == again.items
        assert len(server.seen("127.0.0.1")) == 1
