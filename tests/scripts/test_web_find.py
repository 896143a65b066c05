"""The list of buyers as a browser gets it: filters, counts, languages, hostile input, and what every answer carries."""

import re
import string
import tomllib
from pathlib import Path

import pytest
import sqlite_utils
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from market_db import web
from market_db.saying import words_from
from market_db.schema import open_published
from market_db.sqlite import sqlite3
from market_db.web.access import is_loopback
from market_db.web.app import what_is_wrong
from scripts.serve import workspace

LOCALE = Path(web.__file__).parent / "locale"
HERE = "http://127.0.0.1:8350"


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url=HERE, raise_server_exceptions=False)


def names(page):
    return re.findall(r'class="name" href="/pembeli/[0-9a-f]+"><bdi>(.*?)</bdi>', page.text)


@pytest.mark.parametrize("path", ["/", "/pembeli"])
def test_the_list_comes_with_its_count_and_best_first(client, path):
    page = client.get(path)
    assert page.status_code == 200
    assert "4 pembeli ditemukan" in page.text
    assert names(page)[0] == "Nusantara Foods Ltd (contoh)"
    assert "Terdaftar sebagai importer." in page.text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("country=NL", 1),
        ("country=Belanda", 1),
        ("country=NL&country=GB", 2),
        ("country=NL&country=GB&role=importer", 1),
        ("role=importer&role=wholesaler&grade=A&grade=C", 3),
        ("role=wholesaler", 2),
        ("grade=A", 1),
        ("has=email", 2),
        ("has=email&has=phone", 1),
        ("has=fax", 4),
        ("fresh=7", 3),
        ("source=register", 4),
        ("new=1", 3),
        ("q=nusantara", 1),
        ("q=東京", 1),
        ("q=felix", 1),
        ("q=rotterdam&country=GB", 0),
        ("product=sambal&q=%22", 0),
        ("page=2", 4),
    ],
)
def test_filters_of_the_address_count(client, asked, found):
    page = client.get("/pembeli?lang=en&" + asked)
    assert re.search(rf"<h1>{found} buyers? found", page.text), asked


def test_counts_beside_a_filter_say_what_choosing_it_would_leave(client):
    page = client.get("/pembeli?lang=en&role=wholesaler").text
    told = dict(re.findall(r'value="(\w+)"(?: checked)?> <span>.*?</span> <span class="num">(\d+)</span>', page))
    assert (told["wholesaler"], told["importer"], told["JP"]) == ("2", "1", "1")
    assert 'value="wholesaler" checked' in page
    assert "GB" not in told


def test_chips_take_one_filter_away(client):
    page = client.get("/pembeli?country=NL&has=email").text
    assert 'href="/pembeli?has=email"' in page
    assert 'href="/pembeli?country=NL"' in page


@pytest.mark.parametrize("asked", ["country=Atlantis", "role=king", "sort=rowid;drop", "fresh=-1", "fresh=9999999999", "new=2", "source=x"])
def test_unknown_filters_are_told_and_passed_over(client, asked):
    page = client.get("/pembeli?" + asked)
    assert page.status_code == 200
    assert "tidak dikenal" in page.text
    assert "4 pembeli ditemukan" in page.text


@pytest.mark.parametrize(("sort", "first"), [("company", "Nusantara"), ("country", "Sehr Langer"), ("last_seen", "Nusantara")])
def test_order(client, sort, first):
    assert names(client.get(f"/pembeli?sort={sort}"))[0].startswith(first)


HOSTILE = (
    '"><script>alert(1)</script>',
    "' onmouseover=alert(1) x='",
    "{{7*7}}",
    "javascript:alert(1)",
    "\x00\x1b[31m",
    "' OR 1=1 --",
    'x" NEAR/2 "y',
    "words : *",
    "\u202egpj.exe",
    "%0d%0aSet-Cookie: a=b",
)


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("name", ["q", "country", "product", "has", "page", "lang", "sort", "fresh"])
def test_hostile_input_is_inert(client, name, payload):
    page = client.get("/pembeli", params={name: payload})
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "49" not in re.sub(r'="[^"]*"', "", page.text) or "{{7*7}}" not in payload
    assert not re.search(r"<[^>]*\sonmouseover=alert", re.sub(r'"[^"]*"', '""', page.text))
    assert "\u202e" not in page.text
    assert "\x1b" not in page.text
    assert "a" not in page.cookies


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=st.text(max_size=60), page=st.text(max_size=8), country=st.text(max_size=8))
def test_any_text_gives_a_page(client, q, page, country):
    values = {"q": q, "page": page, "country": country}
    sent = {name: text.encode("utf-8", "surrogatepass") for name, text in values.items()}
    assert client.get("/pembeli", params=sent).status_code == 200


def test_hostile_names_of_the_data_are_inert(client):
    page = client.get("/pembeli?country=NL").text
    assert "Toko [bold red]Sambal[/] B.V. (contoh)" in page
    assert "\x1b" not in page


def test_every_answer_forbids_scripts_and_frames(client):
    for path in ("/", "/pembeli?q=x", "/nowhere", "/static/style.css"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_no_page_has_inline_scripts_or_styles():
    for path in (LOCALE.parent / "templates").glob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:|\|safe", text), path.name


def test_first_page_is_small(client):
    sent = sum(len(client.get(path).content) for path in ("/", "/static/style.css", "/static/icon.svg"))
    assert sent < 100_000


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8350", "", "192.168.1.5:8350"])
def test_other_host_names_are_refused(client, host):
    page = client.get("/", headers={"host": host})
    assert page.status_code == 421
    assert "Nusantara" not in page.text


@pytest.mark.parametrize("host", ["localhost:8350", "127.0.0.1", "[::1]:8350"])
def test_names_of_loopback_are_ours(client, host):
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd", "/static/%00"]
)
def test_nothing_outside_static_is_served(client, path):
    assert client.get(path).status_code in (404, 405)


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example/pembeli?lang=en", "/pembeli/%2f%2fevil.example"])
def test_no_link_or_redirect_leads_elsewhere(client, path):
    page = client.get(HERE + path, follow_redirects=False)
    assert page.status_code == 404
    assert 'href="//' not in page.text
    assert "location" not in page.headers


def test_language_comes_from_address_then_cookie_then_home(client):
    assert '<html lang="id">' in client.get("/").text
    chosen = client.get("/?lang=en")
    assert '<html lang="en">' in chosen.text
    assert "HttpOnly" in chosen.headers["set-cookie"]
    assert '<html lang="en">' in client.get("/").text
    assert '<html lang="id">' in client.get("/?lang=id").text
    assert "lang=" not in client.get("/?lang=xx").headers["set-cookie"]


def test_another_way_is_told(client):
    page = client.put("/", headers={"origin": HERE})
    assert page.status_code == 405
    assert "<h1>" in page.text


def test_nothing_published_says_what_to_do(home):
    client = TestClient(workspace(home), base_url=HERE)
    page = client.get("/")
    assert page.status_code == 503
    assert "tembus publish" in page.text


def test_snapshot_of_another_version_says_what_to_do(home):
    home.make()
    home.published.write_bytes(b"something else")
    page = TestClient(workspace(home), base_url=HERE).get("/?lang=en")
    assert page.status_code == 503
    assert "tembus publish" in page.text


def test_a_swapped_snapshot_is_noticed(seeded, client):
    from datetime import timedelta

    from market_db.publish import publish
    from market_db.schema import open_market

    assert "4 pembeli" in client.get("/").text
    db = open_market(seeded)
    with db.atomic():
        db.conn.execute("delete from leads where company_id='cd'")
    db.close()
    db = open_published(seeded)
    from datetime import datetime

    at = datetime.fromisoformat(dict(db.conn.execute("select key, value from meta"))["published_at"])
    db.close()
    publish(seeded, now=at + timedelta(hours=1))
    assert "3 pembeli" in client.get("/").text


def table(language):
    return tomllib.loads((LOCALE / f"{language}.toml").read_text("utf-8"))


def fields_in(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("group", sorted(table("id")))
def test_both_languages_have_the_same_keys_and_the_same_gaps(group):
    own, other = table("id")[group], table("en")[group]
    assert set(own) == {key for key in other if not key.endswith("_one")}
    for key in own:
        assert fields_in(own[key]) == fields_in(other[key]), key


def test_every_sentence_that_pages_name_is_there():
    words, named = table("id"), set()
    folder = LOCALE.parent
    for path in [*folder.glob("templates/*.html"), *folder.glob("*.py")]:
        named |= set(re.findall(r"""(?<!told\.)(?:say|count)\(["']([a-z_]+\.[a-z_]+)["'][,)]""", path.read_text("utf-8")))
    assert len(named) > 30
    assert {key for key in named if key.split(".")[1] not in words.get(key.split(".")[0], {})} == set()


def test_sentences_stand_in_the_words_not_in_the_pages():
    for path in (LOCALE.parent / "templates").glob("*.html"):
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|<(code|pre)[^>]*>.*?</\1>", "", path.read_text("utf-8"), flags=re.DOTALL)
        for shown in re.findall(r">([^<]+)<", text):
            assert not re.search(r"[A-Za-z]{3,}", shown.replace("Tembus", "").replace("JSON", "").replace("PDF", "").replace("CSV", "")), (
                path.name,
                shown,
            )


@pytest.mark.parametrize(
    ("host", "own"), [("127.0.0.1", True), ("localhost", True), ("::1", True), ("[::1]", True), ("0.0.0.0", False), ("192.168.1.2", False)]
)
def test_only_loopback_is_served_without_login(host, own, tembus):
    assert is_loopback(host) is own
    if not own:
        done = tembus("serve", "--host", host)
        assert done.code == 2
        assert "--name" in done.err


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("database is locked", "Another program is using the data"),
        ("database or disk is full", "The disk is full"),
        ("/home/x y/desk.db is damaged (file is not a database)", "What colleagues entered cannot be read"),
        ("/h/access.db is empty (0 bytes): what it held is lost.", "What colleagues entered cannot be read"),
        ("/h/market.db is missing, but desk.db holds notes about its leads", "This version of the program cannot read the data"),
        ("/h/desk.db was written by a newer Tembus (it knows x): update the program", "These data belong to a newer Tembus"),
        ("/h/desk.db: disk I/O error", "The data folder cannot be used"),
        ("attempt to write a readonly database", "The data folder cannot be used"),
        ("/h/published.db is damaged or was written by another version", "This version of the program cannot read the data"),
    ],
)
def test_a_database_that_does_not_answer_is_told_as_what_it_is(said, told):
    words = words_from(LOCALE, "en", "Asia/Jakarta")
    assert words.say(f"trouble.{what_is_wrong(sqlite3.OperationalError(said))}") == told


def test_a_desk_that_another_program_holds_is_busy_and_nothing_is_lost(seeded, monkeypatch):
    monkeypatch.setattr("market_db.opening.BUSY_MS", 50)
    client = TestClient(workspace(seeded), base_url=HERE)
    lead = client.get("/pembeli.json").json()["leads"][0]["lead_id"]
    form = {"status": "contacted", "note": "kept?"}
    assert client.post(f"/pembeli/{lead}/tindak-lanjut", data=form, headers={"origin": HERE}).status_code == 200
    holder = sqlite3.connect(seeded.desk, isolation_level=None)
    holder.execute("begin immediate")
    page = client.post(f"/pembeli/{lead}/tindak-lanjut?lang=id", data={**form, "note": "second"}, headers={"origin": HERE})
    assert page.status_code == 503
    assert "Data sedang dipakai program lain" in page.text
    assert "belum disimpan" in page.text
    holder.execute("rollback")
    holder.close()
    assert client.post(f"/pembeli/{lead}/tindak-lanjut", data={**form, "note": "second"}, headers={"origin": HERE}).status_code == 200
    assert "second" in client.get(f"/pembeli/{lead}").text


@pytest.mark.parametrize(
    ("verdict", "said"), [("blocked", "One source could not be read last time"), ("broken", "One source"), ("ok", ""), ("not_run", "")]
)
def test_the_foot_says_how_many_sources_failed_last_time(seeded, verdict, said):
    db = sqlite_utils.Database(seeded.published)
    with db.conn:
        db.conn.execute("update runs set verdict='ok'")
        db.conn.execute("update runs set verdict=? where rowid=(select rowid from runs order by started desc limit 1)", (verdict,))
    db.close()
    page = TestClient(workspace(seeded), base_url=HERE).get("/?lang=en").text
    assert ("could not be read last time" in page) is bool(said)
    assert said in page
