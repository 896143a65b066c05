"""The pass over companies: who is who, in the neighbourhood of what changed, or - a rebuild - everywhere; worked out, told, saved."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlite_utils

from market_db import rebuild
from market_db.companies.history import Merge, born, built_with
from market_db.companies.identity_store import IdentityStore
from market_db.companies.membership import AT_ONCE, Membership
from market_db.companies.mentions import touched_parties
from market_db.companies.review import judged_pairs, save_questions
from market_db.derived import Company, CompanyEvent, Mention, lead_id
from market_db.desk.entered import Decision
from market_db.desk.judgements import contradictions, pair_of, standing
from market_db.rows import batched
from market_db.runs import SourceIssue
from market_db.store import share_alike_sources
from pipelines.companies.alarms import Alarm, alarms
from pipelines.companies.changes import MACHINE, History, Reasons
from pipelines.companies.companies import build_company, by_company, differs
from pipelines.companies.identity import Identity, Verdicts, identify_in
from pipelines.companies.nightly import Memory, version
from pipelines.companies.review import open_questions
from pipelines.companies.scorecard import Scorecard, scorecard

REBUILD = "rebuild"
"""Who compares where everything is compared anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a pass starts from."""

    db: sqlite_utils.Database
    now: datetime
    refresh_id: str
    since: str | None
    """Refresh before this one."""
    decisions: Sequence[Decision]
    card: Scorecard = field(default_factory=scorecard)
    whole: bool = False
    """Whether everything is clustered anew, not only the neighbourhood of what changed."""

    @property
    def market(self) -> Membership:
        """Who is in which company, as stored."""
        return Membership(self.db)

    @property
    def by(self) -> str:
        """Who compares."""
        return REBUILD if self.whole else MACHINE

    def stamp(self, refresh_id: str | None) -> str:
        """What remembered comparisons count for: one refresh, and one set of weights."""
        return f"{version(self.card)} {refresh_id}"


@dataclass(frozen=True, slots=True)
class Worked:
    """What a pass worked out, before anything is written."""

    found: Identity
    events: tuple[CompanyEvent, ...]
    first: bool
    """Whether nothing was in any company before."""
    back: Mapping[str, Merge]
    """Companies that are in use again after a merge."""


def work_out(asking: Asking, store: IdentityStore) -> Worked:
    """Companies of what changed. What the store remembers of another refresh or other weights is forgotten: all is compared again."""
    first = asking.market.is_empty()
    if asking.whole or store.stamp != asking.stamp(asking.since):
        store.clear()
    touched = None if asking.whole or first else touched_parties(asking.db, asking.since) | asking.market.unsettled()
    found = identify_in(asking.market, asking.decisions, touched=touched, store=store, card=asking.card)
    back = {one.old_id: one for one in found.merges if not one.moved and one.old_id in found.named.members}
    why = Reasons.of(found, Verdicts.of(asking.decisions), asking.by)
    at = asking.now.isoformat(timespec="seconds")
    events = tuple(History(found, why, refresh_id=asking.refresh_id, at=at, revived=back).events())
    return Worked(found, events, first, back)


def moved_leads(asking: Asking, worked: Worked, products: Collection[str]) -> dict[str, str | None]:
    """Lead -> refresh that first listed it, for leads that only got another company: by a merge, or by one that was undone."""
    merged = worked.found.named.merged
    known = rebuild.listed_since(asking.db, {*merged, *merged.values(), *worked.back})
    found: dict[str, str | None] = {}
    for old, heir in merged.items():
        for product in products:
            if (before := known.get(lead_id(old, product))) and lead_id(heir, product) not in known:
                found[lead_id(heir, product)] = before
    for company, refresh in born(asking.db, worked.back).items():
        found |= {one: refresh for product in products if (one := lead_id(company, product)) not in known}
    return found


def save(asking: Asking, worked: Worked) -> dict[str, int]:
    """Write companies that differ from what is stored, with their history, in one transaction."""
    named = worked.found.named
    stored = {company.id: company for company in rebuild.load_companies(asking.db, {*named.members, *named.merged})}
    counts = Counter(companies_new=0, companies_changed=0)
    rebuild.save_companies(
        asking.db,
        _changed(_built(asking, worked, stored), stored, counts),
        gone={*named.gone, *named.merged},
        merged=named.merged,
        matches=worked.found.matches,
        refresh_id=asking.refresh_id,
        events=worked.events,
        built=version(asking.card) if asking.whole or worked.first else None,
    )
    return {
        **counts,
        "companies_merged": len(named.merged),
        "companies_gone": len(named.gone),
        "matches": len(worked.found.matches),
    }


def _changed(built: Iterable[Company], stored: Mapping[str, Company], counts: Counter[str]) -> Iterator[Company]:
    """Those that have to be written, counted."""
    for company in built:
        if differs(company, stored.get(company.id)):
            counts["companies_changed" if company.id in stored else "companies_new"] += 1
            yield company


def _built(asking: Asking, worked: Worked, stored: Mapping[str, Company]) -> Iterator[Company]:
    """Companies of the neighbourhood, in the order of ids; one that is back after a merge is as old as it was."""
    share_alike = share_alike_sources(asking.db)
    role_wrong, wrong_country = (judged(asking.decisions, kind) for kind in ("role_wrong", "wrong_country"))
    since = born(asking.db, worked.back)
    for company_id, mentions in _mentioned(asking, worked.found.named.members):
        yield build_company(
            company_id,
            mentions,
            share_alike=share_alike,
            before=stored.get(company_id),
            refresh_id=since.get(company_id, asking.refresh_id),
            role_wrong=role_wrong,
            wrong_country=wrong_country,
        )


def _mentioned(asking: Asking, members: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, list[Mention]]]:
    """Companies with their mentions, read some at a time."""
    for ids in batched(sorted(members), AT_ONCE):
        part = {company: members[company] for company in ids}
        mentions = asking.market.mentions([party for group in part.values() for party in group])
        yield from sorted(by_company(part, mentions).items())


def ask(asking: Asking, worked: Worked, store: IdentityStore) -> tuple[Alarm, ...]:
    """Put what people should judge next into the market, after `save`; gives what grew suspiciously."""
    same = {pair for one in standing(asking.decisions) if one.kind == "same" and (pair := pair_of(one))}
    loud = alarms(asking.db, store, worked.found, same)
    memory = Memory(store, asking.card)
    asked = open_questions(memory, worked.found, asking.market.company_of, judged_pairs(asking.decisions), alarms=loud)
    save_questions(asking.db, worked.found.looks, asked)
    return tuple(loud)


def oddities(asking: Asking, loud: Sequence[Alarm], trouble: str | None = None) -> list[SourceIssue]:
    """What people should look at: suspicious companies, decisions that contradict each other, weights nobody rebuilt with."""
    found = [alarm.issue(asking.refresh_id) for alarm in loud]
    for one in contradictions(asking.decisions):
        chain = ", ".join(f"{d.id} ({d.entered_by}, {d.entered_at[:10]})" for d in (*one.same, one.apart))
        text = f"decisions {chain} cannot all be true: `tembus review` shows them, `tembus review --undo NUMBER` takes one back"
        found.append(SourceIssue(run_id=asking.refresh_id, source="refresh", kind="contradiction", detail=text))
    if trouble:
        found.append(SourceIssue(run_id=asking.refresh_id, source="refresh", kind="identity_weights", detail=trouble))
    built, now = built_with(asking.db), version(asking.card)
    if built and built != now:
        text = f"weights changed from {built} to {now}, what nothing touches stands as it was: `tembus rebuild` shows what it would change"
        found.append(SourceIssue(run_id=asking.refresh_id, source="refresh", kind="identity_weights", detail=text))
    return found


def judged(decisions: Sequence[Decision], kind: str) -> Collection[str]:
    """Parties that a person judged in one way, and did not take it back."""
    return {decision.party_a for decision in standing(decisions) if decision.kind == kind}
