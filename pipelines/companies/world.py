"""What identity asks of a market, a few parties at a time, so that a night reads only the neighbourhood of what changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from market_db.companies.history import Merge
from market_db.derived import Mention


class World(Protocol):
    """A market; `market_db.companies.membership.Membership` is the stored one. `company in world` is whether a company has any party."""

    def mentions(self, parties: Collection[str] | None = None) -> Iterable[Mention]:
        """Mentions of some parties, or all."""
        ...

    def first_seen(self, parties: Collection[str]) -> Mapping[str, str]:
        """Party -> when its record was first seen."""
        ...

    def company_of(self, parties: Collection[str]) -> Mapping[str, str]:
        """Party -> company as stored, for those that are in one."""
        ...

    def members(self, companies: Collection[str] | None = None) -> Mapping[str, str]:
        """Party -> company, of everything that some or all companies have as stored, vanished parties included."""
        ...

    def __contains__(self, company: object) -> bool: ...

    def merges(self, parties: Collection[str] | None = None) -> Sequence[Merge]:
        """What other companies took over, of some parties or all."""
        ...


class Listed:
    """A world of few mentions, held in memory."""

    def __init__(self, mentions: Iterable[Mention], old: Mapping[str, str] | None = None, merges: Sequence[Merge] = ()) -> None:
        self._mentions = {mention.party_id: mention for mention in mentions}
        self._old = old or {}
        self._companies = frozenset(self._old.values())
        self._merges = merges

    def mentions(self, parties: Collection[str] | None = None) -> Iterable[Mention]:
        """See `World`."""
        if parties is None:
            return self._mentions.values()
        return [self._mentions[party] for party in sorted(parties) if party in self._mentions]

    def first_seen(self, parties: Collection[str]) -> Mapping[str, str]:
        """See `World`."""
        return {mention.party_id: mention.first_seen for mention in self.mentions(parties)}

    def company_of(self, parties: Collection[str]) -> Mapping[str, str]:
        """See `World`."""
        return {party: self._old[party] for party in parties if party in self._old}

    def members(self, companies: Collection[str] | None = None) -> Mapping[str, str]:
        """See `World`."""
        return {party: name for party, name in self._old.items() if companies is None or name in companies}

    def __contains__(self, company: object) -> bool:
        return company in self._companies

    def merges(self, parties: Collection[str] | None = None) -> Sequence[Merge]:
        """See `World`."""
        return [merge for merge in self._merges if parties is None or not merge.parties.isdisjoint(parties)]
