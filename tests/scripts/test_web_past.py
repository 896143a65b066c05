"""What a buyer's page tells of the past and of its place: prices as they changed, what became of the company, a piece of map."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from market_db.derived import lead_id
from market_db.saying import words_from
from market_db.sqlite import sqlite3
from market_db.web.buyer_past import price_line
from market_db.web.near_map import near_map, on_earth, rings
from market_db.web.site import FOLDER
from scripts.serve import workspace

A = lead_id("ca", "sambal")
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url="http://127.0.0.1:8350", raise_server_exceptions=False)


def into_snapshot(home, *statements):
    with sqlite3.connect(home.published) as db:
        for sql, values in statements:
            db.execute(sql, values)


def listing(home, prices):
    """An offer of the first firm with (moment, price, currency)."""
    record = "feedfacefeedfacefeed"
    offer = {"id": record, "name": f"Sambal {HOSTILE}", "url": "https://shop.example/sambal", "source": "register", "key": "x"}
    seen = {"first_seen": prices[0][0], "last_seen": prices[-1][0], "product": "sambal"}
    with sqlite3.connect(home.published) as db:
        (party,) = db.execute("select party_id from company_members where company_id='ca'").fetchone()
        db.execute("update parties set record_id=?, record_kind='listing' where id=?", (record, party))
        columns = {row[1]: row[3] for row in db.execute("pragma table_info(listings)")}
        row = {name: "" for name, needed in columns.items() if needed} | offer | seen
        row = {name: value for name, value in row.items() if name in columns}
        db.execute(f"insert into listings ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values()))
        for at, price, currency in prices:
            db.execute("insert into price_history (record_id, at, price, currency) values (?,?,?,?)", (record, at, price, currency))


def day(number):
    return f"2026-11-{number:02}T02:00:00+00:00"


@pytest.mark.parametrize(
    ("prices", "rows", "lines"),
    [
        ([(day(1), 3.0, "EUR")], 0, 0),
        ([(day(1), 3.0, "EUR"), (day(3), 3.5, "EUR")], 2, 0),
        ([(day(1), 3.0, "EUR"), (day(3), 3.5, "EUR"), (day(9), 2.75, "EUR")], 3, 1),
        ([(day(1), 3.0, "EUR"), (day(3), 3.5, "GBP"), (day(9), 2.75, "EUR")], 3, 0),
        ([(day(1), 3.0, None), (day(3), 3.5, None), (day(9), 2.75, None)], 3, 0),
        ([(day(n), 3.0 + n % 2, "EUR") for n in range(1, 21)], 12, 1),
    ],
)
@pytest.mark.parametrize("language", ["id", "en"])
def test_prices_stand_in_a_table_and_enough_of_one_currency_as_a_line(client, seeded, prices, rows, lines, language):
    listing(seeded, prices)
    page = client.get(f"/pembeli/{A}?lang={language}")
    assert page.status_code == 200
    part = re.search(r'<section class="panel" id="harga">.*?</section>', page.text, re.DOTALL)[0]
    assert part.count("<tr><td>") == rows
    assert part.count('<svg class="prices"') == lines
    assert "<script>" not in page.text
    if lines:
        assert 'role="img" aria-label="' in part
    assert len(client.get(f"/pembeli/{A}.json").json()["offers"][0]["prices"]) == len(prices)


@given(st.lists(st.floats(0.01, 1e9), min_size=1, max_size=9), st.booleans())
def test_any_prices_draw_a_line_inside_its_picture(amounts, at_once):
    points = [(day(1 if at_once else at + 1), amount, HOSTILE) for at, amount in enumerate(amounts)]
    drawn = price_line(points, day(1), HOSTILE)
    assert "<script>" not in drawn
    assert drawn.count("<circle") == len(amounts)
    for x, y in re.findall(r'cx="([^"]+)" cy="([^"]+)"', drawn):
        assert 0 <= float(x) <= 320
        assert 0 <= float(y) <= 72


@pytest.mark.parametrize(("language", "told"), [("id", "mengambil alih"), ("en", "took over")])
def test_what_became_of_the_company_stands_in_the_table_with_who_and_why(client, seeded, language, told):
    event = (
        "insert into company_events (company_id, kind, other_id, parties, others, by, person, reasons, reasons_id, refresh_id, at)"
        " values ('ca', ?, 'cz', '[]', '[]', ?, ?, ?, ?, 'r', '2026-11-25T02:00:00+00:00')"
    )
    why = (json.dumps(["same domain"]), json.dumps(["domain sama"]))
    into_snapshot(seeded, (event, ("took_over", "night", 0, *why)), (event, ("split", f"dewi {HOSTILE}", 1, *why)))
    page = client.get(f"/pembeli/{A}?lang={language}").text
    past = re.search(r'<section class="panel" id="riwayat">.*?</section>', page, re.DOTALL)[0]
    assert told in past
    assert {"id": "domain sama", "en": "same domain"}[language] in past
    assert "dewi" in past
    assert "<script>" not in past
    assert [one["event"]["kind"] for one in client.get(f"/pembeli/{A}.json").json()["history"]] == ["split", "took_over"]


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(None, None), (None, 4.0), (52.0, None), (0, 0), (91, 4), (52, 181), (float("nan"), 4), (52, float("inf"))]
)
def test_nothing_is_drawn_where_no_place_is_known(latitude, longitude):
    assert not on_earth(latitude, longitude)
    assert near_map(latitude, longitude, "NL", "x") == ""


@pytest.mark.parametrize(
    ("latitude", "longitude", "country", "own"),
    [
        (51.92, 4.48, "NL", 1),
        (1.35, 103.8, "SG", 0),
        (58.3, -134.4, "US", 1),
        (-17.7, 178.0, "FJ", 1),
        (43.1, 131.9, "RU", 1),
        (51.92, 4.48, None, 0),
        (51.92, 4.48, "ZZ", 0),
        (-89.9, 179.9, "NL", 0),
    ],
)
def test_the_point_stands_in_its_piece_of_the_map(latitude, longitude, country, own):
    drawn = near_map(latitude, longitude, country, HOSTILE)
    left, top, width, height = map(float, re.search(r'viewBox="([^"]+)"', drawn)[1].split())
    x, y = map(float, re.search(r'cx="([^"]+)" cy="([^"]+)"', drawn).groups())
    assert left <= x <= left + width
    assert top <= y <= top + height
    assert width / height == pytest.approx(4 / 3, rel=0.02)
    assert ('class="own"' in drawn) >= bool(own)
    assert "<script>" not in drawn
    assert len(drawn) < 60_000


def test_every_piece_of_land_has_a_box():
    assert len(rings()) > 200
    assert all(left <= right and top <= bottom for left, top, right, bottom in (ring.box for ring in rings()))


def test_the_page_shows_the_point_its_coordinates_and_a_link(client, seeded):
    assert 'id="peta"' not in client.get(f"/pembeli/{A}").text
    into_snapshot(seeded, ("update companies set latitude=51.961, longitude=1.3511 where id='ca'", ()))
    page = client.get(f"/pembeli/{A}").text
    assert '<svg class="map near"' in page
    assert "51.96100, 1.35110" in page
    assert "https://www.openstreetmap.org/?mlat=51.96100&amp;mlon=1.35110" in page


def test_both_languages_tell_every_change():
    for language in ("id", "en"):
        words = words_from(FOLDER / "locale", language)
        kinds = ("created", "joined", "took_over", "merged_into", "moved_in", "moved_out", "split", "split_off", "back", "lost", "gone")
        for kind in kinds:
            for n in (1, 2):
                assert "{" not in words.count(f"events.{kind}", n, name="A", other="B")
