"""desk.db for one piece of work: written as a whole or not at all, and read at half the cost."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import sqlite_utils

from market_db.desk.tables import desk_migrations
from market_db.home import Home
from market_db.opening import at_once, read_tuned
from market_db.schema import has_desk, open_desk


@contextmanager
def write_desk(home: Home) -> Iterator[sqlite_utils.Database]:
    """The desk for one write, all or nothing, while nobody else writes; made where there never was one. Raises as `open_desk`."""
    with closing(open_desk(home)) as db, at_once(db):
        yield db


@contextmanager
def read_desk(home: Home) -> Iterator[sqlite_utils.Database | None]:
    """The desk for reading; None where nobody entered anything yet. Raises MarketError where it is lost."""
    if not has_desk(home):
        yield None
        return
    with closing(read_tuned(home, home.desk, desk_migrations)) as db:
        yield db
