"""Accounts, passwords, sessions and the audit of access.db."""

from datetime import UTC, datetime, timedelta

import pytest

from market_db.access import passwords
from market_db.access.accounts import BadAccount, accounts, add_account, set_disabled, set_password, set_role
from market_db.access.audit import KEPT, deeds, record
from market_db.access.passwords import fits, hashed, is_weaker, made_up, trouble_with
from market_db.access.sessions import FREE, IDLE, LONGEST, MOST_WAIT, log_in, log_out, renew, session_of
from market_db.schema import MarketError
from market_db.sqlite import sqlite3

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
GOOD = "kereta pagi 77 biru"


@pytest.fixture
def office(home):
    """An operator and a reader."""
    add_account(home, "sari", "operator", GOOD, by="test", now=NOW, must_change=False)
    add_account(home, "budi", "reader", GOOD + "!", by="test", now=NOW, must_change=False)
    return home


def enter(home, name="sari", password=GOOD, *, after=0, address="10.0.0.7", old=""):
    return log_in(home, name, password, address=address, now=NOW + timedelta(seconds=after), old=old)


@pytest.mark.parametrize(
    ("password", "trouble"),
    [
        ("short", "password_short"),
        ("", "password_short"),
        ("x" * 300, "password_long"),
        ("aaaaaaaaaaaa", "password_easy"),
        ("1234567890", "password_easy"),
        ("0987654321", "password_easy"),
        ("abcdefghijkl", "password_easy"),
        ("Password2026!", "password_easy"),
        ("Indonesia1945", "password_easy"),
        ("sari-sari-1", "password_easy"),
        (GOOD, None),
        ("correct horse battery", None),
        ("密码密码再来一次好吗朋友", None),
        ("مرحبا بكم في المكتب", None),
    ],
)
def test_easy_passwords_are_refused(password, trouble):
    assert trouble_with(password, "sari") == trouble


def test_made_up_passwords_differ_and_are_good():
    made = {made_up() for _ in range(50)}
    assert len(made) == 50
    assert all(trouble_with(one) is None for one in made)


def test_hashes_are_argon2id_with_the_parameters_of_owasp():
    stored = hashed(GOOD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert fits(stored, GOOD)
    assert not fits(stored, GOOD + " ")
    assert not fits(None, GOOD)
    assert not fits("no hash at all", GOOD)
    assert not is_weaker(stored)


@pytest.mark.parametrize("odd", ["\x00" * 12, "\ud800" * 12, "é" * 12, "🌶" * 20, "a" * 100_000])
def test_odd_passwords_cost_no_crash(odd):
    assert fits(hashed(odd[:200]), odd[:200])
    assert not fits(hashed(GOOD), odd)


def test_two_spellings_of_one_password_are_one():
    assert fits(hashed("kopi susu e\u0301nak"), "kopi susu \u00e9nak")


def test_a_weaker_hash_is_renewed_at_the_next_login(office):
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(GOOD)
    conn = sqlite3.connect(office.access)
    with conn:
        conn.execute("update accounts set password=? where name='sari'", (weak,))
    conn.close()
    assert enter(office).account
    assert "m=19456" in next(one for one in accounts(office) if one.name == "sari").password


@pytest.mark.parametrize("name", ["", "a", "Ada Spasi", "a" * 41, "../x", "-x", "x\x00y", "ö" * 5])
def test_names_that_are_none(home, name):
    with pytest.raises(BadAccount) as caught:
        add_account(home, name, "reader", GOOD, by="test", now=NOW)
    assert caught.value.key == "bad_name"


def test_names_are_one_in_any_capitals(office):
    with pytest.raises(BadAccount) as caught:
        add_account(office, " SARI ", "reader", GOOD, by="test", now=NOW)
    assert caught.value.key == "taken"
    assert enter(office, " Sari ").account


def test_the_last_operator_stays(office):
    for act in (lambda: set_role(office, "sari", "reader"), lambda: set_disabled(office, "sari", disabled=True)):
        with pytest.raises(BadAccount) as caught:
            act()
        assert caught.value.key == "last_operator"
    set_role(office, "budi", "operator")
    set_role(office, "sari", "reader")
    assert [one.role for one in accounts(office)] == ["operator", "reader"]


def test_a_login_opens_a_session_of_which_only_a_hash_is_stored(office):
    token = enter(office).token
    assert session_of(office, token, now=NOW).name == "sari"
    for path in office.root.glob("access.db*"):
        assert token.encode() not in path.read_bytes()
    assert GOOD.encode() not in office.access.read_bytes()


def test_sessions_end_when_idle_and_at_the_latest(office):
    token = enter(office).token
    assert session_of(office, token, now=NOW + IDLE + timedelta(seconds=1)) is None
    at = NOW
    while at < NOW + LONGEST - IDLE:
        at += IDLE - timedelta(minutes=1)
        assert session_of(office, token, now=at)
    assert session_of(office, token, now=NOW + LONGEST + timedelta(seconds=1)) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "é" * 43, "x" * 5_000])
def test_tokens_that_are_none(office, token):
    assert session_of(office, token, now=NOW) is None


def test_a_login_ends_the_session_before_it_and_renews_the_id(office):
    first = enter(office).token
    second = enter(office, old=first, after=1).token
    assert first != second
    assert session_of(office, first, now=NOW) is None
    assert session_of(office, second, now=NOW)


@pytest.mark.parametrize("act", ["disable", "password", "out", "role"])
def test_what_ends_a_session_ends_it_at_once(office, act):
    token = enter(office, "budi", GOOD + "!").token
    match act:
        case "disable":
            set_disabled(office, "budi", disabled=True)
        case "password":
            set_password(office, "budi", "lampu merah 12 padi", now=NOW, must_change=False)
        case "out":
            log_out(office, token)
        case "role":
            set_role(office, "budi", "advisor")
    found = session_of(office, token, now=NOW)
    assert (found.role if found else None) == ("advisor" if act == "role" else None)


def test_who_is_disabled_is_told_no_more_than_a_wrong_password(office):
    set_disabled(office, "budi", disabled=True)
    assert enter(office, "budi", GOOD + "!") == enter(office, "nobody", GOOD, address="10.0.0.8")
    set_disabled(office, "budi", disabled=False)
    assert enter(office, "budi", GOOD + "!", after=1).account


@pytest.mark.parametrize("name", ["sari", "nobody"])
def test_waiting_grows_for_names_that_exist_and_for_those_that_do_not(office, name):
    at, waits = 0, []
    for n in range(14):
        found = enter(office, name, "wrong", after=at, address=f"10.1.{n}.1")
        waits.append(found.wait)
        at += found.wait
    assert waits[: FREE["name"] - 1] == [0] * (FREE["name"] - 1)
    assert waits[FREE["name"] - 1 :] == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert max(waits) == MOST_WAIT["name"]


def test_while_shut_even_the_right_password_waits_and_does_not_count(office):
    for n in range(5):
        enter(office, "sari", "wrong", address=f"10.1.{n}.1")
    assert enter(office).wait == 5
    assert enter(office).wait == 5
    assert enter(office, after=5).account
    assert enter(office, password="wrong", after=6).wait == 0


def test_one_address_that_tries_many_names_waits_too(office):
    waits = [enter(office, f"name{n}", "wrong").wait for n in range(FREE["address"])]
    assert waits[:-1] == [0] * (FREE["address"] - 1)
    assert waits[-1] > 0
    assert enter(office).wait > 0
    assert enter(office, address="10.9.9.9").account


def test_the_own_account_buys_no_more_guesses_from_one_address(office):
    for n in range(60):
        enter(office, "budi", GOOD + "!")
        if enter(office, f"name{n}", "wrong").wait:
            break
    assert n < FREE["address"] + 1


def test_neighbours_in_one_ipv6_network_are_one_address(office):
    for n in range(FREE["address"]):
        enter(office, f"name{n}", "wrong", address=f"2001:db8:1:2::{n:x}")
    assert enter(office, address="2001:db8:1:2:ffff::1").wait
    assert enter(office, address="2001:db8:1:3::1").account


def test_many_at_once_gain_no_more_than_one_after_the_other(office):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: enter(office, "sari", "wrong", address=f"10.2.{n}.1"), range(16)))
    conn = sqlite3.connect(office.access)
    assert conn.execute("select count(*) from deeds where what='login_failed'").fetchone()[0] <= FREE["name"]
    conn.close()
    assert sum(one.wait > 0 for one in found) >= 16 - FREE["name"]


def test_the_audit_never_keeps_what_was_typed_as_a_name(office):
    enter(office, GOOD, "sari")
    enter(office, "budi", "wrong")
    kept, total = deeds(office)
    assert total == 2
    assert [one.who for one in kept] == ["budi", ""]
    assert GOOD.encode() not in office.access.read_bytes()


def test_the_audit_is_filtered_and_pruned(office):
    record(office, "export", who="sari", address="10.0.0.7", now=NOW - KEPT - timedelta(days=1), about="xlsx")
    record(office, "export", who="sari", address="10.0.0.7", now=NOW, about="csv\x1b[31m" + "x" * 900)
    assert deeds(office, what="export")[1] == 2
    enter(office)
    found, total = deeds(office, what="export", who="sari")
    assert total == 1
    assert found[0].about.startswith("csv")
    assert "\x1b" not in found[0].about
    assert len(found[0].about) <= 200


def test_a_changed_password_renews_the_session(office):
    old = enter(office).token
    set_password(office, "sari", "lampu merah 12 padi", now=NOW, must_change=False)
    new = renew(office, "sari", address="10.0.0.7", now=NOW)
    assert session_of(office, old, now=NOW) is None
    assert session_of(office, new, now=NOW).name == "sari"


def test_an_emptied_access_database_lets_nobody_in(office):
    office.access.write_bytes(b"")
    with pytest.raises(MarketError):
        accounts(office)


def test_many_logins_wait_for_their_turn(monkeypatch):
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)
    assert passwords.AT_ONCE.acquire()
    assert passwords.AT_ONCE.acquire()
    try:
        with pytest.raises(passwords.TooBusy):
            hashed(GOOD)
    finally:
        passwords.AT_ONCE.release()
        passwords.AT_ONCE.release()
