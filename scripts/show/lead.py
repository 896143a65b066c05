"""One buyer with everything that speaks for it: each value carries the number of the evidence that shows it."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from rich.console import Console

from market_db.derived import CompanyContact, Mention
from market_db.markets.notices import NoticeFacts
from market_db.proof_words import is_quote, register_in, role_proof_in
from market_db.queries import LeadDetail, Proof
from scripts.asking import product_names
from scripts.screen import address, bar, line, plain
from scripts.show.history import history_data, show_history
from scripts.show.judged import show_cues, show_judged
from scripts.show.notices import notice_line, today
from scripts.show.offers import show_offers
from scripts.words import Words

FIELDS = ("name", "role", "country", "city", "address", "postcode", "registry", "product")
MOST_VALUES = 8
MOST_PAGES = 4
HANG = 15
"""Reasons go on below their text, not below their points."""
CONTACT_ORDER = {"email": 0, "phone": 1, "website": 2}


@dataclass(frozen=True, slots=True)
class Numbered:
    """The evidence of a lead, numbered as shown."""

    proofs: tuple[Proof, ...]

    @classmethod
    def of(cls, detail: LeadDetail) -> "Numbered":
        """Newest first."""
        return cls(tuple(sorted(detail.proofs.values(), key=lambda proof: (proof.fetched_at, proof.id), reverse=True)))

    def marks(self, ids: Iterable[str]) -> str:
        """[1][3]."""
        wanted = set(ids)
        return "".join(f"[{number}]" for number, proof in enumerate(self.proofs, 1) if proof.id in wanted)


def show_lead(console: Console, detail: LeadDetail, words: Words) -> None:
    """Print the lead: score with reasons, contacts, every field with its evidence, then the evidence itself."""
    numbered, row = Numbered.of(detail), detail.row
    line(console, plain(row.company, 300), "bold")
    place = ", ".join(part for part in (words.country(row.country), plain(row.city or "", 60)) if part)
    line(console, " · ".join((place, words.role(row.role), product_names(words).get(row.product, row.product))))
    line(console, words.say("lead.seen", first=words.day(row.first_seen), last=words.day(row.last_seen), n=words.number(row.n_sources)))
    if row.evidence_url:
        address(console, words.say("lead.open", url=plain(row.evidence_url)))
    line(console, f"ID {row.lead_id}", "dim")
    if row.status:
        line(console, words.say("lead.status", status=words.say(f"statuses.{row.status}"), owner=plain(row.owner or "-", 60)))
    _score(console, detail, numbered, words)
    _contacts(console, detail, numbered, words)
    _fields(console, detail, numbered, words)
    show_judged(console, detail, numbered.marks, words)
    show_cues(console, detail, numbered.marks, words)
    _evidence(console, detail, numbered, words)
    for match in detail.matches[:MOST_VALUES]:
        line(
            console, words.say("lead.match", reasons="; ".join(plain(reason, 200) for reason in match.said(words.language))), "dim", hang=2
        )
    show_offers(console, detail, words)
    show_history(console, detail, words)
    archived = next((number for number, proof in enumerate(numbered.proofs, 1) if proof.archive_file), None)
    if archived:
        line(console, words.say("lead.archived_hint", id=row.lead_id, number=archived), "dim")


def _head(console: Console, words: Words, key: str) -> None:
    line(console)
    line(console, words.say(f"lead.{key}"), "bold")


def _score(console: Console, detail: LeadDetail, numbered: Numbered, words: Words) -> None:
    _head(console, words, "why")
    line(console, f"{bar(detail.row.score)} {words.number(detail.row.score, 1)} / 100 · {detail.row.grade}")
    for reason in sorted(detail.reasons, key=lambda reason: -reason.points):
        text = plain(reason.text_id if words.language == "id" else reason.text_en, 500)
        points = f"{bar(reason.points, reason.most, 5)} {reason.points:4.1f}/{reason.most:.0f}".replace(".", words.say("app.decimal"))
        line(console, f"{points}  {text} {numbered.marks(reason.evidence_ids)}".rstrip(), indent=2, hang=HANG)


def _contacts(console: Console, detail: LeadDetail, numbered: Numbered, words: Words) -> None:
    _head(console, words, "contacts")
    contacts = sorted(detail.company.contacts, key=lambda contact: (CONTACT_ORDER.get(contact.kind, 9), -contact.sources, contact.value))
    for contact in contacts:
        line(console, _contact(contact, numbered, words), indent=2)
    if not contacts:
        line(console, words.say("lead.no_contacts"), indent=2)


def _contact(contact: CompanyContact, numbered: Numbered, words: Words) -> str:
    label = words.say(f"contacts.{contact.kind}")
    seen = words.say("leads.seen", day=words.day(contact.last_seen))
    raw = f" ({plain(contact.raw, 80)})" if contact.kind == "phone" and contact.raw != contact.value else ""
    return f"{label}: {plain(contact.value, 200)}{raw} · {seen} {numbered.marks([contact.evidence_id])}".rstrip()


def field_values(detail: LeadDetail) -> Iterator[tuple[str, str, list[str]]]:
    """(field, value as the sources print it, ids of the evidence that shows it), each value once."""
    for name in FIELDS:
        values: dict[str, list[str]] = {}
        for mention in detail.mentions:
            value = _value(mention, name)
            if value:
                values.setdefault(value, []).append(mention.evidence_id)
        yield from ((name, value, ids) for value, ids in values.items())


def _merged(detail: LeadDetail) -> Iterator[tuple[str, str, list[str]]]:
    """As `field_values`, spellings that differ only in capitals as one."""
    merged: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for name, value, ids in field_values(detail):
        merged.setdefault((name, plain(value).casefold()), (value, []))[1].extend(ids)
    yield from ((name, value, ids) for (name, _), (value, ids) in merged.items())


def _value(mention: Mention, name: str) -> str | None:
    if name == "registry":
        return register_in(f"{mention.registry} {mention.registry_id}") if mention.registry and mention.registry_id else None
    if name == "product":
        return mention.product_proof
    found = getattr(mention, name)
    return None if found is None else str(found)


def _fields(console: Console, detail: LeadDetail, numbered: Numbered, words: Words) -> None:
    _head(console, words, "fields")
    shown: dict[str, int] = {}
    proofs = {mention.role: mention.role_proof for mention in reversed(detail.mentions) if mention.role_proof}
    for name, value, ids in _merged(detail):
        shown[name] = shown.get(name, 0) + 1
        if shown[name] > MOST_VALUES:
            continue
        text = words.country(value) if name == "country" else words.role(value) if name == "role" else plain(value, 300)
        proof = _proof(proofs.get(value), words) if name == "role" else ""
        line(console, f"{words.say(f'fields.{name}')}: {text}{proof} {numbered.marks(ids)}".rstrip(), indent=2, hang=2)
    for name, count in shown.items():
        if count > MOST_VALUES:
            rest = words.number(count - MOST_VALUES)
            line(console, words.say("lead.more_values", field=words.say(f"fields.{name}"), n=rest), "dim", indent=2)


def _proof(role_proof: str | None, words: Words) -> str:
    """What proves a role: a quote in marks, a sentence of ours in the language."""
    if not role_proof:
        return ""
    text = plain(role_proof_in(role_proof, words.language), 200)
    return f" – “{text}”" if is_quote(role_proof) else f" – {text}"


def _evidence(console: Console, detail: LeadDetail, numbered: Numbered, words: Words) -> None:
    _head(console, words, "evidence")
    for number, proof in enumerate(numbered.proofs, 1):
        line(
            console,
            f"[{number}] {plain(words.source(proof.source_title), 120)} · {words.say('lead.fetched', when=words.moment(proof.fetched_at))}",
            indent=2,
            hang=4,
        )
        address(console, plain(proof.url, 2_000), indent=6)
        pages = dict.fromkeys(mention.record_url for mention in detail.mentions if mention.evidence_id == proof.id)
        for page in [page for page in pages if page and page != proof.url][:MOST_PAGES]:
            address(console, words.say("lead.page", url=plain(page)), indent=6)
        for fact in notices_of(detail, proof.id)[:MOST_PAGES]:
            line(console, notice_line(fact, words, today()), indent=6, hang=2)
        copy = words.say("lead.copy", file=plain(proof.archive_file, 120)) if proof.archive_file else words.say("lead.no_copy")
        line(console, f"{copy} · {words.say('lead.licence', licence=plain(proof.licence, 120))}", "dim", indent=6)
        if proof.attribution:
            line(console, plain(proof.attribution, 300), "dim", indent=6)


def notices_of(detail: LeadDetail, evidence_id: str) -> list[NoticeFacts]:
    """Tenders and awards that an answer showed of this firm, newest first, each once."""
    ids = dict.fromkeys(mention.record_id for mention in detail.mentions if mention.evidence_id == evidence_id)
    found = [detail.notices[number] for number in ids if number in detail.notices]
    return sorted(found, key=lambda fact: fact.published or "", reverse=True)


def as_data(detail: LeadDetail) -> dict[str, object]:
    """The lead for machines: every field with the ids of its evidence, and the evidence by id."""
    values = [{"field": name, "value": value, "evidence": ids} for name, value, ids in field_values(detail)]
    return {
        "lead": detail.row,
        "company": detail.company,
        "reasons": detail.reasons,
        "values": values,
        "mentions": detail.mentions,
        "judged": detail.judged,
        "cues": detail.cues,
        "matches": detail.matches,
        "offers": [{**asdict(offer), "reposts": offer.reposts} for offer in detail.offers],
        "history": history_data(detail),
        "notices": [{**asdict(fact), "state": fact.state(today())} for fact in detail.notices.values()],
        "evidence": [{"number": number, **_proof_data(proof)} for number, proof in enumerate(Numbered.of(detail).proofs, 1)],
    }


def _proof_data(proof: Proof) -> dict[str, object]:
    return {name: getattr(proof, name) for name in Proof.__dataclass_fields__}
