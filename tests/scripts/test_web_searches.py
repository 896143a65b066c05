"""Searches people keep, and what is new since they last looked."""

import re

import pytest
from starlette.testclient import TestClient

from market_db.desk.saved_searches import MOST_SEARCHES, searches_of
from market_db.schema import open_published
from market_db.web.visit import PAUSE_SECONDS, this_visit
from scripts.serve import workspace

HERE = "http://127.0.0.1:8350"
FROM_US = {"Origin": HERE}


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url=HERE, raise_server_exceptions=False)


def keep(client, **form):
    return client.post("/pencarian", data=form, headers=FROM_US, follow_redirects=False)


def test_a_view_is_kept_under_a_name_and_counted(client, seeded):
    answer = keep(client, name="Belanda & Inggris", country=["NL", "GB"], has="email", page="3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/pembeli?country=NL&country=GB&has=email")
    page = client.get("/pembeli").text
    assert 'href="/pembeli?country=NL&amp;country=GB&amp;has=email"' in page
    assert "Belanda &amp; Inggris</bdi> (2)" in page
    assert keep(client, name="Belanda & Inggris", country="NL").status_code == 303
    assert "Belanda &amp; Inggris</bdi> (1)" in client.get("/pembeli").text


def test_a_kept_search_can_be_dropped_twice(client, seeded):
    keep(client, name="a", country="NL")
    number = re.search(r'action="/pencarian/(\d+)/hapus"', client.get("/").text)[1]
    for _ in range(2):
        assert client.post(f"/pencarian/{number}/hapus", data={"yes": "1"}, headers=FROM_US, follow_redirects=False).status_code == 303
    assert "/hapus" not in client.get("/").text


@pytest.mark.parametrize("name", ["", "  ", "\u202e", "\x00"])
def test_a_search_without_a_name_is_refused_with_a_sentence(client, seeded, name):
    answer = keep(client, name=name, country="NL")
    assert answer.status_code == 400
    assert "Beri nama" in answer.text


def test_too_many_are_refused_and_nobody_elses_are_shown(client, seeded):
    for n in range(MOST_SEARCHES):
        assert keep(client, name=str(n), country="NL").status_code == 303
    answer = keep(client, name="one more", country="NL")
    assert answer.status_code == 409
    assert str(MOST_SEARCHES) in answer.text
    assert searches_of(seeded, "somebody else") == []


def test_forms_of_other_pages_keep_nothing(client, seeded):
    assert client.post("/pencarian", data={"name": "x"}, headers={"Origin": "http://elsewhere.example"}).status_code == 403
    assert "/hapus" not in client.get("/").text


def test_hostile_names_are_inert(client, seeded):
    keep(client, name='"><script>alert(1)</script>', q='"><script>')
    assert "<script" not in client.get("/pembeli").text


class Asking:
    def __init__(self, cookie):
        self.cookies = {"visit": cookie}


@pytest.mark.parametrize(
    ("cookie", "now", "before"),
    [
        ("", 1_000, ""),  # nobody was here before
        ("900.r1.", 1_000, ""),  # still the first visit
        ("900.r1.r0", 1_000, "r0"),  # the same visit: what was new stays new
        ("900.r1.r0", 900 + PAUSE_SECONDS + 1, "r1"),  # the next visit
        ("900.r1", 1_000, ""),
        ("x.r1.r0", 1_000, ""),
        ("900.r1;r2.r0", 1_000, ""),
        ("9" * 40 + ".r1.r0", 1_000, ""),
    ],
)
def test_a_visit_ends_with_a_pause(cookie, now, before):
    assert this_visit(Asking(cookie), "r9", now).before == before


def test_what_came_since_the_last_visit(client, seeded):
    with open_published(seeded).conn as db:
        refreshes = sorted({row[0] for row in db.execute("select new_since from lead_rows")})
    assert "sejak kunjungan" not in client.get("/pembeli?new=visit").text.split("<main")[1].split("note")[0]
    client.cookies.clear()
    page = client.get("/pembeli?new=visit&lang=en", headers={"cookie": f"visit=1.{refreshes[-2]}."}).text
    newest = client.get("/pembeli?new=1").text
    assert re.search(r"<h1>(\d+)", page)[1] == re.search(r"<h1>(\d+)", newest)[1]
    assert "new since your last visit" in page
