"""`tembus check` and `tembus capture` against a loopback shop: what changed is named, nothing is stored, fixtures are clean."""

import json

import pytest

from market_db.rows import read_rows
from market_db.runs import Run
from market_db.schema import open_market
from scripts.capture import NothingCaptured, capture
from scripts.check import Looked, check, judged
from spiders.catalogue import load_spiders
from tests.live.hostile_server import Reply, serving
from tests.live.test_crawl_loopback import PRODUCTS, shop_home

JSON = "application/json"


@pytest.fixture
def shop(tmp_path):
    with serving() as server:
        server.routes["/products.json"] = Reply(json.dumps(PRODUCTS), kind=JSON)
        home = shop_home(tmp_path, server.port)
        open_market(home).close()
        yield server, home


def counts(home):
    db = open_market(home)
    try:
        tables = ("listings", "runs", "evidence", "source_checks")
        return {table: db.conn.execute(f"select count(*) from {table}").fetchone()[0] for table in tables}
    finally:
        db.close()


def test_a_source_that_answers_as_expected_is_ok_and_stores_only_that(shop):
    server, home = shop
    (found,) = check(home, ["shopify:loop"])
    assert (found.state, found.records, found.requests) == ("ok", 2, 1)
    assert len(server.paths("127.0.0.1")) <= 3
    assert counts(home) == {"listings": 0, "runs": 0, "evidence": 0, "source_checks": 1}
    assert not list(home.archive.glob("*.warc.gz"))


@pytest.mark.parametrize(
    ("reply", "state", "said"),
    [
        (Reply("<html><p>We moved</p></html>"), "changed", "html instead of json"),
        (Reply(status=403), "blocked", "403"),
        (Reply('{"products": []}', kind=JSON), "empty", ""),
    ],
)
def test_what_is_wrong_is_told(shop, reply, state, said):
    server, home = shop
    server.routes["/products.json"] = reply
    (found,) = check(home, ["shopify:loop"])
    assert found.state == state
    assert said in found.detail


def test_a_source_that_only_fails_has_failed():
    run = Run(run_id="r", source="s", mode="live", started="2026-11-25", verdict="broken", why="0 records", answers=3, failed=1)
    assert judged("ted", load_spiders()["ted"].about, Looked(run, [])).state == "failed"


def test_robots_that_refuse_are_no_failure_of_the_source(shop):
    server, home = shop
    server.routes["/robots.txt"] = Reply("User-agent: *\nDisallow: /\n", kind="text/plain")
    (found,) = check(home, ["shopify:loop"])
    assert found.state == "robots"
    assert server.paths("127.0.0.1") == []


def test_the_newest_check_replaces_the_one_before(shop):
    server, home = shop
    list(check(home, ["shopify:loop"]))
    server.routes["/products.json"] = Reply(status=403)
    list(check(home, ["shopify:loop"]))
    db = open_market(home)
    assert [row["state"] for row in read_rows(db, "select state from source_checks")] == ["blocked"]
    db.close()


def test_a_capture_holds_the_answer_without_keys_and_persons(shop, tmp_path, monkeypatch):
    server, home = shop
    row = {**PRODUCTS["products"][0], "owner_name": "Nama Orang", "body_html": "Write to nama.orang@toko.example or info@toko.example"}
    server.routes["/products.json"] = Reply(json.dumps({"products": [row] * 30, "api_key": "s3cret"}), kind=JSON)
    monkeypatch.setattr("scripts.capture.read_plain", lambda *_: [{"kind": "listing"}])
    done = capture(home, "shopify:loop", tmp_path / "fixture", rows=5)
    body = (done.folder / "response.json").read_text("utf-8")
    assert len(json.loads(body)["products"]) == 5
    assert "info@toko.example" in body
    assert not [word for word in ("Nama Orang", "nama.orang", "s3cret") if word in body]
    assert done.taken["rows"] == 25
    asked = json.loads((done.folder / "request.json").read_text("utf-8"))
    assert (asked["status"], asked["file"], asked["headers"]) == (200, "response.json", {"content-type": JSON})
    with pytest.raises(FileExistsError, match="another case"):
        capture(home, "shopify:loop", tmp_path / "fixture")


def test_a_capture_without_answer_says_why_and_writes_nothing(shop, tmp_path):
    server, home = shop
    server.routes["/robots.txt"] = Reply("User-agent: *\nDisallow: /\n", kind="text/plain")
    with pytest.raises(NothingCaptured, match="robots"):
        capture(home, "shopify:loop", tmp_path / "fixture")
    assert not (tmp_path / "fixture").exists()
