"""Who gets in where the pages can be reached from other machines: login, roles on every route, sessions, hosts, origins, the audit."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from market_db.access.accounts import add_account, set_disabled, set_password
from market_db.access.audit import deeds
from market_db.web.access import Accounts
from market_db.web.app import ACTIONS, FILES, PAGES
from market_db.web.desk_routes import UPLOADS
from market_db.web.rights import RANKS, RIGHTS, Right, audited, least, may
from scripts.serve import workspace

NAME = "tembus.kantor.example"
HERE = f"http://{NAME}"
GOOD = "kereta pagi 77 biru"
START = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    """[now], to be set by a test."""
    return [START]


@pytest.fixture
def app(seeded, clock):
    for name, role in (("sari", "operator"), ("dewi", "advisor"), ("budi", "reader")):
        add_account(seeded, name, role, f"{GOOD} {name}", by="test", now=START, must_change=False)
    return workspace(seeded, Accounts(seeded, frozenset({NAME}), lambda: clock[0]))


@pytest.fixture
def visitor(app):
    """Makes a browser; logged in under a name, or not."""

    def make(name=None, base=HERE):
        client = TestClient(app, base_url=base, raise_server_exceptions=False, follow_redirects=False)
        if name:
            assert log_in(client, name).status_code == 303
        return client

    return make


def send(client, path, **fields):
    return client.post(path, data=fields or {"do": "1"}, headers={"origin": str(client.base_url).rstrip("/")})


def log_in(client, name, password=None, **more):
    return send(client, "/masuk", name=name, password=password or f"{GOOD} {name}", **more)


def filled(path, lead="0" * 20):
    return re.sub(r"\{(\w+)(?::row)?\}", lambda found: {"lead": lead, "number": "1", "country": "GB"}.get(found[1], "x"), path)


ASKED, SENT = {**PAGES, **FILES}, {**ACTIONS, **UPLOADS}
ROUTES = [*(("GET", path) for path in ASKED), *(("POST", path) for path in SENT)]


def test_every_route_has_a_row_and_every_row_a_route():
    assert {path for _, path in ROUTES} == set(RIGHTS)
    for method, path in ROUTES:
        assert least(path, method) in RANKS
    for path, right in RIGHTS.items():
        assert bool(right.read) == (path in ASKED), path
        assert bool(right.write) == (path in SENT), path


def test_a_route_without_a_row_stops_the_program(monkeypatch):
    with pytest.raises(KeyError):
        least("/baru", "GET")
    monkeypatch.setitem(RIGHTS, "/baru", Right(read="reader"))
    with pytest.raises(KeyError):
        least("/baru", "POST")


OWN = {"/masuk", "/keluar", "/sandi", "/pencarian", "/pencarian/{number:row}/hapus"}
"""What anybody may send: it changes nothing but one's own login, password and saved searches."""


def test_readers_write_nothing_but_what_is_their_own():
    assert {path for method, path in ROUTES if method == "POST" and may("reader", least(path, method))} == OWN


@pytest.mark.parametrize("name", [None, "budi", "dewi", "sari"])
def test_all_routes_for_all_roles(visitor, name):
    role = {"budi": "reader", "dewi": "advisor", "sari": "operator"}.get(name, "anybody")
    for method, path in ROUTES:
        client = visitor(name)
        address = filled(path)
        answer = client.get(address) if method == "GET" else send(client, address)
        needed = least(path, method)
        if may(role, needed):
            assert answer.status_code not in ({403, 500} if path == "/masuk" else {401, 403, 500}), (method, path, answer.status_code)
            assert not answer.headers.get("location", "").startswith("/masuk") or path == "/keluar"
        elif name is None:
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/masuk")
            assert "Nusantara" not in answer.text
        else:
            assert answer.status_code == 403, (method, path)
        if method == "GET" and path in PAGES and path != "/":
            records = client.get(address + ".json")
            if name is None and needed != "anybody":
                assert records.status_code == 401
                assert records.json()["what_to_do"]
            elif not may(role, needed):
                assert records.status_code == 403


def test_every_write_asks_for_our_origin(visitor):
    client = visitor("sari")
    for path in SENT:
        for headers in (
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"origin": f"http://{NAME}.evil.example"},
            {"origin": "http://["},
            {"origin": ""},
            {},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
        ):
            assert client.post(filled(path), data={"a": "b"}, headers=headers).status_code == 403, (path, headers)


@pytest.mark.parametrize("host", ["evil.example", f"{NAME}.evil.example", f"evil.{NAME}", "", "127.0.0.1", "[::1", f"{NAME}:80:80"])
def test_only_configured_names_are_answered(visitor, host):
    page = visitor().get("/masuk", headers={"host": host})
    assert page.status_code == 421
    assert "<form" not in page.text


@pytest.mark.parametrize("host", [f"{NAME}:8350", NAME.upper(), f"{NAME}."])
def test_the_configured_name_in_its_spellings(visitor, host):
    assert visitor().get("/masuk", headers={"host": host}).status_code == 200


def test_login_leads_where_one_wanted_to_go_and_out_again(visitor):
    client = visitor()
    page = client.get("/pembeli?country=GB&has=email")
    assert page.status_code == 303
    assert page.headers["location"] == "/masuk?ke=/pembeli%3Fcountry%3DGB%26has%3Demail"
    form = client.get(page.headers["location"])
    to = re.search(r'name="to" value="([^"]*)"', form.text)[1].replace("&amp;", "&")
    done = log_in(client, "budi", to=to)
    assert done.headers["location"] == "/pembeli?country=GB&has=email"
    assert client.get("/pembeli").status_code == 200
    assert "budi" in client.get("/").text
    out = send(client, "/keluar")
    assert out.headers["location"] == "/masuk"
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    ("asked", "where", "told"),
    [
        ("/pembeli?lang=en", "/masuk?ke=/pembeli%3Flang%3Den&lang=en", "Log in"),
        ("/?lang=id", "/masuk?ke=/%3Flang%3Did&lang=id", "Masuk"),
        ("/pasar?lang=xx", "/masuk?ke=/pasar%3Flang%3Dxx", "Masuk"),
        ("/?lang=en%0d%0aX:1", "/masuk?ke=/%3Flang%3Den%250d%250aX%3A1", "Masuk"),
    ],
)
def test_the_login_page_keeps_the_language_that_was_asked_for(visitor, asked, where, told):
    client = visitor()
    answer = client.get(asked)
    assert answer.headers["location"] == where
    assert f"<h1>{told}" in client.get(where).text
    assert f"<h1>{told}" in client.get("/masuk").text


def test_a_stolen_cookie_is_worth_nothing_after_logout(visitor):
    client, thief = visitor("budi"), visitor()
    thief.cookies.update(client.cookies)
    assert thief.get("/").status_code == 200
    send(client, "/keluar")
    assert thief.get("/").status_code == 303


@pytest.mark.parametrize(
    "to",
    ["//evil.example/", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "javascript:alert(1)", "/keluar", "/masuk?ke=/masuk", "/x\r\nSet-Cookie: a=b", "/é", "", "pembeli"],
)  # fmt: skip
def test_login_never_leads_elsewhere(visitor, to):
    client = visitor()
    assert 'name="to" value="/"' in client.get("/masuk", params={"ke": to}).text
    assert log_in(client, "budi", to=to).headers["location"] == "/"


def test_the_cookie_over_http_and_https(visitor):
    plain = log_in(visitor(), "budi").headers["set-cookie"]
    assert plain.startswith("tembus=")
    for part in ("HttpOnly", "SameSite=lax", "Path=/"):
        assert part in plain
    assert "Secure" not in plain
    assert "Domain" not in plain
    safe = log_in(visitor(base=f"https://{NAME}"), "budi").headers["set-cookie"]
    assert safe.startswith("__Host-tembus=")
    assert "Secure" in safe
    assert "HttpOnly" in safe


def test_a_session_brought_along_is_not_taken_over(visitor):
    client = visitor()
    client.cookies.set("tembus", "A" * 43, domain=NAME)
    log_in(client, "budi")
    assert "A" * 43 not in str(client.cookies)
    attacker = visitor()
    attacker.cookies.set("tembus", "A" * 43)
    assert attacker.get("/").status_code == 303


def test_wrong_names_and_wrong_passwords_look_alike(visitor):
    pages = [log_in(visitor(), name, "salah sekali").text.replace(name, "?") for name in ("budi", "siapa")]
    assert pages[0] == pages[1]
    assert "Nama akun atau kata sandi salah" in pages[0]


@pytest.mark.parametrize("name", ["budi", "siapa"])
def test_guessing_is_slowed_and_told(visitor, clock, name):
    client = visitor()
    answers = [log_in(client, name, f"tebakan {n}") for n in range(8)]
    assert [answer.status_code for answer in answers[:4]] == [401] * 4
    last = answers[-1]
    assert last.status_code == 429
    assert int(last.headers["retry-after"]) > 0
    assert "Terlalu banyak percobaan" in last.text
    assert log_in(client, name).status_code == 429
    clock[0] += timedelta(minutes=20)
    assert log_in(client, name).status_code == (303 if name == "budi" else 429)


def test_idle_and_old_sessions_end(visitor, clock):
    client = visitor("budi")
    clock[0] += timedelta(hours=3)
    assert client.get("/").status_code == 303


def test_shutting_somebody_out_works_at_once(visitor, seeded):
    client = visitor("budi")
    set_disabled(seeded, "budi", disabled=True)
    assert client.get("/").status_code == 303
    assert log_in(visitor(), "budi").status_code == 401


def test_a_password_that_others_know_is_changed_first(visitor, seeded):
    set_password(seeded, "budi", "dibuatkan oleh sari", now=START, must_change=True)
    client = visitor()
    assert log_in(client, "budi", "dibuatkan oleh sari").headers["location"] == "/sandi"
    assert client.get("/pembeli").headers["location"] == "/sandi"
    assert "Ganti dulu" in client.get("/sandi").text
    new = "hujan sore 41 meja"
    for old, one, two, status in (
        ("salah", new, new, 400),
        ("dibuatkan oleh sari", new, new + "x", 400),
        ("dibuatkan oleh sari", "pendek", "pendek", 400),
        ("dibuatkan oleh sari", "dibuatkan oleh sari", "dibuatkan oleh sari", 400),
    ):
        assert send(client, "/sandi", old=old, new=one, again=two).status_code == status
    before = str(client.cookies)
    assert send(client, "/sandi", old="dibuatkan oleh sari", new=new, again=new).status_code == 303
    assert str(client.cookies) != before
    assert client.get("/").status_code == 200
    assert log_in(visitor(), "budi", "dibuatkan oleh sari").status_code == 401


def test_exports_logins_and_failures_are_kept_with_who_when_and_from_where(visitor, seeded):
    client = visitor("dewi")
    assert send(client, "/ekspor", format="csv", country="GB", q="nusantara").status_code == 200
    log_in(visitor(), "dewi", "salah sekali")
    send(client, "/keluar")
    found, _ = deeds(seeded)
    assert [(one.what, one.who) for one in reversed(found)] == [
        ("login", "dewi"),
        ("export", "dewi"),
        ("login_failed", "dewi"),
        ("logout", "dewi"),
    ]
    export = next(one for one in found if one.what == "export")
    assert "country=GB" in export.about
    assert "nusantara" not in export.about
    assert export.address == "testclient"


def test_do_not_contact_is_kept_without_the_contact(visitor, seeded):
    client = visitor("dewi")
    lead = client.get("/pembeli.json?country=GB").json()["leads"][0]["lead_id"]
    answer = send(client, f"/pembeli/{lead}/jangan-hubungi", what="0", reason="diminta lewat telepon", sure="1")
    assert answer.status_code == 303
    kept = next(one for one in deeds(seeded)[0] if one.what == "do_not_contact")
    assert (kept.who, kept.about) == ("dewi", "company")
    assert not any("Nusantara" in one.about for one in deeds(seeded)[0])


def test_what_failed_is_not_kept_as_done(visitor, seeded):
    client = visitor("dewi")
    assert send(client, "/ekspor", format="exe").status_code == 400
    assert not any(one.what == "export" for one in deeds(seeded)[0])


def test_nothing_of_a_page_stays_with_whoever_is_not_in(visitor):
    client = visitor()
    for path in ("/", "/pembeli.json", "/nowhere", "/masuk"):
        page = client.get(path)
        assert "Nusantara" not in page.text
        assert 'href="/pasar"' not in page.text


def test_a_damaged_access_database_lets_nobody_in_and_says_what_to_do(visitor, seeded):
    client = visitor("sari")
    for tail in ("-wal", "-shm"):
        seeded.access.with_name(seeded.access.name + tail).unlink(missing_ok=True)
    seeded.access.write_bytes(b"no database at all" * 100)
    page = client.get("/")
    assert page.status_code == 503
    assert "Nusantara" not in page.text
    assert log_in(visitor(), "sari").status_code == 503


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-proto", "x-forwarded-host"])
def test_without_login_nobody_comes_through_a_proxy(seeded, header):
    page = TestClient(workspace(seeded), base_url="http://127.0.0.1:8350").get("/", headers={header: "192.0.2.7"})
    assert page.status_code == 421
    assert "Nusantara" not in page.text
    assert "--proxy" in page.text


def test_on_the_own_machine_there_is_no_login(seeded):
    client = TestClient(workspace(seeded), base_url="http://127.0.0.1:8350", follow_redirects=False)
    assert client.get("/masuk").status_code == 303
    assert send(client, "/masuk", name="x", password="y").headers["location"] == "/"
    assert client.get("/sandi").status_code == 404
    assert 'action="/keluar"' not in client.get("/").text


@pytest.mark.parametrize(("path", "deed"), [("/ekspor", "export"), ("/pembeli/{lead}/jangan-hubungi", "do_not_contact")])
def test_what_must_be_kept_stands_in_the_table(path, deed):
    assert audited(path, "POST") == deed
    assert audited("/pembeli/{lead}/jangan-hubungi", "GET") == ""
