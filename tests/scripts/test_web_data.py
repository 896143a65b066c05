"""Datasette under /data: only the snapshot, only for those who may, within limits, and a page that says how to install it."""

import asyncio
import os
import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from market_db.access.accounts import add_account
from market_db.access.audit import deeds
from market_db.publish import publish
from market_db.schema import open_market
from market_db.web import explorer
from market_db.web.access import Accounts
from market_db.web.services import Services
from market_db.web.site import Site
from scripts.serve import workspace

HERE = "http://127.0.0.1:8350"
OPEN_FILES = Path("/proc/self/fd")
needs = pytest.mark.skipif(not explorer.is_installed(), reason="the extra `data` is not installed")


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url=HERE, raise_server_exceptions=False, follow_redirects=False)


def ask(client, sql, kind="json"):
    return client.get(f"/data/published.{kind}?_shape=array&sql={quote(sql)}")


@needs
def test_tables_facets_and_questions(client):
    page = client.get("/data")
    assert page.status_code == 200
    for path in re.findall(r'href="(/data/[^"]+)"', page.text):
        assert client.get(path).status_code == 200, path
    facets = client.get("/data/published/lead_rows?_facet=country")
    assert facets.status_code == 200
    assert ask(client, "select count(*) as n from lead_rows").json() == [{"n": 4}]
    assert client.get("/data/").headers["location"] == "/data"


@needs
@pytest.mark.parametrize(
    "path",
    ["/data/_internal", "/data/_memory", "/data/desk", "/data/access", "/data/market", "/data/identity", "/data/published.db", "/data/-/versions", "/data/-/plugins.json", "/data/-/settings", "/data/-/threads", "/data/-/messages", "/data/-/permissions", "/data/-/auth-token", "/data/-/actor.json", "/data/published/../desk/follow_ups", "/data//published", "/data/-/static/../app.py"],
)  # fmt: skip
def test_nothing_else_is_open(client, path):
    page = client.get(path)
    assert page.status_code == 404
    assert "Traceback" not in page.text


@needs
@pytest.mark.parametrize(
    "sql",
    ["attach 'x' as y", "delete from lead_rows", "select 1; select 2", "pragma query_only=0", "select load_extension('x')", "select length(randomblob(900000000))", "select nothing", "select", "select * from access.accounts", "create table x (y)", "vacuum into 'x'", "with recursive c(x) as (select 1 union all select x+1 from c) select count(*) from c"],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_in_our_words(client, seeded, sql):
    before = seeded.published.read_bytes()
    page = client.get(f"/data/published?sql={quote(sql)}")
    assert page.status_code == 400
    assert "Pertanyaan ini tidak dapat dijawab" in page.text
    assert "Traceback" not in page.text
    assert ask(client, sql).status_code == 400
    assert ask(client, sql).json()["error"]
    assert seeded.published.read_bytes() == before
    assert sorted(path.name for path in seeded.root.glob("x*")) == []


@needs
def test_a_question_ends_after_a_second_and_a_thousand_rows(client):
    client.get("/data/published")
    started = time.monotonic()
    assert ask(client, "with recursive c(x) as (select 1 union all select x+1 from c) select count(*) from c").status_code == 400
    assert time.monotonic() - started < 8
    many = "with recursive c(x) as (select 1 union all select x+1 from c where x < 5000) select x from c"
    assert len(ask(client, many).json()) == 1_000


@needs
def test_names_of_our_own_people_read_as_null(client, seeded):
    db = open_market(seeded)
    with db.atomic():
        db.table("company_events").insert(
            {"company_id": "ca", "kind": "back", "other_id": None, "parties": "[]", "others": "[]", "by": "sari", "person": 1, "reasons": "[]", "reasons_id": "[]", "refresh_id": "x", "at": "x"}
        )  # fmt: skip
    db.close()
    publish(seeded, now=datetime.now(UTC))
    assert ask(client, 'select "by" as who, person from company_events').json() == [{"who": None, "person": 1}]
    assert "sari" not in client.get("/data/published/company_events").text


@needs
def test_another_snapshot_is_asked_once_it_is_published(client, seeded, records):
    assert ask(client, "select count(*) as n from lead_rows").json() == [{"n": 4}]
    db = open_market(seeded)
    with db.atomic():
        db.conn.execute("delete from leads where company_id='cd'")
    db.close()
    publish(seeded, now=records.NOW + timedelta(hours=2))
    assert ask(client, "select count(*) as n from lead_rows").json() == [{"n": 3}]


def swapped(home):
    """Another file with the same content, as after a night."""
    copy = home.published.with_suffix(".copy")
    shutil.copyfile(home.published, copy)
    copy.replace(home.published)


async def asked(app, path, query=""):
    """Status of an answer, in the loop of the caller: several at once, as a server has them."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode()}
    scope |= {"headers": [(b"host", b"127.0.0.1:8350")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8350), "http_version": "1.1"}
    await app({**scope, "root_path": ""}, receive, send)
    return sent[0]["status"]


@needs
def test_a_snapshot_that_takes_its_place_meanwhile_waits_for_the_last_question(seeded):
    site = Site(home=seeded, services=Services(archived=None, forget=None, export=None, brief=None, operations=None), access=None)
    data = explorer.Explorer(site, lambda _: None, lambda *_: None)

    async def asked_across_a_night():
        first = await data._entered()
        swapped(seeded)
        second = await data._entered()
        assert second is not first
        rows = await first.datasette.execute("published", "select count(*) from lead_rows")
        await first.leave()
        with pytest.raises(RuntimeError, match="shutdown"):
            await first.datasette.execute("published", "select 1")
        return rows.single_value()

    assert asyncio.run(asked_across_a_night()) == 4


@needs
@pytest.mark.skipif(not OPEN_FILES.exists(), reason="the system does not tell which files are open")
def test_the_snapshot_of_an_old_night_is_closed(seeded):
    app = workspace(seeded)

    async def nights():
        for _ in range(4):
            swapped(seeded)
            assert await asked(app, "/data/published/lead_rows") == 200

    asyncio.run(nights())
    still = [os.fspath(file.readlink()) for file in OPEN_FILES.iterdir() if file.is_symlink()]
    assert [name for name in still if name.startswith(f"{seeded.published} (deleted")] == []


@needs
def test_only_reading_and_only_from_our_pages(client):
    assert client.post("/data/published", data={"a": "b"}, headers={"origin": HERE}).status_code == 405
    assert client.post("/data/-/messages", data={"a": "b"}, headers={"origin": HERE}).status_code == 405
    assert client.get("/data/published", headers={"host": "evil.example"}).status_code == 421
    page = client.get("/data/published/lead_rows", headers={"cookie": "ds_actor=x"})
    assert "set-cookie" not in page.headers
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


@needs
def test_roles_and_the_audit(seeded, records):
    name = "tembus.kantor.example"
    for person, role in (("dewi", "advisor"), ("budi", "reader")):
        add_account(seeded, person, role, f"kereta pagi 77 {person}", by="test", now=records.NOW, must_change=False)
    app = workspace(seeded, Accounts(seeded, frozenset({name})))

    def browser(person=None):
        client = TestClient(app, base_url=f"http://{name}", follow_redirects=False)
        if person:
            client.post("/masuk", data={"name": person, "password": f"kereta pagi 77 {person}"}, headers={"origin": f"http://{name}"})
        return client

    for path in ("/data", "/data/published", "/data/published/lead_rows.csv", "/data/-/static/app.css"):
        assert browser().get(path).status_code == 303
        assert browser("budi").get(path).status_code == 403
    client = browser("dewi")
    assert client.get("/data/published").status_code == 200
    assert client.get("/data/published/lead_rows.csv?_size=2").status_code == 200
    assert next((one.who, one.what, one.about) for one in deeds(seeded)[0]) == ("dewi", "export", "/data/published/lead_rows.csv")


@needs
def test_without_a_snapshot_it_says_what_to_do(home):
    client = TestClient(workspace(home), base_url=HERE)
    for path in ("/data", "/data/published"):
        page = client.get(path)
        assert page.status_code == 503
        assert "tembus publish" in page.text


@pytest.mark.parametrize(("language", "sentence"), [("id", "belum dipasang"), ("en", "not installed")])
def test_without_the_extra_the_page_says_how_to_install_it(client, monkeypatch, language, sentence):
    monkeypatch.setattr(explorer, "is_installed", lambda: False)
    page = client.get(f"/data?lang={language}")
    assert page.status_code == 503
    assert sentence in page.text
    assert "pip install" in page.text
    assert client.get("/data/published").status_code == 404
