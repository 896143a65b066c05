"""A clerk's whole round in a real browser: find, shortlist, take along, fill in, bring back, do not contact, and gone everywhere."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from urllib.request import urlopen

import pytest
from openpyxl import load_workbook

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
def sample(tmp_path_factory):
    """The sample's home, made once."""
    home = tmp_path_factory.mktemp("sample") / "home"
    environ = {**os.environ, "TEMBUS_HOME": str(home), "TEMBUS_LANG": "id"}
    subprocess.run([sys.executable, "-m", "scripts.sample"], cwd=REPO, env=environ, check=True, capture_output=True, timeout=300)
    return home


@pytest.fixture
def address(sample, tmp_path):
    """A copy of it, served by the command itself on a port of the system's."""
    home = tmp_path / "home"
    shutil.copytree(sample, home)
    environ = {**os.environ, "TEMBUS_HOME": str(home), "TEMBUS_LANG": "id"}
    serving = [sys.executable, "-m", "scripts", "serve", "--port", "0"]
    with subprocess.Popen(serving, cwd=REPO, env=environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield next(word for word in process.stderr.readline().split() if word.startswith("http")).rstrip("/")
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def browser():
    opened = driver.Chromium()
    yield opened
    opened.close()


@pytest.fixture
def shots(tmp_path):
    """Where pictures go: into TEMBUS_SHOTS where it is set, to be looked at."""
    folder = Path(os.environ.get("TEMBUS_SHOTS") or tmp_path / "shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


PICTURES = {"cocok": "match", "daftar-langkah": "shortlist", "kembali-lihat": "back"}
GUIDE = REPO / "market_db" / "web" / "static" / "guide"
"""`TEMBUS_PICTURES=1` puts pictures where the guide shows them, in Indonesian."""


def axe_script():
    """What looks for barriers in pages; empty where it is not installed."""
    if importlib.util.find_spec("axe_core_python") is None:
        return ""
    import axe_core_python

    return (Path(axe_core_python.__file__).parent / "axe.min.js").read_text("utf-8")


def put(browser, selector, value):
    browser.ask(f"document.querySelector({json.dumps(selector)}).value = {json.dumps(value)}")


def tick(browser, selector):
    browser.ask(f"document.querySelector({json.dumps(selector)}).checked = true")


def chosen_file(browser, selector, path):
    found = browser.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")["result"]["objectId"]
    browser.call("DOM.setFileInputFiles", files=[str(path)], objectId=found)


def downloaded(browser, folder, selector, suffix):
    """Click something that gives a file, and wait for it."""
    folder.mkdir()
    browser.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    browser.ask(f"document.querySelector({json.dumps(selector)}).click()")
    for _ in range(200):
        if found := list(folder.glob(f"*{suffix}")):
            return found[0]
        time.sleep(0.1)
    raise AssertionError(f"no {suffix} came: {list(folder.iterdir())}")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_whole_round(browser, address, shots, tmp_path, width):
    def page(name, *texts, status=0):
        assert [one for one in browser.complaints() if not status or f"status of {status}" not in one] == []
        assert browser.ask("document.documentElement.scrollWidth") <= width, name
        shown = browser.ask("document.body.innerText")
        for text in texts:
            assert text in shown, (name, text)
        browser.shoot(shots / f"{name}-{width}.png")
        if name in PICTURES and os.environ.get("TEMBUS_PICTURES") and width > 600:
            browser.size(1000, 560)
            browser.shoot(GUIDE / f"{PICTURES[name]}-id.webp", whole=False)
            browser.size(width)
        if axe:
            browser.ask(axe + ";0")
            found = browser.ask("axe.run().then(told => told.violations.map(one => [one.impact, one.id, one.nodes[0].html]))")
            assert [one for one in found if one[0] in ("serious", "critical")] == [], name

    axe = axe_script()
    browser.size(width)
    browser.call("Network.clearBrowserCookies")
    browser.open(address + "/eksportir?lang=id")
    page("eksportir-kosong", "Belum ada eksportir")
    browser.open(address + "/eksportir/baru")
    for name, value in {"name": "CV Sambal Ibu (contoh)", "town": "Medan", "minimum_order_kg": "banyak", "capacity_kg_month": "2.000",
                        "offer0_name": "Sambal bajak", "offer0_pack_grams": "200", "offer0_fob_usd_kg": "4,50"}.items():  # fmt: skip
        put(browser, f"[name={name}]", value)
    put(browser, "[name=offer0_product]", "sambal")
    for value in ("id", "en"):
        tick(browser, f"[name=language][value={value}]")
    browser.click("form.form button")
    page("eksportir-salah", "“banyak” bukan angka", "belum ada yang disimpan", status=400)
    put(browser, "[name=minimum_order_kg]", "500")
    browser.click("form.form button")
    page("eksportir", "Tersimpan.", "CV Sambal Ibu (contoh)")
    browser.click(".head a.button")
    page("cocok", "Pembeli untuk CV Sambal Ibu (contoh)", "Bahasa:", "Pesanan minimum:")
    browser.open(address + "/")
    page("cari", "Tambahkan yang dicentang")
    names = browser.ask("[...document.querySelectorAll('a.name')].slice(0, 3).map(a => a.innerText)")
    browser.ask("[...document.querySelectorAll('input[name=lead]')].slice(0, 3).forEach(box => box.checked = true)")
    put(browser, "#tambah [name=list]", "new")
    put(browser, "#tambah [name=name]", "Sambal ke Eropa")
    browser.click("#tambah button")
    page("daftar", "3 pembeli ditambahkan.", *names)
    path = browser.ask("location.pathname")
    browser.click(".steps li:nth-child(3) button[value=up]")
    order = browser.ask("[...document.querySelectorAll('.steps a.name')].map(a => a.innerText)")
    assert order == [names[0], names[2], names[1]]
    browser.ask("document.querySelector('.steps details').open = true")
    put(browser, ".stepform [name=status]", "contacted")
    put(browser, ".stepform [name=due]", "2026-11-01")
    put(browser, ".stepform textarea", "Minta harga FOB")
    browser.shoot(shots / f"langkah-{width}.png")
    browser.click(".stepform button")
    page("daftar-langkah", "Tindak lanjut tersimpan.", "Minta harga FOB", "lewat")
    book = downloaded(browser, tmp_path / f"xlsx{width}", ".export button[value=xlsx]", ".xlsx")
    assert downloaded(browser, tmp_path / f"pdf{width}", ".export button[value=pdf]", ".pdf").read_bytes().startswith(b"%PDF")
    filled = load_workbook(book)
    sheet = filled.worksheets[0]
    assert sheet["B2"].value == order[0]
    sheet["O3"], sheet["P3"], sheet["R3"], sheet["S4"], sheet["B4"] = (
        "Sampel dikirim",
        date(2026, 11, 20),
        "Suka yang pedas",
        "Bukan pembeli",
        "Nama lain",
    )
    filled.save(book)
    browser.open(address + "/kembali")
    page("kembali", "Bawa kembali Excel")
    chosen_file(browser, "input[type=file]", book)
    browser.click("form[enctype] button")
    page("kembali-lihat", "2 baris akan berubah", "Suka yang pedas", "1 nama diubah di berkas Excel")
    browser.click("button[form=ambil]")
    page("kembali-diambil", "2 baris diubah")
    browser.open(address + path)
    page("daftar-akhir", "Suka yang pedas", "Sampel dikirim")
    browser.click(".steps li:nth-child(2) a.name")
    page("pembeli", "Sambal ke Eropa", "Suka yang pedas")
    lead = browser.ask("location.pathname")
    browser.open(address + lead + "/jangan-hubungi")
    browser.ask("document.querySelector('input[name=what]').click()")
    put(browser, "[name=reason]", "lewat telepon, 25 November")
    tick(browser, "[name=sure]")
    browser.click("form button.danger, form button")
    page("jangan-hubungi", "Sudah dihapus")
    for place in ("/", path, "/kembali", "/eksportir"):
        browser.open(address + place)
        assert order[1] not in browser.ask("document.body.innerText"), place
    for place in ("/pembeli.json", path + ".json", path + ".csv"):
        with urlopen(address + place, timeout=60) as answer:
            assert order[1] not in answer.read().decode("utf-8-sig"), place
    browser.open(address + path)
    page("daftar-tanpa", order[0])
    browser.open(address + lead)
    page("tidak-ada", "Halaman tidak ada", status=404)
