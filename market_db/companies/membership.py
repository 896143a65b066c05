"""Who is in which company, asked for a few records at a time: a night must not read those that nothing touches."""

from collections import defaultdict
from collections.abc import Collection, Iterator

import sqlite_utils

from market_db.companies.history import Merge, merges, moves
from market_db.companies.mentions import first_seen, load_mentions
from market_db.derived import Company, Mention
from market_db.rebuild import load_companies
from market_db.rows import batched

CHUNK = 500
AT_ONCE = 1_000
"""Companies that are read at a time where all are gone through."""


class Membership:
    """Parties and companies as they are stored; `company in membership` is whether a company has any party."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self.db = db

    def mentions(self, parties: Collection[str] | None = None) -> Iterator[Mention]:
        """Mentions of some parties, or all."""
        return load_mentions(self.db, parties)

    def first_seen(self, parties: Collection[str]) -> dict[str, str]:
        """Party -> when its record was first seen."""
        return first_seen(self.db, parties)

    def company_of(self, parties: Collection[str]) -> dict[str, str]:
        """Party -> company, for those that are in one."""
        return self._read("select party_id, company_id from company_members where party_id in ({})", parties)

    def members(self, companies: Collection[str] | None = None) -> dict[str, str]:
        """Party -> company, of everything that some or all companies have, also where its record is gone."""
        sql = "select party_id, company_id from company_members"
        if companies is None:
            return dict(self.db.conn.execute(sql).fetchall())
        return self._read(sql + " where company_id in ({})", companies)

    def __contains__(self, company: object) -> bool:
        sql = "select 1 from company_members where company_id=? limit 1"
        return self.db.conn.execute(sql, (company,)).fetchone() is not None

    def merges(self, parties: Collection[str] | None = None) -> list[Merge]:
        """Companies that others took over and parties that moved, those of some parties or all."""
        return [*merges(self.db, parties), *moves(self.db, parties)]

    def is_empty(self) -> bool:
        """Whether nothing is in any company."""
        return self.db.conn.execute("select 1 from company_members limit 1").fetchone() is None

    def unsettled(self) -> set[str]:
        """Parties that are seen and in no company, or in one and gone. Both lists are read in order, side by side."""
        seen, members = "select id from all_parties", "select party_id from company_members"
        differences = (f"{one} except {other} order by 1" for one, other in ((seen, members), (members, seen)))
        return {party for sql in differences for (party,) in self.db.conn.execute(sql)}

    def _read(self, sql: str, keys: Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for part in batched(sorted(keys), CHUNK):
            found.update(self.db.conn.execute(sql.format(",".join("?" * len(part))), part).fetchall())
        return found


Told = tuple[Company, list[Mention]]


def all_with_mentions(db: sqlite_utils.Database) -> Iterator[list[Told]]:
    """All companies with their mentions, in the order of ids, some hundreds at a time: together they would not fit."""
    for ids in company_ids(db):
        companies = list(load_companies(db, ids))
        of = {party: company.id for company in companies for party in company.member_ids}
        grouped: dict[str, list[Mention]] = defaultdict(list)
        for mention in load_mentions(db, of):
            grouped[of[mention.party_id]].append(mention)
        yield [(company, grouped[company.id]) for company in companies]


def company_ids(db: sqlite_utils.Database) -> Iterator[list[str]]:
    """Ids of all companies, in order, some hundreds at a time."""
    last = ""
    while ids := [name for (name,) in db.conn.execute("select id from companies where id > ? order by id limit ?", (last, AT_ONCE))]:
        yield ids
        last = ids[-1]
