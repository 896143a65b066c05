"""Databases of earlier versions open, with the columns that were added since."""

from pathlib import Path

import pytest

from market_db.home import open_home
from market_db.schema import open_market


@pytest.mark.parametrize(("migration", "table", "column"), [("notice_status", "notices", "status")])
def test_a_database_without_the_column_gets_it(tmp_path: Path, migration: str, table: str, column: str) -> None:
    home = open_home(tmp_path)
    db = open_market(home)
    db.conn.execute(f"alter table {table} drop column {column}")
    db.conn.execute("delete from _sqlite_migrations where name = ?", (migration,))
    db.conn.commit()
    db.close()
    db = open_market(home)
    assert column in db.table(table).columns_dict
    db.close()
