"""Weights from judgements: refused with too few, measured on what they were not made from, kept only when they are better."""

import random
from datetime import UTC, datetime

import pytest

from market_db.companies.identity_store import IdentityStore
from market_db.derived import Mention
from market_db.desk.entered import Decision
from market_db.schema import open_market
from market_db.seen import Evidence, Party, Registration
from market_db.store import save_seen
from pipelines.companies.identity import identify
from pipelines.companies.refitting import CannotRefit, card_of, judged_pairs, keep, refitted
from pipelines.companies.scorecard import scorecard
from pipelines.refresh import refresh
from scripts.cli import main

SYLLABLES = ("ba", "ku", "ri", "mo", "sel", "tan", "go", "wi", "ne", "pur", "la", "zi")
DAY = "2026-11-26"


def names(count):
    chance = random.Random(5)
    return ["".join(chance.choices(SYLLABLES, k=4)).title() for _ in range(count)]


def party(party_id, name, **more):
    at = {"record_id": "r", "record_kind": "registration", "source": "s", "first_seen": DAY, "last_seen": DAY, "evidence_id": "e"}
    return Mention(party_id=party_id, name=name, **{**at, "country": "GB", **more})


def world(pairs):
    """Here one town and one word in common mean one firm, which the shipped weights doubt; another town means another."""
    found, decisions = [], []
    for at, name in enumerate(names(pairs)):
        same = at % 2 == 0
        found.append(party(f"a{at}", f"{name} Foods", city="Leeds", source="s"))
        found.append(party(f"b{at}", f"{name} Trading", city="Leeds" if same else "Bath", source="t"))
        kind = "same" if same else "not_same"
        decisions.append(Decision(kind=kind, party_a=f"a{at}", party_b=f"b{at}", entered_at=f"{at:04}", entered_by="ayu"))
    store = IdentityStore()
    identify(found, decisions, store=store)
    return store, decisions


def test_too_few_judgements_are_refused_and_counted():
    store, decisions = world(30)
    with pytest.raises(CannotRefit) as refused:
        refitted(store, decisions, day=DAY)
    assert refused.value.values["pairs"] == 30
    with pytest.raises(CannotRefit) as refused:
        refitted(*world(120)[:1], [d for d in world(120)[1] if d.kind == "same"], day=DAY)
    assert refused.value.values["other"] == 0
    with pytest.raises(CannotRefit) as refused:
        refitted(IdentityStore(), decisions, day=DAY)
    assert refused.value.key == "no_comparison"


def test_figures_are_those_of_pairs_the_weights_never_saw():
    store, decisions = world(160)
    found = refitted(store, decisions, day=DAY)
    assert (found.pairs, found.same, found.gone) == (160, 80, 0)
    assert found.after.log_loss < found.before.log_loss
    assert found.after.wrong <= found.before.wrong
    assert found.better
    assert found.card.version == f"{scorecard().version}+160@{DAY}"
    assert refitted(store, decisions, day=DAY) == found


def test_noise_teaches_nothing_and_is_not_taken():
    store, decisions = world(160)
    chance = random.Random(3)
    noise = [
        Decision(kind=chance.choice(("same", "not_same")), party_a=d.party_a, party_b=d.party_b, entered_at="1", entered_by="x")
        for d in decisions
    ]
    found = refitted(store, noise, day=DAY)
    assert found.after.log_loss > 0.6


def test_judgements_taken_back_unsure_or_about_lost_records_do_not_count():
    store, decisions = world(60)
    more = [
        Decision(kind="unsure", party_a="a0", party_b="b0", entered_at="9", entered_by="x"),
        Decision(kind="same", party_a="a1", party_b="nobody", entered_at="9", entered_by="x"),
    ]
    judged, gone = judged_pairs(store, [*decisions, *more])
    assert (len(judged), gone) == (59, 1)


def test_a_home_keeps_its_own_weights(home):
    store, decisions = world(160)
    assert card_of(home) == scorecard()
    keep(home, refitted(store, decisions, day=DAY))
    assert card_of(home).version.endswith(DAY)
    assert card_of(home).weights != scorecard().weights


@pytest.mark.parametrize("text", ["", "not toml [", 'version = "x"', 'version = "x"\nbias = 1\n[weights]\nphone = [1.0]\n'])
def test_weights_that_do_not_fit_are_told_and_the_shipped_ones_count(home, text):
    home.make()
    home.identity_weights.write_text(text)
    assert card_of(home) == scorecard()
    refresh(home, now=datetime(2026, 11, 26, tzinfo=UTC))
    db = open_market(home)
    assert "shipped weights count" in db.conn.execute("select detail from issues where kind='identity_weights'").fetchone()[0]
    db.close()


def test_new_weights_are_told_until_a_rebuild(home):
    now = datetime(2026, 11, 25, tzinfo=UTC)
    stamp = Evidence(source="list", url="https://list.example/q", fetched_at=now, content_hash="0" * 64)
    firm = Registration(key="1", party=Party(name="Krakatau Ltd (contoh)"), url=stamp.url, source="list", evidence=stamp)
    db = open_market(home)
    save_seen(db, [firm], run_id="20261125T000000Z-crawl", now=now)
    db.close()
    refresh(home, now=now)
    store, decisions = world(160)
    keep(home, refitted(store, decisions, day=DAY))
    told = []
    for day, whole in ((26, False), (27, False), (28, True), (29, False)):
        refresh(home, now=datetime(2026, 11, day, tzinfo=UTC), whole=whole)
        db = open_market(home)
        told.append(db.conn.execute("select count(*) from issues where kind='identity_weights'").fetchone()[0])
        db.close()
    assert told == [1, 1, 0, 0]


def test_the_command_refuses_in_words(home, capsys):
    home.make()
    for language, word in (("id", "dibandingkan"), ("en", "compared")):
        assert main(["refit", "--home", str(home.root), "--lang", language]) == 2
        assert word in capsys.readouterr().err
