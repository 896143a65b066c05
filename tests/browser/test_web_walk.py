"""A clerk's walk through the workspace in a real browser, at a desk and on a phone: nothing blocked, nothing cut off, what is saved shows."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REPO = HERE.parent.parent


def load():
    spec = importlib.util.spec_from_file_location("chromium_driver", HERE / "chromium.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


driver = load()
pytestmark = pytest.mark.skipif(driver.PROGRAM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def address(tmp_path_factory, sample_copy):
    """The sample, served by the command itself on a port of the system's."""
    home = sample_copy(tmp_path_factory.mktemp("walk") / "home")
    environ = {**os.environ, "TEMBUS_HOME": str(home), "TEMBUS_LANG": "en"}
    serving = [sys.executable, "-m", "scripts", "serve", "--port", "0"]
    with subprocess.Popen(serving, cwd=REPO, env=environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process.stderr.readline().split()[1].rstrip("/")
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def browser():
    opened = driver.Chromium()
    yield opened
    opened.close()


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
PAGES = ("/pembeli?has=email", "BUYER", "/pasar", "/pasar/sambal/NL", "/bantuan", "/pembeli?country=ZZ", "/nothing", *OPERATOR)
"""What is looked at for barriers, in both widths; BUYER stands for the first of the list."""


def open_page(browser, address, path, language):
    if path == "BUYER":
        browser.open(f"{address}/pembeli?has=email&lang={language}")
        browser.click("a.name")
    else:
        browser.open(f"{address}{path}{'&' if '?' in path else '?'}lang={language}")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", PAGES)
def test_no_serious_barrier(browser, address, path, width):
    axe = pytest.importorskip("axe_core_python")
    browser.size(width)
    open_page(browser, address, path, "id")
    browser.ask((Path(axe.__file__).parent / "axe.min.js").read_text("utf-8") + ";0")
    found = browser.ask(
        "axe.run({exclude: [['details:not([open]) > :not(summary)']]}).then(told => told.violations.map(one => [one.impact, one.id, one.nodes[0].html]))"
    )
    assert [one for one in found if one[0] in ("serious", "critical")] == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", OPERATOR)
def test_operator_pages_fit(browser, address, path, width, tmp_path):
    browser.size(width)
    browser.open(f"{address}{path}?lang=id")
    assert browser.complaints() == []
    assert browser.ask("document.documentElement.scrollWidth") <= width
    assert browser.received() < 100_000
    assert len(browser.ask("document.body.innerText")) > 150
    browser.shoot(tmp_path / "page.png")


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(("name", "path"), [("find", "/pembeli?product=sambal"), ("buyer", "BUYER"), ("markets", "/pasar?product=sambal")])
def test_pictures_for_the_guide(browser, address, tmp_path, name, path, language):
    """`TEMBUS_PICTURES=1` puts them where the guide shows them."""
    browser.size(1000, 560)
    open_page(browser, address, path, language)
    picture = tmp_path / f"{name}-{language}.webp"
    browser.shoot(picture, whole=False)
    assert 5_000 < picture.stat().st_size < 120_000
    if os.environ.get("TEMBUS_PICTURES"):
        folder = REPO / "market_db" / "web" / "static" / "guide"
        folder.mkdir(exist_ok=True)
        (folder / picture.name).write_bytes(picture.read_bytes())


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """The sample for an office: (address, operator, password that was printed once)."""
    home = tmp_path_factory.mktemp("office") / "home"
    environ = {**os.environ, "TEMBUS_HOME": str(home), "TEMBUS_LANG": "id"}
    subprocess.run([sys.executable, "-m", "scripts.sample"], cwd=REPO, env=environ, check=True, capture_output=True, timeout=300)
    making = [sys.executable, "-m", "scripts", "users", "add", "sari", "--role", "operator", "--print"]
    made = subprocess.run(making, cwd=REPO, env=environ, check=True, capture_output=True, text=True, timeout=60)
    serving = [sys.executable, "-m", "scripts", "serve", "--port", "0", "--name", "127.0.0.1"]
    with subprocess.Popen(serving, cwd=REPO, env=environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield re.search(r"http://\S+?(?=/ )", process.stderr.readline())[0], made.stdout.strip()
        finally:
            process.terminate()


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
