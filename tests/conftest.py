"""What every test may ask for."""

from pathlib import Path

import pytest

from market_db.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home of its own."""
    return open_home(tmp_path / "home", {})


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
