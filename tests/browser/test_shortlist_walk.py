"""A clerk's whole round in a real browser: an empty home, the sample, find, open, shortlist, take along, fill in, bring back, do not contact,
and gone everywhere."""

import json
import re
import shutil
import time
from datetime import date
from io import BytesIO
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

EXPORTER = "CV Sambal Ibu (contoh)"
PICTURES = {"cocok": "match", "daftar-langkah": "shortlist", "kembali-lihat": "back"}
"""Page of the walk -> picture of the guide that it is."""


class Clerk:
    """Somebody at one screen; every page is looked at for what is cut off, blocked or a barrier, and kept as a picture."""

    def __init__(self, browser, address, width, shots, barriers, picture):
        self.browser, self.address, self.width, self.shots, self.barriers, self.picture = browser, address, width, shots, barriers, picture

    def open(self, path):
        self.browser.open(self.address + path)

    def sees(self, name, *texts, status=0):
        browser = self.browser
        assert [one for one in browser.complaints() if not status or f"status of {status}" not in one] == []
        assert browser.ask("document.documentElement.scrollWidth") <= self.width, name
        shown = browser.ask("document.body.innerText")
        for text in texts:
            assert text in shown, (name, text)
        browser.shoot(self.shots / f"{name}-{self.width}.png")
        assert self.barriers(browser, hidden="details:not([open]) > :not(summary)") == [], name
        if name in PICTURES and self.width > 600:
            self.take_pictures(PICTURES[name])

    def take_pictures(self, name):
        """The page in both languages; the one that was there stands again at the end."""
        here = self.browser.ask("location.href").split("?")[0]
        self.browser.size(1000, 560)
        for language in ("en", "id"):
            self.browser.open(f"{here}?lang={language}")
            self.picture(name, language)
        self.browser.size(self.width)

    def opens_all(self, name):
        """Every part that can be unfolded, one after the other: none is cut off, none has a barrier."""
        browser = self.browser
        browser.ask("document.querySelectorAll('input.toggle').forEach(box => { box.checked = true })")
        for at in range(browser.ask("document.querySelectorAll('details').length")):
            browser.ask(f"document.querySelectorAll('details')[{at}].open = true")
            assert browser.ask("document.documentElement.scrollWidth") <= self.width, (name, at)
            part = f"document.querySelectorAll('details')[{at}]"
            right = browser.ask(f"Math.max(...[...{part}.querySelectorAll('*')].map(one => one.getBoundingClientRect().right))")
            assert right <= self.width + 1, (name, at, right)
            if at < 12:  # further ones are the same part of further rows
                assert self.barriers(browser, within=part) == [], (name, at)
        browser.shoot(self.shots / f"{name}-terbuka-{self.width}.png")

    def prints(self, name):
        """The page on A4: as wide as the paper, tables as tables, also where it was opened on a phone."""
        browser = self.browser
        browser.call("Emulation.setEmulatedMedia", media="print")
        browser.size(718, 1020)
        assert browser.ask("document.documentElement.scrollWidth") <= 718, name
        assert browser.ask("[...document.querySelectorAll('.cardtable thead')].every(one => getComputedStyle(one).display !== 'none')"), (
            name
        )
        browser.shoot(self.shots / f"{name}-cetak.png")
        browser.call("Emulation.setEmulatedMedia", media="")
        browser.size(self.width)

    def puts(self, selector, value):
        self.browser.ask(f"document.querySelector({json.dumps(selector)}).value = {json.dumps(value)}")

    def ticks(self, selector):
        self.browser.ask(f"document.querySelector({json.dumps(selector)}).checked = true")

    def picks_file(self, selector, path):
        found = self.browser.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")["result"]["objectId"]
        self.browser.call("DOM.setFileInputFiles", files=[str(path)], objectId=found)

    def downloads(self, folder, selector, suffix):
        """Click something that gives a file, and wait for it."""
        folder.mkdir()
        self.browser.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
        self.browser.ask(f"document.querySelector({json.dumps(selector)}).click()")
        for _ in range(300):
            if found := list(folder.glob(f"*{suffix}")):
                return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no {suffix} came: {list(folder.iterdir())}")


def fetch(address, path, **fields):
    """(status, text) of an address as a program gets it; with fields it is sent as a form of our own page. Workbooks and PDF as their text."""
    body = urlencode(fields).encode() if fields else None
    asked = Request(address + path, data=body, headers={"Origin": address} if fields else {})
    try:
        with urlopen(asked, timeout=60) as answer:
            return answer.status, text_of(answer.read())
    except HTTPError as error:
        return error.code, error.read().decode("utf-8")


def text_of(body):
    if body.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(body)).pages)
    if body.startswith(b"PK"):
        book = load_workbook(BytesIO(body))
        return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)
    return body.decode("utf-8-sig")


@pytest.fixture
def walk(browser, served, sample_copy, shots, barriers, picture, tmp_path, width):
    """A clerk before a home that is empty; then the sample comes in by the program's own command, while the pages are served."""
    home = tmp_path / "home"
    with served(home, "id") as address:
        clerk = Clerk(browser, address, width, shots, barriers, picture)
        browser.size(width)
        browser.call("Network.clearBrowserCookies")
        clerk.open("/?lang=id")
        clerk.sees("belum-ada-data", "Belum ada", status=503)
        shutil.copytree(sample_copy(tmp_path / "made"), home, dirs_exist_ok=True)
        yield clerk


@pytest.mark.parametrize("width", [1280, 390])
def test_the_whole_round(walk, tmp_path):
    exporter = enter_an_exporter(walk)
    names = find_and_shortlist(walk)
    path, order = put_in_order(walk, names)
    book = take_along(walk, tmp_path)
    fill_in(book, order)
    bring_back(walk, book)
    lead = open_the_second(walk, path)
    before = where_it_stands(walk.address, order[1], path, exporter, lead)
    assert [place for place, there in before.items() if not there] == []
    country = json.loads(fetch(walk.address, lead + ".json")[1])["lead"]["country"]
    counts = counts_of(walk.address, country)
    do_not_contact(walk, lead)
    assert [place for place, there in where_it_stands(walk.address, order[1], path, exporter, lead).items() if there] == []
    # the third, of another country, was judged no buyer: what is taken over counts from the next refresh on
    more = {"all", "facet has", "facet product"}
    assert counts_of(walk.address, country) == {name: count - (2 if name in more else 1) for name, count in counts.items()}
    for place in ("/", path, exporter + "/pembeli", "/kembali", "/eksportir", "/pasar", "/jejak", "/ditolak"):
        walk.open(place)
        assert order[1] not in walk.browser.ask("document.body.innerText"), place
    walk.open("/ditolak")
    walk.sees("ditolak", order[2], "ditandai bukan pembeli oleh rekan")
    walk.open(path)
    walk.sees("daftar-tanpa", order[0])
    walk.open(f"/pembeli?q={quote(order[1])}")
    walk.sees("cari-tanpa")
    walk.open(lead)
    walk.sees("tidak-ada", "Halaman tidak ada", status=404)


def enter_an_exporter(walk):
    walk.open("/eksportir")
    walk.sees("eksportir-kosong", "Belum ada eksportir")
    walk.open("/eksportir/baru")
    card = {"name": EXPORTER, "town": "Medan", "minimum_order_kg": "banyak", "capacity_kg_month": "2.000"}
    offer = {"offer0_name": "Sambal bajak", "offer0_pack_grams": "200", "offer0_fob_usd_kg": "4,50", "offer0_product": "sambal"}
    for name, value in {**card, **offer}.items():
        walk.puts(f"[name={name}]", value)
    for value in ("id", "en"):
        walk.ticks(f"[name=language][value={value}]")
    walk.browser.click("form.form button")
    walk.sees("eksportir-salah", "“banyak” bukan angka", "belum ada yang disimpan", status=400)
    walk.puts("[name=minimum_order_kg]", "500")
    walk.browser.click("form.form button")
    walk.sees("eksportir", "Tersimpan.", EXPORTER)
    path = walk.browser.ask("location.pathname")
    walk.browser.click(".head a.button")
    walk.sees("cocok", f"Pembeli untuk {EXPORTER}", "Bahasa:", "Pesanan minimum:")
    return path


def find_and_shortlist(walk):
    """Names of the three that were ticked."""
    browser = walk.browser
    walk.open("/?has=email&product=sambal")
    walk.sees("cari", "Tambahkan yang dicentang")
    walk.opens_all("cari")
    walk.open("/?has=email&product=sambal")
    names = browser.ask("[...document.querySelectorAll('a.name')].slice(0, 3).map(a => a.innerText)")
    browser.click("a.name")
    walk.sees("pembeli-dibuka", names[0])
    walk.opens_all("pembeli-dibuka")
    walk.prints("pembeli-dibuka")
    walk.open("/?has=email&product=sambal")
    browser.ask("[...document.querySelectorAll('input[name=lead]')].slice(0, 3).forEach(box => box.checked = true)")
    walk.puts("#tambah [name=list]", "new")
    walk.puts("#tambah [name=name]", "Sambal ke Eropa")
    browser.click("#tambah button")
    walk.sees("daftar", "3 pembeli ditambahkan.", *names)
    return names


def put_in_order(walk, names):
    """(address of the list, names in its order)."""
    browser, path = walk.browser, walk.browser.ask("location.pathname")
    browser.click(".steps li:nth-child(3) button[value=up]")
    order = browser.ask("[...document.querySelectorAll('.steps a.name')].map(a => a.innerText)")
    assert order == [names[0], names[2], names[1]]
    walk.opens_all("daftar")
    walk.open(path)
    browser.ask("document.querySelector('.steps details').open = true")
    walk.puts(".stepform [name=status]", "contacted")
    walk.puts(".stepform [name=due]", "2026-11-01")
    walk.puts(".stepform textarea", "Minta harga FOB")
    browser.click(".stepform button")
    walk.sees("daftar-langkah", "Minta harga FOB", "lewat")
    return path, order


def take_along(walk, tmp_path):
    assert walk.downloads(tmp_path / "pdf", ".export button[value=pdf]", ".pdf").read_bytes().startswith(b"%PDF")
    return walk.downloads(tmp_path / "xlsx", ".export button[value=xlsx]", ".xlsx")


def fill_in(book, order):
    """Status, day and note of the second, a verdict and another name on the third."""
    filled = load_workbook(book)
    sheet = filled.worksheets[0]
    assert sheet["B2"].value == order[0]
    sheet["O3"], sheet["P3"], sheet["R3"] = "Sampel dikirim", date(2026, 11, 20), "Suka yang pedas"
    sheet["S4"], sheet["B4"] = "Bukan pembeli", "Nama lain"
    filled.save(book)


def bring_back(walk, book):
    for turn in ("2 baris akan berubah", "0"):
        walk.open("/kembali")
        if turn != "0":
            walk.sees("kembali", "Bawa kembali Excel")
        walk.picks_file("input[type=file]", book)
        walk.browser.click("form[enctype] button")
        if turn == "0":  # the same file once more changes nothing
            walk.sees("kembali-lagi", "1 nama diubah di berkas Excel")
            assert not walk.browser.ask("!!document.querySelector('button[form=ambil]')")
            return
        walk.sees("kembali-lihat", turn, "Suka yang pedas", "1 nama diubah di berkas Excel")
        walk.browser.click("button[form=ambil]")
        walk.sees("kembali-diambil", "2 baris diubah")


def open_the_second(walk, path):
    walk.open(path)
    walk.sees("daftar-akhir", "Suka yang pedas", "Sampel dikirim")
    walk.browser.click(".steps li:nth-child(2) a.name")
    walk.sees("pembeli", "Sambal ke Eropa", "Suka yang pedas")
    return walk.browser.ask("location.pathname")


def do_not_contact(walk, lead):
    walk.open(lead + "/jangan-hubungi")
    walk.sees("jangan-hubungi-tanya")
    walk.browser.ask("document.querySelector('input[name=what]').click()")
    walk.puts("[name=reason]", "lewat telepon, 25 November")
    walk.ticks("[name=sure]")
    walk.browser.click("form button.danger, form button")
    walk.sees("jangan-hubungi", "Sudah dihapus")


def where_it_stands(address, name, path, exporter, lead):
    """Place -> whether the name is there. Every page and file that shows buyers."""
    word = quote(max(name.split(), key=len))  # a page repeats what was searched for: a word is not the name
    read = (f"/pembeli?q={word}", f"/pembeli.json?q={word}", lead, lead + ".json", lead + "/kartu.vcf", path, path + ".json", path + ".csv")
    read += (exporter + "/pembeli", exporter + "/pembeli.json", exporter + "/pembeli.csv")
    told = {place: fetch(address, place) for place in read}
    told |= {f"{kind} of the list": fetch(address, path + "/ekspor", format=kind) for kind in ("xlsx", "csv", "json", "pdf")}
    told |= {f"{kind} of the view": fetch(address, "/ekspor", format=kind, has="email") for kind in ("xlsx", "csv", "json")}
    return {place: status == 200 and flat(name) in flat(text) for place, (status, text) in told.items()}


def flat(text):
    """Letters of a text: a card folds its lines, a PDF breaks them, a page escapes some."""
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def counts_of(address, country):
    """Every number of buyers that counts one of a country with an e-mail address."""
    every = json.loads(fetch(address, "/pembeli.json")[1])
    there = json.loads(fetch(address, f"/pembeli.json?country={country}&has=email")[1])
    market = json.loads(fetch(address, f"/pasar/sambal/{country}.json")[1])["market"]
    facets = {
        f"facet {name}": every["counts"][name][value] for name, value in (("country", country), ("has", "email"), ("product", "sambal"))
    }
    return {"all": every["total"], "there": there["total"], "market": market["buyers"], **facets}
