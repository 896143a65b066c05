"""Companies that are suspiciously large, or grew suspiciously in one night: one wrong tie can make one firm of a hundred."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import sqlite_utils

from market_db.companies.identity_store import IdentityStore
from market_db.desk.judgements import Pair
from market_db.runs import SourceIssue
from pipelines.companies.identity import Identity

LARGE = 40
"""Different looks from which on a company is looked at by a person: the largest wrong one that is borne."""
JUMP = 8
"""Looks that a company may win in one night, where they are more than it had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One company to look at."""

    company_id: str
    kind: str
    """large, jumped."""
    looks: int
    """Entries that differ: the same entry shown again counts once."""
    before: int
    """How many of them were its own before; for large ones that stand as they were: all."""
    name: str = ""

    def issue(self, refresh_id: str) -> SourceIssue:
        """For the list of what is odd."""
        detail = f"{self.name} ({self.company_id}): {self.looks} different entries, {self.before} before; `tembus review` asks about it"
        return SourceIssue(run_id=refresh_id, source="refresh", kind=f"company_{self.kind}", detail=detail)


def alarms(db: sqlite_utils.Database, store: IdentityStore, found: Identity, same: Collection[Pair]) -> list[Alarm]:
    """Large companies of the whole market and jumps of this night, largest first, after the companies were saved.

    A large company inside which a person called a pair the same was looked at, and is silent.
    """
    grown = {alarm.company_id: alarm for alarm in _jumps(store, found)}
    trusted = {party for pair in same for party in pair}
    for company, parties in _large(db):
        looks = len(_counted(store, set(store.looks_of(parties).values())))
        if looks >= LARGE and company not in grown and not _looked_at(parties & trusted, same):
            grown[company] = Alarm(company_id=company, kind="large", looks=looks, before=looks)
    return sorted(_named(db, grown), key=lambda alarm: (-alarm.looks, alarm.company_id))


def _large(db: sqlite_utils.Database) -> Iterator[tuple[str, set[str]]]:
    """Companies of many parties: counted in the index alone, which asks nothing of those of few."""
    for (company,) in db.conn.execute("select company_id from company_members group by 1 having count(*) >= ?", (LARGE,)).fetchall():
        yield company, {party for (party,) in db.conn.execute("select party_id from company_members where company_id=?", (company,))}


def _looked_at(parties: Collection[str], same: Iterable[Pair]) -> bool:
    return any(a in parties and b in parties for a, b in same)


def _counted(store: IdentityStore, looks: Collection[int]) -> set[int | str]:
    """Looks, those of one chain of shops as one: a chain of forty shops is no suspicious firm."""
    chains = store.chains_of(looks)
    return {chains.get(look, look) for look in looks}


def _jumps(store: IdentityStore, found: Identity) -> Iterator[Alarm]:
    """Companies that were there before and more than doubled."""
    for company, parties in found.named.members.items():
        if len(parties) < JUMP:
            continue
        looks = _counted(store, {found.looks[party] for party in parties})
        own = _counted(store, {found.looks[party] for party in parties if found.before.get(party) == company})
        if own and len(looks) - len(own) >= JUMP and len(looks) > 2 * len(own):
            yield Alarm(company_id=company, kind="jumped", looks=len(looks), before=len(own))


def _named(db: sqlite_utils.Database, grown: Mapping[str, Alarm]) -> Iterator[Alarm]:
    for company, alarm in grown.items():
        row = db.conn.execute("select name from companies where id=?", (company,)).fetchone()
        yield replace(alarm, name=str(row[0]) if row else "")
