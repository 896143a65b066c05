"""What a night did to companies, as rows for their history: created, joined, merged, split, brought back, and by whom."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from market_db.derived import CompanyEvent
from market_db.desk.entered import Decision
from market_db.desk.judgements import Pair
from pipelines.companies.explain import Said, in_short
from pipelines.companies.identity import Identity, Verdicts

T = TypeVar("T")
MACHINE = "night"
Ties = Mapping[str, Mapping[str, tuple[float, tuple[Said, ...]]]]
Judged = Mapping[str, Mapping[str, Decision]]
"""Party -> other party -> what a person said last."""
Why = tuple[str, tuple[Said, ...]]
"""By whom, and on what it rests."""
Where = Mapping[str, list[str]]
"""Company -> parties; "" = in no company."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Who or what made parties one company, or two."""

    ties: Ties = field(default_factory=dict)
    same: Judged = field(default_factory=dict)
    apart: Judged = field(default_factory=dict)
    withdrawn: Judged = field(default_factory=dict)
    by: str = MACHINE
    """Who compares."""

    @classmethod
    def of(cls, found: Identity, verdicts: Verdicts, by: str = MACHINE) -> "Reasons":
        """From what was found and what people said."""
        said = {(m.party_a, m.party_b): (m.score, found.said.get((m.party_a, m.party_b), ())) for m in found.matches}
        judged = {kind: {pair: d for pair, d in verdicts.judged.items() if d.kind == kind} for kind in ("same", "not_same")}
        same, apart = _both_ways(judged["same"]), _both_ways(judged["not_same"])
        return cls(ties=_both_ways(said), same=same, apart=apart, withdrawn=_both_ways(verdicts.withdrawn), by=by)

    def joined(self, moved: Collection[str], everybody: Collection[str]) -> Why:
        """Why parties came to be one company with the others; where there are no others: one with each other."""
        inside = set(moved)
        rest = set(everybody) - inside or inside
        for judged, key in ((self.same, "person"), (self.withdrawn, "undone")):
            if decision := _between(judged, inside, rest):
                return decision.entered_by, (Said(key),)
        ties = (tie for party in sorted(inside) for other, tie in self.ties.get(party, {}).items() if other in rest)
        return self.by, max(ties, key=lambda tie: tie[0], default=(0.0, ()))[1]

    def parted(self, moved: Collection[str], rest: Collection[str]) -> Why:
        """Why parties are no longer one company with the others."""
        for judged, key in ((self.apart, "person"), (self.withdrawn, "undone")):
            if decision := _between(judged, moved, set(rest)):
                return decision.entered_by, (Said(key),)
        return self.by, (Said("parted"),)


def _both_ways(pairs: Mapping[Pair, T]) -> dict[str, dict[str, T]]:
    beside: dict[str, dict[str, T]] = defaultdict(dict)
    for (one, two), value in pairs.items():
        beside[one][two] = beside[two][one] = value
    return dict(beside)


def _between(judged: Judged, inside: Iterable[str], rest: Collection[str]) -> Decision | None:
    """The newest decision about a pair across two sides."""
    if not judged:
        return None
    found = [decision for party in inside for other, decision in judged.get(party, {}).items() if other in rest]
    return max(found, key=lambda decision: decision.id or 0, default=None)


class History:
    """The rows of one refresh."""

    def __init__(self, found: Identity, why: Reasons, *, refresh_id: str, at: str, revived: Collection[str] = ()) -> None:
        self.found, self.why, self.revived = found, why, revived
        self.refresh_id, self.at = refresh_id, at
        self.members = found.named.members
        self.before: dict[str, list[str]] = defaultdict(list)
        for party, company in found.before.items():
            self.before[company].append(party)
        self.now = {party: company for company, group in self.members.items() for party in group}

    def events(self) -> Iterator[CompanyEvent]:
        """Every change, companies in the order of their ids."""
        for company in sorted({*self.members, *self.before}):
            if company not in self.members:
                yield self._ended(company)
            elif company not in self.before:
                yield from self._began(company)
            else:
                yield from self._grew(company)
                yield from self._shrank(company)

    def _came(self, company: str) -> Where:
        """Where a company's parties were before."""
        came: dict[str, list[str]] = defaultdict(list)
        for party in self.members[company]:
            came[self.found.before.get(party, "")].append(party)
        return came

    def _went(self, company: str) -> Where:
        """Where the parties it had are now."""
        went: dict[str, list[str]] = defaultdict(list)
        for party in self.before[company]:
            went[self.now.get(party, "")].append(party)
        return went

    def _began(self, company: str) -> Iterator[CompanyEvent]:
        """A company that was not there: new, split off another, or back after a merge that did not hold."""
        came, everybody = self._came(company), self.members[company]
        origins = sorted(filter(None, came))
        for origin in origins:
            rest = self.members.get(origin, ())
            kind = "back" if company in self.revived else "split_off"
            yield self._event(kind, company, came[origin], self.why.parted(came[origin], rest), origin, others=rest)
        if "" in came:
            kind = "joined" if origins else "created"
            yield self._event(kind, company, came[""], self.why.joined(came[""], everybody))

    def _grew(self, company: str) -> Iterator[CompanyEvent]:
        everybody = self.members[company]
        for origin, parties in sorted(self._came(company).items()):
            if origin == company:
                continue
            whole = bool(origin) and self.found.named.merged.get(origin) == company
            kind = "took_over" if whole else "moved_in" if origin else "joined"
            others = self._natives(company) if whole else self.members.get(origin, ())
            why = self._person(self.why.joined(parties, everybody), self.why.parted(parties, () if whole else others))
            yield self._event(kind, company, parties, why, origin or None, others=others)

    def _shrank(self, company: str) -> Iterator[CompanyEvent]:
        for heir, parties in sorted(self._went(company).items()):
            if not heir:
                yield self._event("lost", company, parties, (self.why.by, ()))
            elif heir != company:
                kind = "moved_out" if heir in self.before else "split"
                why = self._person(self.why.parted(parties, self.members[company]), self.why.joined(parties, self.members[heir]))
                yield self._event(kind, company, parties, why, heir, others=self.members[heir])

    def _ended(self, company: str) -> CompanyEvent:
        """A company that is no more: merged into the one that took most of it, or nobody shows it any more."""
        heir = self.found.named.merged.get(company)
        if heir is None:
            return self._event("gone", company, self.before[company], (self.why.by, ()))
        why = self.why.joined(self._went(company)[heir], self.members[heir])
        return self._event("merged_into", company, self.before[company], why, heir, others=self._natives(heir))

    def _person(self, first: Why, second: Why) -> Why:
        """Why records moved: a person may have spoken of where they went or of where they left; else the first reason."""
        return second if first[0] == self.why.by != second[0] else first

    def _natives(self, company: str) -> list[str]:
        """What a company already had of what it has."""
        return [party for party in self.members[company] if self.found.before.get(party) == company]

    def _event(
        self, kind: str, company: str, parties: Collection[str], why: Why, other: str | None = None, *, others: Collection[str] = ()
    ) -> CompanyEvent:
        by, said = why
        alone = kind == "created" and len(parties) == 1
        return CompanyEvent(
            company_id=company,
            kind=kind,
            other_id=other,
            parties=tuple(sorted(parties)),
            others=tuple(sorted(others)),
            by=by,
            person=by != self.why.by,
            reasons=() if alone else in_short(said, "en"),
            reasons_id=() if alone else in_short(said, "id"),
            refresh_id=self.refresh_id,
            at=self.at,
        )
