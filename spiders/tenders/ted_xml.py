"""Notices of TED as XML: exact winners, in the schemas R2.0.8/R2.0.9 (to 2024) and eForms (since 2023)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lxml import etree

from market_db.seen import Notice, Party
from spiders.base.json_api import clean_text
from spiders.base.ocds_parties import is_person
from spiders.reading import Answer, BadAnswer, Issue

MAX_XML = 20 * 1024 * 1024
MAX_PARTIES = 300
MAX_PROOF = 400
NUMBER = re.compile(r"0*(\d{1,8}-\d{4})")

BUYER_BLOCKS = ("ADDRESS_CONTRACTING_BODY", "ADDRESS_CONTRACTING_BODY_ADDITIONAL", "CA_CE_CONCESSIONAIRE_PROFILE")
WINNER_BLOCKS = ("ADDRESS_CONTRACTOR", "ECONOMIC_OPERATOR_NAME_ADDRESS")
AWARD_BLOCKS = ("AWARD_CONTRACT", "AWARD_OF_CONTRACT")
TITLE_PATHS = ("OBJECT_CONTRACT/{*}TITLE", "TITLE_CONTRACT")
DESCRIPTION_PATHS = ("OBJECT_CONTRACT/{*}SHORT_DESCR", "SHORT_CONTRACT_DESCRIPTION")
WEB_TAGS = ("URL_GENERAL", "URL", "URL_BUYER")
EFORMS_ALWAYS = (
    *(
        "Publication",
        "NoticePublicationID",
        "PublicationDate",
        "ContractingParty",
        "Party",
        "PartyIdentification",
        "ID",
        "ProcurementProject",
    ),
    *("Name", "Description", "ItemClassificationCode", "ProcurementProjectLot", "Organizations", "Organization", "Company", "PartyName"),
    *("PostalAddress", "CityName", "Country", "IdentificationCode", "Contact", "Telephone", "ElectronicMail"),
)
EFORMS_WON = ("NoticeResult", "LotTender", "TenderLot", "TenderingParty", "Tenderer", "SettledContract")
"""Elements of every published eForms notice, and of those with a winner (OP-TED/eForms-SDK: mandatory fields). R2.0.8 and R2.0.9 are
closed: nothing new is published in them, so nothing in them is renamed."""
WINNER_CHOSEN = "selec-w"
EFORMS = ("ContractNotice", "ContractAwardNotice", "PriorInformationNotice")
AWARD_FORMS = ("CONTRACT_AWARD", "F03", "F06", "F13", "F15", "F20", "F22", "F25")

Element = Any
"""An lxml element; lxml ships no types."""


def read_notice_xml(answer: Answer) -> Iterator[Notice | Issue]:
    """The one notice in the XML, with authority and winners; an award without winners is an issue and adds nothing to the search.

    Raises BadAnswer: not xml, too large, xml with doctype (entities are never resolved), unexpected shape, no publication number.
    """
    root = parse(answer.body)
    name = etree.QName(root).localname
    if name == "TED_EXPORT":
        notice = _ted_export(root, answer.url)
    elif name in EFORMS:
        notice = _eforms(root, name, answer.url)
        yield from _lacking(root, notice.key)
    else:
        raise BadAnswer("unexpected shape", f"root element {name[:60]}, none of TED_EXPORT, {', '.join(EFORMS)}")
    if notice.kind == "award" and not any(party.role == "distributor" for party in notice.parties):
        yield Issue("no_winners", f"XML of {notice.key} names no winner")
    else:
        yield notice


def _lacking(root: Element, number: str) -> Iterator[Issue]:
    """Elements that the notice must have and lacks: renamed, or moved to another schema."""
    there = {etree.QName(element).localname for element in root.iter(etree.Element)}
    won = any(plain(code, 20) == WINNER_CHOSEN for code in root.iterfind(".//{*}TenderResultCode"))
    missing = [name for name in (*EFORMS_ALWAYS, *(EFORMS_WON if won else ())) if name not in there]
    if missing:
        yield Issue("missing_field", f"{', '.join(missing)} in the XML of {number}"[:500])


def parse(body: bytes) -> Element:
    """Root of untrusted XML: no entities, no network, no huge trees."""
    if len(body) > MAX_XML:
        raise BadAnswer("too large", f"{len(body)} bytes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadAnswer("not xml", str(error)[:200]) from error
    if root.getroottree().docinfo.doctype:
        raise BadAnswer("xml with doctype")
    return root


def plain(element: Element | None, most: int = 500) -> str | None:
    """All text of an element on one line; paragraphs (P) are set apart, marks within words (FT) are not."""
    if element is None:
        return None
    paragraphs = list(element.iterfind(".//{*}P")) or [element]
    return clean_text(" ".join("".join(str(part) for part in one.itertext()) for one in paragraphs), most)


def find_text(element: Element, *paths: str, most: int = 500) -> str | None:
    """Text of the first path that has any; paths are of local names, searched at any depth."""
    for path in paths:
        if text := plain(element.find(f".//{{*}}{path}"), most):
            return text
    return None


def publication_number(*candidates: str | None) -> str:
    """The number as TED's search prints it (without leading zeros), from the first candidate that has one."""
    for candidate in candidates:
        if found := NUMBER.search((candidate or "")[:300]):
            return found[1]
    raise BadAnswer("no publication number")


def notice_url(number: str) -> str:
    """Page a person can open."""
    return f"https://ted.europa.eu/en/notice/-/detail/{number}"


def iso_day(text: str | None) -> str | None:
    """YYYY-MM-DD at the start of "20200415", "2026-07-13+02:00" and the like."""
    found = re.match(r"(\d{4})-?(\d{2})-?(\d{2})", text or "")
    return "-".join(found.groups()) if found else None


def cpv_codes(codes: list[str]) -> tuple[str, ...]:
    """Codes with their scheme, each once, without check digit."""
    return tuple(dict.fromkeys(f"cpv:{code[:8]}" for code in codes if re.fullmatch(r"\d{8}(-\d)?", code)))


def _ted_export(root: Element, url: str) -> Notice:
    """A notice of the old schemas; translations of the form are passed over."""
    forms = [form for form in root.iterfind(".//{*}FORM_SECTION/{*}*") if isinstance(form.tag, str)]
    originals = [form for form in forms if form.get("CATEGORY") == "ORIGINAL"] or forms
    if not originals:
        raise BadAnswer("unexpected shape", "TED_EXPORT without form")
    form = originals[0]
    number = publication_number(root.get("DOC_ID"), url)
    published = find_text(root, "REF_OJS/{*}DATE_PUB")
    country = root.find(".//{*}NOTICE_DATA/{*}ISO_COUNTRY")
    country_text = country.get("VALUE") if country is not None else None
    value = _old_value(form)
    return Notice(
        key=number,
        kind="award" if etree.QName(form).localname.startswith(AWARD_FORMS) else "tender",
        title=find_text(form, *TITLE_PATHS) or find_text(root, "ML_TITLES/{*}ML_TI_DOC/{*}TI_TEXT") or f"TED {number}",
        url=notice_url(number),
        description=find_text(form, *DESCRIPTION_PATHS, most=2_000),
        published_text=published,
        published=iso_day(published),
        deadline_text=find_text(root, "DT_DATE_FOR_SUBMISSION"),
        deadline=iso_day(find_text(root, "DT_DATE_FOR_SUBMISSION")),
        codes=cpv_codes([code.get("CODE", "") for code in root.iterfind(".//{*}NOTICE_DATA/{*}ORIGINAL_CPV")]),
        value_text=" ".join(part for part in value if part) or None,
        value=_amount(value[0]),
        currency=value[1],
        country_text=country_text,
        language_text=clean_text(form.get("LG")),
        parties=(*_old_buyers(form), *_old_winners(form, number)),
    )


def _old_value(form: Element) -> tuple[str | None, str | None]:
    """Total value and currency of the whole notice."""
    found = form.find("{*}OBJECT_CONTRACT/{*}VAL_TOTAL")
    if found is None:
        found = form.find("{*}OBJECT_CONTRACT/{*}VAL_ESTIMATED_TOTAL")
    return (plain(found, 40), found.get("CURRENCY")) if found is not None else (None, None)


def _amount(text: str | None) -> float | None:
    """Number as XML writes it (point, no grouping)."""
    return float(text) if text and re.fullmatch(r"\d{1,15}(\.\d{1,6})?", text) else None


def _old_buyers(form: Element) -> Iterator[Party]:
    for block in (block for name in BUYER_BLOCKS for block in form.iterfind(f".//{{*}}{name}")):
        party = _old_party(block)
        if party:
            yield replace(party, role="tender_authority", role_proof="contracting authority of the notice")


def _old_winners(form: Element, number: str) -> Iterator[Party]:
    """Each winner once, with the lots it won as proof."""
    lots: dict[Party, list[str]] = {}
    for award in (award for name in AWARD_BLOCKS for award in form.iterfind(f".//{{*}}{name}")):
        lot, title = find_text(award, "LOT_NO", "LOT_NUMBER", most=20), find_text(award, "TITLE", "CONTRACT_TITLE", most=120)
        label = " ".join(part for part in (f"lot {lot}" if lot else None, title) if part)
        for block in (block for name in WINNER_BLOCKS for block in award.iterfind(f".//{{*}}{name}")):
            party = _old_party(block)
            if party and len(lots) < MAX_PARTIES:
                lots.setdefault(party, []).append(label)
    for party, labels in lots.items():
        person = is_person({"name": party.name})
        yield replace(party, role="distributor", role_proof=winner_proof(number, labels), natural_person=person)


def winner_proof(number: str, labels: list[str]) -> str:
    """The sentence that proves a winner."""
    won = "; ".join(dict.fromkeys(label for label in labels if label))
    return f"winner in TED {number}{': ' if won else ''}{won}"[:MAX_PROOF]


def _old_party(block: Element) -> Party | None:
    """Name, address and contacts of an address block; contact points (often persons) are not read."""
    name = find_text(block, "OFFICIALNAME", "ORGANISATION")
    if name is None:
        return None
    country = block.find(".//{*}COUNTRY")
    code = clean_text(country.get("VALUE"), 3) if country is not None else None
    phone, mail = find_text(block, "PHONE", most=60), find_text(block, "E_MAIL", most=200)
    return Party(
        name=name,
        country_text=code,
        city=find_text(block, "TOWN"),
        address=find_text(block, "ADDRESS"),
        postcode=find_text(block, "POSTAL_CODE", most=20),
        website=find_text(block, *WEB_TAGS),
        phones_text=(phone,) if phone else (),
        emails_text=(mail,) if mail else (),
    )


def _eforms(root: Element, form: str, url: str) -> Notice:
    """A notice of the eForms schema: organisations stand once, everything else refers to their ids.

    Shape: OP-TED/eForms-SDK, efac:Organizations and efac:NoticeResult.
    """
    number = publication_number(find_text(root, "Publication/{*}NoticePublicationID"), url)
    project = root.find("{*}ProcurementProject")
    name = project.find("{*}Name") if project is not None else None
    published = find_text(root, "Publication/{*}PublicationDate", most=40)
    total = root.find(".//{*}NoticeResult/{*}TotalAmount")
    value = (plain(total, 40), total.get("currencyID")) if total is not None else (None, None)
    codes = [plain(code, 12) or "" for code in root.iterfind(".//{*}ItemClassificationCode") if code.get("listName", "cpv") == "cpv"]
    organisations = _organisations(root)
    buyers = [plain(ref, 20) or "" for ref in root.iterfind("{*}ContractingParty/{*}Party/{*}PartyIdentification/{*}ID")]
    authorities = [organisations[ref] for ref in dict.fromkeys(buyers) if ref in organisations]
    return Notice(
        key=number,
        kind="award" if form == "ContractAwardNotice" else "tender",
        title=plain(name) or f"TED {number}",
        url=notice_url(number),
        description=plain(project.find("{*}Description"), 2_000) if project is not None else None,
        published_text=published,
        published=iso_day(published),
        codes=cpv_codes(codes),
        value_text=" ".join(part for part in value if part) or None,
        value=_amount(value[0]),
        currency=value[1],
        country_text=authorities[0].country_text if authorities else None,
        language_text=name.get("languageID") if name is not None else None,
        parties=(
            *(replace(party, role="tender_authority", role_proof="contracting authority of the notice") for party in authorities),
            *_winners(root, number, organisations),
        ),
    )


def _organisations(root: Element) -> dict[str, Party]:
    """Organisation id -> firm."""
    found: dict[str, Party] = {}
    for organisation in root.iterfind(".//{*}Organizations/{*}Organization"):
        company = organisation.find("{*}Company")
        reference = find_text(company, "PartyIdentification/{*}ID", most=20) if company is not None else None
        name = find_text(company, "PartyName/{*}Name") if company is not None else None
        if company is not None and reference and name and len(found) < MAX_PARTIES:
            natural = find_text(organisation, "NaturalPersonIndicator", most=10) == "true"
            found[reference] = _company(company, name, natural_person=natural)
    return found


def _company(company: Element, name: str, *, natural_person: bool) -> Party:
    phone, mail = find_text(company, "Contact/{*}Telephone", most=60), find_text(company, "Contact/{*}ElectronicMail", most=200)
    return Party(
        name=name,
        country_text=find_text(company, "PostalAddress/{*}Country/{*}IdentificationCode", most=3),
        city=find_text(company, "PostalAddress/{*}CityName"),
        address=find_text(company, "PostalAddress/{*}StreetName"),
        postcode=find_text(company, "PostalAddress/{*}PostalZone", most=20),
        website=find_text(company, "WebsiteURI"),
        phones_text=(phone,) if phone else (),
        emails_text=(mail,) if mail else (),
        natural_person=natural_person,
    )


def _winners(root: Element, number: str, organisations: dict[str, Party]) -> Iterator[Party]:
    """Contract -> winning tender -> tendering party -> organisations; tenders without a contract did not win."""
    tenders = {plain(tender.find("{*}ID"), 20): tender for tender in root.iterfind(".//{*}NoticeResult/{*}LotTender")}
    parties = {plain(party.find("{*}ID"), 20): party for party in root.iterfind(".//{*}NoticeResult/{*}TenderingParty")}
    lots, won = _lot_labels(root), dict[str, list[str]]()
    for reference in _winning_tenders(root):
        tender = tenders.get(reference)
        if tender is None:
            continue
        party = parties.get(find_text(tender, "TenderingParty/{*}ID", most=20))
        lot = find_text(tender, "TenderLot/{*}ID", most=20) or ""
        for member in party.iterfind("{*}Tenderer/{*}ID") if party is not None else ():
            won.setdefault(plain(member, 20) or "", []).append(lots.get(lot, lot))
    for reference, labels in won.items():
        if reference in organisations:
            yield replace(organisations[reference], role="distributor", role_proof=winner_proof(number, labels))


def _lot_labels(root: Element) -> dict[str, str]:
    """Lot id -> id and title."""
    lots = [(plain(lot.find("{*}ID"), 20), lot) for lot in root.iterfind("{*}ProcurementProjectLot")]
    return {key: " ".join(filter(None, (key, find_text(lot, "ProcurementProject/{*}Name", most=120)))) for key, lot in lots if key}


def _winning_tenders(root: Element) -> list[str]:
    """Ids of tenders with a contract; where no contract is printed, those of lots with result "selec-w"."""
    result = root.find(".//{*}NoticeResult")
    if result is None:
        return []
    contracts = [plain(ref, 20) for ref in result.iterfind("{*}SettledContract/{*}LotTender/{*}ID")]
    if not contracts:
        lots = [lot for lot in result.iterfind("{*}LotResult") if find_text(lot, "TenderResultCode") == WINNER_CHOSEN]
        contracts = [plain(ref, 20) for lot in lots for ref in lot.iterfind("{*}LotTender/{*}ID")]
    return list(dict.fromkeys(reference for reference in contracts if reference))
