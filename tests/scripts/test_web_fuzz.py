"""Anything at all sent to any address: an answer in the reader's language, never a stack trace, never a header or tag of the sender's."""

import asyncio
import logging
import re
from contextlib import suppress
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market_db.access.accounts import add_account
from market_db.access.sessions import log_in
from market_db.web.access import Accounts
from market_db.web.app import ACTIONS, PAGES
from scripts.serve import workspace

HOST = b"tembus.kantor.example"
GOOD = "kereta pagi 77 biru"
FORM = b"application/x-www-form-urlencoded"
PAYLOADS = (
    b"",
    b"\x00",
    b"\xff\xfe\xfd",
    b"%00%ff%fe",
    b"%ed%a0%80",
    b"<script>alert(1)</script>",
    b"\"'><svg onload=alert(1)>",
    b"' OR 1=1 --",
    b'"*" NEAR( AND OR NOT ^ : -',
    b"../../../../etc/passwd",
    b"%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    b"\r\nSet-Cookie: a=b\r\n\r\n<b>",
    b"%0d%0aSet-Cookie:%20a=b",
    b"9" * 400,
    b"-1",
    b"1e999",
    b"NaN",
    b"{{7*7}}",
    b"{words}",
    b"%s%s%s%n",
    b"=HYPERLINK(1)",
    "٣٤٥ ²³ Ⅷ".encode(),
    "\u202egpj.exe\u200b".encode(),
    "東京食品 🌶️".encode(),
    b"a" * 20_000,
    b"&&&&====;;;;",
    b"[" * 500,
)  # fmt: skip
ROUTES = [
    *(("GET", path) for path in PAGES),
    *(("GET", f"{path}.json") for path in PAGES if path != "/"),
    *(("POST", path) for path in ACTIONS),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages, as the operator of an office sees them, over a small home."""
    import importlib.util
    from pathlib import Path

    from market_db.home import open_home

    spec = importlib.util.spec_from_file_location("small_home", Path(__file__).parent / "conftest.py")
    small = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(small)
    home = open_home(tmp_path_factory.mktemp("fuzz") / "home", {})
    small.fill(home)
    now = datetime.now(UTC)
    add_account(home, "sari", "operator", GOOD, by="test", now=now, must_change=False)
    token = log_in(home, "sari", GOOD, address="-", now=now).token.encode()
    logging.getLogger("tembus.web").addHandler(logging.NullHandler())
    return workspace(home, Accounts(home, frozenset({HOST.decode()}))), token


class Tags(HTMLParser):
    """What a browser would run."""

    def __init__(self):
        super().__init__()
        self.bad = []

    def handle_starttag(self, tag, attributes):
        names = [name for name, value in attributes if name.startswith("on") or (value or "").strip().lower().startswith("javascript:")]
        if tag in ("script", "iframe", "object", "embed", "base") or names:
            self.bad.append((tag, names))


def ask(app, *, method="GET", raw=b"/", query=b"", headers=(), body=b"", address="192.0.2.7"):
    """One request as uvicorn would hand it over; returns status, headers and body."""
    sent, parts = [], [body[:1_000], body[1_000:]]

    async def receive():
        part = parts.pop(0) if parts else b""
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message):
        sent.append(message)

    path = unquote(raw.decode("ascii", "replace"))
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method, "scheme": "http", "path": path, "raw_path": raw,
        "root_path": "", "query_string": query, "headers": [(b"host", HOST), *headers], "client": (address, 1), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], sent[0]["headers"], b"".join(message.get("body", b"") for message in sent[1:])


def check(found, what=None):
    """What every answer must be like."""
    status, headers, body = found
    assert 200 <= status < 500, what
    names = {name.lower() for name, _ in headers}
    for name, value in headers:
        assert b"\n" not in value + name, what
        assert b"\r" not in value + name, what
    assert b"content-security-policy" in names
    cookies = [value for name, value in headers if name.lower() == b"set-cookie"]
    assert all(value.startswith((b"tembus=", b"lang=", b"visit", b"seen")) for value in cookies), cookies
    where = next((value for name, value in headers if name.lower() == b"location"), b"/")
    assert where.startswith(b"/"), what
    assert not where.startswith(b"//"), what
    kind = next((value for name, value in headers if name.lower() == b"content-type"), b"")
    if kind.startswith(b"text/html") and body:
        text = body.decode("utf-8")
        assert re.search(r'<html lang="(id|en)">', text), what
        assert "Traceback" not in text
        read = Tags()
        read.feed(text)
        assert read.bad == [], what
        if status >= 400:
            assert "<h1>" in text, what


def filled(path, payload):
    return re.sub(rb"\{\w+(:row)?\}", lambda found: b"1" if found[1] else payload.replace(b"/", b"%2F") or b"x", path.encode())


def sane(payload):
    """Only what can stand in a request line at all: the server refuses the rest before us."""
    return re.sub(rb"[\x00-\x20\x7f-\xff#?]", lambda found: b"%%%02X" % found[0][0], payload)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_payloads_everywhere(site, payload):
    app, token = site
    login = (b"cookie", b"tembus=" + token)
    for method, path in ROUTES:
        if path == "/keluar":
            continue
        raw = filled(path, sane(payload)[:2_000])
        query = b"&".join(
            name + b"=" + sane(payload)[:3_000]
            for name in (b"q", b"country", b"page", b"lang", b"has", b"ke", b"said", b"keadaan", b"hasil", b"apa", b"sumber")
        )
        fields = (
            b"status",
            b"note",
            b"kind",
            b"what",
            b"reason",
            b"sure",
            b"format",
            b"name",
            b"role",
            b"password",
            b"to",
            b"basis",
            b"read_on",
            b"old",
            b"new",
            b"again",
        )
        body = b"&".join(name + b"=" + payload for name in fields) if method == "POST" else b""
        headers = [login, *([(b"origin", b"http://" + HOST), (b"content-type", FORM)] if method == "POST" else [])]
        check(ask(app, method=method, raw=raw, query=query, headers=headers, body=body), (method, path))
    for name in (
        b"cookie",
        b"origin",
        b"referer",
        b"accept-language",
        b"content-type",
        b"accept-encoding",
        b"x-forwarded-for",
        b"content-length",
        b"sec-fetch-site",
    ):
        check(ask(app, headers=[(name, payload), login]), name)
        check(ask(app, method="POST", raw=b"/masuk", headers=[(name, payload), (name, payload)], body=payload), name)
    check(ask(app, headers=[(b"host", payload)]), "two hosts")
    check(ask(app, headers=[(b"cookie", b"lang=" + payload + b"; tembus=" + payload), (b"cookie", payload)]), "cookies")


words = st.one_of(
    st.binary(max_size=60), st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")), st.sampled_from(PAYLOADS)
)
header = st.tuples(
    st.sampled_from(
        (b"cookie", b"origin", b"referer", b"content-type", b"accept", b"range", b"if-none-match", b"te", b"expect", b"sec-fetch-site")
    ),
    words,
)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    route=st.sampled_from(ROUTES),
    method=st.sampled_from(("", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW")),
    payload=words,
    query=words,
    headers=st.lists(header, max_size=4),
    body=st.binary(max_size=400),
    known=st.booleans(),
)
def test_any_request_is_answered(site, route, method, payload, query, headers, body, known):
    app, token = site
    if route[1] == "/keluar":
        known = False  # the session is needed further on
    sent = [*headers, *([(b"cookie", b"tembus=" + token)] if known else [])]
    if route[0] == "POST":
        sent += [(b"origin", b"http://" + HOST), (b"content-type", FORM)]
    check(
        ask(app, method=method or route[0], raw=filled(route[1], sane(payload)[:2_000]), query=sane(query), headers=sent, body=body), route
    )


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-type", FORM)],
        [(b"content-type", FORM), (b"content-type", b"text/plain")],
        [(b"content-type", b"multipart/form-data")],
        [(b"content-type", b"multipart/form-data; boundary=x")],
        [(b"content-type", b"application/json")],
        [],
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"a" * 200_000,
        b"a=1&" * 2_000,
        b'--x\r\ncontent-disposition: form-data; name="f"; filename="../x"\r\n\r\nPK\x03\x04',
        b"\xff" * 99,
        b"%" * 999,
    ],
)
def test_bodies_that_are_no_forms(site, headers, body):
    app, token = site
    for path in ACTIONS:
        if path != "/keluar":
            check(
                ask(
                    app,
                    method="POST",
                    raw=filled(path, b"x"),
                    headers=[(b"origin", b"http://" + HOST), (b"cookie", b"tembus=" + token), *headers],
                    body=body,
                ),
                path,
            )


def test_a_real_server_answers_what_it_cannot_parse_in_both_languages(site):
    import socket
    import threading

    import uvicorn

    from scripts.serve_http import Protocol

    app, _ = site
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(
            uvicorn.Config(app, http=Protocol, log_level="critical", access_log=False, server_header=False, lifespan="off")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        host = b"Host: " + HOST + b"\r\n"
        for sent, status in (
            (b"GET / HTTP/1.1\r\n" + host + b"Cookie: \x00\xff\r\n\r\n", b"400"),
            (b"GET / HTTP/1.1\r\n" + host + b"X: " + b"a" * 200_000 + b"\r\n\r\n", b"400"),
            (b"GET /\x00 HTTP/1.1\r\n" + host + b"\r\n", b"400"),
            (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400"),
            (b"rubbish\r\n\r\n", b"400"),
            (b"GET /%ff%00 HTTP/1.1\r\n" + host + b"\r\n", b"404"),
            (b"GET /masuk HTTP/1.0\r\n" + host + b"\r\n", b"200"),
            (b"GET / HTTP/1.0\r\n\r\n", b"421"),
            (b"POST /masuk HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\nOrigin: http://" + HOST + b"\r\n\r\nzz\r\n", b"400"),
        ):
            answer = b""
            with socket.create_connection(listening.getsockname(), timeout=10) as client, suppress(ConnectionResetError):
                client.sendall(sent)
                while part := client.recv(65_536) if status == b"400" or b"\r\n\r\n" not in answer else b"":
                    answer += part
            if len(sent) > 100_000 and not answer:
                continue  # closed while we still sent: the system may throw the answer away
            assert answer.split(b" ")[1] == status, (sent[:60], answer[:200])
            if b"text/plain" in answer:
                assert b"tidak dapat dibaca" in answer
                assert b"cannot be read" in answer
        server.should_exit = True
        thread.join(10)


@pytest.mark.parametrize("number", [b"9223372036854775808", b"9" * 19, b"9" * 5_000, b"-1", b"1.0", b"%D9%A1", b""])
@pytest.mark.parametrize(("method", "path"), [("POST", b"/pencarian/%s/hapus"), ("GET", b"/pembeli/x/bukti/%s")])
def test_a_number_that_is_no_row_has_no_page(site, method, path, number):
    app, token = site
    headers = [(b"origin", b"http://" + HOST), (b"content-type", FORM), (b"cookie", b"tembus=" + token)]
    found = ask(app, method=method, raw=path % number, headers=headers)
    check(found, (path, number))
    assert found[0] == 404
