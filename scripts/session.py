"""What every command is given: the home, the words of the person's language, and the screen."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from market_db.home import BadConfig, Home, open_home
from scripts.words import Words

if TYPE_CHECKING:
    import sqlite_utils
    from rich.console import Console


class NoSnapshot(Exception):
    """Nothing was published yet: there is nothing to ask."""


class WrongUse(Exception):
    """The command cannot be done as typed; the text, in the person's language, says what would do."""


@dataclass(kw_only=True)
class Session:
    """One call of `tembus`."""

    words: Words
    root: Path | None = None
    """--home; None = TEMBUS_HOME or the default."""
    opened: Home | None = None
    trouble: BadConfig | None = None
    """Why the configuration could not be read: raised when a command needs it."""
    console_options: dict[str, object] = field(default_factory=dict)

    @property
    def home(self) -> Home:
        """The home with its configuration. Raises BadConfig."""
        if self.trouble:
            raise self.trouble
        if self.opened is None:
            self.opened = open_home(self.root)
        return self.opened

    @property
    def bare_home(self) -> Home:
        """The home, with defaults where its configuration cannot be read."""
        from os import environ

        from market_db.home import DEFAULT_HOME

        if self.trouble is None:
            return self.home
        root = self.root or Path(environ.get("TEMBUS_HOME") or DEFAULT_HOME)
        return Home(root=root.expanduser().absolute())

    @cached_property
    def screen(self) -> "Console":
        """Standard output."""
        from scripts.screen import make_console

        return make_console()

    def note(self, text: str) -> None:
        """A line for the person on standard error, so that standard output stays data."""
        sys.stderr.write(text.rstrip("\n") + "\n")
        sys.stderr.flush()

    def say(self, key: str, /, **values: object) -> None:
        """A sentence on standard error."""
        self.note(self.words.say(key, **values))

    @contextmanager
    def snapshot(self) -> Iterator["sqlite_utils.Database"]:
        """The published snapshot. Raises NoSnapshot, MarketError."""
        from market_db.schema import open_published

        if not self.home.published.exists():
            raise NoSnapshot(self.home.root)
        with closing(open_published(self.home)) as db:
            yield db

    @contextmanager
    def history(self) -> Iterator["sqlite_utils.Database | None"]:
        """Where runs are written, read-only; the snapshot where there is no market.db, None where there is neither."""
        from market_db.history import history

        with history(self.home) as db:
            yield db
