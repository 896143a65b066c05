"""Ways to reach a business, and nobody else: lines in E.164, role mailboxes, own websites; people and those who said no are left out."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from market_db.seen import Contact, Listing, Notice, Party, Seen, parties_of
from market_db.values.emails import Email, read_email
from market_db.values.persons import is_persons_label, names_a_person, names_within, sole_trader_form
from market_db.values.phones import Phone, read_phones
from market_db.values.spellings import company_key, letters_of
from market_db.values.websites import is_shared_domain, read_website, registrable_domain
from pipelines.companies.faces import generic_words
from pipelines.context import Context
from pipelines.listed_texts import without_listed
from pipelines.parties import with_parties
from pipelines.rejections import NaturalPerson, Suppressed

MAX_CONTACTS = 10
"""Of one kind, of one firm in one record: more is a list of branches."""


@lru_cache(maxsize=20_000)
def _numbers(text: str, country: str | None) -> tuple[Phone, ...]:
    """Every page of a shop prints the same numbers, hence the cache."""
    return read_phones(text, country=country)


@lru_cache(maxsize=20_000)
def _mailbox(text: str) -> Email | None:
    return read_email(text)


@lru_cache(maxsize=20_000)
def _site(text: str | None) -> str | None:
    return read_website(text) if text else None


@lru_cache(maxsize=20_000)
def _sole_trader(name: str, country: str | None) -> str | None:
    return sole_trader_form(name, country, generic_words())


@lru_cache(maxsize=20_000)
def _beside_a_person(text: str) -> bool:
    return names_a_person(text)


def keep_business_contacts(record: Seen, context: Context) -> Seen:
    """The record with the contacts of its firms; counts what it takes out.

    A listing loses a seller, a notice a party that is a person or on the do-not-contact list, and their names leave its texts with all
    else that is listed. Raises NaturalPerson, Suppressed where the record is about that firm, or its address names it.
    """
    if context.suppressed.covers("website", record.url):
        raise Suppressed(record.source)
    kept: list[Party] = []
    refused: list[str] = []
    for party in parties_of(record):
        refusal = _refusal(party, context)
        if refusal is None:
            kept.append(_reachable(party, record.source, context))
        elif isinstance(record, Listing | Notice):
            refused += _names_of(party)
            context.dropped.add(record.source, "natural_person" if isinstance(refusal, NaturalPerson) else "suppressed_party")
        else:
            raise refusal
    if kept or refused:
        record = with_parties(record, tuple(kept))
    return without_listed(record, context, tuple(refused))


def _names_of(party: Party) -> tuple[str, ...]:
    """What a refused party is called: as printed, and where a sole trader's form parts it, the names on both sides."""
    form = _sole_trader(party.name, party.country)
    return (party.name, *(names_within(party.name, form) if form else ()))


def _refusal(party: Party, context: Context) -> NaturalPerson | Suppressed | None:
    """Why a firm must not be stored; the example names the register, never the person."""
    if party.natural_person or _sole_trader(party.name, party.country):
        return NaturalPerson(party.registry or "")
    listed = context.suppressed.covers("company", party.name)
    site = _site(party.website)
    if listed or (site and context.suppressed.covers("website", site)) or _writes_from_listed_domain(party, context):
        return Suppressed(party.registry or "")
    return None


def _writes_from_listed_domain(party: Party, context: Context) -> bool:
    """Whether any mailbox of the firm, a person's too, stands on a listed domain: then the firm itself asked."""
    return any(context.suppressed.covers("domain", text.rpartition("@")[2]) for text in party.emails_text if "@" in text)


def _reachable(party: Party, source: str, context: Context) -> Party:
    """The firm with its contacts; what was printed stays only where it may."""
    emails, written = _emails(party, source, context)
    phones = [contact for contact in _phones(party, source, context) if _allowed(contact, source, context)]
    printed = tuple(text for text in party.phones_text if _phone_allowed(text, party, context))
    contacts = (*emails[:MAX_CONTACTS], *phones[:MAX_CONTACTS], *_website(party, source, context))
    if contacts == party.contacts and written == party.emails_text and printed == party.phones_text:
        return party
    return replace(party, contacts=contacts, emails_text=written, phones_text=printed)


def _emails(party: Party, source: str, context: Context) -> tuple[list[Contact], tuple[str, ...]]:
    """Role mailboxes, and the texts they stand in."""
    found: dict[str, Contact] = {}
    written = []
    for text in party.emails_text:
        email = _mailbox(text)
        if email is None or not email.role or _is_anothers(email, party):
            context.dropped.add(source, "personal_email" if email else "unusable_email")
            continue
        contact = Contact(kind="email", raw=email.address, value=email.address, valid=True)
        if _allowed(contact, source, context):
            found.setdefault(email.address, contact)
            written.append(email.address)
    return list(found.values()), tuple(dict.fromkeys(written))


def _is_anothers(email: Email, party: Party) -> bool:
    """Whether the mailbox stands at a domain called like a person, while neither the firm's name nor its site is."""
    label = email.domain.partition(".")[0]
    if not is_persons_label(label):
        return False
    own, site = letters_of(label.replace("-", "")), _site(party.website)
    key = company_key(party.name)
    return own not in key and key not in own and (site is None or registrable_domain(site) != email.domain)


def _phones(party: Party, source: str, context: Context) -> Iterator[Contact]:
    """Each number once; those no plan knows are kept as printed, marked invalid.

    A mobile number is the firm's line where the source shows it as the firm's, which is what `phones_text` holds; where a person's
    name stands beside it, it is that person's and dropped.
    """
    seen: set[str] = set()
    for text in party.phones_text:
        if _beside_a_person(text) and any(phone.mobile for phone in _numbers(text, party.country)):
            context.dropped.add(source, "personal_phone")
            continue
        for phone in _numbers(text, party.country):
            key = phone.e164 or phone.raw
            if key not in seen:
                seen.add(key)
                yield Contact(kind="phone", raw=phone.raw, value=phone.e164, valid=phone.valid)


def _website(party: Party, source: str, context: Context) -> Iterator[Contact]:
    """The firm's own site; a page on a platform that everybody uses is none."""
    site = _site(party.website)
    if site is None:
        return
    if is_shared_domain(site):
        context.dropped.add(source, "shared_website")
        return
    yield Contact(kind="website", raw=party.website or site, value=site, valid=True)


def _allowed(contact: Contact, source: str, context: Context) -> bool:
    """Whether nobody asked that this contact be left alone."""
    if context.suppressed.covers(contact.kind, contact.value or contact.raw):
        context.dropped.add(source, "suppressed_contact")
        return False
    return True


def _phone_allowed(text: str, party: Party, context: Context) -> bool:
    """Whether a printed text holds no number that must be left alone, and no person's."""
    if _beside_a_person(text) and any(phone.mobile for phone in _numbers(text, party.country)):
        return False
    return not any(context.suppressed.covers("phone", phone.e164 or phone.raw) for phone in _numbers(text, party.country))
