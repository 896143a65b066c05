"""What every test may ask for."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from market_db.home import Home, open_home

settings.register_profile("tembus", deadline=None)  # a busy machine is no fault of the code; speed is measured in tests/bench
settings.load_profile("tembus")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home of its own."""
    return open_home(tmp_path / "home", {})


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The home that `scripts/run` makes, and what it printed; made once for all workers and never written to: see `sample_copy`."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, printed = base / "sample-home", base / "sample-printed.txt"
    with (base / "sample.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            environ = {**os.environ, "TEMBUS_HOME": str(folder), "COLUMNS": "100", "TEMBUS_LANG": "id"}
            asked = [sys.executable, "-m", "scripts.sample"]
            done = subprocess.run(asked, cwd=Path(__file__).parent.parent, env=environ, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr[-2000:]
            printed.write_text(done.stdout, "utf-8")
    return folder, printed.read_text("utf-8")


@pytest.fixture(scope="session")
def sample_copy(sample_run: tuple[Path, str]) -> Callable[[Path], Path]:
    """Copies the sample's home to a folder that is not there yet; returns it."""
    return lambda folder: Path(shutil.copytree(sample_run[0], folder))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real pages and answers beside the checkout, never in it."""
    folder = Path(__file__).parent.parent.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("corpus not beside the checkout")
    return folder


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Bytes never make a test's name: packed ones hold the time of day, and two workers would not collect the same tests."""
    return argname if isinstance(val, bytes | bytearray) else None
