"""A clerk's walk through the workspace in a real browser, at a desk and on a phone: nothing blocked, nothing cut off, what is saved shows."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def address(tmp_path_factory, sample_copy, served):
    """The sample."""
    with served(sample_copy(tmp_path_factory.mktemp("walk") / "home"), "en") as at:
        yield at


@pytest.mark.parametrize("width", [1280, 390])
def test_find_open_and_note(browser, address, width):
    def fits(least):
        assert browser.complaints() == []
        assert browser.ask("document.documentElement.scrollWidth") <= width
        assert len(browser.ask("document.body.innerText")) > least

    browser.size(width)
    browser.open(address + "/?lang=en&has=email")
    fits(300)
    assert browser.received() < 100_000
    browser.click("a.name")
    fits(500)
    note = f"seen at {width}"
    browser.ask(f"document.querySelector('textarea[name=note]').value = {json.dumps(note)}")
    browser.ask("document.querySelector('select[name=status]').value = 'to_contact'")
    browser.click("#tindak-lanjut button")
    fits(500)
    assert note in browser.ask("document.body.innerText")
    assert "Saved." in browser.ask("document.body.innerText")
    browser.open(address + "/pasar/sambal/GB")
    fits(300)
    assert browser.ask("document.querySelectorAll('svg.chart').length") >= 1


OPERATOR = ("/operator", "/sumber", "/sumber/open_food_facts", "/pembacaan", "/masalah", "/kesehatan", "/pengguna", "/jejak", "/data")
PAGES = ("/pembeli?has=email", "BUYER", "/pasar", "/pasar/sambal/NL", "/bantuan", "/pembeli?country=ZZ", "/ditolak", "/nothing", *OPERATOR)
"""What is looked at for barriers, in both widths; BUYER stands for the first of the list."""


def open_page(browser, address, path, language):
    if path == "BUYER":
        browser.open(f"{address}/pembeli?has=email&lang={language}")
        browser.click("a.name")
    else:
        browser.open(f"{address}{path}{'&' if '?' in path else '?'}lang={language}")


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("path", ["/", "/pasar", "/pasar?ukur=buyers", "/pembacaan", "/sumber", "/jejak", "BUYER"])
def test_a_phone_shows_tables_as_cards_of_its_width(browser, address, path, language):
    """A table that scrolls inside its frame leaves the page as wide as it was: each card is measured, and what a thumb must hit."""
    browser.size(390)
    open_page(browser, address, path, language)
    inside = "[...document.querySelectorAll('.cardtable td, .cardtable caption')].map(one => one.getBoundingClientRect().right)"
    assert browser.ask(f"Math.max(0, ...{inside})") <= 390
    ticks = "[...document.querySelectorAll('main input[type=checkbox]:not(.toggle), main input[type=radio]')]"
    assert browser.ask(f"Math.min(24, ...{ticks}.map(one => one.getBoundingClientRect()).filter(r => r.width).map(r => r.height))") == 24


def test_the_bar_of_shortlists_covers_the_list_only_once_something_is_ticked(browser, address):
    """A small laptop shows some 600 pixels: the rows come first."""
    browser.size(1280, 600)
    browser.open(address + "/pembeli?lang=id")
    below = "document.querySelector('#tambah').getBoundingClientRect().top > innerHeight"
    assert browser.ask(below)
    browser.ask("document.querySelector('input[name=lead]').click()")
    assert not browser.ask(below)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_long_address_of_an_archived_answer_breaks(browser, address, width):
    browser.size(width)
    open_page(browser, address, "BUYER", "id")
    browser.open(browser.ask("document.querySelector('.evidence li:nth-child(2) a[href*=\"/bukti/\"]').href"))
    assert len(browser.ask("document.querySelector('a.out').href")) > 100
    assert browser.ask("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("path", ["/pasar", "/pasar/sambal/NL", "BUYER", "/pembacaan", "/jejak", "/kesehatan"])
def test_a_desk_shows_tables_whole(browser, address, path, language):
    """No table runs out of its frame, and no column is squeezed until its words break into letters."""
    browser.size(1280)
    open_page(browser, address, path, language)
    tables = "[...document.querySelectorAll('main table')].filter(one => one.offsetWidth)"
    assert browser.ask(f"Math.max(0, ...{tables}.map(one => one.scrollWidth - one.parentElement.clientWidth))") <= 0
    first = "[...document.querySelectorAll('main tbody td:first-child')].filter(one => one.offsetWidth)"
    assert browser.ask(f"Math.max(0, ...{first}.map(one => one.offsetHeight))") < 130


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", PAGES)
def test_no_serious_barrier(browser, address, path, width, barriers, shots):
    browser.size(width)
    open_page(browser, address, path, "id")
    assert barriers(browser, hidden="details:not([open]) > :not(summary)") == []
    browser.shoot(shots / f"halaman-{re.sub('[^a-zA-Z0-9]+', '-', path).strip('-')}-{width}.png")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", OPERATOR)
def test_operator_pages_fit(browser, address, path, width):
    browser.size(width)
    browser.open(f"{address}{path}?lang=id")
    assert browser.complaints() == []
    assert browser.ask("document.documentElement.scrollWidth") <= width
    assert browser.received() < 100_000
    assert len(browser.ask("document.body.innerText")) > 150


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(("name", "path"), [("find", "/pembeli?product=sambal"), ("buyer", "BUYER"), ("markets", "/pasar?product=sambal")])
def test_pictures_for_the_guide(browser, address, picture, name, path, language):
    browser.size(1000, 560)
    open_page(browser, address, path, language)
    picture(name, language)


@pytest.fixture(scope="module")
def office(tmp_path_factory, sample_copy, served):
    """The sample for an office: (address, operator, password that was printed once)."""
    home = sample_copy(tmp_path_factory.mktemp("office") / "home")
    making = [sys.executable, "-m", "scripts", "users", "add", "sari", "--role", "operator", "--print"]
    environ = {**os.environ, "TEMBUS_HOME": str(home), "TEMBUS_LANG": "id"}
    made = subprocess.run(making, cwd=REPO, env=environ, check=True, capture_output=True, text=True, timeout=60)
    with served(home, "id", "--name", "127.0.0.1") as at:
        yield at, made.stdout.strip()


def fill(browser, **fields):
    for name, value in fields.items():
        browser.ask(f"document.querySelector('[name={name}]').value = {json.dumps(value)}")


@pytest.mark.parametrize("width", [1280, 390])
def test_an_operator_logs_in_changes_the_password_and_makes_an_account(browser, office, width):
    address, printed = office
    password = printed if width == 1280 else "kereta pagi 77 biru"
    browser.size(width)
    browser.open(address + "/masuk?lang=id")  # a browser shares its cookies among the ports of a machine
    browser.open(address + "/pengguna")
    assert "Masuk" in browser.ask("document.querySelector('h1').innerText")
    assert browser.ask("document.documentElement.scrollWidth") <= width
    fill(browser, name="sari", password="salah salah salah")
    browser.click("main button")
    assert "salah" in browser.ask("document.querySelector('[role=alert]').innerText")
    fill(browser, name="sari", password=password)
    browser.click("main button")
    if width == 1280:
        assert browser.ask("location.pathname") == "/sandi"
        fill(browser, old=password, new="kereta pagi 77 biru", again="kereta pagi 77 biru")
        browser.click("main button")
        browser.open(address + "/pengguna?lang=id")
    assert browser.ask("location.pathname") == "/pengguna"
    fill(browser, name=f"dewi{width}", role="advisor")
    browser.click("form[action='/pengguna'] button")
    assert re.fullmatch(r"([a-z0-9]{4}-){3}[a-z0-9]{4}", browser.ask("document.querySelector('.secret code').innerText"))
    assert browser.complaints() == []
    assert browser.ask("document.documentElement.scrollWidth") <= width
    browser.click("form[action='/keluar'] button")
    assert browser.ask("location.pathname") == "/masuk"
    browser.open(address + "/pembeli")
    assert browser.ask("location.pathname") == "/masuk"
