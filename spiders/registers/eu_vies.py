"""VIES: whether the VAT number that a firm printed is valid, and for whom; one question a number."""

import re
from datetime import timedelta

from scrapy.http import Request

from market_db.companies.known import KnownCompany
from market_db.seen import Party, Registration
from spiders.base.company_check import JsonCompanyCheck
from spiders.base.json_api import Shape, ShapeWatch, json_object, text_in
from spiders.reading import Answer, BadAnswer, Reading, Rejected
from spiders.source import Expect, Pace, Source

CHECK = "https://ec.europa.eu/taxation_customs/vies/rest-api/ms/{country}/vat/{number}"
SHAPE: Shape = {
    "isValid": bool,
    **dict.fromkeys(("requestDate", "userError", "name", "address", "requestIdentifier", "originalVatNumber", "vatNumber"), str),
    "viesApproximate": dict,
}
BUSY = frozenset(("MS_UNAVAILABLE", "MS_MAX_CONCURRENT_REQ", "GLOBAL_MAX_CONCURRENT_REQ", "TIMEOUT", "SERVICE_UNAVAILABLE"))
"""`userError` of a member state that does not answer: unknown, not invalid."""
HIDDEN = frozenset(("---", ""))
"""Some states confirm a number without saying whose it is."""


class EuVies(JsonCompanyCheck):
    """The numbers we have from imprints, tenders and lists."""

    name = "eu_vies"
    about = Source(
        title="VIES: validity of EU VAT numbers",
        publisher="European Commission, DG TAXUD",
        home="https://ec.europa.eu/taxation_customs/vies/",
        licence="unknown",
        attribution="European Commission, VIES",
        terms_url="https://ec.europa.eu/taxation_customs/vies/#/disclaimer",
        terms_read=None,
        basis="not decided",
        hosts=("ec.europa.eu",),
        personal_data="a sole trader's number shows a person: such names are refused by the privacy step",
        every=timedelta(days=30),
        expect=Expect(least=0, most=10_000),
        pace=Pace(delay=3.0, max_requests=100),
        api=True,
        note="shape unverified until the first live check; off until its disclaimer is read",
    )
    most_questions = 90

    def question(self, company: KnownCompany) -> Request | None:
        """Firms whose VAT number we know."""
        number = re.sub(r"[^0-9A-Z]", "", (company.number("eu-vat") or "").upper())
        if not re.fullmatch(r"[A-Z]{2}[0-9A-Z]{2,12}", number):
            return None
        return self.ask(CHECK.format(country=number[:2], number=number[2:]))

    def read(self, answer: Answer) -> Reading:
        """The firm behind a valid number."""
        found = json_object(answer)
        yield from ShapeWatch(SHAPE).look(found)
        error = text_in(found, "userError", 60) or ""
        if error in BUSY:
            raise BadAnswer("member state did not answer", error)
        if "isValid" not in found:
            raise BadAnswer("unexpected shape", f"no isValid; fields: {', '.join(sorted(found))[:200]}")
        parts = re.search(r"/ms/([A-Z]{2})/vat/([0-9A-Z]+)", answer.url)
        name = text_in(found, "name", 300) or ""
        if found["isValid"] is not True or parts is None:
            yield Rejected("not a valid number")
        elif name in HIDDEN:
            yield Rejected("valid, name not shown")
        else:
            number = parts[1] + parts[2]
            address = ", ".join((text_in(found, "address", 400) or "").split("\n"))
            party = Party(
                name=name,
                country_text="GR" if parts[1] == "EL" else parts[1],
                address=address or None,
                registry="eu-vat",
                registry_id=number,
            )
            yield Registration(key=number, party=party, url=answer.url, status="active")
