"""Recherche d'entreprises (France): wholesalers and agents of food in the register of legal units, with the address of the head office."""

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy.http import Request

from market_db.seen import Party, Registration
from spiders.base.activities import activity_codes, nace_role
from spiders.base.json_api import Json, Shape, ShapeWatch, json_object, object_in, rows_in, text_in, whole_in
from spiders.base.paging import Page, PagedSpider, Question
from spiders.reading import Answer, BadAnswer, Reading, Rejected
from spiders.source import Expect, Pace, Source

SEARCH = "https://recherche-entreprises.api.gouv.fr/search"
MAX_NAME = 300
PRINTED = "https://annuaire-entreprises.data.gouv.fr/entreprise/"
STAFF = "02,03,11,12,21,22,31,32,41,42,51,52,53"
"""INSEE's staff bands from three people up: whole NAF codes are too many for one night, and one-man firms rarely import."""
OVERSEAS = ("971", "972", "973", "974", "976")
DEPARTEMENTS = (*(f"{n:02d}" for n in range(1, 96) if n != 20), "2A", "2B", *OVERSEAS)
"""Corsica's 20 became 2A and 2B in 1976."""
STATUSES = {"A": "active", "C": "dissolved"}

SEAT: Shape = {
    **dict.fromkeys(("activite_principale", "activite_principale_naf25", "activite_principale_registre_metier", "adresse"), str),
    **dict.fromkeys(("code_postal", "commune", "libelle_commune", "libelle_commune_etranger", "libelle_pays_etranger"), str),
    **dict.fromkeys(("code_pays_etranger", "libelle_voie", "libelle_cedex", "departement", "region", "epci", "siret"), str),
    **dict.fromkeys(("annee_tranche_effectif_salarie", "caractere_employeur", "cedex", "complement_adresse", "coordonnees"), object),
    **dict.fromkeys(("date_creation", "date_debut_activite", "date_fermeture", "date_mise_a_jour", "date_mise_a_jour_insee"), object),
    **dict.fromkeys(("dernier_numero_voie", "distribution_speciale", "est_siege", "etat_administratif", "geo_adresse"), object),
    **dict.fromkeys(("geo_id", "indice_repetition", "latitude", "longitude", "liste_enseignes", "liste_finess", "liste_id_bio"), object),
    **dict.fromkeys(("liste_id_organisme_formation", "liste_idcc", "liste_rge", "liste_uai", "nom_commercial", "numero_voie"), object),
    **dict.fromkeys(("statut_diffusion_etablissement", "tranche_effectif_salarie", "type_voie", "date_mise_a_jour_rne"), object),
}
SHAPE: Shape = {
    **dict.fromkeys(("siren", "siren_conserve", "nom_complet", "nom_raison_sociale", "sigle", "activite_principale"), str),
    **dict.fromkeys(("activite_principale_naf25", "categorie_entreprise", "caractere_employeur", "annee_categorie_entreprise"), str),
    **dict.fromkeys(("date_creation", "date_fermeture", "date_mise_a_jour", "date_mise_a_jour_insee", "date_mise_a_jour_rne"), str),
    **dict.fromkeys(("etat_administratif", "nature_juridique", "section_activite_principale", "tranche_effectif_salarie"), str),
    **dict.fromkeys(("annee_tranche_effectif_salarie", "statut_diffusion"), str),
    **dict.fromkeys(("nombre_etablissements", "nombre_etablissements_ouverts"), int),
    "siege": SEAT,
    **dict.fromkeys(("finances", "complements"), dict),
    **dict.fromkeys(("dirigeants", "matching_etablissements", "tva"), list),
}


class RechercheEntreprises(PagedSpider):
    """One search per wholesale NAF code; a code with more rows than the window is asked by departement."""

    name = "recherche_entreprises"
    page_size = 25
    about = Source(
        title="Recherche d'entreprises: French food wholesalers",
        publisher="Direction interministérielle du numérique (DINUM), from Insee and the RNE",
        home="https://annuaire-entreprises.data.gouv.fr/",
        licence="Licence Ouverte / Open Licence 2.0 (Etalab)",
        attribution="Source: Recherche d'entreprises (DINUM), data of Insee and INPI, Licence Ouverte 2.0",
        terms_url="https://www.data.gouv.fr/dataservices/api-recherche-dentreprises/",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("recherche-entreprises.api.gouv.fr",),
        countries=("FR",),
        roles=("wholesaler", "distributor"),
        personal_data="Directors are not asked for (minimal=true); sole traders and units closed to publication are dropped, counted.",
        every=timedelta(days=14),
        expect=Expect(least=50, most=15_000),
        pace=Pace(delay=0.5, max_requests=500),  # 7 requests a second are allowed per address, 30 per network
        api=True,
        api_robots="documented open API for programs, 7 requests a second (Licence Ouverte 2.0)",
        note="Firms with at least three people only. NAF 2025 replaces NAF 2008 in 2027: both codes are kept, with their version.",
    )

    def first_requests(self) -> Iterator[Request]:
        """One search per wholesale NAF code."""
        for code in activity_codes(self.products, "naf2", "46"):
            yield self.ask_chain((code,))

    def page_request(self, question: Question, number: int) -> Request:
        """Active firms of one code, of one departement where the question names it."""
        return self.ask(search_url(question, number))

    def narrower(self, question: Question) -> tuple[Question, ...]:
        """The code by departement."""
        return tuple((question[0], departement) for departement in DEPARTEMENTS) if len(question) == 1 else ()

    def page_of(self, answer: Answer) -> Page:
        """Rows and total of a search."""
        found = search_of(answer)
        return Page(rows=len(rows_in(found, "results")), total=whole_in(found, "total_results"))

    def read(self, answer: Answer) -> Reading:
        """Registrations of wholesalers."""
        return read_units(answer)


def search_url(question: Question, page: int) -> str:
    """Companies of one NAF code; `minimal` leaves out directors, with their birth months."""
    asked = {
        "activite_principale": question[0],
        "etat_administratif": "A",
        "est_entrepreneur_individuel": "false",
        "tranche_effectif_salarie": STAFF,
        **({"departement": question[1]} if len(question) > 1 else {}),
        "minimal": "true",
        "include": "siege,complements",
        "per_page": RechercheEntreprises.page_size,
        "page": page,
    }
    return f"{SEARCH}?{urlencode(asked, safe=',')}"


def search_of(answer: Answer) -> Json:
    """The answer of a search. Raises BadAnswer as `json_object`, and for one that is no search: "error in answer", "unexpected shape"."""
    found = json_object(answer)
    if found.get("erreur"):
        raise BadAnswer("error in answer", str(found["erreur"])[:300])
    if whole_in(found, "total_results") is None or "results" not in found:
        raise BadAnswer("unexpected shape", f"no results or total_results; fields: {sorted(found)[:10]}")
    return found


def read_units(answer: Answer) -> Reading:
    """One Registration per legal unit. Raises BadAnswer as `search_of`."""
    asked = parse_qs(urlsplit(answer.url).query).get("activite_principale", [""])[0]
    watch = ShapeWatch(SHAPE)
    for row in rows_in(search_of(answer), "results"):
        if isinstance(row, dict):
            yield from watch.look(row)
        yield unit(row, asked)


def unit(row: object, asked: str = "") -> Registration | Rejected:
    """One legal unit, or why not; a rejection shows the number only."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    siren, name = text_in(row, "siren", 20) or "", text_in(row, "nom_raison_sociale", MAX_NAME) or text_in(row, "nom_complet", MAX_NAME)
    if not valid_siren(siren):
        return Rejected("bad siren", f"siren {siren}")
    if is_person(row):
        return Rejected("sole trader", f"siren {siren}")
    if text_in(row, "statut_diffusion", 5) not in (None, "O"):
        return Rejected("not for publication", f"siren {siren}")
    if name is None:
        return Rejected("no name", f"siren {siren}")
    code = text_in(row, "activite_principale", 10)
    if asked and code not in asked.split(","):
        return Rejected("not what was asked", f"siren {siren}: {code} instead of {asked}")
    return registration(row, siren, name)


def valid_siren(siren: str) -> bool:
    """Luhn check of nine digits. La Poste's establishments break the rule, its legal unit keeps it."""
    if len(siren) != 9 or not (siren.isascii() and siren.isdigit()):
        return False
    doubled = (int(digit) * (2 if at % 2 else 1) for at, digit in enumerate(siren))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_person(row: Json) -> bool:
    """Sole trader by the register's mark, or by the legal category (1xxx: natural persons)."""
    marked = object_in(row, "complements").get("est_entrepreneur_individuel") is True
    return marked or (text_in(row, "nature_juridique", 5) or "").startswith("1")


def registration(row: Json, siren: str, name: str) -> Registration:
    """The record of a unit whose number and name were checked."""
    seat = object_in(row, "siege")
    code = text_in(row, "activite_principale", 10)
    role = nace_role(code or "")
    abroad = text_in(seat, "libelle_pays_etranger")
    party = Party(
        name=name,
        role=role,
        role_proof=f"main activity NAF {code} in the French register" if role else None,
        country_text=abroad,
        country=None if abroad else "FR",
        country_basis=None if abroad else "register",
        city=text_in(seat, "libelle_commune") or text_in(seat, "libelle_commune_etranger"),
        address=text_in(seat, "adresse"),
        postcode=text_in(seat, "code_postal", 20),
        registry="fr-siren",
        registry_id=siren,
    )
    return Registration(
        key=siren,
        party=party,
        url=f"{PRINTED}{siren}",
        activity_codes=codes_of(row, seat),
        status=STATUSES.get(str(row.get("etat_administratif"))),
    )


def codes_of(row: Json, seat: Json) -> tuple[str, ...]:
    """Main activity of unit and head office in both classifications, with their version."""
    pairs = (("naf2", "activite_principale"), ("naf25", "activite_principale_naf25"))
    codes = [f"{scheme}:{code}" for place in (row, seat) for scheme, field in pairs if (code := text_in(place, field, 10))]
    return tuple(dict.fromkeys(codes))
