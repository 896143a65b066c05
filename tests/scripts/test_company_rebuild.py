"""A rebuild shows what it would change before it changes anything; contradictions and suspicious companies are told."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from market_db.companies.review import questions
from market_db.desk.entered import Decision
from market_db.desk.judgements import contradictions, standing, taken_back
from market_db.desk.store import add_decision, decisions
from market_db.home import open_home
from market_db.rebuild import company_of_party
from market_db.schema import open_market
from market_db.seen import Contact, Evidence, Party, Registration
from market_db.store import save_seen
from pipelines.rebuilding import plan
from pipelines.refresh import refresh
from scripts.cli import main

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
REPO = Path(__file__).parents[2]


def see(home, rows, hours=0):
    at = NOW + timedelta(hours=hours)
    stamp = Evidence(source="list", url="https://list.example/q", fetched_at=at, content_hash="0" * 64)
    records = [
        Registration(key=key, party=Party(name=name, **{"country": "GB", **more}), url=stamp.url, source="list", evidence=stamp)
        for key, name, more in rows
    ]
    db = open_market(home)
    save_seen(db, records, run_id=f"{at:%Y%m%dT%H%M%SZ}-crawl", now=at)
    db.close()


def stored(home):
    db = open_market(home)
    found = company_of_party(db)
    db.close()
    return found


def decide(home, kind, one, two, at="2026-11-20T03:00:00+00:00"):
    add_decision(home, Decision(kind=kind, party_a=one, party_b=two, entered_at=at, entered_by="ayu"))


def three(tmp_path):
    home = open_home(tmp_path)
    rows = [("1", "Krakatau Maluku Foods Ltd (contoh)", {"city": "Leeds"}), ("2", "Selatan Bora Ltd (contoh)", {"city": "Bath"})]
    see(home, [*rows, ("3", "Tirta Wangi Import Ltd (contoh)", {"city": "Hull"})])
    refresh(home, now=NOW)
    return home, sorted(stored(home))


def test_a_rebuild_is_told_first_and_done_on_a_second_word(tmp_path, capsys):
    home, (one, two, _) = three(tmp_path)
    before = stored(home)
    decide(home, "same", one, two)
    for language, word in (("id", "Tidak ada yang diubah"), ("en", "Nothing was changed")):
        assert main(["rebuild", "--home", str(tmp_path), "--lang", language]) == 0
        shown = capsys.readouterr()
        assert word in shown.err
    assert "a person said so" in shown.out
    assert "1 joined" in shown.out
    assert stored(home) == before
    assert main(["rebuild", "--apply", "--home", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["counts"] == {"before": 3, "after": 2, "unchanged": 1, "joined": 1, "split": 0, "new": 0, "gone": 0}
    assert len(set(stored(home).values())) == 2
    assert plan(home, now=NOW + timedelta(days=1)).counts.unchanged == 2


def test_a_person_can_undo_what_a_rebuild_found(tmp_path):
    home, (one, two, three_) = three(tmp_path)
    before = stored(home)
    decide(home, "same", one, two)
    decide(home, "same", two, three_)
    refresh(home, now=NOW + timedelta(hours=1), whole=True)
    assert len(set(stored(home).values())) == 1
    for judged in decisions(home):
        main(["review", "--undo", str(judged.id), "--home", str(tmp_path)])
    refresh(home, now=NOW + timedelta(hours=2), whole=True)
    assert stored(home) == before


def test_contradictions_are_listed_with_who_and_when_and_can_be_taken_back(tmp_path, capsys):
    home, (one, two, three_) = three(tmp_path)
    decide(home, "same", one, two)
    decide(home, "same", two, three_)
    assert main(["review", "--apart", one, three_, "--home", str(tmp_path), "--lang", "id"]) == 0
    assert "tidak mungkin semuanya benar" in capsys.readouterr().out
    assert main(["review", "--home", str(tmp_path), "--lang", "id"]) == 0
    shown = capsys.readouterr().out
    assert "tembus review --undo 3" in shown
    assert "ayu" in shown
    assert refresh(home, now=NOW + timedelta(hours=1)).contradictions == 1
    db = open_market(home)
    assert [kind for (kind,) in db.conn.execute("select kind from issues where kind='contradiction'")] == ["contradiction"]
    db.close()
    assert main(["review", "--undo", "3", "--home", str(tmp_path)]) == 0
    assert not contradictions(decisions(home))
    assert refresh(home, now=NOW + timedelta(hours=2)).contradictions == 0
    assert main(["review", "--decisions", "--json", "--home", str(tmp_path)]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(entry["decision"]["id"], entry["counts"], entry["undone"]) for entry in listed["decisions"]] == [
        (4, False, False),
        (3, False, True),
        (2, True, False),
        (1, True, False),
    ]


def judged(*rows):
    return [Decision(id=at, kind=k, party_a=a, party_b=b, entered_at=f"{at}", entered_by="x", undoes=u) for at, k, a, b, u in rows]


def test_taking_back_restores_what_counted_before():
    rows = [(1, "same", "a", "b", None), (2, "not_same", "b", "a", None), (3, "undone", "b", "a", 2)]
    assert [one.kind for one in standing(judged(*rows))] == ["same"]
    assert [one.kind for one in standing(judged(*rows, (4, "undone", "b", "a", 3)))] == ["not_same"]
    gone = judged(*rows, (4, "undone", "a", "b", 1))
    assert standing(gone) == []
    assert taken_back(gone)["a", "b"].id == 4


def test_a_circle_of_the_same_is_no_contradiction():
    circle = judged((1, "same", "a", "b", None), (2, "same", "b", "c", None), (3, "same", "c", "a", None))
    assert contradictions(circle) == []
    (found,) = contradictions([*circle, *judged((4, "not_same", "c", "d", None), (5, "same", "a", "d", None))])
    assert [one.id for one in found.same] == [3, 5]


def shop(number):
    """One firm as ever other entries show it: a line of its own beside the common one."""
    phones = [f"+4420794600{at:02}" for at in (99, number)]
    contacts = tuple(Contact(kind="phone", raw=phone, value=phone, valid=True) for phone in phones)
    return (str(number), "Krakatau Maluku Foods Ltd (contoh)", {"city": "Leeds", "contacts": contacts})


def test_a_jump_in_one_night_becomes_an_issue_and_the_first_question(tmp_path, capsys):
    home = open_home(tmp_path)
    see(home, [shop(0)])
    refresh(home, now=NOW)
    see(home, [shop(number) for number in range(1, 12)], hours=1)
    done = refresh(home, now=NOW + timedelta(hours=2))
    assert done.suspicious == 1
    db = open_market(home)
    assert db.conn.execute("select count(*) from issues where kind='company_jumped'").fetchone()[0] == 1
    first = questions(db, decisions(home))[0]
    db.close()
    assert first.question.alarm == "jumped"
    assert first.question.together
    assert main(["review", "--home", str(tmp_path), "--lang", "id"]) == 0
    assert "dua kali lipat" in capsys.readouterr().out
    decide(home, "same", first.question.party_a, first.question.party_b, "2026-11-20T06:00:00+00:00")
    assert refresh(home, now=NOW + timedelta(hours=5)).suspicious == 0


KILLED = """
import os, signal, sys
from pathlib import Path
from datetime import UTC, datetime
from market_db import rebuild
from market_db.home import open_home
from pipelines.refresh import refresh
real = getattr(rebuild, sys.argv[2])
def kill(*given, **more):
    if sys.argv[3] == "after":
        real(*given, **more)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(rebuild, sys.argv[2], kill)
refresh(open_home(Path(sys.argv[1])), now=datetime(2026, 11, 20, 5, tzinfo=UTC))
"""


def killed(home, where, when):
    found = subprocess.run([sys.executable, "-c", KILLED, str(home.root), where, when], cwd=REPO, check=False)
    assert found.returncode == -9


def test_a_refresh_killed_among_its_leads_leaves_those_that_stood(tmp_path):
    home, (one, two, _) = three(tmp_path)

    def listed():
        db = open_market(home)
        rows = [db.conn.execute(f"select * from {table} order by 1").fetchall() for table in ("leads", "not_leads")]
        db.close()
        return rows

    before = listed()
    decide(home, "same", one, two)
    killed(home, "drop_stray_leads", "after")
    assert listed() == before
    assert len(before[1]) == 3
    refresh(home, now=NOW + timedelta(hours=9))
    assert len(listed()[1]) == 2


def test_a_killed_refresh_leaves_the_companies_that_stood(tmp_path):
    home, (one, two, _) = three(tmp_path)
    before = stored(home)
    decide(home, "same", one, two)
    killed(home, "write_events", "before")
    assert stored(home) == before
    killed(home, "_save_matches", "after")
    assert stored(home) == before
    killed(home, "touch_last_seen", "before")
    db = open_market(home)
    events = db.conn.execute("select kind, count(*) from company_events group by 1 order by 1").fetchall()
    db.close()
    assert dict(events) == {"created": 3, "merged_into": 1, "took_over": 1}
    refresh(home, now=NOW + timedelta(hours=9))
    assert len(set(stored(home).values())) == 2
    db = open_market(home)
    assert db.conn.execute("select count(*) from company_events").fetchone()[0] == 5
    db.close()
