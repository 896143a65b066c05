"""`tembus probe` as a person types it: what a site sees of it, what it says in both languages, and what it writes."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from market_db.desk.store import do_not_contact
from market_db.home import open_home
from scripts.cli import main
from scripts.probe import PROPOSED, address
from spiders.site import load_sites
from tests.live.hostile_server import HostileServer, Reply, serving

FRONT = """<!doctype html><html lang="nl"><head><title>Toko Contoh</title><meta name="generator" content="WooCommerce 9.9"></head>
<body><form action="/zoek"><input type="search" name="q"></form><a href="/contact">Contact</a>
<p class="price">€ 3,49</p><p>Kerkstraat 1, 1017 GC Amsterdam, Nederland</p></body></html>"""


def asked(server: HostileServer) -> list[str]:
    return [f"{one.method} {one.path}" for one in server.seen("127.0.0.1", robots=True)]


def prepared(folder: Path, port: int, contact: str = "operator@kantor.example") -> Path:
    home = folder / "home"
    home.mkdir(parents=True)
    (home / "tembus.toml").write_text(f'contact = "{contact}"\nallow_private = ["127.0.0.1:{port}"]\n', "utf-8")
    return home


def test_two_requests_findings_and_a_row_to_approve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as server:
        server.routes["/"] = Reply(FRONT)
        server.routes["/robots.txt"] = Reply("User-agent: *\nDisallow: /zoek\n", kind="text/plain")
        home, here = prepared(tmp_path, server.port), f"http://127.0.0.1:{server.port}/"
        assert main(["probe", here, "--write", "--home", str(home), "--lang", "en"]) == 0
        assert asked(server) == ["GET /robots.txt", "GET /"]
        assert "operator@kantor.example" in server.seen("127.0.0.1")[0].headers["user-agent"]
        said = capsys.readouterr()
        for text in (
            "2 requests made",
            "WooCommerce",
            "Netherlands",
            "robots.txt does not allow",
            "told by an address on the page",
            "[[site]]",
        ):
            assert text in said.out, text
        (site,) = load_sites(home / "sites").values()
        assert (site.family, site.country, site.currency, site.lang, site.enabled, site.basis) == ("woo", "NL", "EUR", "nl", False, "")
        assert str(home / "sites" / PROPOSED) in said.err.replace("\n", "")
        assert len(list((home / "archive").glob("*.warc.gz"))) == 1

        assert main(["probe", here, "--write", "--home", str(home)]) == 1
        said = capsys.readouterr()
        assert "woo:127-0-0-1" in said.err
        assert "Perangkat lunak" in said.out
        assert len(load_sites(home / "sites")) == 1


def test_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as server:
        server.routes["/"] = Reply(FRONT)
        home = prepared(tmp_path, server.port)
        assert main(["probe", f"http://127.0.0.1:{server.port}", "--json", "--home", str(home)]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["findings"]["family"]["value"], told["requests"]) == ("woo", 2)
        assert not (home / "sites").exists()


@pytest.mark.parametrize(
    ("routes", "said", "requests"),
    [
        ({"/robots.txt": Reply("User-agent: *\nDisallow: /\n", kind="text/plain"), "/": Reply(FRONT)}, "robots", 1),
        ({"/robots.txt": Reply(status=403), "/": Reply(FRONT)}, "robots_unreachable: status 403", 1),
        ({"/": Reply("no", status=403)}, "blocked: status 403", 2),
        ({"/": Reply(status=404)}, "status 404", 2),
        (
            {"/": Reply(status=302, headers={"Location": "https://elsewhere.example/"})},
            "leads to https://elsewhere.example/: probe that address",
            2,
        ),
    ],
    ids=["robots", "robots unreadable", "403", "404", "moved"],
)
def test_no_is_no(routes: dict, said: str, requests: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as server:
        server.routes |= routes
        home = prepared(tmp_path, server.port)
        assert main(["probe", f"http://127.0.0.1:{server.port}/", "--write", "--home", str(home), "--lang", "en"]) == 1
        assert said in capsys.readouterr().err
        assert len(asked(server)) == requests
        assert not (home / "sites").exists()


def test_nobody_is_asked_without_contact_or_where_a_domain_wants_to_be_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as server:
        home = prepared(tmp_path, server.port, contact="")
        assert main(["probe", f"http://127.0.0.1:{server.port}/", "--home", str(home)]) == 5
        assert "contact" in capsys.readouterr().err
        assert server.asked == []
    home = prepared(tmp_path / "other", 1)
    do_not_contact(open_home(home, {}), "domain", "toko-contoh.nl", by="test", reason="asked", now=datetime.now(UTC))
    assert main(["probe", "www.toko-contoh.nl", "--home", str(home)]) == 5
    assert "minta tidak dihubungi" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("toko.example", "https://toko.example/"),
        (" https://www.toko.example ", "https://www.toko.example/"),
        ("http://toko.example:8080/nl/", "http://toko.example:8080/nl/"),
        ("https://toko.example/nl?x=1#y", "https://toko.example/nl"),
        ("ftp://toko.example/", None), ("toko", None), ("", None), ("https://", None), ("https://user:pass@toko.example/", None),
        ("http://[", None), ("https://toko.example:0/", None), ("https://toko.example:99999/", None),
    ],
)  # fmt: skip
def test_addresses_as_people_type_them(typed: str, meant: str | None) -> None:
    assert address(typed) == meant


def test_a_wrong_address_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "toko", "--home", str(tmp_path)]) == 2
    assert "toko" in capsys.readouterr().err
