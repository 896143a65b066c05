"""How a lead's values were read, and what to look at before writing to it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from market_db.companies.mentions import load_mentions
from market_db.cues import cues_of, upfront_fee
from market_db.derived import Company, CompanyContact
from market_db.home import open_home
from market_db.judged import judged_values
from market_db.markets.shelf import ShelfPrice, shelf_of
from market_db.rebuild import save_companies
from market_db.schema import open_market
from market_db.seen import Evidence, Listing, Notice, Party
from market_db.store import save_seen

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
RUN = "20261125T013000Z-aaaa"
SEEN = NOW.isoformat(timespec="seconds")


def evidence(key):
    return Evidence(source="board", url=f"https://b.example/{key}", fetched_at=NOW, content_hash=key * 64)


def request(key, name, title="Need 20 tons of sambal", description="Please offer.", kind="rfq"):
    party = Party(name=name, country="NL", country_text="Nederland", country_basis="stated", role="importer", role_proof="we import sauces")
    return Notice(
        key=key, kind=kind, title=title, description=description, url=f"https://b.example/{key}", source="board", evidence=evidence(key),
        parties=(party,), product="sambal", relevance=0.8, relevance_why=("name names it: sambal",),
        deadline_text="13 Juli 2027 pukul 15:00", deadline="2027-07-13T15:00:00+07:00", language="en", language_text="en",
    )  # fmt: skip


def offer(key, per_kg):
    party = Party(name="Toko Lain (contoh)", country="NL", country_basis="site")
    return Listing(
        key=key, name=f"Sambal {key}", url=f"https://b.example/{key}", source="board", evidence=evidence(key), seller=party, country="NL",
        product="sambal", relevance=0.7, relevance_why=("name names it: sambal",), price_text=f"€ {per_kg}", price=per_kg, currency="EUR",
        price_usd_kg=per_kg, rate_date="2026-11-24", net_grams=1000.0, language="nl",
    )  # fmt: skip


def contact(kind, value, sources=1, company="c1"):
    return CompanyContact(
        company_id=company, kind=kind, value=value, raw=value, first_seen=SEEN, last_seen=SEEN, sources=sources, evidence_id="e"
    )


def company(number, name, members=(), contacts=(), country="NL"):
    unknown = dict.fromkeys(("city", "address", "postcode", "latitude", "longitude", "since_run"))
    return Company(
        id=number, name=name, names=(name,), country=country, roles=("importer",), sources=("board",), licences_share_alike=False,
        first_seen=SEEN, last_seen=SEEN, member_ids=tuple(members), contacts=tuple(contacts), **unknown,
    )  # fmt: skip


@pytest.fixture
def market(tmp_path):
    db = open_market(open_home(tmp_path / "home"))
    yield db
    db.conn.close()


def kinds(cues):
    return [cue.kind for cue in cues]


def test_a_country_told_by_a_city_shows_the_address(market):
    told = request("1", "Firma Satu (contoh)")
    party = replace(told.parties[0], country="DE", country_text=None, country_basis="city", address="Musterstraße 12, 20095 Hamburg")
    save_seen(market, [replace(told, parties=(party,))], run_id=RUN, now=NOW)
    (mention,) = load_mentions(market)
    found = {judged.field: judged for judged in judged_values(market, [mention])}
    assert (found["country"].value, found["country"].raw, found["country"].rule) == ("DE", "Musterstraße 12, 20095 Hamburg", "city")


def test_each_judged_value_has_its_text_its_rule_and_its_evidence(market):
    save_seen(market, [request("1", "Firma Satu (contoh)")], run_id=RUN, now=NOW)
    (mention,) = load_mentions(market)
    found = {judged.field: judged for judged in judged_values(market, [mention])}
    assert (found["country"].value, found["country"].raw, found["country"].rule) == ("NL", "Nederland", "stated")
    assert (found["role"].value, found["role"].raw, found["role"].rule) == ("importer", "we import sauces", "proof")
    assert (found["relevance"].raw, found["relevance"].detail) == ("Need 20 tons of sambal", "name names it: sambal")
    assert (found["deadline"].value, found["deadline"].raw) == ("2027-07-13T15:00:00+07:00", "13 Juli 2027 pukul 15:00")
    assert found["language"].rule == "declared"
    assert {judged.evidence_id for judged in found.values()} == {evidence("1").id}


def test_a_price_beyond_three_times_the_median_is_flagged_and_kept(market):
    save_seen(market, [*(offer(str(n), 10.0 + n) for n in range(1, 7)), offer("9", 40.0)], run_id=RUN, now=NOW)
    mentions = list(load_mentions(market))
    prices = {judged.value: judged for judged in judged_values(market, mentions) if judged.field == "price"}
    assert len(prices) == 7
    assert [value for value, judged in prices.items() if judged.rule == "far_off"] == ["40 EUR"]
    assert prices["40 EUR"].raw == "€ 40.0"
    assert prices["40 EUR"].detail.endswith(" x")


@pytest.mark.parametrize(("factor", "odd"), [(2.4, False), (3.1, True), (1 / 2.4, False), (1 / 3.1, True)])
@pytest.mark.parametrize("spread", [0.0, 0.9])
def test_outliers_either_way_however_far_shelves_differ(factor, odd, spread):
    price = ShelfPrice(
        name="x", url="u", source="s", evidence_id="e", seen="2026-11-25", usd_kg=10.0, price=1.0, currency="USD", grams=300.0
    )
    others = [replace(price, usd_kg=10.0 * (1 + spread) ** step, url=str(step)) for step in (-1, -0.5, 0, 0, 0.5, 1)]
    shelf = shelf_of([*others, replace(price, usd_kg=10.0 * factor, url="odd")])
    assert {found.url: found.odd for found in shelf.prices}["odd"] == ("far_off" if odd else None)
    assert len(shelf.prices) == 7


def test_kilograms_and_litres_are_never_compared():
    price = ShelfPrice(
        name="x", url="u", source="s", evidence_id="e", seen="2026-11-25", usd_kg=10.0, price=1.0, currency="USD", grams=300.0
    )
    litre = replace(price, usd_kg=50.0, by_litre=True, url="l")
    assert {found.odd for found in shelf_of([price] * 6 + [litre]).prices} == {None}


def test_the_same_request_under_many_names(market):
    save_seen(market, [request("1", "Firma Satu (contoh)"), request("2", "Firma Dua (contoh)")], run_id=RUN, now=NOW)
    first = [mention for mention in load_mentions(market) if mention.name == "Firma Satu (contoh)"]
    (cue,) = cues_of(market, company("c1", "Firma Satu (contoh)"), tuple(first))
    assert (cue.kind, cue.values["n"], cue.evidence_ids) == ("repeated_request", "2", (evidence("1").id,))


def test_another_text_is_another_request(market):
    save_seen(market, [request("1", "Firma Satu (contoh)"), request("2", "Firma Dua (contoh)", description="5 tons.")], run_id=RUN, now=NOW)
    assert cues_of(market, company("c1", "Firma Satu (contoh)"), tuple(load_mentions(market))) == []


def test_one_phone_under_many_names(market):
    phone = contact("phone", "+31205550100", sources=2)
    mine = company("c1", "Firma Satu (contoh)", contacts=[phone])
    save_companies(
        market,
        [mine, company("c2", "Firma Dua (contoh)", contacts=[replace(phone, company_id="c2")])],
        gone=[],
        merged={},
        matches=[],
        refresh_id="r",
    )
    (cue,) = cues_of(market, mine, ())
    assert (cue.kind, cue.values["names"]) == ("shared_phone", "Firma Dua (contoh)")


def test_free_mail_of_a_large_buyer_and_a_phone_abroad(market):
    save_seen(market, [request("1", "Firma Satu (contoh)")], run_id=RUN, now=NOW)
    contacts = [contact("email", "sales@gmail.com", sources=2), contact("phone", "+4930123456", sources=1)]
    found = cues_of(market, company("c1", "Firma Satu (contoh)", contacts=contacts), tuple(load_mentions(market)))
    assert kinds(found) == ["free_mail", "one_source", "country_conflict"]
    assert found[-1].values == {"contact": "+4930123456", "told": "DE", "country": "NL"}


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("We buy sambal. A registration fee of USD 300 is due first. Thank you.", "A registration fee of USD 300 is due first"),
        ("Pemasok wajib membayar biaya di muka. Terima kasih.", "Pemasok wajib membayar biaya di muka"),
        ("Des frais de dossier sont demandés.", "Des frais de dossier sont demandés"),
        ("Payment by Western Union only", "Payment by Western Union only"),
        ("需要注册费。谢谢", "需要注册费"),
        ("Требуется регистрационный сбор", "Требуется регистрационный сбор"),
        ("Offer CIF Rotterdam, payment 30 days", None),
        ("", None),
    ],
)
def test_money_asked_in_advance_is_quoted(text, quote):
    assert upfront_fee(text) == quote
