"""A company as all its mentions together show it: best name, country, roles, and contacts with their age and sources."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from market_db.derived import Company, CompanyContact, Mention
from market_db.values.names import is_placeholder, legal_form
from market_db.values.websites import is_shared_domain

ROLE_RANK = (
    "importer",
    "distributor",
    "wholesaler",
    "retail_chain",
    "food_service",
    "retailer",
    "tender_authority",
    "other",
    "supplier",
    "freight_forwarder",
)
"""Who buys for resale first, who sells or ships last."""
KIND_RANK = {"registration": 0, "notice": 1, "place": 2, "listing": 3}
"""How much a record kind is to be trusted about a firm's name and seat: registers first, shop pages last."""


def build_company(
    company_id: str,
    mentions: Sequence[Mention],
    *,
    share_alike: Collection[str] = (),
    before: Company | None = None,
    refresh_id: str | None = None,
    role_wrong: Collection[str] = (),
    wrong_country: Collection[str] = (),
) -> Company:
    """The company of one cluster; the order of the mentions does not matter.

    `share_alike` are sources under a share-alike licence, `role_wrong` and `wrong_country` parties people corrected.
    """
    ranked = sorted(mentions, key=_trust)
    names = ranked_names(ranked)
    seat = _seat(ranked)
    point = next((m for m in ranked if m.latitude is not None and m.longitude is not None), None)
    sources = tuple(sorted({mention.source for mention in mentions}))
    return Company(
        id=company_id,
        name=names[0],
        names=names,
        country=_country(mention for mention in ranked if mention.party_id not in wrong_country),
        city=seat.city,
        address=seat.address,
        postcode=seat.postcode,
        roles=_roles(mention for mention in ranked if mention.party_id not in role_wrong),
        sources=sources,
        licences_share_alike=any(source in share_alike for source in sources),
        latitude=point.latitude if point else None,
        longitude=point.longitude if point else None,
        first_seen=min(mention.first_seen for mention in mentions),
        last_seen=max(mention.last_seen for mention in mentions),
        since_run=before.since_run if before else refresh_id,
        member_ids=tuple(sorted(mention.party_id for mention in mentions)),
        contacts=contacts_of(company_id, mentions),
    )


def _trust(mention: Mention) -> tuple[int, str]:
    return (KIND_RANK.get(mention.record_kind, 9), mention.party_id)


def ranked_names(mentions: Iterable[Mention]) -> tuple[str, ...]:
    """All spellings, best first: registers before shops, more sources before fewer, with a legal form, not shouted, then shortest."""
    sources: dict[str, set[str]] = defaultdict(set)
    kinds: dict[str, int] = {}
    for mention in mentions:
        sources[mention.name].add(mention.source)
        kinds[mention.name] = min(kinds.get(mention.name, 9), KIND_RANK.get(mention.record_kind, 9))
    return tuple(sorted(sources, key=lambda name: _worse(name, kinds[name], len(sources[name]))))


def _worse(name: str, kind: int, sources: int) -> tuple[bool, int, int, bool, bool, int, str]:
    return (is_placeholder(name), kind, -sources, legal_form(name) is None, name.isupper(), len(name), name)


def _country(mentions: Iterable[Mention]) -> str | None:
    """The one country of all mentions that name one; None where they contradict each other."""
    countries = {mention.country for mention in mentions if mention.country}
    return countries.pop() if len(countries) == 1 else None


def _seat(ranked: Sequence[Mention]) -> Mention:
    """The mention whose address is shown: the most trusted one that has most of it; parts of two addresses are never mixed."""
    return min(ranked, key=lambda m: (-sum(map(bool, (m.city, m.address, m.postcode))), *_trust(m)))


def _roles(mentions: Iterable[Mention]) -> tuple[str, ...]:
    """Best first: proven ones before others, then by what they are worth to a seller, then by how often they were met."""
    proven: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for mention in mentions:
        if mention.role:
            met[mention.role] += 1
            proven[mention.role] += bool(mention.role_proof)
    return tuple(sorted(met, key=lambda role: (not proven[role], _rank(role), -met[role], role)))


def _rank(role: str) -> int:
    return ROLE_RANK.index(role) if role in ROLE_RANK else len(ROLE_RANK)


def contacts_of(company_id: str, mentions: Iterable[Mention]) -> tuple[CompanyContact, ...]:
    """Contacts with first and last seen and the number of sources; a shared site (marketplace, network) is no website of a firm."""
    found: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for mention in mentions:
        for kind, value in _ways(mention):
            found[kind, value].append(mention)
    return tuple(_contact(company_id, kind, value, found[kind, value]) for kind, value in sorted(found))


def _ways(mention: Mention) -> Iterable[tuple[str, str]]:
    yield from (("email", email) for email in mention.emails)
    yield from (("phone", phone) for phone in mention.phones)
    if mention.website and not is_shared_domain(mention.website):
        yield ("website", mention.website)


def _contact(company_id: str, kind: str, value: str, mentions: Sequence[Mention]) -> CompanyContact:
    shown = {m.party_id: m.faded.get(value, (m.last_seen, m.evidence_id)) for m in mentions}
    newest = max(mentions, key=lambda m: (shown[m.party_id][0], m.party_id))
    last_seen, evidence_id = shown[newest.party_id]
    return CompanyContact(
        company_id=company_id,
        kind=kind,
        value=value,
        raw=value,
        first_seen=min(mention.first_seen for mention in mentions),
        last_seen=last_seen,
        sources=len({mention.source for mention in mentions}),
        evidence_id=evidence_id or newest.evidence_id,
    )


def differs(new: Company, old: Company | None) -> bool:
    """Whether a company has to be written again; contacts count in any order."""
    if old is None:
        return True
    return replace(new, contacts=()) != replace(old, contacts=()) or set(new.contacts) != set(old.contacts)


def by_company(members: Mapping[str, tuple[str, ...]], mentions: Iterable[Mention]) -> dict[str, list[Mention]]:
    """Company id -> its mentions."""
    of = {party: name for name, parties in members.items() for party in parties}
    grouped: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        if mention.party_id in of:
            grouped[of[mention.party_id]].append(mention)
    return dict(grouped)
