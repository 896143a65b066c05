"""The operator's pages: last night, sources, runs, oddities, health, accounts, audit; what was not asked never looks like nought."""

import json
import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from market_db.access.accounts import accounts
from market_db.access.audit import deeds
from market_db.access.sessions import log_in
from market_db.desk.store import approval_history, approvals
from market_db.history import drift
from market_db.runs import VERDICTS, Rejection, SourceIssue
from market_db.schema import open_market
from market_db.store import save_issues, save_rejections, save_run
from market_db.web.operations import GROUPS
from market_db.web.site import FOLDER
from scripts.report import NightReport, save_report, source_lines
from scripts.serve import workspace
from scripts.words import words_in

HERE = "http://127.0.0.1:8350"
PAGES = ("/operator", "/sumber", "/sumber/open_food_facts", "/pembacaan", "/masalah", "/kesehatan", "/pengguna", "/jejak")


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url=HERE, raise_server_exceptions=False, follow_redirects=False)


def send(client, path, **fields):
    return client.post(path, data=fields, headers={"origin": HERE})


def text(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


@pytest.fixture
def night(seeded, records):
    """A night with every verdict: each source named after its own."""
    db = open_market(seeded)
    runs, history = [], {}
    for at, verdict in enumerate(VERDICTS):
        name = ("open_food_facts", "gleif", "ted", "fhrs", "bronnoysund", "uk_trade_info", "openstreetmap", "open_prices", "world_bank")[at]
        before = records.run_of(
            name,
            "ok",
            records.NOW - timedelta(days=1),
            run_id=f"{records.RUN}b",
            scraped=200,
            stored_new=200,
            coverage={"listing.price": 0.8},
        )
        run = records.run_of(
            name,
            verdict,
            run_id=f"{records.RUN}t",
            scraped=200 if verdict in ("ok", "thin", "stopped") else 0,
            coverage={"listing.price": 0.1},
        )
        for one in (before, run):
            save_run(db, one)
        runs.append(run)
        history[name] = [before]
    save_issues(
        db,
        [
            SourceIssue(
                run_id=f"{records.RUN}t",
                source="open_food_facts",
                kind="new_field",
                detail="<b>halal</b>",
                url="javascript:alert(1)",
                count=7,
            )
        ],
    )
    save_rejections(
        db,
        [Rejection(run_id=f"{records.RUN}t", source="open_food_facts", reason="OtherProduct", count=3, example="<script>kecap</script>")],
    )
    db.close()
    at = records.NOW.isoformat(timespec="seconds")
    report = NightReport(
        night="2026-11-25", started=at, ended=at, code=3, sources=source_lines(runs, history), not_due=4, leads=4, leads_new=0, next_run=at
    )
    save_report(seeded, report, words_in("id"))
    return {run.source: run for run in runs}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["id", "en"])
def test_pages_and_their_records(client, night, path, language):
    page, answer = client.get(f"{path}?lang={language}"), client.get(f"{path}.json")
    assert page.status_code == answer.status_code == 200
    assert f'href="{path}.json' in page.text
    assert answer.json()["as_of"]
    assert 'aria-current="page"' in page.text


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_home_has_the_pages_too(home, path):
    client = TestClient(workspace(home), base_url=HERE, raise_server_exceptions=False)
    assert client.get(path).status_code == 200
    assert client.get(path + ".json").status_code == 200


def test_no_night_says_how_to_have_one(client):
    page = text(client.get("/operator"))
    assert "Belum pernah ada malam" in page
    assert "tembus nightly" in page


def test_what_was_blocked_or_not_asked_is_no_nought(client, night):
    page = client.get("/operator?lang=id").text
    rows = dict(re.findall(r'<tr><td><a href="/sumber/(\w+)".*?(v-\w+.*?)</tr>', page, re.DOTALL))
    known = {name: ">–</span>" not in row for name, row in rows.items()}
    assert len(known) == 9
    for name, run in night.items():
        assert known[name] == (run.verdict in ("ok", "thin", "stopped", "running")), (name, run.verdict)
    assert "diblokir situs" in page
    assert "tidak dijalankan" in page


def test_health_stands_first(client, night):
    page = client.get("/operator").text
    assert page.index("Ada yang harus diperbaiki") < page.index("SEBAGIAN") < page.index("sumber perlu dilihat")


def test_counts_that_a_night_did_not_make_are_told(client, night):
    assert client.get("/operator").text.count("tidak dihitung") == 3
    assert client.get("/operator.json").json()["night"]["counts"]["companies_gone"] is None


@pytest.mark.parametrize("junk", ["", "{}", "[]", '{"sources": 3}', '{"night": "x", "sources": []}', "\x00", '{"ended": "gestern"'])
def test_a_report_that_cannot_be_read_is_passed_over(client, night, seeded, junk):
    (seeded.logs / "report-2026-12-31.json").write_text(junk, "utf-8")
    assert "SEBAGIAN" in client.get("/operator").text


def test_every_state_of_a_source_has_its_place_and_words():
    import tomllib

    for language in ("id", "en"):
        words = tomllib.loads((FOLDER / "locale" / f"{language}.toml").read_text("utf-8"))
        assert set(words["register_states"]) == set(GROUPS)
        assert set(words_in(language).table["states"]) == set(GROUPS)
        assert set(words["odd_advice"]) == set(words["odd_kinds"])


def test_sources_can_be_narrowed_to_one_state(client, night):
    every, off = client.get("/sumber.json").json(), client.get("/sumber.json?keadaan=off_terms").json()
    assert len(every["sources"]) > len(off["sources"]) > 5
    assert {one["state"] for one in off["sources"]} == {"off_terms"}
    assert client.get("/sumber.json?keadaan=<script>").json()["state"] == ""


@pytest.mark.parametrize(("language", "told"), [("id", "Bulanan, terlambat"), ("en", "Monthly, about six weeks behind")])
def test_notes_of_a_passport_are_told_in_the_language(client, night, language, told):
    assert told in client.get(f"/sumber/uk_trade_info?lang={language}").text


def test_a_field_that_nearly_vanished_is_shown(client, night):
    page = client.get("/sumber/open_food_facts").text
    assert "hampir hilang" in page
    assert "10,0%" in page
    assert "80,0%" in page


def test_drift_tells_nothing_of_a_run_without_records(records):
    earlier = [records.run_of(coverage={"a.b": 0.9}, scraped=9)]
    assert list(drift(records.run_of(scraped=0), earlier)) == []
    found = list(drift(records.run_of(scraped=9, coverage={"a.c": 0.5}), earlier))
    assert [(one.field, one.now, one.usual, one.fell) for one in found] == [("a.b", None, 0.9, True), ("a.c", 0.5, None, False)]


def test_one_run_with_what_it_refused(client, night):
    run = night["open_food_facts"]
    page = client.get(f"/pembacaan/{run.run_id}/{run.source}")
    assert page.status_code == 200
    assert "produk lain" in page.text
    assert "<script" not in page.text
    assert "<b>halal" not in page.text
    assert "javascript:" not in re.sub(r">[^<]*<", "><", page.text)
    for path in (f"/pembacaan/{run.run_id}/nobody", "/pembacaan/x/y"):
        assert client.get(path).status_code == 404


def test_runs_are_filtered_and_paged(client, night, seeded, records):
    db = open_market(seeded)
    for n in range(120):
        save_run(db, records.run_of("gleif", "ok", records.NOW - timedelta(days=n + 2), run_id=f"old{n:03}"))
    db.close()
    first = client.get("/pembacaan.json?sumber=gleif").json()
    assert (first["total"], len(first["runs"])) == (122, 50)
    assert len(client.get("/pembacaan.json?sumber=gleif&page=3").json()["runs"]) == 22
    assert client.get("/pembacaan.json?hasil=blocked").json()["total"] == 1
    assert client.get("/pembacaan?page=99").status_code == 200
    page = client.get("/pembacaan?sumber=gleif&hasil=ok").text
    assert 'href="/pembacaan?sumber=gleif&amp;hasil=ok&amp;page=2"' in page


def test_oddities_are_grouped_with_what_to_do(client, night):
    page = client.get("/masalah?lang=id").text
    assert "Isian baru" in page
    assert "Tidak ada yang rusak" in page
    assert "<b>halal" not in page
    assert client.get("/masalah.json").json()["kinds"][0]["kind"] == "new_field"


def test_terms_are_approved_and_withdrawn_with_who_and_when(client, seeded):
    path = "/sumber/ares_czechia"
    assert "Izinkan dibaca" in client.get(path).text
    for bad in ({"basis": "x", "read_on": "2026-11-01"}, {"sure": "1", "read_on": "2026-11-01"}, {"sure": "1", "basis": "x", "read_on": "2999-01-01"}, {"sure": "1", "basis": "x", "read_on": "kemarin"}):  # fmt: skip
        answer = send(client, f"{path}/ketentuan", what="approve", **bad)
        assert answer.status_code == 400
        assert "Belum ada yang diubah" in answer.text
    assert approvals(seeded) == {}
    answer = send(client, f"{path}/ketentuan", what="approve", sure="1", basis="lisensi terbuka, pasal 3", read_on="2026-11-01")
    assert answer.status_code == 303
    assert "Tercatat" in client.get(answer.headers["location"]).text
    assert approvals(seeded)["ares_czechia"].approved
    assert send(client, f"{path}/ketentuan", what="withdraw", basis="diminta berhenti", read_on="2026-11-02").status_code == 303
    assert [one.approved for one in approval_history(seeded, "ares_czechia")] == [False, True]
    page = text(client.get(path))
    assert "lisensi terbuka, pasal 3" in page
    assert "Dihentikan" in page
    assert [one.what for one in deeds(seeded)[0]] == ["terms_withdrawn", "terms_approved"]


@pytest.mark.parametrize(
    ("path", "what"),
    [("/sumber/nobody/ketentuan", "approve"), ("/sumber/import:rfq/ketentuan", "approve"), ("/sumber/ted/ketentuan", "burn")],
)
def test_decisions_about_nothing_are_refused(client, seeded, path, what):
    assert send(client, path, what=what, sure="1", basis="x", read_on="2026-11-01").status_code in (400, 404)
    assert approvals(seeded) == {}


def test_accounts_are_made_changed_and_shut_on_the_page(client, seeded, records):
    page = send(client, "/pengguna", name="Dewi", role="advisor")
    password = re.search(r'class="secret"><code>([^<]+)', page.text)[1]
    assert page.headers["cache-control"] == "no-store"
    assert accounts(seeded)[0].must_change
    assert log_in(seeded, "dewi", password, address="-", now=records.NOW).account
    assert password not in client.get("/pengguna").text
    assert "argon2" not in json.dumps(client.get("/pengguna.json").json())
    assert send(client, "/pengguna", name="dewi", role="advisor").status_code == 400
    assert send(client, "/pengguna", name="a b", role="advisor").status_code == 400
    assert send(client, "/pengguna", name="xx", role="king").status_code == 400
    assert send(client, "/pengguna/dewi", what="role", role="operator").status_code == 303
    assert accounts(seeded)[0].role == "operator"
    assert "satu-satunya" in send(client, "/pengguna/dewi", what="disable").text
    assert send(client, "/pengguna/dewi", what="role", role="reader").status_code == 400
    assert send(client, "/pengguna/nobody", what="reset").status_code == 400
    assert send(client, "/pengguna/dewi", what="burn").status_code == 400
    reset = send(client, "/pengguna/dewi", what="reset")
    assert re.search(r'class="secret"><code>([^<]+)', reset.text)[1] != password
    assert [one.what for one in deeds(seeded)[0]] == ["password_reset", "user_role", "login", "user_added"]


def test_the_audit_is_shown_and_narrowed(client, seeded):
    send(client, "/ekspor", format="csv", country="GB")
    send(client, "/pengguna", name="dewi", role="advisor")
    page = text(client.get("/jejak?lang=id"))
    assert "2 baris jejak" in page
    assert "country=GB" in page
    assert client.get("/jejak.json?apa=export").json()["total"] == 1
    assert client.get("/jejak.json?siapa=nobody").json()["total"] == 0
    assert client.get("/jejak.json?apa=nothing").json()["total"] == 2
    assert client.get("/jejak?page=9").status_code == 200


def test_health_names_what_takes_room(client):
    found = client.get("/kesehatan.json").json()
    assert {"market.db", "published.db"} <= {one["name"] for one in found["sizes"]}
    assert found["status"] in ("ok", "warn", "fail")
    assert {"python", "sqlite", "disk"} <= {one["check"] for one in found["checks"]}


def test_a_damaged_market_is_told_not_a_bug(client, seeded):
    for tail in ("-wal", "-shm"):
        seeded.market.with_name(seeded.market.name + tail).unlink(missing_ok=True)
    seeded.market.write_bytes(b"no database" * 200)
    for path in ("/operator", "/pembacaan", "/masalah"):
        page = client.get(path)
        assert page.status_code == 503
        assert "tembus doctor" in page.text
    assert "rusak" in client.get("/kesehatan").text


def test_a_source_that_left_the_register_leads_to_what_was_read_of_it(client):
    assert client.get("/sumber/register", follow_redirects=False).headers["location"] == "/pembacaan?sumber=register"
    assert "register" in client.get("/sumber/register", follow_redirects=True).text
    for path in ("/sumber/register.json", "/sumber/nobody", "/sumber/%00"):
        assert client.get(path).status_code == 404
