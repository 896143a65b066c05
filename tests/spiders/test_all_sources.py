"""The audit: every source has a whole passport and a fixture, keeps the manners, and is found by the catalogue."""

import sys
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from market_db.companies.known import KnownCompany
from market_db.products import load_products
from spiders import catalogue
from spiders.base.company_check import CompanyCheck
from spiders.base.spider import TembusSpider
from spiders.catalogue import NamedTwice, load_spiders
from spiders.keys import asks_for_key, forms_of
from spiders.source import IncompletePassport, Pace

FIXTURES = Path(__file__).parent / "fixtures"
AS_OF = date(2026, 11, 20)
SOURCES = load_spiders()

FLOORS = {
    "uk_trade_info": 1.0,  # 60 requests a minute
    "bronnoysund": 1.0,  # no rate published; one a second
    "ted": 1.0,  # no rate published; one a second
    "un_comtrade": 1.5,  # one a second is refused half the time
    "openstreetmap": 5.0,  # two slots an address
    "recherche_entreprises": 0.5,  # 7 requests a second an address
    "prh_finland": 1.0,  # no rate published; one a second
    "ares_czechia": 1.5,  # no rate published
    "companies_house": 1.0,  # 600 requests in five minutes
    "openfda": 1.0,  # 240 a minute without a key
    "wikipedia_views": 0.5,  # 200 a minute with a contact in the User-Agent
    "open_food_facts": 6.0,  # ten searches a minute, else the address is shut out
}
"""Least delay of APIs, with the reason; any other source keeps the delay of pages."""


FIRMS = (KnownCompany("Toko Rasa (contoh) B.V.", "NL", (("eu-vat", "NL123456789B01"),), "https://tokorasa.example"),)


def made(name: str) -> TembusSpider:
    """A source as a night makes it; those that are asked about firms are given one."""
    more = {"companies": FIRMS} if issubclass(SOURCES[name], CompanyCheck) else {}
    return SOURCES[name](products=load_products().values(), as_of=AS_OF, **more)


def test_first_wave_is_there() -> None:
    assert {"uk_trade_info", "bronnoysund", "ted", "openstreetmap", "un_comtrade"} <= set(SOURCES)
    assert list(SOURCES) == sorted(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
class TestPassport:
    def test_is_whole(self, name: str) -> None:
        about = SOURCES[name].about
        assert all((about.title, about.publisher, about.licence, about.attribution, about.personal_data))
        assert about.home.startswith("https://")
        assert about.terms_url.startswith("https://")
        assert all(len(code) == 2 and code.isupper() for code in about.countries)

    def test_terms_were_read_within_a_year(self, name: str) -> None:
        read = SOURCES[name].about.terms_read
        assert read is None or date(2026, 11, 25) - timedelta(days=365) <= read

    def test_delay_keeps_the_floor(self, name: str) -> None:
        pace = SOURCES[name].about.pace
        assert pace.delay >= FLOORS.get(name, Pace().delay)
        assert pace.concurrency == 1
        assert 0 < pace.max_requests <= 500

    def test_robots_is_not_lowered(self, name: str) -> None:
        spider = SOURCES[name]
        assert spider.about.api_robots is None or spider.about.api
        assert not {"ROBOTSTXT_OBEY", "DOWNLOAD_DELAY", "USER_AGENT", "DOWNLOADER_MIDDLEWARES"} & set(spider.custom_settings or {})

    def test_expectations_are_sane(self, name: str) -> None:
        expect = SOURCES[name].about.expect
        assert (0 if issubclass(SOURCES[name], CompanyCheck) else 1) <= expect.least < expect.most <= 1_000_000

    def test_has_a_fixture_with_licence(self, name: str) -> None:
        assert list((FIXTURES / name).glob("*/expected.json"))
        assert (FIXTURES / name / "LICENCE.txt").read_text("utf-8").strip()

    def test_asks_only_hosts_of_the_passport(self, name: str) -> None:
        spider = made(name)
        requests = list(spider.first_requests())
        assert requests
        for request in requests:
            assert request.url.split("/")[2] in spider.about.hosts
            assert request.meta["source"] == name
            assert request.method == "GET" or request.url.split("/")[2] in spider.about.post_hosts

    def test_asks_the_same_for_the_same_day(self, name: str) -> None:
        asked = [[(r.url, r.body) for r in made(name).first_requests()] for _ in range(2)]
        assert asked[0] == asked[1]

    def test_keeps_its_key_out_of_what_it_asks(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        variable = SOURCES[name].about.key_env
        if variable is None:
            assert not any(asks_for_key(request) for request in made(name).first_requests())
            return
        monkeypatch.setenv(variable, "office@x.example:GEHEIM-42")
        for request in made(name).first_requests():
            assert asks_for_key(request)
            queued = repr(request.replace(callback=None, errback=None).to_dict())  # what a queue on disk holds
            assert not [form for form in forms_of("office@x.example:GEHEIM-42") if form in queued]

    def test_asks_nothing_without_products(self, name: str) -> None:
        assert list(SOURCES[name](as_of=AS_OF).first_requests()) == []


@pytest.fixture
def one_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("spiders.registers.made_up")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(catalogue, "_modules", lambda: iter([module]))
    return module


def make_spider(module: ModuleType, class_name: str, **fields: object) -> None:
    setattr(module, class_name, type(class_name, (TembusSpider,), {"__module__": module.__name__, **fields}))


def test_source_without_passport_stops_the_start(one_module: ModuleType) -> None:
    make_spider(one_module, "Nameless")
    with pytest.raises(IncompletePassport, match="Nameless has no name"):
        load_spiders()
    del one_module.Nameless
    make_spider(one_module, "NoPassport", name="no_passport")
    with pytest.raises(IncompletePassport, match=r"no_passport .*set about"):
        load_spiders()


def test_two_sources_of_one_name_stop_the_start(one_module: ModuleType) -> None:
    about = SOURCES["ted"].about
    make_spider(one_module, "First", name="same", about=about)
    make_spider(one_module, "Second", name="same", about=about)
    with pytest.raises(NamedTwice, match="same"):
        load_spiders()


def test_private_and_imported_classes_are_no_sources(one_module: ModuleType) -> None:
    make_spider(one_module, "_Base")
    one_module.Ted = SOURCES["ted"]
    assert load_spiders() == {}
