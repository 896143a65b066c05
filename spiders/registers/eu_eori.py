"""EORI: whether a firm may clear goods at an EU border; a valid number is a sign of an importer, not a proof."""

import re
from collections.abc import Iterator
from datetime import timedelta

from lxml import etree
from scrapy.http import Request

from market_db.companies.known import KnownCompany
from market_db.seen import Party, Registration
from spiders.base.company_check import CompanyCheck
from spiders.base.json_api import missing_in
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

SERVICE = "https://ec.europa.eu/taxation_customs/dds2/eos/validation/services/validation"
ASKED = (
    '<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '<ev:validateEORI xmlns:ev="http://eori.ws.eos.dds.s/"><ev:eori>{number}</ev:eori></ev:validateEORI></soap:Body></soap:Envelope>'
)
VALID = "0"
"""`status` of a valid number; its name and address stand beside it where the holder agreed."""

NEEDED, AGREED = ("eori", "status"), ("name", "street", "postalCode", "city", "country")
"""Fields of every result, and those that stand together where the holder agreed."""
FIELDS = frozenset((*NEEDED, *AGREED, "statusDescr", "address"))


class EuEori(CompanyCheck):
    """Numbers as firms print them, and VAT numbers, which many states take over as EORI."""

    name = "eu_eori"
    about = Source(
        title="EORI numbers of the European Union",
        publisher="European Commission, DG TAXUD",
        home="https://ec.europa.eu/taxation_customs/dds2/eos/eori_home.jsp",
        licence="unknown",
        attribution="European Commission, EORI",
        terms_url="https://commission.europa.eu/legal-notice_en",
        terms_read=None,
        basis="not decided",
        hosts=("ec.europa.eu",),
        post_hosts=("ec.europa.eu",),
        roles=(),
        personal_data="persons may hold an EORI number: such names are refused by the privacy step",
        every=timedelta(days=30),
        expect=Expect(least=0, most=10_000),
        pace=Pace(delay=3.0, max_requests=100),
        api=True,
        note="off until its terms are read",
    )
    most_questions = 90

    def question(self, company: KnownCompany) -> Request | None:
        """By its own number, else by its VAT number."""
        number = re.sub(r"[^0-9A-Z]", "", (company.number("eu-eori") or company.number("eu-vat") or "").upper())
        if not re.fullmatch(r"[A-Z]{2}[0-9A-Z]{3,15}", number):
            return None
        return self.ask(
            SERVICE, method="POST", body=ASKED.format(number=number), headers={"Content-Type": "text/xml; charset=utf-8"}, dont_filter=True
        )

    def read(self, answer: Answer) -> Reading:
        """Holders of valid numbers."""
        results = list(results_of(answer))
        yield from missing_in(results, NEEDED)
        yield from missing_in([result for result in results if set(AGREED) & set(result)], AGREED)
        yield from (Issue("new_field", name) for name in sorted({name for result in results for name in result} - FIELDS))
        for result in results:
            number, name = result.get("eori", ""), result.get("name", "")
            if result.get("status") != VALID:
                yield Rejected("not a valid number")
            elif not name:
                yield Rejected("valid, name not shown")
            else:
                party = Party(
                    name=name,
                    country_text=result.get("country"),
                    city=result.get("city"),
                    address=result.get("street"),
                    postcode=result.get("postalCode"),
                    registry="eu-eori",
                    registry_id=number,
                )
                yield Registration(key=number, party=party, url=self.about.home, status="active")


def results_of(answer: Answer) -> Iterator[dict[str, str]]:
    """The fields of each result. Raises BadAnswer: no XML, a SOAP fault, no result."""
    try:
        root = etree.fromstring(answer.body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError as error:
        raise BadAnswer("not xml", str(error)[:200]) from error
    named = [(etree.QName(node).localname, node) for node in root.iter(etree.Element)]
    fault = next((node for name, node in named if name == "faultstring"), None)
    if fault is not None:
        raise BadAnswer("refused query", (fault.text or "")[:200])
    results = [node for name, node in named if name == "result"]
    if not results:
        raise BadAnswer("unexpected shape", f"no result; elements: {', '.join(sorted({name for name, _ in named}))[:200]}")
    for node in results:
        yield {etree.QName(child).localname: " ".join((child.text or "").split())[:300] for child in node.iterchildren(etree.Element)}
