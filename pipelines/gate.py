"""The quality gate before the score: who is no lead at all, with the reason and its proof in words."""

from collections.abc import Iterable, Iterator, Mapping

from market_db.derived import Company, Mention, NotLead
from pipelines.scoring import MAX_PROOFS, Scoring, day_of, who_never_buys
from pipelines.sentences import Day, Names, Role, RoleProof, sentence


def not_leads_of(company: Company, mentions: Iterable[Mention], scoring: Scoring) -> Iterator[NotLead]:
    """Why a company is no lead, once for each product it deals in; none where it is a lead (`scoring.leads_of`)."""
    own = sorted(mentions, key=lambda mention: mention.party_id)
    judged = next((mention for mention in own if mention.party_id in scoring.not_buyers), None)
    carrier_or_seller = who_never_buys([mention for mention in own if mention.party_id not in scoring.role_wrong])
    products = sorted({mention.product for mention in own if mention.product})
    if judged:
        yield from (_judged(company, judged, product, scoring) for product in products or [""])
    elif carrier_or_seller:
        yield from (_by_role(company, *carrier_or_seller, product, scoring) for product in products or [""])
    elif own and not products:
        yield _without_product(company, own, scoring)


def _judged(company: Company, mention: Mention, product: str, scoring: Scoring) -> NotLead:
    fields = {"name": mention.name, "source": scoring.called(mention.source)}
    return _not_lead(company, product, "judged", fields, [mention])


def _by_role(company: Company, reason: str, mention: Mention, product: str, scoring: Scoring) -> NotLead:
    fields = {
        "source": scoring.called(mention.source),
        "role": Role(mention.role or ""),
        "proof": RoleProof(mention.role_proof or mention.name),
        "date": Day(day_of(mention, scoring.zone)),
    }
    return _not_lead(company, product, reason, fields, [mention])


def _without_product(company: Company, own: list[Mention], scoring: Scoring) -> NotLead:
    newest = max(own, key=lambda mention: (mention.last_seen, mention.party_id))
    names = [product.names for _, product in sorted(scoring.products.items())]
    fields = {
        "source": scoring.called(newest.source),
        "date": Day(day_of(newest, scoring.zone)),
        "products": Names({lang: ", ".join(known.get(lang) or known.get("en") or "" for known in names) for lang in ("id", "en")}),
    }
    return _not_lead(company, "", "no_product", fields, [newest])


def _not_lead(company: Company, product: str, reason: str, fields: Mapping[str, object], shown_by: list[Mention]) -> NotLead:
    text_id, text_en = sentence("not_lead", reason, **fields)
    evidence = tuple(dict.fromkeys(mention.evidence_id for mention in shown_by if mention.evidence_id))[:MAX_PROOFS]
    return NotLead(
        company_id=company.id,
        product=product,
        reason=reason,
        text_id=text_id,
        text_en=text_en,
        evidence_ids=evidence,
        last_seen=max(mention.last_seen for mention in shown_by),
    )
