"""A clerk's walk through the workspace in a real browser, at a desk and on a phone: nothing blocked, nothing cut off, what is saved shows."""

import importlib.util
import json
import os
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
def address(tmp_path_factory):
    """The sample, served by the command itself on a port of the system's."""
    home = tmp_path_factory.mktemp("walk") / "home"
    environ = {**os.environ, "TEMBUS_HOME": str(home), "TEMBUS_LANG": "en"}
    subprocess.run([sys.executable, "-m", "scripts.sample"], cwd=REPO, env=environ, check=True, capture_output=True, timeout=300)
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
