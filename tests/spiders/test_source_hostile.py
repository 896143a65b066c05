"""Hostile answers: whatever comes, a reader gives BadAnswer, rejections or issues, and keeps the good rows beside the bad."""

import json
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.catalogue import load_spiders
from spiders.reading import Answer, BadAnswer, Issue, Read, Rejected

URLS = {
    "uk_trade_info": "https://api.uktradeinfo.com/Commodity",
    "bronnoysund": "https://data.brreg.no/enhetsregisteret/api/enheter",
    "ted": "https://api.ted.europa.eu/v3/notices/search",
    "openstreetmap": "https://overpass-api.de/api/interpreter",
    "un_comtrade": "https://comtradeapi.un.org/public/v1/preview/C/A/HS",
    "find_a_tender": "https://www.find-tender.service.gov.uk/api/1.0/ocdsReleasePackages",
    "austender": "https://api.tenders.gov.au/ocds/findByDates/contractPublished/2026-11-19T00:00:00Z/2026-11-19T23:59:59Z",
    "etenders_za": "https://ocds-api.etenders.gov.za/api/OCDSReleases",
    "prozorro": "https://public-api.prozorro.gov.ua/api/2.5/tenders/00000000000000000000000000000001",
    "recherche_entreprises": "https://recherche-entreprises.api.gouv.fr/search",
    "fhrs": "https://api.ratings.food.gov.uk/Establishments",
    "prh_finland": "https://avoindata.prh.fi/opendata-ytj-api/v3/companies",
    "ares_czechia": "https://ares.gov.cz/ekonomicke-subjekty-v-be/rest/ekonomicke-subjekty/vyhledat",
    "acra_singapore": "https://data.gov.sg/api/action/datastore_search",
    "fda_philippines": "https://verification.fda.gov.ph/api/search",
    "openfda": "https://api.fda.gov/food/enforcement.json",
    "snap_retailers": "https://services1.arcgis.com/layer/query",
}
OCDS = ("find_a_tender", "austender", "etenders_za", "prozorro")


def uk(rows: object) -> object:
    return {"value": [{"CommodityId": 21039090, "Imports": rows}]}


def brreg(rows: object) -> object:
    return {"_embedded": {"enheter": rows}, "page": {"size": 100, "totalElements": 1, "totalPages": 1, "number": 0}}


def ted(rows: object) -> object:
    return {"notices": rows, "totalNoticeCount": 1}


def osm(rows: object) -> object:
    return {"elements": rows, "osm3s": {}}


def comtrade(rows: object) -> object:
    return {"count": len(rows) if isinstance(rows, list) else 0, "data": rows, "error": ""}


def ocds(rows: object) -> object:
    return {"version": "1.1", "releases": rows}


def snap(rows: object) -> object:
    features = [{"attributes": row} for row in rows] if isinstance(rows, list) else rows
    return {"features": features}


WRAP: dict[str, Callable[[object], object]] = {
    "recherche_entreprises": lambda rows: {"results": rows, "total_results": 1},
    "fhrs": lambda rows: {"establishments": rows, "meta": {"returncode": "OK", "totalCount": 1}},
    "prh_finland": lambda rows: {"companies": rows, "totalResults": 1},
    "ares_czechia": lambda rows: {"ekonomickeSubjekty": rows, "pocetCelkem": 1},
    "acra_singapore": lambda rows: {"success": True, "result": {"records": rows, "total": 1}},
    "fda_philippines": lambda rows: {"fdafoodproducts": rows},
    "openfda": lambda rows: {"results": rows, "meta": {"results": {"total": 1}}},
    "snap_retailers": snap,
    "uk_trade_info": uk,
    "bronnoysund": brreg,
    "ted": ted,
    "openstreetmap": osm,
    "un_comtrade": comtrade,
    **dict.fromkeys(OCDS, ocds),
}
RELEASE = {"ocid": "ocds-1", "id": "1", "tag": ["tender"], "tender": {"title": "Sauces", "value": {"amount": 1, "currency": "GBP"}}}
FORM = {"type": "16", "descriptions": [{"languageCode": "1", "description": "Osakeyhtiö"}]}
GOOD: dict[str, dict[str, object]] = {
    "recherche_entreprises": {"siren": "000000018", "nom_complet": "CONTOH SAS"},
    "fhrs": {"FHRSID": 1, "BusinessName": "Contoh Ltd", "BusinessTypeID": 14},
    "prh_finland": {"businessId": {"value": "0000001-9"}, "names": [{"name": "Contoh Oy", "type": "1"}], "companyForms": [FORM]},
    "ares_czechia": {"ico": "00000019", "obchodniJmeno": "Contoh s.r.o."},
    "acra_singapore": {
        "uen": "200000001A",
        "entity_name": "CONTOH PTE. LTD.",
        "entity_type_description": "Local Company",
        "entity_status_description": "Live",
    },
    "fda_philippines": {"ACCOUNTCODE": "FR-1", "PRODUCT_NAME": "Sauce", "COMPANY_NAME": "CONTOH INC."},
    "openfda": {"recall_number": "F-0001-2026", "recalling_firm": "Contoh Inc", "product_description": "Sauce"},
    "snap_retailers": {"Record_ID": 1, "Store_Name": "Toko"},
    "uk_trade_info": {"TraderId": 1, "CommodityId": 21039090, "MonthId": 202601, "Trader": {"CompanyName": "CONTOH LTD"}},
    "bronnoysund": {"organisasjonsnummer": "010000017", "navn": "CONTOH AS"},
    "ted": {"publication-number": "1-2026", "notice-type": "cn-standard", "notice-title": {"eng": "Sauces"}},
    "openstreetmap": {"type": "node", "id": 1, "lat": 1.0, "lon": 1.0, "tags": {"name": "Toko", "shop": "food"}},
    "un_comtrade": {
        "period": "2024",
        "reporterCode": 528,
        "partnerCode": 0,
        "partner2Code": 0,
        "flowCode": "M",
        "cmdCode": "210390",
        "customsCode": "C00",
        "motCode": 0,
        "primaryValue": 1.0,
        "cifvalue": 1.0,
    },
    **dict.fromkeys(OCDS, RELEASE),
}
NAMES = {
    "recherche_entreprises": ("nom_complet",),
    "fhrs": ("BusinessName",),
    "prh_finland": ("names", 0, "name"),
    "ares_czechia": ("obchodniJmeno",),
    "acra_singapore": ("entity_name",),
    "fda_philippines": ("COMPANY_NAME",),
    "openfda": ("recalling_firm",),
    "snap_retailers": ("Store_Name",),
    "uk_trade_info": ("Trader", "CompanyName"),
    "bronnoysund": ("navn",),
    "ted": ("notice-title", "eng"),
    "openstreetmap": ("tags", "name"),
    "un_comtrade": ("reporterDesc",),
    **dict.fromkeys(OCDS, ("tender", "title")),
}


def read(name: str, body: bytes | object, status: int = 200) -> list[Read]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(load_spiders()[name](as_of=date(2026, 11, 20)).read(Answer(body=data, url=URLS[name], status=status)))


def kept(reads: list[Read]) -> list[Read]:
    return [one for one in reads if not isinstance(one, Rejected | Issue)]


def with_name(name: str, value: object) -> dict:
    row = json.loads(json.dumps(GOOD[name]))
    *path, last = NAMES[name]
    at = row
    for step in path:
        at = at[step]
    at[last] = value
    return row


@pytest.mark.parametrize("name", WRAP)
class TestWholeAnswers:
    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b"", "not json"),
            (b"<!DOCTYPE html><html><body>Access denied</body></html>", "html instead of json"),
            (b'{"value": [{"Comm', "not json"),
            ('{"value": "Brønnøysund"}'.encode("latin-1"), "wrong charset"),
            ("{}".encode("utf-16"), "wrong charset"),
            (b"[1, 2]", "unexpected shape"),
            (b"[" * 100_000, "too deep"),
            (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "too deep"),
            (b'{"x": 1}', "unexpected shape"),
            (b"\x00\x00\x00", "not json"),
        ],
        ids=["empty", "html", "cut", "latin-1", "utf-16", "list", "deep-open", "deep", "other-object", "nul"],
    )
    def test_are_refused_with_a_reason(self, name: str, body: bytes, reason: str) -> None:
        with pytest.raises(BadAnswer) as caught:
            read(name, body)
        assert caught.value.reason == reason

    def test_an_error_status_says_what_the_source_said(self, name: str) -> None:
        with pytest.raises(BadAnswer, match=r"refused query.*no such field"):
            read(name, {"message": "no such field"}, status=400)

    @pytest.mark.parametrize("rows", [{"a": 1}, "text", 7, True])
    def test_rows_of_a_wrong_type_are_refused_or_reported(self, name: str, rows: object) -> None:
        if name == "uk_trade_info":  # one commodity's imports: the other commodities are still read
            assert read(name, uk(rows)) == [Issue("wrong_type", f"Imports: {type(rows).__name__}")]
            return
        with pytest.raises(BadAnswer) as caught:
            read(name, WRAP[name](rows))
        assert caught.value.reason == "unexpected shape"


@pytest.mark.parametrize("name", WRAP)
class TestRows:
    @pytest.mark.parametrize("bad", [None, 1, "row", [], [{}], True, {}])
    def test_a_bad_row_is_rejected_and_the_next_is_kept(self, name: str, bad: object) -> None:
        reads = read(name, WRAP[name]([bad, GOOD[name]]))
        assert len(kept(reads)) == 1
        assert len([one for one in reads if isinstance(one, Rejected)]) == 1

    @pytest.mark.parametrize("value", [["a list"], {"an": "object"}, True, ""])
    def test_a_name_of_a_wrong_type_is_no_name(self, name: str, value: object) -> None:
        reads = read(name, WRAP[name]([with_name(name, value), GOOD[name]]))
        assert len(kept(reads)) == 1

    def test_ten_megabytes_of_name_are_not_kept(self, name: str) -> None:
        reads = read(name, WRAP[name]([with_name(name, "x" * 10_000_000), GOOD[name]]))
        assert kept(reads)
        assert all(len(repr(one)) < 5_000 for one in reads)

    def test_control_characters_and_lone_surrogates_become_text(self, name: str) -> None:
        row = with_name(name, "Toko\x00 \x1b[31m\ud800 A/S")
        reads = kept(read(name, WRAP[name]([row])))
        assert len(reads) == 1
        text = repr(reads[0])
        text.encode("utf-8")
        assert "\\x00" not in text
        assert "\\x1b" not in text

    def test_a_new_field_is_reported_once_an_answer(self, name: str) -> None:
        rows = [{**GOOD[name], "brandNew": at} for at in range(3)]
        issues = [one for one in read(name, WRAP[name](rows)) if isinstance(one, Issue)]
        assert issues == [Issue("new_field", "brandNew")]

    def test_a_thousand_new_fields_are_twenty_issues(self, name: str) -> None:
        rows = [{**GOOD[name], **{f"field{at}": 1 for at in range(1_000)}}]
        assert len([one for one in read(name, WRAP[name](rows)) if isinstance(one, Issue)]) == 20

    def test_null_everywhere_is_unknown_not_a_crash(self, name: str) -> None:
        row = dict.fromkeys(GOOD[name])
        reads = read(name, WRAP[name]([row, GOOD[name]]))
        assert len(kept(reads)) == 1

    def test_huge_numbers_do_no_harm(self, name: str) -> None:
        row = {key: 10**400 if isinstance(value, int | float) else value for key, value in GOOD[name].items()}
        for one in read(name, WRAP[name]([row])):
            assert len(repr(one)) < 2_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize("name", WRAP)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_json_in_any_field_is_read_without_a_crash(name: str, data: st.DataObject) -> None:
    row = {key: data.draw(JSON | st.just(value)) for key, value in GOOD[name].items()}
    reads = read(name, WRAP[name]([row, GOOD[name]]))
    assert len(kept(reads)) >= 1 or name == "un_comtrade"


@pytest.mark.parametrize("name", WRAP)
@settings(max_examples=40, deadline=None)
@given(body=st.binary(max_size=300))
def test_any_bytes_are_a_bad_answer_or_nothing(name: str, body: bytes) -> None:
    with pytest.raises(BadAnswer):
        read(name, body)


XML_URL = "https://ted.europa.eu/en/notice/1-2026/xml"
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><TED_EXPORT DOC_ID="1-2026">&b;</TED_EXPORT>'
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><TED_EXPORT DOC_ID="1-2026">&a;</TED_EXPORT>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not xml"),
        (b"<html><body>not found", "not xml"),
        (b"<html><body>not found</body></html>", "unexpected shape"),
        (b'{"message": "x"}', "not xml"),
        (BOMB, "xml with doctype"),
        (EXTERNAL, "xml with doctype"),
        (b"<TED_EXPORT/>", "unexpected shape"),
        (b"<a>" * 100_000, "not xml"),
        (b"<TED_EXPORT>\x00</TED_EXPORT>", "not xml"),
        (b"x" * (20 * 1024 * 1024 + 1), "too large"),
    ],
    ids=["empty", "cut", "html", "json", "bomb", "external", "no-form", "deep", "nul", "large"],
)
def test_hostile_xml_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        list(load_spiders()["ted"]().read(Answer(body=body, url=XML_URL)))
    assert caught.value.reason == reason


def test_award_xml_without_winners_is_an_issue_and_no_record() -> None:
    body = b'<TED_EXPORT DOC_ID="000001-2026"><FORM_SECTION><F03_2014 CATEGORY="ORIGINAL" LG="EN"/></FORM_SECTION></TED_EXPORT>'
    reads = list(load_spiders()["ted"]().read(Answer(body=body, url=XML_URL)))
    assert reads == [Issue("no_winners", "XML of 1-2026 names no winner")]


def test_a_name_that_is_too_long_never_shows_in_the_example() -> None:
    reads = read("uk_trade_info", uk([with_name("uk_trade_info", "SECRET " * 100)]))
    assert reads == [Rejected("name too long", "TraderId 1")]
