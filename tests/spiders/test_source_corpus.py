"""Real recorded answers beside the checkout, read with the values a person found in them."""

import json
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from market_db.seen import Notice, Place, Registration, TradeFlow
from spiders.maps.openstreetmap import read_places
from spiders.reading import Answer, BadAnswer, Issue, Rejected
from spiders.registers.ares_czechia import read_subjects
from spiders.registers.bronnoysund import entity, read_entities
from spiders.registers.canada_importers_files import read_file
from spiders.registers.fhrs import read_establishments
from spiders.registers.openfda import role_of
from spiders.registers.prh_finland import read_companies
from spiders.registers.recherche_entreprises import read_units
from spiders.registers.uk_trade_info import read_importers
from spiders.tenders.ted import read_notices, unclear_winners
from spiders.tenders.ted_xml import read_notice_xml
from spiders.trade_data.un_comtrade import read_flows


def answer(path: Path, url: str = "https://source.example/") -> Answer:
    return Answer(body=path.read_bytes(), url=url)


def recorded(path: Path) -> Answer:
    """An answer of the Comtrade client's recordings, with the request that brought it."""
    tape = json.loads(path.read_text("utf-8"))
    return Answer(body=tape["response"]["body"].encode(), url=tape["request"]["url"], status=tape["response"]["status"])


def test_hmrc_traders(corpus: Path) -> None:
    # the recording is of exports; imports have the same shape
    body = (corpus / "buyers/uktradeinfo/commodity_expand_exports_trader.json").read_bytes().replace(b'"Exports"', b'"Imports"')
    reads = list(read_importers(Answer(body=body, url="https://api.uktradeinfo.com/Commodity")))
    assert all(isinstance(read, Registration) for read in reads)
    assert sum(len(read.periods) for read in reads) == 27  # 27 trader rows, no month twice for one trader
    assert len(reads) == 7
    by_name = {read.party.name: read for read in reads}
    stable = by_name["VARIAN STABLE LTD"]
    assert stable.product_codes == ("cn8:01012990",)
    assert stable.party.postcode == "CB8 7BY"
    assert stable.party.address == "49 BURY ROAD, NEWMARKET, SUFFOLK"
    assert "2019-09" in by_name["TATTERSALLS LTD"].periods
    people = {name for name, read in by_name.items() if read.party.natural_person}
    assert "[REDACTED NATURAL PERSON]" in people
    assert {"VARIAN STABLE LTD", "TATTERSALLS LTD"}.isdisjoint(people)


def test_norwegian_entities(corpus: Path) -> None:
    page = list(read_entities(answer(corpus / "buyers/brreg/enheter-search-page1-response.json")))
    assert [(read.key, read.party.name, read.party.city) for read in page] == [
        ("976030788", "SESAM AS", "TRONDHEIM"),
        ("971497017", "SESAM FAMILIEBARNEHAGE", "OSLO"),
    ]
    assert page[0].party.role == "food_service"
    assert page[0].activity_codes == ("nace2:56.101",)
    assert list(read_entities(answer(corpus / "buyers/brreg/enheter-search-empty-response.json"))) == []
    test_number = list(read_entities(answer(corpus / "buyers/brreg/enheter-search-response.json")))
    assert test_number == [Rejected("bad organisation number", "organisasjonsnummer 112233445")]


def test_norwegian_details(corpus: Path) -> None:
    read = entity(json.loads((corpus / "buyers/brreg/brreg_923609016.json").read_text("utf-8")))
    assert isinstance(read, Registration)
    assert (read.party.name, read.party.website, read.party.phones_text) == ("EQUINOR ASA", "www.equinor.com", ("51 99 00 00",))
    assert read.activity_codes == ("nace2:06.100", "nace2:06.200", "nace2:19.200")


def test_french_unit(corpus: Path) -> None:
    reads = list(read_units(answer(corpus / "buyers/recherche_entreprises/fr_search_552032534.json")))
    assert [read.detail for read in reads if isinstance(read, Issue)] == ["_redacted"]  # a field of whoever took the persons out
    (danone,) = (read for read in reads if isinstance(read, Registration))
    assert (danone.key, danone.party.name, danone.party.city, danone.party.postcode) == ("552032534", "DANONE", "PARIS", "75009")
    assert danone.party.address == "59-61 RUE LA FAYETTE 75009 PARIS"
    assert danone.activity_codes == ("naf2:70.10Z", "naf25:70.10Y", "naf25:66.30Y")
    assert (danone.status, danone.party.role) == ("active", None)
    assert "ERNST" not in repr(danone)  # officers


def test_british_establishments_have_the_known_fields(corpus: Path) -> None:
    # the recording is of the XML files per council; the JSON has the same fields, some in lower case
    root = etree.parse(corpus / "buyers/fhrs/food_ratings.xml").getroot()
    rows = [{field.tag: field.text for field in row if len(field) == 0} for row in root.iter("EstablishmentDetail")]
    body = {"establishments": rows, "meta": {"returncode": "OK", "totalCount": len(rows)}}
    reads = list(read_establishments(Answer(body=json.dumps(body).encode(), url="https://api.ratings.food.gov.uk/Establishments")))
    assert [read.detail for read in reads if isinstance(read, Issue) and read.kind == "new_field"] == ["Scores"]
    kept = [read for read in reads if isinstance(read, Registration)]
    assert len(kept) == len(rows)
    assert (kept[0].key, kept[0].party.postcode, kept[0].party.address) == ("1234567890", "B5 5TH", "1 ABC Street, Birmingham")
    assert kept[0].activity_codes == ("fhrs:Restaurant/Cafe/Canteen",)
    assert {read.party.role for read in kept} <= {None, "retailer", "importer", "distributor", "supplier"}


def test_finnish_company(corpus: Path) -> None:
    (nokia,) = read_companies(answer(corpus / "buyers/prh_fi/prh_0112038-9.json"))
    assert isinstance(nokia, Registration)
    assert (nokia.key, nokia.party.name, nokia.party.website) == ("0112038-9", "Nokia Oyj", "www.nokia.com")
    assert (nokia.party.address, nokia.party.postcode, nokia.party.city) == ("Karakaari 7", "02610", "ESPOO")
    assert (nokia.activity_codes, nokia.activity_text) == (("tol2025:70100",), "Activities of head offices")
    assert nokia.status == "active"  # its status is "2"


def test_czech_subject(corpus: Path) -> None:
    subject = json.loads((corpus / "buyers/ares_cz/ares_00177041.json").read_text("utf-8"))
    body = json.dumps({"pocetCelkem": 1, "ekonomickeSubjekty": [subject]}).encode()
    (skoda,) = read_subjects(Answer(body=body, url="https://ares.gov.cz/"))
    assert isinstance(skoda, Registration)
    assert (skoda.key, skoda.party.name, skoda.party.city, skoda.party.postcode) == (
        "00177041",
        "Škoda Auto a.s.",
        "Mladá Boleslav",
        "29301",
    )
    assert len(skoda.activity_codes) == 36  # 18 in each version
    assert skoda.activity_codes[0] == "cznace2:29100"
    assert (skoda.party.role, skoda.status) == (None, "active")


def test_canadian_header(corpus: Path) -> None:
    body = (corpus / "buyers/canada_cid/majorimportersbyhs6bycountry_header_true_rows_testlike.csv").read_bytes()
    url = "https://ised-isde.canada.ca/cid-bdic-majorimportersbyhs6bycountry2020.csv"
    reads = list(read_file(Answer(body=body, url=url), frozenset({"090421"})))
    kept = [read for read in reads if isinstance(read, Registration)]
    assert [(read.party.name, read.product_codes, read.periods) for read in kept] == [
        ("LOBLAW COMPANIES LIMITED", ("hs:090421",), ("2020",))
    ] * 2
    assert [read for read in reads if not isinstance(read, Registration)] == [Rejected("other goods")]
    assert [read.party.role_proof for read in kept] == [
        f"major Canadian importer of HS 090421 from {origin} in 2020" for origin in ("India", "China")
    ]


def test_labels_of_older_enforcement_reports(corpus: Path) -> None:
    rows = [
        json.loads(line) for line in (corpus / "buyers/openfda/enforcement_ucm308307.json").read_text("utf-8").splitlines() if line.strip()
    ]
    food = [row for row in rows if row.get("product-type") == "Food" and "recalling-firm" in row]
    roles = Counter(role_of(row["product-description"], row["recalling-firm"])[0] for row in food)
    assert len(food) == 15
    assert roles[None] > len(food) / 2  # most labels say nothing of the firm, and then nothing is claimed
    assert "importer" not in roles


def test_ted_search_with_odd_shapes(corpus: Path) -> None:
    recording = corpus / "buyers/ted/v3_search_two_live_notices.json"
    tender, award = (read for read in read_notices(answer(recording)) if isinstance(read, Notice))
    assert (tender.key, tender.kind, tender.published, tender.deadline) == ("479730-2026", "tender", "2026-07-13", "2026-08-10")
    assert tender.codes == ("cpv:79713000",)
    assert tender.parties[0].name == "Bundeswehr-Dienstleistungszentrum Berlin"
    assert tender.parties[0].city is None  # {} in the answer
    assert [party.name for party in award.parties[1:]] == ["Wach- und Werkschutz Kurt Strube GmbH", "AWD-Gebäudedienste"]
    assert {party.country_text for party in award.parties[1:]} == {"DEU"}
    assert {party.city for party in award.parties[1:]} == {None}  # three names, two towns
    assert unclear_winners(json.loads(recording.read_text("utf-8"))) == ["291981-2026"]


def test_ted_award_of_sauces(corpus: Path) -> None:
    (award,) = read_notice_xml(answer(corpus / "buyers/ted/F03_award_food_sauces_176159-2020.xml"))
    authority, *winners = award.parties
    assert (award.key, award.kind, award.published, award.value, award.currency) == ("176159-2020", "award", "2020-04-15", 362000.0, "EUR")
    assert "cpv:15871260" in award.codes
    assert (authority.name, authority.role) == ("Caisse des écoles du 5e arrondissement", "tender_authority")
    assert [(one.name, one.city) for one in winners] == [
        ("Sysco France SAS", "Dieppe"),
        ("Régimes et Délices", "Cormeilles-en-Parisis"),
        ("Transgourmet Valenton", "Valenton"),
        ("Mag Prim", "Cesson"),
        ("Bgd+", "Lorient"),
        ("A2DIS", "Avon"),
    ]
    assert winners[2].role_proof == "winner in TED 176159-2020: lot 4 Épicerie"
    assert {one.role for one in winners} == {"distributor"}


def test_ted_tender_for_sauces(corpus: Path) -> None:
    (tender,) = read_notice_xml(answer(corpus / "buyers/ted/F02_contract_notice_food_sauces_253958-2021.xml"))
    assert (tender.key, tender.kind, tender.published, tender.deadline) == ("253958-2021", "tender", "2021-05-21", "2021-06-18")
    assert "cpv:15871260" in tender.codes
    assert [(one.name, one.role, one.city) for one in tender.parties] == [("Lycée Acajou 2", "tender_authority", "Le Lamentin")]
    assert (tender.value, tender.currency) == (920000.0, "EUR")


@pytest.mark.parametrize(
    ("name", "authority", "winner"),
    [
        ("F03_award_food_273048-2016.xml", "Ugecam LR-MP", "Vitame Production"),
        ("F02_contract_notice_food_491121-2021.xml", "Banskobystrický samosprávny kraj", None),
        ("F02_contract_notice_food_014265-2021.xml", "Assistance publique Hôpitaux de Paris", None),
    ],
)
def test_ted_other_notices(corpus: Path, name: str, authority: str, winner: str | None) -> None:
    (notice,) = read_notice_xml(answer(corpus / "buyers/ted" / name))
    assert notice.parties[0].name == authority
    assert [one.name for one in notice.parties if one.role == "distributor"] == ([winner] if winner else [])
    assert not notice.key.startswith("0")


def overpass_body(geojson: Path) -> bytes:
    """The recorded GeoJSON in the shape Overpass gives with `out center`."""
    elements = []
    for feature in json.loads(geojson.read_text("utf-8"))["features"]:
        tags = {key: value for key, value in feature["properties"].items() if key not in ("id", "type", "category")}
        longitude, latitude = feature["geometry"]["coordinates"]
        at = {"lat": latitude, "lon": longitude}
        kind = feature["properties"]["type"]
        elements.append({"type": kind, "id": feature["properties"]["id"], **(at if kind == "node" else {"center": at}), "tags": tags})
    return json.dumps({"elements": elements, "osm3s": {"timestamp_osm_base": "2026-01-01T00:00:00Z"}}).encode()


def test_munich_supermarkets(corpus: Path) -> None:
    body = overpass_body(corpus / "buyers/osm/munich_supermarkets.geojson")
    places = [read for read in read_places(Answer(body=body, url="https://overpass-api.de/api/interpreter")) if isinstance(read, Place)]
    assert len(places) == 697
    assert Counter(place.party.role for place in places) == {"retailer": 696, "wholesaler": 1}
    asian = {place.key: place for place in places if "origin=asian" in place.tags}
    assert asian["node/303072167"].party.name == "Hongkong Market"
    market = asian["node/409039795"]
    assert (market.party.name, market.party.city, market.party.postcode) == ("Asia Markt", "München", "81825")
    assert (market.party.address, market.party.website) == ("Truderinger Straße 259", "http://www.asiamarkt-muenchen.de/")
    assert market.party.phones_text == ("+49 89 45640448",)
    assert "Au Thu" not in repr(asian["node/303072167"])  # operators are often people
    assert all(47 < (place.latitude or 0) < 49 for place in places)


def test_overpass_answers_without_shops(corpus: Path) -> None:
    reads = list(read_places(answer(corpus / "buyers/osm/overpass_example_singlenode.json")))
    assert Counter(type(read).__name__ for read in reads) == {"Rejected": 102, "Place": 1}
    with pytest.raises(BadAnswer, match="no elements"):
        list(read_places(answer(corpus / "buyers/osm/overpass_example_live.json")))


GET = "demand/comtrade/xippios_recorded/get"


def test_comtrade_imports_of_all_reporters(corpus: Path) -> None:
    flows = list(read_flows(recorded(corpus / GET / "world_27_2023_imports.json")))
    assert len(flows) == 167
    assert all(isinstance(flow, TradeFlow) for flow in flows)
    by_reporter = {flow.reporter: flow for flow in flows}
    assert len(by_reporter) == 167
    assert {"FRA", "IND", "CHE", "USA", "NOR", "TWN"} <= set(by_reporter)  # codes 251, 699, 757, 842, 579, 490
    assert by_reporter["ALB"].value == 947422081.583
    assert by_reporter["ALB"].net_kg is None  # printed as 0
    assert Counter(flow.valuation for flow in flows) == {"CIF": 163, "FOB": 4}
    assert {flow.reporter for flow in flows if flow.valuation == "FOB"} == {"BMU", "CAN", "MEX", "ZAF"}


def test_comtrade_thirty_two_rows_are_one_total(corpus: Path) -> None:
    reasons = Counter(read.reason for read in read_flows(recorded(corpus / GET / "ch_exports_2023.json")) if isinstance(read, Rejected))
    assert reasons == {"other breakdown": 31}  # the one total is of all goods


@pytest.mark.parametrize(
    ("name", "reason"),
    [("count_rate_limited", "refused query"), ("invalid_key", "refused query"), ("count_zero_ch_1900", "unexpected shape")],
)
def test_comtrade_errors(corpus: Path, name: str, reason: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        list(read_flows(recorded(corpus / GET / f"{name}.json")))
    assert caught.value.reason == reason


def test_comtrade_no_data_is_nothing(corpus: Path) -> None:
    assert list(read_flows(recorded(corpus / GET / "unknown_reporter.json"))) == []


def test_comtrade_several_periods(corpus: Path) -> None:
    flows = list(read_flows(recorded(corpus / GET / "series_ch_27_2010_2021.json")))
    assert [flow.period for flow in flows] == [str(year) for year in range(2010, 2022)]
    assert {(flow.reporter, flow.flow, flow.partner) for flow in flows} == {("CHE", "export", "WLD")}
