"""DENUE (Mexico): food wholesalers with more than ten people, with telephone, mailbox and website."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from scrapy.http import Request

from market_db.seen import Party, Registration
from market_db.values.names import looks_like_company
from spiders.base.activities import activity_codes
from spiders.base.json_api import Json, Shape, ShapeWatch, text_in, whole_in
from spiders.base.paging import Page, PagedSpider, Question
from spiders.keys import PLACEHOLDER
from spiders.reading import Answer, BadAnswer, Reading, Rejected, load_json
from spiders.source import Expect, Pace, Source

SERVICE = "https://www.inegi.org.mx/app/api/denue/v1/consulta"
PRINTED = "https://www.inegi.org.mx/app/mapa/denue/default.aspx?idee="
STRATA = ("3", "4", "5", "6", "7")
"""Staff bands from 11 people up; 1 and 2 are the corner shops, nine tenths of the directory."""
MICRO = frozenset({"0 a 5 personas", "6 a 10 personas"})
NOTHING = b"No hay resultados"
MAX_NAME = 300
ROLES = {"437": "distributor", "43": "wholesaler", "46": "retailer"}
"""SCIAN prefix -> role; 437 are agents."""

SHAPE: Shape = {
    **dict.fromkeys(("CLEE", "Id", "Nombre", "Razon_social", "Clase_actividad", "Estrato", "Tipo_vialidad", "Calle", "Num_Exterior"), str),
    **dict.fromkeys(("Num_Interior", "Colonia", "CP", "Ubicacion", "Telefono", "Correo_e", "Sitio_internet", "Tipo", "Longitud"), str),
    **dict.fromkeys(("Latitud", "tipo_corredor_industrial", "nom_corredor_industrial", "numero_local", "AGEB", "Manzana"), str),
    **dict.fromkeys(("CLASE_ACTIVIDAD_ID", "EDIFICIO_PISO", "SECTOR_ACTIVIDAD_ID", "SUBSECTOR_ACTIVIDAD_ID", "RAMA_ACTIVIDAD_ID"), str),
    **dict.fromkeys(("SUBRAMA_ACTIVIDAD_ID", "EDIFICIO", "Tipo_Asentamiento", "Fecha_Alta", "AreaGeo"), str),
    **dict.fromkeys(("CentroComercial", "TipoCentroComercial", "NumLocal"), str),
}


class DenueMexico(PagedSpider):
    """Per activity and staff band: how many there are, then pages of them."""

    name = "denue_mexico"
    window = 20_000
    page_size = 500
    about = Source(
        title="DENUE: Mexican food wholesalers",
        publisher="Instituto Nacional de Estadística y Geografía (INEGI)",
        home="https://www.inegi.org.mx/app/mapa/denue/",
        licence="Términos de libre uso de la información del INEGI",
        attribution="Source: INEGI, Directorio Estadístico Nacional de Unidades Económicas (DENUE)",
        terms_url="https://www.inegi.org.mx/inegi/terminos.html",
        terms_read=None,
        basis="free-use terms of the publisher",
        hosts=("www.inegi.org.mx",),
        countries=("MX",),
        roles=("wholesaler", "distributor"),
        personal_data="Establishments of natural persons (no legal form in the business name) are dropped, counted; "
        "personal mailboxes are dropped by the privacy step.",
        every=timedelta(days=30),
        expect=Expect(least=20, most=20_000),
        pace=Pace(delay=2.0, max_requests=200),
        api=True,
        api_robots="documented API for programs, with a token of its own",
        key_env="TEMBUS_DENUE_TOKEN",
        note="Token free of charge by e-mail: https://www.inegi.org.mx/app/api/denue/v1/tokenVerify.aspx. "
        "Shape as documented, unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """One chain per class and staff band."""
        for code in activity_codes(self.products, "scian"):
            yield from (self.ask_chain((code, stratum)) for stratum in STRATA)

    def count_request(self, question: Question) -> Request:
        """How many establishments of the class and band there are; the whole country is 0 here and 00 below."""
        return self.ask(f"{SERVICE}/Cuantificar/{question[0]}/0/{question[1]}/{PLACEHOLDER}")

    def page_request(self, question: Question, number: int) -> Request:
        """Establishments from the first to the last of a page, counted from 1."""
        first, last = (number - 1) * self.page_size + 1, number * self.page_size
        code, stratum = question
        return self.ask(f"{SERVICE}/BuscarAreaActEstr/00/0/0/0/0/0/0/0/{code}/0/{first}/{last}/0/{stratum}/{PLACEHOLDER}")

    def page_of(self, answer: Answer) -> Page:
        """Rows of a page, or the number of a count."""
        rows = rows_of(answer)
        if is_count(answer):
            return Page(rows=0, total=counted(rows), is_count=True)
        return Page(rows=len(rows), total=None)

    def read(self, answer: Answer) -> Reading:
        """Registrations of establishments; a count holds none."""
        rows = rows_of(answer)
        if is_count(answer):
            counted(rows)
            return
        watch = ShapeWatch(SHAPE)
        for row in rows:
            if isinstance(row, dict):
                yield from watch.look(row)
            yield establishment(row)


def is_count(answer: Answer) -> bool:
    """Whether an answer is a count."""
    return "/Cuantificar/" in urlsplit(answer.url).path


def rows_of(answer: Answer) -> list[object]:
    """The list an answer is. Raises BadAnswer as `load_json`, "refused query", "unexpected shape"."""
    if NOTHING in answer.body[:200]:
        return []
    value = load_json(answer)
    if answer.status >= 400:
        raise BadAnswer("refused query", str(value)[:300])
    if not isinstance(value, list):
        raise BadAnswer("unexpected shape", f"{type(value).__name__} instead of list: {str(value)[:200]}")
    return value


def counted(rows: list[object]) -> int:
    """Sum of a count. Raises BadAnswer: unexpected shape, where a row has no number."""
    totals = [whole_in(row, "Total") if isinstance(row, dict) else None for row in rows]
    if not all(total is not None for total in totals):
        raise BadAnswer("unexpected shape", f"a count without Total: {str(rows)[:200]}")
    return sum(total or 0 for total in totals)


def establishment(row: object) -> Registration | Rejected:
    """One establishment, or why not; a rejection shows the number only."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    number, name = text_in(row, "Id", 20), text_in(row, "Razon_social", MAX_NAME)
    if number is None or not number.isdigit():
        return Rejected("no number", f"Id {str(number)[:20]}")
    if text_in(row, "Estrato", 40) in MICRO:
        return Rejected("micro firm", f"Id {number}")
    if name is None or not looks_like_company(name):
        return Rejected("no legal entity", f"Id {number}")
    return registration(row, number, name)


def registration(row: Json, number: str, name: str) -> Registration:
    """The record of an establishment of a legal entity."""
    code, text = text_in(row, "CLASE_ACTIVIDAD_ID", 10), text_in(row, "Clase_actividad")
    role = next((role for prefix, role in ROLES.items() if code and code.startswith(prefix)), None)
    place = [part.strip() for part in (text_in(row, "Ubicacion") or "").split(",")]
    street = [text_in(row, part) for part in ("Tipo_vialidad", "Calle", "Num_Exterior", "Num_Interior")]
    phone, mail = text_in(row, "Telefono", 100), text_in(row, "Correo_e", 200)
    party = Party(
        name=name,
        role=role,
        role_proof=f"SCIAN {code} {text or ''}".strip() if role else None,
        country="MX",
        country_basis="register",
        region=place[2] if len(place) == 3 else None,
        city=place[1] if len(place) == 3 else None,
        address=", ".join(part for part in (" ".join(part for part in street if part), text_in(row, "Colonia")) if part) or None,
        postcode=text_in(row, "CP", 20),
        registry="mx-denue",
        registry_id=number,
        website=text_in(row, "Sitio_internet"),
        phones_text=(phone,) if phone else (),
        emails_text=(mail,) if mail else (),
    )
    return Registration(
        key=number,
        party=party,
        url=f"{PRINTED}{number}",
        activity_codes=(f"scian:{code}",) if code else (),
        activity_text=text,
        status="active",
    )
