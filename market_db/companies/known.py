"""Firms we know and could ask a register about: the best leads first, and nobody asked about again too soon."""

from dataclasses import dataclass
from datetime import date, timedelta

import sqlite_utils

AGAIN_AFTER = timedelta(days=180)
"""A firm that a source already showed is asked about again after this long."""


@dataclass(frozen=True, slots=True)
class KnownCompany:
    """What a question needs."""

    name: str
    """Best spelling."""
    country: str
    """ISO 3166-1 alpha-2."""
    numbers: tuple[tuple[str, str], ...] = ()
    """(register, number) as its mentions show them."""
    website: str | None = None
    """Its own site."""

    def number(self, register: str) -> str | None:
        """Its number in one register."""
        return dict(self.numbers).get(register)


SQL = """
select c.id, c.name, c.country from companies c join leads l on l.company_id = c.id
where c.country is not null and not exists (
  select 1 from company_members m join all_parties p on p.id = m.party_id
  join registrations r on r.id = p.record_id
  where m.company_id = c.id and p.source = ? and r.last_seen >= ?)
group by c.id order by max(l.score) desc, c.id limit ?
"""
NUMBERS = """
select distinct p.registry, p.registry_id from company_members m join all_parties p on p.id = m.party_id
where m.company_id = ? and p.registry is not null and p.registry_id is not null order by 1, 2
"""


WEBSITE = "select value from company_contacts where company_id = ? and kind = 'website' order by sources desc, value limit 1"


def companies_to_check(db: sqlite_utils.Database, source: str, as_of: date, most: int) -> list[KnownCompany]:
    """Companies with a lead and a country that `source` has not shown lately, best score first."""
    since = (as_of - AGAIN_AFTER).isoformat()
    rows = db.conn.execute(SQL, (source, since, most)).fetchall()
    return [KnownCompany(name, country, _numbers(db, key), _website(db, key)) for key, name, country in rows]


def _numbers(db: sqlite_utils.Database, company: str) -> tuple[tuple[str, str], ...]:
    return tuple((str(register), str(number)) for register, number in db.conn.execute(NUMBERS, (company,)).fetchall())


def _website(db: sqlite_utils.Database, company: str) -> str | None:
    row = db.conn.execute(WEBSITE, (company,)).fetchone()
    return str(row[0]) if row else None
