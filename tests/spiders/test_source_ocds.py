"""The OCDS reader: stages, winners, values, codes, parties and people; packages of every kind; and the walk over pages."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import Request, TextResponse
from twisted.python.failure import Failure

from market_db.products import load_products
from market_db.seen import Notice, Party
from spiders.base.ocds import code_in, money_in, read_releases
from spiders.base.ocds_packages import Publisher, linked_releases
from spiders.base.ocds_parties import is_person, of_the_house, register_of
from spiders.base.ocds_spider import next_link
from spiders.manners.outcomes import Refused
from spiders.reading import Answer, BadAnswer, Issue, Read, Rejected
from spiders.tenders.austender import DAYS, AusTender
from spiders.tenders.contracts_finder import ContractsFinder
from spiders.tenders.etenders_za import EtendersZa
from spiders.tenders.find_a_tender import FindATender
from spiders.tenders.prozorro import MAX_DETAILS, Prozorro
from spiders.tenders.seao import Seao

AS_OF = date(2026, 11, 20)
PUBLISHER = Publisher(country="GB", page="https://notices.example/{id}")
PRODUCTS = tuple(load_products().values())


def read(body: object, publisher: Publisher = PUBLISHER, status: int = 200) -> list[Read]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(read_releases(Answer(body=data, url="https://api.example/releases", status=status), publisher))


def release(**more: object) -> dict:
    found = {"ocid": "ocds-1", "id": "r1", "date": "2026-11-01T00:00:00Z", "tag": ["tender"], "tender": {"title": "Sauces"}}
    return {**found, **more}


def notices(*releases: dict) -> list[Notice]:
    return [one for one in read({"releases": list(releases)}) if isinstance(one, Notice)]


AWARD = {"id": "a1", "status": "active", "suppliers": [{"id": "s1", "name": "Contoh Foods Ltd"}]}


class TestStages:
    @pytest.mark.parametrize(
        ("status", "ours"),
        [
            *[("active", "open"), ("Active", "open"), ("planned", "planned"), ("planning", "planned"), ("complete", "closed")],
            *[("cancelled", "cancelled"), ("unsuccessful", "unsuccessful"), ("withdrawn", "withdrawn"), ("active.tendering", "open")],
            *[("active.auction", "closed"), (None, None)],
        ],
    )
    def test_status_of_a_tender(self, status: str | None, ours: str | None) -> None:
        (notice,) = notices(release(tender={"title": "Sauces", "status": status}))
        assert (notice.kind, notice.status) == ("tender", ours)

    def test_a_status_nobody_knows_is_reported(self) -> None:
        reads = read({"releases": [release(tender={"title": "Sauces", "status": "hibernating"})]})
        assert Issue("unmapped_value", "tender.status hibernating") in reads

    @pytest.mark.parametrize(
        ("tag", "status"), [("tenderCancellation", "cancelled"), (["tenderCancellation"], "cancelled"), ("planning", "planned")]
    )
    def test_the_tag_tells_where_the_status_does_not(self, tag: object, status: str) -> None:
        assert notices(release(tag=tag))[0].status == status

    @pytest.mark.parametrize(
        ("statuses", "ours"),
        [
            (["unsuccessful"], "unsuccessful"),
            (["cancelled"], "cancelled"),
            (["cancelled", "unsuccessful"], "unsuccessful"),
            (["pending"], None),
        ],
    )
    def test_awards_that_failed_have_no_winner(self, statuses: list[str], ours: str | None) -> None:
        rows = [{**AWARD, "id": str(at), "status": status} for at, status in enumerate(statuses)]
        (notice,) = notices(release(tag=["award"], awards=rows))
        assert (notice.kind, notice.status) == ("tender", ours)
        assert [party.role for party in notice.parties] == []

    def test_each_award_is_a_notice_with_its_own_value_and_goods(self) -> None:
        second = {"id": "a2", "suppliers": [{"name": "Lain GmbH"}], "value": {"amount": "20.50", "currency": "EUR"}, "date": "2026-10-02"}
        second["items"] = [{"classification": {"scheme": "UNSPSC", "id": "50171830"}}]
        tender = {"title": "Sauces", "classification": {"scheme": "CPV", "id": "15871260-4"}, "value": {"amount": 99, "currency": "GBP"}}
        first, other = notices(release(tag=["award"], tender=tender, awards=[AWARD, second]))
        assert (first.key, first.status, first.value, first.codes) == ("ocds-1/a1", "awarded", None, ("cpv:15871260",))
        assert (other.key, other.value, other.currency, other.codes) == ("ocds-1/a2", 20.5, "EUR", ("unspsc:50171830",))
        assert [(one.name, one.role, one.role_proof) for one in other.parties] == [
            ("Lain GmbH", "distributor", "supplier in award a2 of ocds-1, 2026-10-02")
        ]

    def test_a_contract_gives_value_and_date_where_the_award_has_none(self) -> None:
        contracts = [{"id": "c1", "awardID": "a1", "value": {"amount": 5, "currency": "AUD"}, "dateSigned": "2026-09-09T00:00:00Z"}]
        (notice,) = notices(release(awards=[AWARD], contracts=contracts))
        assert (notice.value, notice.currency) == (5.0, "AUD")
        assert notice.parties[0].role_proof == "supplier in award a1 of ocds-1, 2026-09-09"

    def test_contracts_without_awards_name_suppliers_by_role(self) -> None:
        parties = [{"id": "s1", "name": "Contoh Foods Ltd", "roles": ["supplier"]}]
        contracts = [{"id": "c1", "status": "active", "title": "Sauces"}, {"id": "c0", "status": "cancelled"}]
        (notice,) = notices(release(tender={}, parties=parties, contracts=contracts))
        assert (notice.kind, notice.parties[0].name) == ("award", "Contoh Foods Ltd")


class TestNewest:
    def test_of_several_releases_the_newest_counts_whatever_their_order(self) -> None:
        old = release(date="2026-11-01T00:00:00Z", tender={"title": "Old"})
        new = release(date="2026-11-05T00:00:00Z", tender={"title": "New", "status": "cancelled"})
        for rows in ([old, new], [new, old]):
            reads = read({"releases": rows})
            (notice,) = [one for one in reads if isinstance(one, Notice)]
            assert (notice.title, notice.status) == ("New", "cancelled")
            assert Rejected("older release of the same notice", "ocds-1") in reads

    def test_a_tender_and_its_award_are_two_notices(self) -> None:
        assert [one.key for one in notices(release(), release(date="2026-12-01", tag=["award"], awards=[AWARD]))] == ["ocds-1", "ocds-1/a1"]

    def test_an_older_release_on_a_later_page_changes_nothing(self) -> None:
        spider = FindATender(products=PRODUCTS, as_of=AS_OF)
        pages = [
            ("2026-11-05T00:00:00+01:00", "cancelled"),
            ("2026-11-04T23:30:00Z", "active"),
            ("2026-11-04T22:30:00Z", "planned"),
            ("x", None),
        ]
        delivered = []
        for day, status in pages:
            body = json.dumps({"releases": [release(date=day, tender={"title": "Sauces", "status": status})]}).encode()
            delivered += spider.deliver("find_a_tender", spider.read(Answer(body=body, url="https://api.example/")), "u")
        assert [one.status for one in delivered] == ["cancelled", "open"]
        assert spider.counts["find_a_tender", "older release of the same notice"] == 2

    def test_a_cancelled_award_takes_its_winner_back(self) -> None:
        row = {**AWARD, "status": "cancelled"}
        found = notices(release(tag=["awardUpdate"], awards=[row, {**AWARD, "id": "a2"}]))
        assert [(one.key, one.status, [party.name for party in one.parties]) for one in found] == [
            ("ocds-1/a2", "awarded", ["Contoh Foods Ltd"]),
            ("ocds-1/a1", "cancelled", []),
        ]


class TestPackages:
    @pytest.mark.parametrize(
        "body",
        [
            {"releases": [release()]},
            {"records": [{"ocid": "ocds-1", "compiledRelease": release()}]},
            {"records": [{"ocid": "ocds-1", "releases": [release()]}]},
            [{"releases": [release()]}],
            [release()],
            release(),
            {"data": {"releases": [release()]}},
            {"compiledRelease": release(), "ocid": "ocds-1"},
            [{"records": [{"ocid": "ocds-1", "compiledRelease": {name: value for name, value in release().items() if name != "ocid"}}]}],
        ],
        ids=["releases", "compiled", "embedded", "packages", "list", "alone", "data", "record-alone", "ocid-of-the-record"],
    )
    def test_of_every_kind(self, body: object) -> None:
        assert [one.key for one in read(body) if isinstance(one, Notice)] == ["ocds-1"]

    def test_empty_is_nothing(self) -> None:
        assert read({"releases": []}) == read({"records": []}) == []
        with pytest.raises(BadAnswer, match="unexpected shape"):
            read([])  # nobody publishes that: a package says that it is empty

    def test_linked_releases_are_counted_and_named(self) -> None:
        body = {"records": [{"ocid": "ocds-1", "releases": [{"url": "https://api.example/r/1", "tag": ["tender"]}]}]}
        assert read(body) == [Rejected("linked release", "https://api.example/r/1")]
        assert linked_releases(body) == ["https://api.example/r/1"]
        assert (
            linked_releases({"records": [{"ocid": "ocds-1", "compiledRelease": release(), "releases": [{"url": "https://x.example"}]}]})
            == []
        )

    @pytest.mark.parametrize("body", [{"errorCode": 100, "message": "busy"}, {"error": "busy"}, {"errors": [{"description": "busy"}]}])
    def test_an_error_inside_a_200_is_an_error(self, body: object) -> None:
        with pytest.raises(BadAnswer, match=r"refused query.*busy"):
            read(body)

    def test_nothing_found_is_told_from_an_error(self) -> None:
        au = AusTender.publisher
        assert read({"errorCode": 100, "message": "No Records found for Date Range"}, au, status=400) == []
        with pytest.raises(BadAnswer, match="Invalid date"):
            read({"errorCode": 101, "message": "Invalid date"}, au, status=400)

    def test_latin_1_only_where_the_publisher_uses_it(self) -> None:
        body = json.dumps({"releases": [release(tender={"title": "Crème fraîche"})]}, ensure_ascii=False)
        for encoding in ("utf-8", "iso-8859-1"):
            (notice,) = read(body.encode(encoding), ContractsFinder.publisher)
            assert notice.title == "Crème fraîche"
        with pytest.raises(BadAnswer, match="wrong charset"):
            read(body.encode("iso-8859-1"))


class TestValues:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ({"amount": 12.5, "currency": "GBP"}, ("12.5 GBP", 12.5, "GBP")),
            ({"amount": "976800.00", "currency": "AUD"}, ("976800.00 AUD", 976800.0, "AUD")),
            ({"amount": 0.0, "currency": "ZAR"}, ("0.0 ZAR", None, "ZAR")),  # a place holder: nobody buys for nothing
            ({"amount": -5}, ("-5", None, None)),
            ({"amount": 10**400}, (None, None, None)),
            ({"amount": True}, (None, None, None)),
            ({"amount": None, "currency": "GBP"}, ("GBP", None, "GBP")),
            ("12", (None, None, None)),
            (None, (None, None, None)),
        ],
    )
    def test_money(self, value: object, expected: tuple) -> None:
        text, amount, currency = money_in(value)
        assert (amount, currency) == expected[1:]
        if value != {"amount": 10**400}:
            assert text == expected[0]

    @pytest.mark.parametrize(
        ("scheme", "number", "code"),
        [
            *[("CPV", "15871260", "cpv:15871260"), ("CPV", "15871260-4", "cpv:15871260"), ("cpv", 15871260, "cpv:15871260")],
            *[("ДК021", "15870000-7", "cpv:15870000"), ("UNSPSC", "50171830", "unspsc:50171830"), ("GSIN", "N8950", "gsin:N8950")],
            *[
                ("CPV", "158", None),
                ("UNSPSC", "", None),
                (None, "15871260", None),
                ("x-My Scheme", "A1", "x_my_scheme:A1"),
                ("-", "A1", None),
            ],
        ],
    )
    def test_codes(self, scheme: object, number: object, code: str | None) -> None:
        assert code_in({"scheme": scheme, "id": number}) == code

    @pytest.mark.parametrize(
        ("printed", "deadline"),
        [
            ("2026-12-11T12:00:00Z", "2026-12-11T12:00:00+00:00"),
            ("2026-12-11T12:00:00+02:00", "2026-12-11T12:00:00+02:00"),
            ("2026-12-11", "2026-12-11"),
            ("0001-01-01T00:00:00Z", None),
            ("soon", None),
        ],
    )
    def test_deadlines_keep_their_zone(self, printed: str, deadline: str | None) -> None:
        (notice,) = notices(release(tender={"title": "Sauces", "tenderPeriod": {"endDate": printed}}))
        assert (notice.deadline_text, notice.deadline) == (printed, deadline)

    def test_a_reference_number_is_no_title_where_there_is_a_description(self) -> None:
        (notice,) = notices(release(tender={"title": "RFQ-01/2026", "description": "Chilli sauce for kitchens"}))
        assert notice.title == "Chilli sauce for kitchens"
        assert notices(release(tender={"title": "RFQ-01/2026"}))[0].title == "RFQ-01/2026"
        assert read({"releases": [release(tender={})]}) == [Rejected("no title", "ocds-1")]

    def test_items_speak_in_the_description_and_give_the_quantity(self) -> None:
        item = {"description": "Chilli sauce 1 l", "quantity": 200, "unit": {"name": "bottle"}}
        (notice,) = notices(release(tender={"title": "Groceries", "description": "Food", "items": [item]}))
        assert (notice.description, notice.quantity_text) == ("Food | Chilli sauce 1 l", "200 bottle")


OFFICE = {"name": "Procurement Team", "email": "procurement@council.example", "telephone": "01632 960001"}


class TestParties:
    def test_are_joined_by_id_then_by_name_and_stand_once(self) -> None:
        parties = [
            {
                "id": "b1",
                "name": "Contoh Council",
                "roles": ["buyer", "procuringEntity"],
                "address": {"locality": "Contohton", "countryName": "UK"},
            },
            {"id": "s9", "name": "Contoh Foods Ltd", "roles": ["supplier"], "address": {"locality": "Port"}},
        ]
        tender = {"title": "Sauces", "procuringEntity": {"id": "b1"}}
        (notice,) = notices(release(parties=parties, buyer={"id": "b1", "name": "Contoh Council"}, tender=tender, awards=[AWARD]))
        assert [(one.name, one.role, one.city) for one in notice.parties] == [
            ("Contoh Council", "tender_authority", "Contohton"),
            ("Contoh Foods Ltd", "distributor", "Port"),  # s1 is not among the parties, the name is
        ]
        assert notice.country_text == "UK"

    def test_an_authority_without_address_is_in_the_publishers_country(self) -> None:
        (notice,) = notices(release(buyer={"name": "Contoh Council"}))
        assert (notice.parties[0].country, notice.parties[0].country_basis) == ("GB", "register")

    @pytest.mark.parametrize(
        ("contact", "own"),
        [
            (OFFICE, True),
            ({**OFFICE, "name": None}, True),
            ({**OFFICE, "name": "Contoh Council"}, True),
            ({**OFFICE, "name": "Pat Example"}, False),
            ({**OFFICE, "email": "pat.example@council.example", "name": None}, False),
            ({"telephone": "01632 960001"}, True),
        ],
    )
    def test_a_telephone_is_kept_only_where_an_office_answers(self, contact: dict, own: bool) -> None:
        assert of_the_house(contact, "Contoh Council") is own
        reads = read({"releases": [release(parties=[{"name": "Contoh Council", "roles": ["buyer"], "contactPoint": contact}])]})
        (notice,) = [one for one in reads if isinstance(one, Notice)]
        assert notice.parties[0].phones_text == (("01632 960001",) if own else ())
        assert (Issue("personal_phone", "1 telephone numbers of named persons left out") in reads) is not own

    def test_officers_beside_suppliers_are_not_read(self) -> None:
        body = {"releases": [release(awards=[AWARD], parties=[{"id": "s1", "name": "Contoh Foods Ltd", "contactPoint": OFFICE}])]}
        for publisher, phones in ((PUBLISHER, ("01632 960001",)), (AusTender.publisher, ()), (EtendersZa.publisher, ())):
            (notice,) = read(body, publisher)
            assert notice.parties[0].phones_text == phones
            assert bool(notice.parties[0].emails_text) is bool(phones)

    @pytest.mark.parametrize(
        ("identifier", "register"),
        [
            ({"scheme": "GB-COH", "id": "01234567"}, ("GB-COH", "01234567")),
            ({"scheme": "GB-COH", "id": "sc123456"}, ("GB-COH", "SC123456")),
            ({"scheme": "GB-COH", "id": "n/a"}, (None, None)),
            ({"scheme": "GB-SRS", "id": "sample/1"}, (None, None)),
            ({"scheme": "UA-EDR", "id": "0000000003"}, (None, None)),
            ({"scheme": "AU-ABN", "id": "11 000 000 000"}, ("AU-ABN", "11000000000")),
            ({}, (None, None)),
        ],
    )
    def test_numbers_of_registers(self, identifier: dict, register: tuple) -> None:
        assert register_of({"identifier": identifier}) == register

    @pytest.mark.parametrize(
        ("row", "person"),
        [
            *[({"name": "Pat Example"}, True), ({"name": "Pat Q. van Example"}, True), ({"name": "ФОП Зразкова Особа"}, True)],
            *[({"name": "Contoh Foods Ltd"}, False), ({"name": "CONTOH TECHNOLOGIES"}, False), ({"name": "Contohfood"}, False)],
            *[({"name": "Pat & Co"}, False), ({"name": "Pat Example t/a Contoh Catering"}, True), ({"name": "Contoh 24 Seven"}, False)],
            *[({"name": "Transgourmet Valenton"}, False), ({"name": "Mag Prim"}, False), ({"name": "J. Contoh"}, True)],
            *[({"name": "Mr Contoh"}, True), ({"name": "Contoh Maria"}, True), ({"name": "John Contoh Foods"}, False)],
            ({"name": "Pat Example", "identifier": {"scheme": "GB-COH", "id": "01234567"}}, False),
            ({"name": "Pat Example", "identifier": {"scheme": "AU-ABN", "id": "11000000000"}}, True),
            ({"name": "Зразкова Особа", "identifier": {"scheme": "UA-EDR", "id": "0000000003"}}, True),
            ({"name": "Зразкова Назва", "identifier": {"scheme": "UA-EDR", "id": "00000003"}}, False),
            ({"name": "Avelino Exemplo, Pinturas", "identifier": {"scheme": "PT-NIPPC", "id": "152744800"}}, True),
        ],
    )
    def test_sole_traders(self, row: dict, person: bool) -> None:
        assert is_person(row) is person


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "status", "amount", "x"]), inner, max_size=3)
    ),
    max_leaves=10,
)
PLACES = (
    *[("parties",), ("buyer",), ("awards",), ("contracts",), ("tag",), ("date",), ("language",), ("links",), ("parties", 0, "address")],
    *[("parties", 0, field) for field in ("id", "name", "roles", "identifier", "additionalIdentifiers", "contactPoint", "details")],
    *[("parties", 0, "contactPoint", field) for field in ("name", "email", "telephone")],
    *[("awards", 0, field) for field in ("id", "status", "suppliers", "value", "date", "items", "relatedLots", "title")],
    *[("contracts", 0, field) for field in ("id", "awardID", "status", "value", "items", "dateSigned", "title")],
    *[("tender", field) for field in ("id", "status", "value", "items", "classification", "additionalClassifications", "tenderPeriod")],
    *[("tender", "items", 0, field) for field in ("classification", "quantity", "unit", "description")],
)
WHOLE = {
    **release(buyer={"id": "b1", "name": "Contoh Council"}, awards=[AWARD], contracts=[{"id": "c1", "awardID": "a1"}]),
    "parties": [{"id": "s1", "name": "Contoh Foods Ltd", "roles": ["supplier"], "contactPoint": {"email": "sales@contoh.example"}}],
    "tender": {"id": "t1", "title": "Sauces", "items": [{"id": "1", "classification": {"scheme": "CPV", "id": "15871260"}}]},
}


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(PLACES), value=ANY)
def test_anything_anywhere_in_a_release_harms_only_itself(place: tuple, value: object) -> None:
    odd = json.loads(json.dumps(WHOLE))
    at = odd
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    found = [one for one in read({"releases": [odd, release(ocid="ocds-2")]}) if isinstance(one, Notice)]
    assert "ocds-2" in {one.key for one in found}
    repr(found).encode("utf-8")


def answered(request: Request, body: object, url: str | None = None) -> TextResponse:
    return TextResponse(url or request.url, body=json.dumps(body).encode(), encoding="utf-8", request=request)


def issues_of(spider: object) -> list[tuple[str, bool]]:
    return [(issue.kind, issue.broken) for _, issue, _ in spider.issues]


class TestWalk:
    def test_windows(self) -> None:
        cf = [one.url for one in ContractsFinder(products=PRODUCTS, as_of=AS_OF).first_requests()]
        assert cf[0].endswith("?limit=100&publishedFrom=2026-11-13&publishedTo=2026-11-20&stages=tender,award")
        assert cf[1].endswith("?limit=100&publishedFrom=2026-11-06&publishedTo=2026-11-13&stages=tender,award")
        fts = [one.url for one in FindATender(products=PRODUCTS, as_of=AS_OF).first_requests()]
        assert len(fts) == 28
        assert fts[0].endswith("?limit=100&updatedFrom=2026-11-19T18:00:00&updatedTo=2026-11-20T00:00:00")
        assert fts[-1].endswith("updatedFrom=2026-11-13T00:00:00&updatedTo=2026-11-13T06:00:00")
        au = [one.url for one in AusTender(products=PRODUCTS, as_of=AS_OF).first_requests()]
        assert len(au) == DAYS
        assert au[0].endswith("/contractPublished/2026-11-19T00:00:00Z/2026-11-19T23:59:59Z")
        za = [one.url for one in EtendersZa(products=PRODUCTS, as_of=AS_OF).first_requests()]
        assert za[0].endswith("?PageNumber=1&PageSize=200&dateFrom=2026-11-13&dateTo=2026-11-20")

    def test_contracts_finder_waits_five_minutes_after_a_403(self) -> None:
        assert (ContractsFinder.about.retry_403, ContractsFinder.about.wait_403) == (2, 300.0)
        assert FindATender.about.pace.delay >= 120 / 12

    @pytest.mark.parametrize(
        ("link", "next_url"),
        [
            ("https://www.find-tender.service.gov.uk/api/1.0/ocdsReleasePackages?cursor=b", "...?cursor=b"),
            ({"href": "https://www.find-tender.service.gov.uk/api/1.0/ocdsReleasePackages?cursor=b"}, "...?cursor=b"),
            ("/api/1.0/ocdsReleasePackages?cursor=b", "...?cursor=b"),
            (None, None),
            ("", None),
        ],
    )
    def test_follows_the_next_link(self, link: object, next_url: str | None) -> None:
        spider = FindATender(products=PRODUCTS, as_of=AS_OF)
        request = next(spider.first_requests())
        found = list(spider.next_requests(answered(request, {"releases": [], "links": {"next": link}})))
        assert [one.url.replace(request.url.split("?")[0], "...") for one in found] == ([next_url] if next_url else [])
        assert all(one.meta["page"] == 2 and one.errback for one in found)

    @pytest.mark.parametrize(
        "link",
        ["https://evil.example/api/x", "http://www.find-tender.service.gov.uk/api/x", "https://www.find-tender.service.gov.uk/Login"],
    )
    def test_never_leaves_the_api(self, link: str) -> None:
        spider = FindATender(products=PRODUCTS, as_of=AS_OF)
        assert list(spider.next_requests(answered(next(spider.first_requests()), {"releases": [], "links": {"next": link}}))) == []
        assert issues_of(spider) == [("foreign_link", True)]

    def test_a_next_page_of_another_type_is_a_bad_answer(self) -> None:
        with pytest.raises(BadAnswer, match="next page is list"):
            next_link({"links": {"next": ["x"]}})

    def test_the_ceiling_is_reported(self) -> None:
        spider = FindATender(products=PRODUCTS, as_of=AS_OF)
        request = next(spider.first_requests())
        request.meta["page"] = FindATender.max_pages
        body = {"releases": [], "links": {"next": "https://www.find-tender.service.gov.uk/api/1.0/ocdsReleasePackages?cursor=b"}}
        assert list(spider.next_requests(answered(request, body))) == []
        assert issues_of(spider) == [("partial_answer", True)]

    def test_a_full_page_without_a_next_one_is_cut_off(self) -> None:
        spider = ContractsFinder(products=PRODUCTS, as_of=AS_OF)
        request = next(spider.first_requests())
        assert list(spider.next_requests(answered(request, {"releases": [{}] * 99}))) == []
        assert issues_of(spider) == []
        assert list(spider.next_requests(answered(request, {"releases": [{}] * 100}))) == []
        assert issues_of(spider) == [("partial_answer", True)]

    def test_a_page_that_does_not_come_makes_the_run_incomplete(self) -> None:
        spider = ContractsFinder(products=PRODUCTS, as_of=AS_OF)
        spider.page_failed(Failure(Refused("budget_requests")))
        assert issues_of(spider) == []  # the run says so itself
        spider.page_failed(Failure(TimeoutError("slow")))
        assert issues_of(spider) == [("partial_answer", True)]

    def test_linked_releases_are_asked_once_and_only_at_home(self) -> None:
        spider = FindATender(products=PRODUCTS, as_of=AS_OF)
        links = [{"url": f"https://{host}/r/1"} for host in ("www.find-tender.service.gov.uk", "evil.example")]
        body = {"records": [{"ocid": "ocds-1", "releases": links * 2}]}
        found = list(spider.next_requests(answered(next(spider.first_requests()), body)))
        assert [one.url for one in found] == ["https://www.find-tender.service.gov.uk/r/1"]


class TestProzorro:
    def feed(self, rows: list, after: str = "1") -> dict:
        return {"data": rows, "next_page": {"uri": f"https://public-api.prozorro.gov.ua/api/2.5/tenders?offset={after}"}}

    def row(self, number: int, *codes: str) -> dict:
        return {"id": f"{number:032x}", "items": [{"classification": {"scheme": "ДК021", "id": code}} for code in codes]}

    def test_opens_what_has_a_code_of_ours_and_goes_on(self) -> None:
        spider = Prozorro(products=PRODUCTS, as_of=AS_OF)
        rows = [self.row(1, "15870000-7"), self.row(2, "30200000-1"), self.row(3), {"id": "../../x"}, "row"]
        found = list(spider.next_requests(answered(next(spider.first_requests()), self.feed(rows))))
        assert [one.url.split("/tenders")[1] for one in found] == [
            f"/{1:032x}?opt_schema=ocds",
            f"/{3:032x}?opt_schema=ocds",  # no items shown: only the procedure itself can tell
            "?offset=1",
        ]

    def test_an_empty_page_ends_it(self) -> None:
        spider = Prozorro(products=PRODUCTS, as_of=AS_OF)
        assert list(spider.next_requests(answered(next(spider.first_requests()), self.feed([])))) == []

    def test_the_ceiling_is_reported(self) -> None:
        spider = Prozorro(products=PRODUCTS, as_of=AS_OF)
        found = list(spider.next_requests(answered(next(spider.first_requests()), self.feed([self.row(n) for n in range(1, 400)]))))
        assert len(found) == MAX_DETAILS
        assert issues_of(spider) == [("partial_answer", False)]

    def test_a_feed_without_data_is_a_bad_answer(self) -> None:
        spider = Prozorro(products=PRODUCTS, as_of=AS_OF)
        with pytest.raises(BadAnswer, match="no data"):
            list(spider.read(Answer(body=b'{"releases": []}', url=next(spider.first_requests()).url)))


def test_portuguese_releases(corpus: Path) -> None:
    body = (corpus / "buyers/ocds/base_gov_pt_release_package.json").read_bytes()
    reads = list(read_releases(Answer(body=body, url="https://base.example/"), Publisher(country="PT", page="https://base.example/{ocid}")))
    found = [one for one in reads if isinstance(one, Notice)]
    assert Counter(type(one).__name__ for one in reads) == {"Notice": 100, "Issue": 1}
    assert {(one.kind, one.status, one.currency) for one in found} == {("award", "awarded", "EUR")}
    taps = next(one for one in found if one.key == "ocds-px0z7d-5052-5001-1/award-1")
    assert (taps.value, taps.published, taps.title[:23]) == (775.76, "2019-11-25", "Aquisição de torneiras ")
    assert [(one.name, one.role, one.registry_id) for one in taps.parties] == [
        ("Município de Lagoa", "tender_authority", "506804240"),
        ("Coelho & Quintas, Lda", "distributor", "501995978"),
    ]
    suppliers: list[Party] = [party for one in found for party in one.parties if party.role == "distributor"]
    assert len(suppliers) == 100
    assert sum(party.natural_person for party in suppliers) == 13  # their numbers begin with 1 or 2
    assert not any(party.natural_person and party.registry for party in suppliers)


class TestSeao:
    def listed(self, *names: str) -> dict:
        return {
            "success": True,
            "result": {"resources": [{"url": f"https://www.donneesquebec.ca/r/{at}/{name}"} for at, name in enumerate(names)]},
        }

    def test_asks_the_last_weeks_once_each(self) -> None:
        spider = Seao(products=PRODUCTS, as_of=AS_OF)
        days = ("20261012", "20261019", "20261026", "20261102", "20261109", "20261109", "20261123")
        names = [f"hebdo_{day}_20261130.json" for day in days]
        body = self.listed(*names, "mensuel_20260901_20260930.json", "schema.pdf")
        body["result"]["resources"].append({"url": "https://evil.example/hebdo_20261116_20261122.json"})
        found = list(spider.next_requests(answered(next(spider.first_requests()), body)))
        assert [one.url.split("/r/")[1] for one in found] == [f"1/{names[1]}", f"2/{names[2]}", f"3/{names[3]}", f"5/{names[4]}"]
        assert all(one.meta["download_maxsize"] > 17_000_000 and one.meta["source"] == "seao" and one.errback for one in found)
        assert list(spider.next_requests(answered(found[0], {"releases": []}))) == []

    def test_a_list_without_weeks_is_broken(self) -> None:
        spider = Seao(products=PRODUCTS, as_of=AS_OF)
        url = next(spider.first_requests()).url
        (issue,) = spider.read(Answer(body=json.dumps(self.listed("schema.pdf")).encode(), url=url))
        assert issue.broken
        with pytest.raises(BadAnswer, match="error in answer"):
            list(spider.read(Answer(body=b'{"success": false, "error": "busy"}', url=url)))


class TestRenamedFields:
    def test_a_field_that_is_gone_where_a_new_one_stands_is_named(self) -> None:
        release = {"ocid": "o-1", "id": "1", "date": "2026-11-01", "tender": {"id": "t", "titel": "Chili sauce", "description": "Sauce"}}
        said = [
            one for one in read_releases(ocds_answer({"releases": [release]}), Publisher(country="GB", page="")) if isinstance(one, Issue)
        ]
        assert Issue("new_field", "tender.titel") in said
        assert Issue("missing_field", "tender.title; new there: titel") in said

    def test_an_extension_alone_is_no_missing_field(self) -> None:
        release = {"ocid": "o-1", "id": "1", "date": "2026-11-01", "tender": {"title": "Chili sauce", "lots": [{"id": 1, "odd": 2}]}}
        said = [
            one for one in read_releases(ocds_answer({"releases": [release]}), Publisher(country="GB", page="")) if isinstance(one, Issue)
        ]
        assert said == []


def ocds_answer(document: object) -> Answer:
    return Answer(body=json.dumps(document).encode(), url="https://x.example/ocds")
