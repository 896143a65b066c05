"""Companies as possible buyers of a market, without what only a lead needs: markets are rated before leads, over all companies."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import sqlite_utils

from market_db.companies.membership import Membership, company_ids
from market_db.companies.mentions import of_records


class Part(NamedTuple):
    """What one party of a company shows of its trade."""

    party_id: str
    role: str | None
    role_proof: str | None
    product: str | None


class Trade(NamedTuple):
    """One company."""

    country: str
    sources: tuple[str, ...]
    has_contact: bool
    parts: list[Part]


def trades(db: sqlite_utils.Database) -> Iterator[Trade]:
    """All companies whose country is known, in the order of ids."""
    membership = Membership(db)
    for ids in company_ids(db):
        of = membership.members(ids)
        parts: dict[str, list[Part]] = defaultdict(list)
        for row in of_records(db, "p.id, p.role, p.role_proof, r.product", of):
            part = Part(*row)
            parts[of[part.party_id]].append(part)
        for company, country, sources, has_contact in _companies(db, ids):
            yield Trade(country, tuple(json.loads(sources)), bool(has_contact), parts[company])


def _companies(db: sqlite_utils.Database, ids: Sequence[str]) -> Iterator[tuple[str, str, str, int]]:
    contact = "exists (select 1 from company_contacts k where k.company_id = c.id)"
    sql = (
        f"select c.id, c.country, c.sources, {contact} from companies c where c.country is not null and c.id between ? and ? order by c.id"
    )
    yield from db.conn.execute(sql, (ids[0], ids[-1]))
