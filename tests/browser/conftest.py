"""What every walk in a browser needs: the browser, a served home, a place for pictures, and an eye for barriers."""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REPO = HERE.parent.parent
GUIDE = REPO / "market_db" / "web" / "static" / "guide"


def _load_driver():
    spec = importlib.util.spec_from_file_location("chromium_driver", HERE / "chromium.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


driver = _load_driver()


@pytest.fixture(scope="session", autouse=True)
def needs_chromium():
    if driver.PROGRAM is None:
        pytest.skip("no Chromium on this machine")


@pytest.fixture(scope="module")
def browser():
    opened = driver.Chromium()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def served():
    """Serves a home by the command itself, on a port of the system's: `with served(home, "id") as address`."""

    @contextlib.contextmanager
    def serve(home, language, *arguments):
        environ = {**os.environ, "TEMBUS_HOME": str(home), "TEMBUS_LANG": language, "LOGNAME": "sari"}
        serving = [sys.executable, "-m", "scripts", "serve", "--port", "0", *arguments]
        with subprocess.Popen(serving, cwd=REPO, env=environ, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield next(word for word in process.stderr.readline().split() if word.startswith("http")).rstrip("/")
            finally:
                process.terminate()

    return serve


@pytest.fixture
def shots(tmp_path):
    """Where pictures of pages go: into `TEMBUS_SHOTS` where it is set, to be looked at; else into pytest's folder, kept for three runs."""
    folder = Path(os.environ.get("TEMBUS_SHOTS") or tmp_path / "shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def barriers():
    """Looks for serious barriers on the page that is shown (axe); tells them, or nothing where axe is not installed."""
    found = importlib.util.find_spec("axe_core_python")
    script = (Path(found.origin).parent / "axe.min.js").read_text("utf-8") if found else ""

    def look(browser, *, within="document", hidden=""):
        if not script:
            return []
        browser.ask(script + ";0")
        where = json.dumps({"exclude": [[hidden]]}) if hidden else within
        told = browser.ask(f"axe.run({where}).then(told => told.violations.map(one => [one.impact, one.id, one.nodes[0].html]))")
        return [one for one in told if one[0] in ("serious", "critical")]

    return look


@pytest.fixture
def picture(browser, tmp_path):
    """A picture for the guide, small enough for a slow line; `TEMBUS_PICTURES=1` puts it where the guide shows it."""

    def shoot(name, language):
        made = tmp_path / f"{name}-{language}.webp"
        browser.shoot(made, whole=False)
        assert 5_000 < made.stat().st_size < 120_000
        if os.environ.get("TEMBUS_PICTURES"):
            GUIDE.mkdir(exist_ok=True)
            (GUIDE / made.name).write_bytes(made.read_bytes())

    return shoot
