"""One buyer: what it is, why it scores, how to reach it, what it sells, and the proof of each value."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from market_db.buyer_facts import entered_about, goods_seen, maybe_same
from market_db.derived import Company, CompanyContact, Market, Mention
from market_db.desk.shortlists import lists_of
from market_db.desk.store import Suppressed, latest_follow_ups
from market_db.forgetting.allowed import without_listed
from market_db.queries import LeadDetail, Proof, as_of, lead_detail, markets, sources
from market_db.saying import Words
from market_db.web.buyer_past import past, priced
from market_db.web.find import product_names
from market_db.web.looks import plain
from market_db.web.near_map import near_map
from market_db.web.one_or_two import MOST_RECORDS, records_of
from market_db.web.services import CannotDo
from market_db.web.site import Shelf, Site, user_of

STATUSES = ("new", "to_contact", "contacted", "replied", "sample_sent", "deal", "no_interest")
JUDGEMENTS = ("wrong_country", "role_wrong", "not_a_buyer")
FIELDS = ("name", "role", "country", "city", "address", "postcode", "registry", "product")
KINDS = {"email": 0, "phone": 1, "website": 2}
MOST_VALUES, MOST_GOODS, MOST_NOTICES, MOST_EVIDENCE = 8, 40, 20, 60
SAID = frozenset({"saved", "judged", "forgotten"})
"""Notices that a page may be asked to show after something was saved; nothing else from the address is shown."""


@dataclass(frozen=True, slots=True)
class Value:
    """A field as sources print it, with the evidence that shows it."""

    text: str
    quote: str | None
    """Sentence of the source that proves it."""
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Buyer:
    """A lead with its evidence numbered, newest first."""

    detail: LeadDetail
    proofs: tuple[Proof, ...]
    contacts: tuple[CompanyContact, ...]

    def marks(self, ids: Iterable[str]) -> list[int]:
        """Numbers of the evidence."""
        wanted = set(ids)
        return [number for number, proof in enumerate(self.proofs, 1) if proof.id in wanted]

    def pages_of(self, proof: Proof) -> list[str]:
        """Pages a person can open that one answer speaks of."""
        urls = dict.fromkeys(mention.record_url for mention in self.detail.mentions if mention.evidence_id == proof.id)
        return [url for url in urls if url and url != proof.url][:4]


def load_buyer(site: Site, shelf: Shelf, request: Request) -> Buyer:
    """The buyer of the address. Raises HTTPException(404) where there is none, or where it asked to be left alone."""
    lead = str(request.path_params["lead"])
    detail = lead_detail(shelf.db, lead, latest_follow_ups(site.home))
    listed = site.listed()
    row = without_listed(detail.row, listed) if detail else None
    if detail is None or row is None:
        raise HTTPException(404)
    proofs = tuple(sorted(detail.proofs.values(), key=lambda proof: (proof.fetched_at, proof.id), reverse=True))
    return Buyer(replace(detail, row=row), proofs, _contacts(detail, listed))


def _contacts(detail: LeadDetail, listed: Suppressed) -> tuple[CompanyContact, ...]:
    found = [contact for contact in detail.company.contacts if not listed.covers(contact.kind, contact.value)]
    return tuple(sorted(found, key=lambda contact: (KINDS.get(contact.kind, 9), -contact.sources, contact.value)))


def buyer(site: Site, request: Request) -> Response:
    """The page."""
    words = site.words(request)
    with site.shelf() as shelf:
        found = load_buyer(site, shelf, request)
        detail, company = found.detail, found.detail.company
        goods = goods_seen(shelf.db, [mention.record_id for mention in detail.mentions if mention.record_kind == "listing"])
        fields, notices = (
            fields_of(detail),
            sorted(detail.notices.values(), key=lambda fact: fact.published or "", reverse=True)[:MOST_NOTICES],
        )
        said = request.query_params.get("said", "")
        market = market_of(markets(shelf.db, detail.row.product), company.country)
        return site.page(
            request,
            "buyer.html",
            data={
                "as_of": as_of(shelf.about),
                "lead": detail.row,
                "reasons": detail.reasons,
                "contacts": found.contacts,
                "fields": fields,
                "goods": goods[:MOST_GOODS],
                "offers": detail.offers,
                "history": detail.history,
                "notices": notices,
                "market": market,
                "evidence": found.proofs,
            },
            words=words,
            buyer=found,
            row=detail.row,
            company=company,
            products=product_names(words),
            reasons=sorted(detail.reasons, key=lambda reason: -reason.points),
            fields=fields,
            goods=goods[:MOST_GOODS],
            more_goods=max(len(goods) - MOST_GOODS, 0),
            notices=notices,
            today=datetime.now(UTC).date(),
            market=market,
            twins=maybe_same(shelf.db, company, site.listed()),
            **over_time(site, shelf, found, words),
            lists=lists_of(site.home, (detail.row.lead_id, *detail.earlier_ids)),
            age=site.age(shelf, words),
            statuses=STATUSES,
            judgements=JUDGEMENTS,
            said=said if said in SAID else "",
            evidence_limit=MOST_EVIDENCE,
        )


def over_time(site: Site, shelf: Shelf, found: Buyer, words: Words) -> dict[str, Any]:
    """What it is made of, what was, what changed, and where it stands."""
    detail, company = found.detail, found.detail.company
    entered = entered_about(site.home, (detail.row.lead_id, *detail.earlier_ids), company.member_ids)
    merged = dict.fromkeys("; ".join(match.said(words.language)) for match in detail.matches)
    titles = {card.name: words.source(card.title) for card in sources(shelf.db)}
    return {
        "held": records_of(detail, titles)[:MOST_RECORDS],
        "steps": past(detail, entered, words),
        "merged": list(merged)[:MOST_VALUES],
        "prices": priced(detail.offers, words),
        "offers": detail.offers,
        "titles": titles,
        "map": _map(company, words),
    }


def _map(company: Company, words: Words) -> Markup:
    """Where it stands; nothing where no source says so."""
    point = f"{company.latitude:.5f}, {company.longitude:.5f}" if company.latitude is not None and company.longitude is not None else ""
    label = words.say("buyer.map", country=words.country(company.country), point=point)
    return near_map(company.latitude, company.longitude, company.country, label)


def market_of(found: list[Market], country: str | None) -> Market | None:
    """The market of a country among those of a product."""
    return next((market for market in found if market.country == country), None)


def fields_of(detail: LeadDetail) -> dict[str, list[Value]]:
    """Field -> its values, spellings that differ only in capitals as one."""
    return {name: values for name, read in READERS.items() if (values := _values(detail.mentions, read, _quote(name)))}


Reader = Callable[[Mention], str | None]


def _registry(mention: Mention) -> str | None:
    return f"{mention.registry} {mention.registry_id}" if mention.registry and mention.registry_id else None


READERS: Mapping[str, Reader] = {
    "name": lambda mention: mention.name,
    "role": lambda mention: mention.role,
    "country": lambda mention: mention.country,
    "city": lambda mention: mention.city,
    "address": lambda mention: mention.address,
    "postcode": lambda mention: mention.postcode,
    "registry": _registry,
    "product": lambda mention: mention.product_proof,
}


def _quote(name: str) -> Reader:
    return (lambda mention: mention.role_proof) if name == "role" else (lambda _mention: None)


def _values(mentions: Iterable[Mention], read: Reader, quote: Reader) -> list[Value]:
    found: dict[str, Value] = {}
    for mention in mentions:
        if text := read(mention):
            old = found.get(plain(text).casefold(), Value(text, None, ()))
            found[plain(text).casefold()] = Value(old.text, old.quote or quote(mention), (*old.evidence, mention.evidence_id))
    return list(found.values())[:MOST_VALUES]


def archived(site: Site, request: Request) -> Response:
    """A page as it was seen, as text in which nothing can run."""
    words = site.words(request)
    with site.shelf() as shelf:
        found = load_buyer(site, shelf, request)
        number = int(request.path_params["number"])
        if not 1 <= number <= len(found.proofs):
            raise HTTPException(404)
        proof = found.proofs[number - 1]
        page = site.services.archived(site.home, proof, words.language)
        text: dict[str, Any] = {"text": page.text, "fetched": words.moment(page.fetched_at), "cut": page.cut}
        return site.page(request, "archived.html", words=words, row=found.detail.row, proof=proof, number=number, **text)


def refuse_readers(site: Site, request: Request) -> str:
    """Name of the person who writes. Raises CannotDo for whoever may only read."""
    user = user_of(request)
    if user is None or not user.may_write:
        raise CannotDo(site.words(request).say("trouble.may_not"), 403)
    return user.name
