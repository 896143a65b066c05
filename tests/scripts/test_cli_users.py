"""`tembus users` and what `tembus serve` asks for before others can reach it."""

import json
import re
from datetime import UTC, datetime

import pytest

from market_db.access.accounts import accounts
from market_db.access.audit import deeds
from market_db.access.sessions import log_in


@pytest.fixture
def served(monkeypatch):
    """What `serve` would start."""
    calls = []

    def run(home, host, port, ready, *, access, proxies):
        calls.append((host, access, proxies))
        ready(8350)

    monkeypatch.setattr("scripts.serve.run", run)
    return calls


def made_password(said):
    return re.search(r"^([a-z0-9]{4}-){3}[a-z0-9]{4}$", said.out, re.MULTILINE)[0]


def test_the_first_operator_is_made_on_the_command_line(tembus, home):
    said = tembus("users", "add", "Sari", "--role", "operator")
    assert said.code == 0
    password = made_password(said)
    found = accounts(home)
    assert [(one.name, one.role, one.must_change) for one in found] == [("sari", "operator", True)]
    assert log_in(home, "sari", password, address="-", now=datetime.now(UTC)).account
    assert password not in tembus("users").out
    assert [one.what for one in deeds(home)[0]] == ["login", "user_added"]
    assert deeds(home)[0][1].address == "terminal"


def test_a_typed_password_is_asked_for_twice(tembus, home, monkeypatch):
    import sys

    typed = iter(["kereta pagi 77 biru", "kereta pagi 77 bira", "kereta pagi 77 biru", "kereta pagi 77 biru"])
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: next(typed))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert tembus("users", "add", "sari", "--role", "operator").code == 2
    assert accounts(home) == []
    said = tembus("users", "add", "sari", "--role", "operator")
    assert said.code == 0
    assert "biru" not in said.out + said.err
    assert not accounts(home)[0].must_change


def test_list_disable_enable_reset_and_role(tembus, home):
    for name in ("sari", "rini"):
        tembus("users", "add", name, "--role", "operator")
    assert tembus("users", "disable", "rini").code == 0
    listed = json.loads(tembus("users", "--json").out)
    assert [(one["name"], one["disabled"]) for one in listed] == [("rini", True), ("sari", False)]
    assert all("password" not in one for one in listed)
    assert "dinonaktifkan" in tembus("users", "--lang", "id").out
    assert tembus("users", "disable", "sari").code == 2
    assert tembus("users", "role", "sari", "--role", "reader").code == 2
    assert tembus("users", "enable", "rini").code == 0
    assert tembus("users", "role", "sari", "--role", "reader").code == 0
    first = accounts(home)[1].password
    assert made_password(tembus("users", "reset", "sari"))
    assert accounts(home)[1].password != first


@pytest.mark.parametrize(
    "typed",
    [("add", "sari"), ("add",), ("disable",), ("reset", "nobody"), ("role", "sari"), ("add", "x y", "--role", "reader"), ("add", "sari", "--role", "king"), ("fly", "sari"), ("disable", "a", "b")],
)  # fmt: skip
def test_what_cannot_be_done_is_told(tembus, typed):
    said = tembus("users", *typed)
    assert said.code == 2
    assert "Traceback" not in said.err
    assert len(said.err) > 20


@pytest.mark.parametrize("host", ["999.1.1.1", "203.0.113.7", "2001:db8::7", "nowhere.invalid"])
def test_an_address_that_this_machine_lacks_is_named(tembus, served, host):
    tembus("users", "add", "sari", "--role", "operator")
    said = tembus("serve", "--host", host, "--name", "tembus.kantor.example", "--lang", "id")
    assert (said.code, served) == (2, [])
    assert f"tidak punya alamat “{host}”" in said.err


def test_others_reach_it_only_with_a_name_and_an_operator(tembus, served):
    said = tembus("serve", "--host", "0.0.0.0", "--lang", "id")
    assert said.code == 2
    assert "--name" in said.err
    said = tembus("serve", "--host", "0.0.0.0", "--name", "tembus.kantor.example", "--lang", "id")
    assert said.code == 2
    assert "tembus users add NAMA --role operator" in said.err
    tembus("users", "add", "budi", "--role", "reader")
    assert tembus("serve", "--host", "0.0.0.0", "--name", "tembus.kantor.example").code == 2
    assert served == []
    tembus("users", "add", "sari", "--role", "operator")
    said = tembus("serve", "--host", "0.0.0.0", "--name", "Tembus.Kantor.example.", "--lang", "id")
    assert said.code == 0
    assert "http://tembus.kantor.example:8350/" in said.err
    assert "HTTPS" in said.err
    host, access, proxies = served[0]
    assert host == "0.0.0.0"
    assert access.login
    assert "tembus.kantor.example" in access.names
    assert proxies == ()


def test_loopback_needs_no_login_but_a_name_asks_for_one(tembus, served, home):
    assert tembus("serve").code == 0
    assert not served[0][1].login
    assert tembus("serve", "--name", "tembus.kantor.example", "--proxy", "127.0.0.1").code == 2
    tembus("users", "add", "sari", "--role", "operator")
    assert tembus("serve", "--name", "tembus.kantor.example", "--proxy", "127.0.0.1").code == 0
    assert served[1][1].login
    assert served[1][2] == ("127.0.0.1",)


def test_names_and_proxies_of_the_configuration_count(tembus, served, home):
    home.make()
    (home.root / "tembus.toml").write_text('host_names = ["tembus.kantor.example"]\nproxies = ["10.0.0.0/24"]\n', "utf-8")
    tembus("users", "add", "sari", "--role", "operator")
    assert tembus("serve").code == 0
    assert served[0][1].login
    assert served[0][2] == ("10.0.0.0/24",)


@pytest.mark.parametrize(
    "option",
    [("--name", "*"), ("--name", "a b"), ("--name", ""), ("--name", "http://x.example/"), ("--name", "-" * 70), ("--proxy", "*"), ("--proxy", "proxy.example"), ("--proxy", ""), ("--name", "a" * 300)],
)  # fmt: skip
def test_bad_names_and_proxies_are_refused(tembus, served, option):
    said = tembus("serve", *option)
    assert said.code == 2
    assert served == []


@pytest.mark.parametrize("name", ["192.168.1.20", "fd00::7", "[fd00::7]", "kantor"])
def test_addresses_may_stand_for_names(tembus, served, name):
    tembus("users", "add", "sari", "--role", "operator")
    assert tembus("serve", "--host", "::", "--name", name).code == 0
    assert served[0][0] == "::"
    assert any(name.strip("[]") in one for one in served[0][1].names)
