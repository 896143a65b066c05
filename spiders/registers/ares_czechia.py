"""ARES (Czechia): companies that trade food wholesale, from the register of economic subjects."""

import json
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from importlib.resources import files

from scrapy.http import Request

from market_db.seen import Party, Registration
from spiders.base.activities import activity_codes, five_digits, nace_role
from spiders.base.json_api import Json, Shape, ShapeWatch, announced_in, json_object, object_in, rows_in, text_in, whole_in
from spiders.base.paging import Page, PagedSpider, Question
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

SEARCH = "https://ares.gov.cz/ekonomicke-subjekty-v-be/rest/ekonomicke-subjekty/vyhledat"
PRINTED = "https://ares.gov.cz/ekonomicke-subjekty?ico="
MAX_NAME = 300
FORMS = ("112", "121", "113", "111", "205", "421")
"""Legal forms asked: s.r.o., a.s., k.s., v.o.s., cooperative, branch of a foreign firm. Those of people (100 to 109) are not."""
PRAGUE = 554782
TOO_MANY = "VYSTUP_PRILIS_MNOHO_VYSLEDKU"
"""Code of the 400 that answers a question with more than 1,000 matches."""
SCHEMES = (("cznace2", "czNace2008"), ("cznace21", "czNace"))
ENDED = {"ZANIKLY": "dissolved", "ZANIKLA": "dissolved"}

SEAT: Shape = {
    **{f"{kind}{of}": (str, int) for of in ("Statu", "Kraje", "Okresu", "Obce", "CastiObce", "Ulice") for kind in ("kod", "nazev")},
    **{f"{kind}{of}Obvodu": (str, int) for of in ("Spravniho", "Mestskeho", "MestskeCasti") for kind in ("kod", "nazev")},
    **dict.fromkeys(("cisloDomovni", "cisloOrientacni", "cisloOrientacniPismeno", "cisloDoAdresy", "typCisloDomovni"), (str, int)),
    **dict.fromkeys(("kodAdresnihoMista", "psc", "pscTxt", "textovaAdresa", "doplnekAdresy"), (str, int)),
    "standardizaceAdresy": bool,
}
SHAPE: Shape = {
    **dict.fromkeys(("ico", "icoId", "obchodniJmeno", "pravniForma", "pravniFormaRos", "financniUrad", "dic", "dicSkDph"), str),
    **dict.fromkeys(("datumVzniku", "datumZaniku", "datumAktualizace", "primarniZdroj", "subRegistrSzr"), str),
    "sidlo": SEAT,
    **dict.fromkeys(("adresaDorucovaci", "seznamRegistraci"), dict),
    **dict.fromkeys(("czNace", "czNace2008", "dalsiUdaje"), list),
}


class AresCzechia(PagedSpider):
    """One search per NACE class and legal form; where more than 1,000 match, in each large town; in Prague, if need be, by district."""

    name = "ares_czechia"
    window = 1_000
    about = Source(
        title="ARES: Czech food wholesalers",
        publisher="Ministry of Finance of the Czech Republic",
        home="https://ares.gov.cz/",
        licence="Czech open data, terms of use of ARES",
        attribution="Source: ARES, Ministry of Finance of the Czech Republic",
        terms_url="https://ares.gov.cz/stranky/vyvojar-info",
        terms_read=None,
        basis="open data of the state",
        hosts=("ares.gov.cz",),
        countries=("CZ",),
        roles=("wholesaler", "distributor"),
        personal_data="Only legal forms of companies are asked; a natural person that comes all the same is dropped, counted.",
        every=timedelta(days=14),
        expect=Expect(least=20, most=30_000),
        pace=Pace(delay=1.5, max_requests=500),
        api=True,
        api_robots="documented public API for programs (open data)",
        post_hosts=("ares.gov.cz",),
        note="A question with more than 1,000 matches is refused and then asked by town, which leaves small towns out. One recorded "
        "answer was seen (one subject); the search is unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """One search per wholesale class and legal form."""
        for code in dict.fromkeys(five_digits(code) for code in activity_codes(self.products, "nace2", "46")):
            yield from (self.ask_chain((code, form)) for form in FORMS)

    def page_request(self, question: Question, number: int) -> Request:
        """A page of a search; the body is written the same way every time, because a replay finds it by its bytes."""
        code, form, *place = question
        asked: dict[str, object] = {
            "start": (number - 1) * self.page_size,
            "pocet": self.page_size,
            "czNace": [code],
            "pravniForma": [form],
        }
        if place:
            asked["sidlo"] = dict(zip(("kodObce", "kodSpravnihoObvodu"), map(int, place), strict=False))
        body = json.dumps(asked, separators=(",", ":"))
        return self.ask(SEARCH, method="POST", body=body, headers={"Content-Type": "application/json"})

    def narrower(self, question: Question) -> tuple[Question, ...]:
        """The question in each large town, then in each district of Prague."""
        if len(question) == 2:
            return tuple((*question, str(code)) for code in places("towns"))
        return tuple((*question, str(code)) for code in places("prague")) if question[2:] == (str(PRAGUE),) else ()

    def page_of(self, answer: Answer) -> Page:
        """Rows and total of a search; a refused one has more than the window."""
        if is_too_many(answer):
            return Page(rows=0, total=self.window + 1)
        found = search_of(answer)
        return Page(rows=len(rows_in(found, "ekonomickeSubjekty")), total=whole_in(found, "pocetCelkem"))

    def read(self, answer: Answer) -> Reading:
        """Registrations of companies; a question that was too wide is reported and gives none."""
        if is_too_many(answer):
            yield Issue("too_many", f"more than {self.window} match {answer.asked.decode('utf-8', 'replace')[:200]}; asked again by town")
            return
        yield from read_subjects(answer)


@cache
def places(kind: str) -> dict[int, str]:
    """Code in RUIAN -> name, of the large "towns" or of the districts of "prague"."""
    table = tomllib.loads((files("spiders.registers") / "czech_towns.toml").read_text("utf-8"))[kind]
    return {int(code): name for name, code in table.items()}


def is_too_many(answer: Answer) -> bool:
    """Whether ARES refused a question because too much matches."""
    return answer.status == 400 and TOO_MANY.encode() in answer.body


def search_of(answer: Answer) -> Json:
    """The answer of a search. Raises BadAnswer as `json_object`, "error in answer", "unexpected shape"."""
    found = json_object(answer)
    if found.get("kod"):
        raise BadAnswer("error in answer", f"{text_in(found, 'kod', 60)} {text_in(found, 'popis', 200)}")
    if whole_in(found, "pocetCelkem") is None:
        raise BadAnswer("unexpected shape", f"no pocetCelkem; fields: {sorted(found)[:10]}")
    return found


def read_subjects(answer: Answer) -> Reading:
    """One Registration per subject. Raises BadAnswer as `search_of`."""
    watch, misnamed = ShapeWatch(SHAPE), set[int]()
    found = search_of(answer)
    for row in announced_in(found, "ekonomickeSubjekty", whole_in(found, "pocetCelkem")):
        if isinstance(row, dict):
            yield from watch.look(row)
            yield from place_issues(object_in(row, "sidlo"), misnamed)
        yield subject(row)


def place_issues(seat: Json, reported: set[int]) -> Iterator[Issue]:
    """Codes of our tables that stand for another place: the tables, not the register, are wrong then."""
    for kind, code_field, name_field in (("towns", "kodObce", "nazevObce"), ("prague", "kodSpravnihoObvodu", "nazevSpravnihoObvodu")):
        code, name = whole_in(seat, code_field), text_in(seat, name_field)
        ours = places(kind).get(code or 0)
        if ours and name and ours != name and code not in reported:
            reported.add(code or 0)
            yield Issue("wrong_place", f"{code_field} {code} is {name}, czech_towns.toml says {ours}", broken=True)


def subject(row: object) -> Registration | Rejected:
    """One subject, or why not; a rejection shows the number only."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    number, name = text_in(row, "ico", 10) or "", text_in(row, "obchodniJmeno", MAX_NAME)
    if not valid_number(number):
        return Rejected("bad ico", f"ico {number}")
    if (text_in(row, "pravniForma", 5) or "").startswith("10"):
        return Rejected("sole trader", f"ico {number}")
    if name is None:
        return Rejected("no name", f"ico {number}")
    return registration(row, number, name)


def valid_number(number: str) -> bool:
    """Mod-11 check of an ICO (weights 8 to 2)."""
    if len(number) != 8 or not (number.isascii() and number.isdigit()):
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(number, range(8, 1, -1), strict=False)) % 11
    return int(number[7]) == (11 - rest) % 10


def registration(row: Json, number: str, name: str) -> Registration:
    """The record of a subject whose number and name were checked; no activity is marked as the main one."""
    seat = object_in(row, "sidlo")
    codes = [(scheme, code) for scheme, field in SCHEMES for code in codes_in(row, field)]
    proofs = [(role, code) for _, code in codes if code.startswith("46") and (role := nace_role(code))]
    sources = object_in(row, "seznamRegistraci")
    party = Party(
        name=name,
        role=proofs[0][0] if proofs else None,
        role_proof=f"registered activity CZ-NACE {proofs[0][1]}" if proofs else None,
        country_text=text_in(seat, "nazevStatu"),
        country=text_in(seat, "kodStatu", 2),
        country_basis="address" if text_in(seat, "kodStatu", 2) else None,
        region=text_in(seat, "nazevKraje"),
        city=text_in(seat, "nazevObce"),
        address=text_in(seat, "textovaAdresa"),
        postcode=text_in(seat, "psc", 20),
        registry="cz-ico",
        registry_id=number,
    )
    ended = row.get("datumZaniku") or ENDED.get(str(sources.get("stavZdrojeRos")))
    return Registration(
        key=number,
        party=party,
        url=f"{PRINTED}{number}",
        activity_codes=tuple(dict.fromkeys(f"{scheme}:{code}" for scheme, code in codes)),
        status="dissolved" if ended else "active",
    )


def codes_in(row: Json, field: str) -> list[str]:
    """Activity codes of a list, as printed (two to five digits)."""
    found = row.get(field)
    return [code for code in found if isinstance(code, str) and len(code) <= 10] if isinstance(found, list) else []
