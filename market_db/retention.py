"""Contacts that nobody showed for a long time leave the database; the company and its other facts stay."""

from datetime import date

import sqlite_utils

from market_db.schema import SEEN_TABLES

PARTY_TABLES = ("parties", "parties_share_alike")
EMPTY = "contacts='[]', phones_text='[]', emails_text='[]', website=null"

LONG_GONE = "select 1 from json_each(contacts) where json_extract(value, '$.last_seen') < ?"
STILL_SHOWN = "select json_group_array(json(value)) from json_each(contacts) where coalesce(json_extract(value, '$.last_seen'), '9') >= ?"


def purge_contacts(db: sqlite_utils.Database, before: date) -> int:
    """Empty the contacts of parties whose record was last seen before a day, and drop single ones that were not shown since.

    One transaction; returns how many parties lost some.
    """
    day, changed = before.isoformat(), 0
    with db.atomic():
        for kind in ("listing", "notice", "registration", "place"):
            old = f'select id from "{SEEN_TABLES[kind]}" where last_seen < ?'
            for table in PARTY_TABLES:
                where = f"contacts <> '[]' and record_kind = ? and record_id in ({old})"
                changed += int(db.conn.execute(f'update "{table}" set {EMPTY} where {where}', (kind, day)).rowcount)
        for table in PARTY_TABLES:
            sql = f'update "{table}" set contacts=({STILL_SHOWN}) where contacts like ? and exists ({LONG_GONE})'
            changed += int(db.conn.execute(sql, (day, '%"last_seen"%', day)).rowcount)
        db.conn.execute("delete from company_contacts where last_seen < ?", (day,))
    return changed
