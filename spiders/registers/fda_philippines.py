"""FDA Philippines: firms that hold a registration for such a product, and establishments licensed to import or distribute food."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy.http import Request

from market_db.seen import Party, Registration
from market_db.values.names import looks_like_company
from spiders.base.json_api import Json, JsonApiSpider, Shape, ShapeWatch, json_object, rows_in, text_in
from spiders.reading import Answer, BadAnswer, Reading, Rejected
from spiders.source import Expect, Pace, Source

SEARCH = "https://verification.fda.gov.ph/api/search"
PRINTED = "https://verification.fda.gov.ph/"
TERMS = 4
"""Terms asked per product type: the portal is slow and answers a term with everything that contains it."""
MAX_NAME = 300
LICENCES, PRODUCTS = "lto_food", "fdafoodproducts"
ROLES = (("import", "importer"), ("distribut", "distributor"), ("wholesal", "wholesaler"), ("trader", "distributor"))
"""Word in a licence's activity -> role, the most telling first; a manufacturer alone buys no finished product."""

PRODUCT_SHAPE: Shape = dict.fromkeys(("ACCOUNTCODE", "PRODUCT_NAME", "BRAND_NAME", "COMPANY_NAME", "DECISION_DATE", "DATE_VALIDITY"), str)
LICENCE_SHAPE: Shape = {
    **dict.fromkeys(("LTO_NUMBER", "ESTABLISHMENT_NAME", "ESTABLISHMENT_OWNER", "ESTABLISHMENT_STATUS", "LTO_ACTIVITY_LABEL"), str),
    **dict.fromkeys(("PRIMARY_ACTIVITY", "ADDITIONAL_ACTIVITIES", "ADDRESS", "REGION", "ACCOMPLISHED_DATE", "LTO_VALIDITY"), str),
}


class FdaPhilippines(JsonApiSpider):
    """A few searches per product type; owners of establishments are people and never read."""

    name = "fda_philippines"
    about = Source(
        title="FDA Philippines: registered food products and licensed importers",
        publisher="Food and Drug Administration, Philippines",
        home="https://verification.fda.gov.ph/",
        licence="unknown",
        attribution="Source: Food and Drug Administration Philippines, verification portal",
        terms_url="https://verification.fda.gov.ph/",
        terms_read=None,
        basis="none yet: ask the FDA before switching it on",
        hosts=("verification.fda.gov.ph",),
        countries=("PH",),
        roles=("importer", "distributor", "wholesaler"),
        personal_data="ESTABLISHMENT_OWNER (a person) is never read; names without a company marker are refused by the privacy step.",
        every=timedelta(days=30),
        expect=Expect(least=1, most=5_000),
        pace=Pace(delay=30.0, max_requests=20),
        api=False,
        enabled=False,
        note="Undocumented and slow; the portal says its data are for verification only. Off until the FDA agrees. "
        "Shape from the portal's own code, unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """The first English terms of each product type."""
        terms = (term for product in self.products for term in islice(product.terms.get("en", ()), TERMS))
        for term in dict.fromkeys(terms):
            yield self.ask(f"{SEARCH}?{urlencode({'q': term})}")

    def read(self, answer: Answer) -> Reading:
        """Registrations from both lists."""
        return read_search(answer)


def read_search(answer: Answer) -> Reading:
    """One Registration per product registration and per licence. Raises BadAnswer as `json_object`, "unexpected shape"."""
    found = json_object(answer)
    if LICENCES not in found and PRODUCTS not in found:
        raise BadAnswer("unexpected shape", f"no {LICENCES} or {PRODUCTS}; fields: {sorted(found)[:10]}")
    term = parse_qs(urlsplit(answer.url).query).get("q", [""])[0]
    for name, shape, reader in ((PRODUCTS, PRODUCT_SHAPE, product_holder), (LICENCES, LICENCE_SHAPE, licence_holder)):
        watch = ShapeWatch(shape)
        for row in rows_in(found, name):
            if isinstance(row, dict):
                yield from watch.look(row)
                yield reader(row, answer.url, term)
            else:
                yield Rejected("not an object")


def product_holder(row: Json, url: str, _term: str) -> Registration | Rejected:
    """The firm that registered a product: it sells it in the Philippines, whoever makes it."""
    number, name, product = (text_in(row, field, MAX_NAME) for field in ("ACCOUNTCODE", "COMPANY_NAME", "PRODUCT_NAME"))
    if number is None or name is None:
        return Rejected("no number or name", f"ACCOUNTCODE {str(number)[:40]}")
    brand = text_in(row, "BRAND_NAME", 100)
    text = " ".join(part for part in (brand, product) if part)
    party = party_of(name, "distributor", f"holds FDA registration {number[:40]}: {text}"[:300])
    return Registration(key=f"product:{number[:60]}", party=party, url=url, activity_text=text or None)


def licence_holder(row: Json, url: str, term: str) -> Registration | Rejected:
    """A licensed establishment, where its licence says that it imports, distributes or sells wholesale."""
    number, name = text_in(row, "LTO_NUMBER", 60), text_in(row, "ESTABLISHMENT_NAME", MAX_NAME)
    if number is None or name is None:
        return Rejected("no number or name", f"LTO_NUMBER {number}")
    fields = ("LTO_ACTIVITY_LABEL", "PRIMARY_ACTIVITY", "ADDITIONAL_ACTIVITIES")
    activity = ", ".join(dict.fromkeys(text for text in (text_in(row, field, 100) for field in fields) if text))
    role = next((role for word, role in ROLES if word in activity.lower()), None)
    if role is None:
        return Rejected("no buyer by its licence", f"LTO_NUMBER {number}")
    party = party_of(name, role, f"FDA licence {number}: {activity}", text_in(row, "ADDRESS"), text_in(row, "REGION", 100))
    # the licence names no product: the term only found it by its name
    return Registration(key=f"licence:{number}", party=party, url=url or PRINTED, activity_text=activity or term)


def party_of(name: str, role: str, proof: str, address: str | None = None, region: str | None = None) -> Party:
    """The firm; it has no number of its own here."""
    return Party(
        name=name,
        role=role,
        role_proof=proof,
        country="PH",
        country_basis="register",
        address=address,
        region=region,
        natural_person=not looks_like_company(name),
    )
