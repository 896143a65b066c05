"""Searches that people keep: a name and the address of a view of the list, in desk.db."""

from dataclasses import dataclass

from market_db.codec import from_row
from market_db.desk.entered import KeptSearch
from market_db.desk.file import read_desk, write_desk
from market_db.home import Home
from market_db.rows import read_rows
from market_db.schema import has_desk

MOST_SEARCHES = 12
"""Of one person: each is counted anew on every page of the list."""


class TooMany(Exception):
    """A person keeps as many searches as one may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch(KeptSearch):
    """A search with its number."""

    id: int


def searches_of(home: Home, owner: str) -> list[SavedSearch]:
    """What a person keeps, oldest first."""
    with read_desk(home) as db:
        rows = read_rows(db, "select * from saved_searches where entered_by = ? order by id", (owner,)) if db else ()
        return [from_row(SavedSearch, row) for row in rows]


def keep_search(home: Home, search: KeptSearch) -> None:
    """Keep a search; the same name of the same person again means the new address. Raises TooMany."""
    with write_desk(home) as db:
        count = "select count(*) from saved_searches where entered_by = ? and name <> ?"
        if db.conn.execute(count, (search.entered_by, search.name)).fetchone()[0] >= MOST_SEARCHES:
            raise TooMany(search.name)
        db.conn.execute("delete from saved_searches where entered_by = ? and name = ?", (search.entered_by, search.name))
        sql = "insert into saved_searches (name, address, entered_at, entered_by) values (?, ?, ?, ?)"
        db.conn.execute(sql, (search.name, search.address, search.entered_at, search.entered_by))


def drop_search(home: Home, owner: str, number: int) -> None:
    """Forget a search of a person's own; one that is gone already is fine."""
    if has_desk(home):
        with write_desk(home) as db:
            db.conn.execute("delete from saved_searches where entered_by = ? and id = ?", (owner, number))
