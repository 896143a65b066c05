"""Prices through time: only changes are kept, a re-post goes on, two offers of one shop stay two, other shops are shown beside."""

from datetime import UTC, datetime, timedelta

import pytest

from market_db.forgetting.market import forget_prices
from market_db.markets.offers import gtin_of, offers_of
from market_db.schema import open_market
from market_db.seen import Evidence, Listing, Party
from market_db.store import save_seen

DAY = datetime(2026, 11, 1, 2, tzinfo=UTC)
GTIN = "4006381333931"


def listing(key, day, price=3.5, *, shop="Toko Sari (contoh)", source="a-shop", **more):
    at = DAY + timedelta(days=day)
    stamp = Evidence(source=source, url=f"https://{source}.example/{key}", fetched_at=at, content_hash=f"{key}{day}{price}".ljust(64, "0"))
    about = {"name": "Sambal Oelek Extra Hot 340 g", "brand": "Contoh", "currency": "EUR", "net_grams": 340.0, "country": "NL"} | more
    seller = Party(name=shop, country="NL")
    return Listing(key=key, url=f"https://{source}.example/{key}", source=source, evidence=stamp, price=price, seller=seller, **about)


@pytest.fixture
def market(home):
    db = open_market(home)
    yield db
    db.close()


def see(db, *listings):
    for one in listings:
        at = one.evidence.fetched_at
        save_seen(db, [one], run_id=f"{at:%Y%m%dT%H%M%SZ}-crawl", now=at)


def offers(db, source="a-shop"):
    return offers_of(db, [key for (key,) in db.conn.execute("select id from listings where source=?", (source,))])


def asked(offer):
    return [(point.at[:10], point.price) for point in offer.prices]


def test_only_changes_are_kept_with_the_day_and_the_evidence(market):
    see(market, *(listing("1", day, price) for day, price in ((0, 3.5), (1, 3.5), (2, 3.9), (3, 3.9), (4, 3.5))))
    (offer,) = offers(market)
    assert asked(offer) == [("2026-11-01", 3.5), ("2026-11-03", 3.9), ("2026-11-05", 3.5)]
    assert all(point.evidence_id for point in offer.prices)
    assert offer.reposts == 0


def test_a_new_rate_alone_is_no_change_of_price(market):
    see(market, listing("1", 0, price_usd_kg=11.0), listing("1", 1, price_usd_kg=11.2))
    assert len(offers(market)[0].prices) == 1


def test_a_repost_goes_on_with_the_history(market):
    see(market, listing("1", 0, 3.5), listing("1", 1, 3.9), listing("2", 2, 3.9), listing("2", 3, 4.2), listing("3", 4, 4.2))
    (offer,) = offers(market)
    assert asked(offer) == [("2026-11-01", 3.5), ("2026-11-02", 3.9), ("2026-11-04", 4.2)]
    assert offer.reposts == 2
    assert offer.url.endswith("/3")
    assert (offer.first_seen[:10], offer.last_seen[:10]) == ("2026-11-01", "2026-11-05")


def test_the_same_goods_twice_at_one_time_are_two_offers(market):
    see(market, listing("1", 0), listing("2", 0, 3.7), listing("1", 1), listing("2", 1, 3.7))
    assert sorted(asked(offer)[0][1] for offer in offers(market)) == [3.5, 3.7]


def test_a_listing_that_comes_back_was_never_posted_again(market):
    see(market, listing("1", 0), listing("2", 2), listing("1", 3))
    assert len(offers(market)) == 2


@pytest.mark.parametrize("change", [{"name": "Sambal Badjak Extra Hot 340 g"}, {"net_grams": 750.0}, {"shop": "Toko Lain (contoh)"}])
def test_other_goods_another_pack_or_another_seller_are_no_repost(market, change):
    see(market, listing("1", 0), listing("2", 2, **change))
    assert [offer.reposts for offer in offers(market)] == [0, 0]


def test_the_same_goods_in_other_shops_by_number_or_by_brand_words_and_content(market):
    see(
        market,
        listing("1", 0, gtin=GTIN),
        listing("9", 0, 4.1, source="b-shop", shop="Asia Winkel (contoh)", name="Chilli paste", brand=None, gtin=f"0{GTIN}"),
        listing("8", 0, 4.4, source="c-shop", shop="Nusantara (contoh)", name="EXTRA HOT Sambal Oelek 340 g"),
        listing("7", 0, 9.0, source="c-shop", shop="Nusantara (contoh)", name="EXTRA HOT Sambal Oelek 340 g", net_grams=1000.0),
    )
    (offer,) = offers(market)
    assert [(one.shop, one.by, one.price) for one in offer.elsewhere] == [
        ("Asia Winkel (contoh)", "gtin", 4.1),
        ("Nusantara (contoh)", "name", 4.4),
    ]
    assert offer.reposts == 0


def test_a_shop_is_never_elsewhere_to_itself(market):
    see(market, listing("1", 0), listing("2", 0))
    assert all(not offer.elsewhere for offer in offers(market))


def test_prices_of_what_is_forgotten_go_with_it(market):
    see(market, listing("1", 0))
    with market.atomic():
        market.conn.execute("delete from listings")
        forget_prices(market)
    assert market.conn.execute("select (select count(*) from price_history) + (select count(*) from listing_keys)").fetchone()[0] == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (GTIN, "04006381333931"),
        ("400638133393", None),
        ("4006381333930", None),
        ("0000000000000", None),
        ("73513537", "00000073513537"),
        ("036000291452", "00036000291452"),
        ("2012345678900", None),
        ("0212345678900", None),
        (None, None),
        ("abc", None),
        ("9" * 5_000, None),
    ],
)
def test_numbers_of_goods(text, found):
    assert gtin_of(text) == found
