"""Tables for each step: what it reads, what it leaves unknown, what it refuses."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.desk.store import Suppressed
from market_db.forgetting.silence import Silence
from market_db.products import ProductType
from market_db.seen import Evidence, Listing, Observation, Party, Refusal, TradeFlow, parties_of
from pipelines import rejections
from pipelines.checking import check
from pipelines.cleaning import clean
from pipelines.contacts import keep_business_contacts
from pipelines.context import Context, SourceHint
from pipelines.language import detect_language
from pipelines.placing import place_party, read_place
from pipelines.pricing import read_price_of
from pipelines.rejections import Rejection
from pipelines.relevance import keep_relevant, trades
from pipelines.roles import name_role, role_of_code, role_of_words
from pipelines.steps import STEPS, run_steps, steps_over


def refused(step, record, context):
    with pytest.raises(Rejection) as caught:
        step(record, context)
    return caught.value.reason


FLOW = TradeFlow(
    key="k", url="https://t.example", source="s", reporter="NLD", partner="WLD", flow="import", hs_code="210390", period="2025", value=1.0
)


COFFEE = ProductType(key="ground_coffee", names={"id": "Kopi bubuk", "en": "Ground coffee"}, terms={"en": ("ground coffee",)})


# --- check


@pytest.mark.parametrize(
    ("kind", "more", "reason"),
    [
        ("listing", {"key": " "}, "NoKey"),
        ("listing", {"key": "a\ud800"}, "NoKey"),
        ("listing", {"source": ""}, "NoKey"),
        ("listing", {"url": "javascript:alert(1)"}, "BadUrl"),
        ("listing", {"url": "ftp://x.example"}, "BadUrl"),
        ("listing", {"url": "https://x.example/" + "a" * 3000}, "BadUrl"),
        ("listing", {"url": "https://x.example/\ud800"}, "BadUrl"),
        ("listing", {"name": ""}, "NoName"),
        ("listing", {"name": "\u200b \u202e"}, "NoName"),
        ("listing", {"name": "n/a"}, "NoName"),
        ("notice", {"title": "  "}, "NoName"),
        ("registration", {"party": Party(name="unknown")}, "NoName"),
        ("place", {"party": Party(name="")}, "NoName"),
    ],
)
def test_check_refuses(record, context, kind, more, reason):
    assert refused(check, record(kind, **more), context) == reason


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"reporter": "EU27_2020"}, "Aggregate"),
        ({"reporter": "WLD"}, "Aggregate"),
        ({"value": -1.0}, "ImplausibleNumber"),
        ({"value": float("nan")}, "ImplausibleNumber"),
        ({"net_kg": float("inf")}, "ImplausibleNumber"),
        ({"value": 1e16}, "ImplausibleNumber"),
        ({"period": "2027"}, "FutureDate"),
        ({"period": "2026-12"}, "FutureDate"),
        ({"hs_code": "ALL"}, "NoKey"),
        ({"hs_code": "2103.90"}, "NoKey"),
    ],
)
def test_check_refuses_flows(context, more, reason):
    assert refused(check, replace(FLOW, **more), context) == reason


def test_this_month_is_no_future(context):
    assert check(replace(FLOW, period="2026-11"), context).period == "2026-11"
    assert check(replace(FLOW, partner="WLD"), context) is not None


def test_numbers_and_refusals_of_days_to_come_are_refused(context):
    number = Observation(key="k", url="https://x.example", source="s", metric="pop", period="2027-01", value=1.0, unit="persons")
    assert refused(check, number, context) == "FutureDate"
    notice = Refusal(key="k", url="https://x.example", source="s", reason="colour", date="2027-01-01")
    assert refused(check, notice, context) == "FutureDate"


# --- clean


def test_clean_takes_out_what_hides_and_keeps_ids(record, context):
    found = clean(record("listing", key=" a ", name="Sam\u200bbal \u202eoelek\x00  ", brand="\u00a0", description="x" * 9000), context)
    assert (found.name, found.brand, found.key) == ("Sambal oelek", None, " a ")
    assert len(found.description) == 2000


def test_clean_of_clean_text_changes_nothing(record, context):
    listing = record("listing", description="Sambal, rood", category=("A", "B"))
    assert clean(listing, context) is listing


def test_people_are_taken_out_of_free_text_and_counted(record, context):
    found = clean(record("listing", description="Write jan.jansen@firm.nl or info@firm.nl"), context)
    assert found.description == "Write [...] or info@firm.nl"
    assert context.dropped.counts["source", "personal_email"] == 1


@pytest.mark.parametrize(
    ("printed", "published"),
    [("2026-11-20", "2026-11-20"), ("20 November 2026", "2026-11-20"), ("November", None), ("on:", None), (None, None)],
)
def test_dates_need_day_month_and_year(record, context, printed, published):
    assert clean(record("notice", published_text=printed), context).published == published


def test_a_notice_of_a_day_to_come_is_refused_beyond_the_zones(record, context):
    assert clean(record("notice", published="2026-11-26"), context).published == "2026-11-26"
    assert refused(clean, record("notice", published="2026-11-27"), context) == "FutureDate"


@pytest.mark.parametrize(
    ("lat", "lon", "kept"), [(52.1, 4.3, True), (0.0, 0.0, False), (91.0, 4.0, False), (52.0, None, False), (1.0, 200.0, False)]
)
def test_positions_off_the_globe_are_unknown(record, context, lat, lon, kept):
    found = clean(record("place", latitude=lat, longitude=lon), context)
    assert (found.latitude, found.longitude) == ((lat, lon) if kept else (None, None))


# --- read_place


@pytest.mark.parametrize(
    ("party", "hint", "country", "basis"),
    [
        ({"country_text": "Nederland", "phones_text": ("+32 2 555 12 12",)}, "DE", "NL", "stated"),
        ({"country": "NO", "country_text": "Sweden"}, None, "NO", "stated"),
        ({"address": "Dorpsstraat 1, 2511 AB Den Haag, Nederland"}, "DE", "NL", "address"),
        ({"registry": "no-brreg"}, "DE", "NO", "register"),
        ({"registry": "osm"}, "DE", "DE", "site"),
        ({"phones_text": ("+31 20 555 0100",)}, None, "NL", "phone"),
        ({"phones_text": ("+31 20 555 0100", "+32 2 555 12 12"), "website": "https://firm.be"}, None, "BE", "tld"),
        ({"phones_text": ("020 555 0100",)}, None, None, None),
        ({"website": "https://firm.de/kontakt"}, None, "DE", "tld"),
        ({"website": "https://firm.com"}, None, None, None),
        ({"country_text": "Korea"}, None, None, None),
        ({"country_text": "Niger"}, None, "NE", "stated"),
        ({"country_text": "Nigeria"}, None, "NG", "stated"),
        ({"country_text": "Guinea"}, None, "GN", "stated"),
        ({"country_text": "Guinea-Bissau"}, None, "GW", "stated"),
        ({}, None, None, None),
    ],
)
def test_country_by_the_best_clue(party, hint, country, basis):
    found = place_party(Party(name="Firm (contoh)", **party), hint)
    assert (found.country, found.country_basis) == (country, basis)


def test_market_of_a_listing_and_country_of_a_notice(record, context):
    assert read_place(record("listing", source="toko"), context).country == "NL"
    assert read_place(record("listing", url="https://shop.de/p"), context).country == "DE"
    assert read_place(record("listing"), context).country is None
    assert read_place(record("notice", country_text="Norge"), context).country == "NO"
    assert read_place(record("notice", parties=(Party(name="Kommune (contoh)", country="SE"),)), context).country == "SE"


# --- read_price


@pytest.mark.parametrize(
    ("more", "price", "currency", "per_kg"),
    [
        ({"price_text": "2,49", "currency_text": "EUR"}, 2.49, "EUR", True),
        ({"price_text": "€ 2,49"}, 2.49, "EUR", True),
        ({"price_text": "2.49"}, 2.49, "EUR", True),
        ({"price": 2.49, "currency": "EUR"}, 2.49, "EUR", True),
        ({"price_text": "Rp 15.000", "currency_text": "IDR"}, 15000.0, "IDR", True),
        ({"price_text": "op aanvraag"}, None, None, False),
        ({"price": -1.0, "currency": "EUR"}, None, "EUR", False),
        ({"price": float("nan"), "currency": "EUR"}, None, "EUR", False),
        ({"price": 10.0, "currency": "XAU"}, 10.0, "XAU", False),
        ({"price_text": "€ 2,49", "name": "Sambal oelek"}, 2.49, "EUR", False),
        ({"price_text": "£ 2.49"}, 2.49, "GBP", True),
        ({"price_text": "kr 29"}, None, None, False),
        ({"price_text": "0.0012 BTC"}, None, None, False),
        ({"price_text": "2 voor 5 euro", "price_max": 9.0}, None, None, False),
        ({"price": 2.49, "currency_text": "BTC"}, 2.49, None, False),
        ({"price": 2.49, "currency_text": "kr"}, 2.49, None, False),
        ({"price": 1e308, "currency": "EUR", "list_price": 5.0}, None, "EUR", False),
    ],
)
def test_prices(record, context, more, price, currency, per_kg):
    found = read_price_of(record("listing", **{"source": "toko", "country": "NL", **more}), context)
    assert (found.price, found.currency) == (price, currency)
    assert (found.price_usd_kg is not None) is per_kg


def test_price_per_kg_is_dollars_over_kilograms(record, context):
    found = read_price_of(record("listing", name="Sambal 2 x 250 g", price=5.0, currency="USD"), context)
    assert (found.net_grams, found.price_usd_kg) == (500.0, 10.0)
    litre = read_price_of(record("listing", name="Hot sauce 500 ml", price=5.0, currency="USD"), context)
    assert (litre.net_millilitres, litre.price_usd_kg) == (500.0, 10.0)
    by_kg = read_price_of(record("listing", name="Sambal 250 g", price_text="$ 8.00/kg", currency_text="USD", country="US"), context)
    assert by_kg.price_usd_kg == 8.0


def test_value_of_a_notice(record, context):
    found = read_price_of(record("notice", value_text="NOK 1 250 000", country="NO"), context)
    assert (found.value, found.currency) == (1_250_000.0, "NOK")


# --- detect_language


@pytest.mark.parametrize(
    ("more", "language"),
    [
        ({"language_text": "nl-NL"}, "nl"),
        ({"language": "de", "language_text": "nl"}, "de"),
        ({"name": "ซอสพริกศรีราชา"}, "th"),
        ({"name": "Sambal"}, None),
    ],
)
def test_language(record, context, more, language):
    assert detect_language(record("listing", **more), context).language == language


def test_language_is_the_same_every_time(record, context):
    text = record("listing", name="Sambal", description="Deze sambal is gemaakt van verse rode pepers en lekker bij nasi en bami.")
    assert len({detect_language(text, context).language for _ in range(10)}) == 1


# --- keep_relevant


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("Sambal oelek 200 g", "nl"),
        ("Sweet Chili Sauce for Chicken", "en"),
        ("Chicken sweet chili sauce", "en"),
        ("Sambal with shrimp", "en"),
        ("Sambal teri", "id"),
        ("Sauce pimentée", "fr"),
        ("น้ำจิ้มไก่", "th"),
        ("辣椒酱 280g", "zh"),
        ("Sriracha", None),
        ("Sladká chilli omáčka", "cs"),
        ("ABC Sambal Asli - Hot Chili Sauce 335ml", None),
    ],
)
def test_names_of_the_product(record, context, name, language):
    found = keep_relevant(record("listing", name=name, language=language), context)
    assert found.product == "sambal"
    assert found.relevance >= 0.65
    assert found.relevance_why[0].startswith("name names it")


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("Beans in chili sauce", "en"),
        ("Sambal crisps", "en"),
        ("Keripik sambal", "id"),
        ("Mie goreng rasa sambal", "id"),
        ("Sambal goreng kentang", "id"),
        ("Haricots en sauce piquante", "fr"),
        ("Bönor i chilisås", "sv"),
        ("Peppercorn sauce", "en"),
        ("Sauce au poivre", "fr"),
        ("Hot sauce flavoured crisps", "en"),
        ("Sriracha mayo", "en"),
        ("Spring rolls with sweet chili sauce", "en"),
        ("Beef tongue with sauce piquante", None),
        ("Rice 5 kg", "en"),
        ("Ketchup", None),
    ],
)
def test_names_of_other_goods(record, context, name, language):
    assert refused(keep_relevant, record("listing", name=name, language=language), context) == "OtherProduct"


@pytest.mark.parametrize(
    ("more", "relevance"),
    [
        ({"name": "Original 57 ml", "category": ("Food", "Hot Sauce")}, 0.55),
        ({"name": "Original 57 ml", "category": ("Food", "Hot Sauce"), "brand": "Cholula"}, 0.6),
        ({"name": "Sambal oelek", "category": ("Food", "Sambal")}, 0.95),
    ],
)
def test_other_proofs_add_up(record, context, more, relevance):
    assert keep_relevant(record("listing", **more), context).relevance == relevance


@pytest.mark.parametrize(
    "more",
    [
        {"name": "Original 57 ml", "brand": "Cholula"},
        {"name": "Original 57 ml", "description": "goes well with hot sauce"},
        {"name": "Habanero seeds", "category": ("Hot Sauce",)},
        {"name": "Original 57 ml", "category": ("Hot Sauce", "Gifts", "Mugs")},
    ],
)
def test_weak_proofs_do_not(record, context, more):
    assert refused(keep_relevant, record("listing", language="en", **more), context) == "OtherProduct"


@pytest.mark.parametrize(
    ("kind", "more", "relevance"),
    [
        ("notice", {"title": "Levering av matvarer", "codes": ("cpv:15871260",)}, 0.9),
        ("notice", {"title": "Levering av matvarer", "codes": ("cpv:15870000",)}, 0.3),
        ("notice", {"title": "Mess provisions", "codes": ("unspsc:50171830",)}, 0.9),
        ("notice", {"title": "Mess provisions", "codes": ("gsin:N8950", "unspsc:50171800")}, 0.3),
        ("notice", {"title": "Food", "description": "Lot 3: sambal"}, 0.6),
        ("notice", {"title": "Beans in chili sauce and rice", "codes": ("cpv:15871260",)}, 0.9),
        ("registration", {"product_codes": ("cn8:21039090",)}, 0.85),
        ("registration", {"product_codes": ("hs6:210390",)}, 0.85),
        ("registration", {"activity_codes": ("nace2:46.390",)}, 0.3),
        ("registration", {"activity_codes": ("sic2007:46380",)}, 0.3),
        ("registration", {"activity_text": "Import of sambal and noodles"}, 0.7),
        ("place", {"party": Party(name="Oriental Supermarket (contoh)")}, 0.35),
        ("place", {"tags": ("origin=indonesian;thai",)}, 0.35),
    ],
)
def test_codes_words_and_kinds_of_shops(record, context, kind, more, relevance):
    found = keep_relevant(record(kind, **{**({"party": Party(name="Firm (contoh)")} if kind != "notice" else {}), **more}), context)
    assert (found.product, found.relevance) == ("sambal", relevance)
    assert found.relevance_why


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("notice", {"title": "Office chairs", "codes": ("cpv:39112000",)}),
        ("notice", {"title": "Office chairs", "codes": ("unspsc:56101504", "gsin:N7110")}),
        ("registration", {"activity_codes": ("nace2:62.010",)}),
        ("place", {"party": Party(name="Firm (contoh)"), "tags": ("organic=yes",)}),
    ],
)
def test_other_trades_are_refused(record, context, kind, more):
    assert refused(
        keep_relevant, record(kind, **{**({"party": Party(name="Firm (contoh)")} if kind == "registration" else {}), **more}), context
    ) == ("OtherProduct")


def test_a_firm_that_shows_nothing_to_judge_by_is_kept_without_product(record, context):
    found = keep_relevant(record("registration", party=Party(name="Firm (contoh)")), context)
    assert (found.product, found.relevance) == (None, None)


def test_a_price_no_jar_has_is_left_out(record, context):
    found = keep_relevant(record("listing", price=1.0, price_usd_kg=9000.0), context)
    assert found.price_usd_kg is None
    assert found.relevance_why[-1] == "price per kg implausible, left out"
    assert keep_relevant(record("listing", price_usd_kg=12.0), context).price_usd_kg == 12.0


def test_each_product_is_judged_and_the_best_wins(record, product):
    both = Context(as_of=date(2026, 11, 25), products=(product, COFFEE))
    assert keep_relevant(record("listing", name="Ground coffee 250 g", language="en"), both).product == "ground_coffee"
    assert keep_relevant(record("listing", name="Sambal oelek"), both).product == "sambal"


@pytest.mark.parametrize(
    ("code", "yes"),
    [
        ("nace2:46.390", True),
        ("naf2:46.39B", True),
        ("sic2007:46390", True),
        ("sn2007:47.110", True),
        ("nace2:62", False),
        ("x:46390", False),
        ("", False),
    ],
)
def test_activity_codes(product, code, yes):
    assert trades(code, product) is yes


# --- name_role


@pytest.mark.parametrize(
    ("kind", "more", "role", "proof"),
    [
        ("registration", {"party": Party(name="A (contoh)", role="importer", role_proof="list")}, "importer", "list"),
        (
            "registration",
            {"party": Party(name="Rapid Freight Ltd (contoh)", role="importer", role_proof="list")},
            "freight_forwarder",
            "name: Rapid Freight Ltd (contoh)",
        ),
        ("registration", {"activity_codes": ("nace2:46.390",), "activity_text": "Engroshandel"}, "wholesaler", "nace2:46.390 Engroshandel"),
        ("registration", {"activity_codes": ("nace2:56.101",)}, "food_service", "nace2:56.101"),
        ("registration", {"activity_text": "Manufacturer of sauces"}, "supplier", "Manufacturer of sauces"),
        ("registration", {"party": Party(name="Alba Imports Ltd (contoh)")}, "importer", None),
        ("registration", {"party": Party(name="Alba (contoh)")}, None, None),
        (
            "registration",
            {"source": "importers", "product_codes": ("cn8:21039090",), "periods": ("2026-08", "2026-09")},
            "importer",
            "cn8:21039090, 2026-09",
        ),
        ("place", {"shop_type": "shop=supermarket"}, "retailer", "shop=supermarket"),
        ("place", {"shop_type": "shop=supermarket", "brand": "Toko Raya"}, "retail_chain", "shop=supermarket, brand=Toko Raya"),
        ("place", {"shop_type": "shop=wholesale"}, "wholesaler", "shop=wholesale"),
        ("listing", {"seller": Party(name="Alba (contoh)"), "source": "toko"}, "retailer", None),
        ("listing", {"seller": Party(name="Alba (contoh)")}, None, None),
        ("notice", {"parties": (Party(name="Kommune (contoh)"),)}, "tender_authority", "tender: Levering av sambal"),
        ("notice", {"kind": "rfq", "parties": (Party(name="Alba (contoh)"),)}, None, None),
    ],
)
def test_roles(record, context, kind, more, role, proof):
    (party,) = parties_of(
        name_role(record(kind, **{**({"party": Party(name="Firm (contoh)")} if kind == "registration" else {}), **more}), context)
    )
    assert (party.role, party.role_proof) == (role, proof)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Global Freight and Logistics", "freight_forwarder"),
        ("Groothandel in levensmiddelen", "wholesaler"),
        ("PT Importir Rasa", "importer"),
        ("Distribuidora de alimentos", "distributor"),
        ("Importante", None),
        ("Restaurant Bali", "food_service"),
        ("", None),
    ],
)
def test_words_of_roles(text, role):
    assert role_of_words(text) == role


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("nace2:10.84", "supplier"),
        ("nace2:46.17", "distributor"),
        ("nace2:52.29", "freight_forwarder"),
        ("isic:4630", None),
        ("nace2:", None),
    ],
)
def test_codes_of_roles(code, role):
    assert role_of_code(code) == role


# --- keep_business_contacts


class Listed:
    """A do-not-contact list in the open."""

    def __init__(self, *entries):
        self.entries = set(entries)

    def covers(self, kind, value):
        return (kind, value) in self.entries


def reach(record, context, *, kind="registration", **party):
    firm = Party(name="Alba Tirta Ltd (contoh)", country="GB", **party)
    made = record(kind, **({"seller": firm} if kind == "listing" else {"parties": (firm,)} if kind == "notice" else {"party": firm}))
    return keep_business_contacts(made, context)


def test_contacts_of_a_business(record, context):
    (party,) = parties_of(
        reach(
            record,
            context,
            phones_text=("020 7946 0000 / +44 20 7946 0001", "Tel. 020 7946 0000", "WhatsApp"),
            emails_text=("info@albatirta.com", "INFO@albatirta.com", "jan.jansen@albatirta.com", "noreply@albatirta.com"),
            website="www.albatirta.com",
        )
    )
    assert [(c.kind, c.value) for c in party.contacts] == [
        ("email", "info@albatirta.com"),
        ("phone", "+442079460000"),
        ("phone", "+442079460001"),
        ("website", "https://www.albatirta.com"),
    ]
    assert party.emails_text == ("info@albatirta.com",)
    assert context.dropped.counts["source", "personal_email"] == 1
    assert context.dropped.counts["source", "unusable_email"] == 1


@pytest.mark.parametrize("site", ["https://www.facebook.com/alba", "https://tokopedia.com/alba", "gmail.com"])
def test_a_shared_site_is_no_website(record, context, site):
    (party,) = parties_of(reach(record, context, website=site))
    assert party.contacts == ()
    assert context.dropped.counts["source", "shared_website"] == 1


def test_a_natural_person_is_refused_and_not_named(record, context):
    with pytest.raises(rejections.NaturalPerson) as caught:
        reach(record, context, natural_person=True, registry="no-brreg")
    assert str(caught.value) == "no-brreg"
    assert reach(record, context, kind="listing", natural_person=True).seller is None
    assert reach(record, context, kind="notice", natural_person=True).parties == ()
    assert context.dropped.counts["source", "natural_person"] == 2


def test_who_asked_to_be_left_alone_is(record, context):
    def stop(*entries):
        return replace(context, suppressed=Listed(*entries))

    firm = stop(("company", "Alba Tirta Ltd (contoh)"))
    site = stop(("website", "https://albatirta.com"))
    assert refused(reach, record, firm) == "Suppressed"
    assert refused(partial(reach, website="albatirta.com"), record, site) == "Suppressed"
    assert reach(record, firm, kind="listing").seller is None
    one = stop(("phone", "+442079460000"), ("email", "info@albatirta.com"))
    (party,) = parties_of(reach(record, one, phones_text=("020 7946 0000", "020 7946 0001"), emails_text=("info@albatirta.com",)))
    assert [c.value for c in party.contacts] == ["+442079460001"]
    assert (party.phones_text, party.emails_text) == (("020 7946 0001",), ())


def listing_of(record, context, *entries, **more):
    """A listing after the step, where the real list holds the entries."""
    return keep_business_contacts(record("listing", **more), replace(context, suppressed=Suppressed(b"k").having(*entries)))


ASKED = (
    ("company", "Leave Us Alone B.V."),
    ("email", "info@alone.example"),
    ("phone", "020 123 4567"),
    ("domain", "shut.example"),
    ("company", "AH"),
    ("company", "Müller GmbH"),
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Sambal of LEAVE US ALONE bv", "Sambal of [removed] bv"),
        ("Leave-us-alone: sambal", "[removed]: sambal"),
        ("mail Info@Alone.example or INFO＠ALONE.EXAMPLE", "mail [removed] or [removed]"),
        ("info [at] alone [dot] example", "[removed]"),
        ("since 2019 020-123 45 67", "since 2019 [removed]"),
        ("+31 (0)20 1234567.", "[removed]."),
        ("see https://www.shut.example/x?y=1, now", "see [removed], now"),
        ("jan@shop.shut.example", "[removed]"),
        ("AH sambal, ah!", "[removed] sambal, ah!"),
        ("von Mueller, von MULLER", "von [removed], von [removed]"),
        ("Alone in the kitchen 020 123 4568", "Alone in the kitchen 020 123 4568"),
        ("other@alone.example", "other@alone.example"),
    ],
)
def test_what_is_listed_leaves_every_text(record, context, text, left):
    party = Party(name="Toko Lain", country="NL", address=text, role_proof=text)
    found = listing_of(record, context, *ASKED, name=text, description=text, brand=text, category=("Sauces", text), seller=party)
    kept = None if left == "[removed]" else left
    assert (found.name, found.description, found.brand) == (left, kept, kept)
    assert found.category == (("Sauces", left) if kept else ("Sauces",))
    assert (found.seller.name, found.seller.address, found.seller.role_proof) == ("Toko Lain", kept, kept)
    listed = replace(context, suppressed=Suppressed(b"k").having(*ASKED))
    notice = keep_business_contacts(record("notice", title=text, description=text), listed)
    assert (notice.title, notice.description) == (left, kept)
    assert context.dropped.counts["source", "suppressed_text"] == (0 if left == text else 2)


@pytest.mark.parametrize("entry", [("company", "Leave Us Alone"), ("domain", "alone.example"), ("domain", "WWW.alone.example")])
def test_a_listing_of_who_asked_comes_back_without_a_name(record, context, entry):
    seller = Party(name="Leave Us Alone B.V.", country="NL", emails_text=("info@alone.example",))
    found = listing_of(
        record, context, entry, name="Leave us alone Sambal", description="By LEAVE US ALONE", brand="leave us alone", seller=seller
    )
    assert (found.seller, found.brand, found.name, found.description) == (None, None, "[removed] Sambal", "By [removed]")


@pytest.mark.parametrize("mail", ["info@alone.example", "jan.jansen@shop.alone.example"])
def test_a_firm_that_returns_only_with_a_mailbox_of_its_listed_domain_is_not_stored(record, context, mail):
    listed = replace(context, suppressed=Suppressed(b"k").having(("domain", "www.alone.example")))
    assert refused(partial(reach, emails_text=(mail,)), record, listed) == "Suppressed"
    one = replace(context, suppressed=Suppressed(b"k").having(("email", mail)))
    assert parties_of(reach(record, one, emails_text=(mail,)))[0].contacts == ()


@pytest.mark.parametrize(
    "url", ["https://m.example/leave-us-alone/1", "https://m.example/?by=Leave%20Us%20Alone", "https://m.example/?m=info%40alone.example"]
)
def test_a_page_whose_address_names_who_asked_is_not_kept(record, context, url):
    seller = Party(name="Leave Us Alone B.V.")
    with pytest.raises(rejections.Suppressed):
        listing_of(record, context, *ASKED, url=url, seller=seller)


def test_a_person_who_sells_is_not_named_by_the_goods(record, context):
    seller = Party(name="Adinda Contoh", natural_person=True)
    found = keep_business_contacts(record("listing", name="Adinda Contoh's sambal", description="by ADINDA CONTOH", seller=seller), context)
    assert (found.seller, found.name, found.description) == (None, "[removed]'s sambal", "by [removed]")


@settings(max_examples=150, deadline=None)
@given(before=st.text(max_size=30), after=st.text(max_size=30))
def test_a_listed_name_between_any_words_is_gone(before, after):
    silence = Silence(Suppressed(b"k").having(("company", "Leave Us Alone B.V."), ("email", "info@alone.example")))
    text = silence(f"{before} Leave Us Alone, info@alone.example {after}")
    assert "leave us alone" not in text.casefold()
    assert silence(text) == text


PERSONAL = "jane.roe＠firm.example"


@pytest.mark.parametrize(
    "shown", [PERSONAL, "Jane.Roe@firm.example", "jane.roe [at] firm.example", "jane.roe(a)firm.example", "jane.roe&#64;firm.example"]
)
def test_addresses_of_persons_leave_every_text(record, context, shown):
    text = f"Sambal by {shown}"
    seller = Party(name=f"Toko Lain {shown}", address=text, role_proof=text, city=text)
    found = clean(
        record("listing", name=text, description=text, brand=text, category=("Sauces", text), pack_text=text, seller=seller), context
    )
    left = "Sambal by [...]"
    assert (found.name, found.description, found.brand, found.category, found.pack_text) == (left, left, left, ("Sauces", left), left)
    assert (found.seller.name, found.seller.address, found.seller.role_proof, found.seller.city) == ("Toko Lain [...]", left, left, left)
    notice = clean(record("notice", title=text, description=text), context)
    assert (notice.title, notice.description) == (left, left)
    place = clean(record("place", party=Party(name="Toko Lain", address=text), brand=text, tags=(f"note={shown}",)), context)
    assert (place.party.address, place.brand, place.tags) == (left, left, ("note=[...]",))
    assert context.dropped.counts["source", "personal_email"] == 14


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Adinda Contoh e.K.", "DE"),
        ("Toko Contoh (eenmanszaak)", "NL"),
        ("Adinda Contoh t/a Spice House", "GB"),
        ("Adinda Contoh Enkeltpersonforetak", "NO"),
        ("Adinda Contoh (autónomo)", "ES"),
        ("Contoh EI", "FR"),
    ],
)
def test_sole_traders_are_persons(record, context, name, country):
    made = record("registration", party=Party(name=name, country=country, registry="r"))
    with pytest.raises(rejections.NaturalPerson, match=r"^r$"):
        keep_business_contacts(made, context)


@pytest.mark.parametrize(
    "name",
    [
        "Adinda Contoh e.K.",
        "Adinda Contoh (Eenmanszaak)",
        "Adinda Contoh t/a Kedai Pedas",
        "Kedai Pedas v/Adinda Contoh",
        "個人事業主 Adinda Contoh",
    ],
)
def test_goods_do_not_name_the_sole_trader_who_sells_them(record, context, name):
    text = "Sambal by ADINDA CONTOH, Kedai Pedas" if "Kedai" in name else "Sambal by ADINDA CONTOH"
    found = keep_business_contacts(record("listing", name=text, description=text, seller=Party(name=name)), context)
    assert found.seller is None
    assert "adinda" not in f"{found.name} {found.description}".casefold()
    assert "kedai" not in found.name.casefold()


def test_the_example_of_a_refusal_names_no_mailbox(record, context):
    with pytest.raises(rejections.BadUrl) as caught:
        check(record("listing", url="mailto:jane.roe@firm.example"), context)
    assert "jane" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "site", "kept"),
    [
        ("Toko Nusantara B.V.", None, False),
        ("Toko Nusantara B.V.", "https://toko.example", False),
        ("Toko Nusantara B.V.", "https://www.jan-jansen.example", True),
        ("Jan Jansen Foods B.V.", None, True),
    ],
)
def test_a_mailbox_at_a_persons_domain_is_kept_only_of_a_firm_called_so(record, context, name, site, kept):
    made = record("registration", party=Party(name=name, emails_text=("info@jan-jansen.example",), website=site))
    (party,) = parties_of(keep_business_contacts(made, context))
    assert party.emails_text == (("info@jan-jansen.example",) if kept else ())
    assert context.dropped.counts["source", "personal_email"] == (0 if kept else 1)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Mob. 07400 123456", True),
        ("WhatsApp sales 07400 123456", True),
        ("07400 123456", True),
        ("Jan: 07400 123456", False),
        ("Mrs Contoh 07400 123456", False),
        ("Jan: 020 7946 0000", True),
    ],
)
def test_a_mobile_number_is_the_firms_unless_a_person_stands_beside_it(record, context, text, kept):
    (party,) = parties_of(reach(record, context, phones_text=(text,)))
    assert (len(party.contacts), len(party.phones_text)) == ((1, 1) if kept else (0, 0))
    assert context.dropped.counts["source", "personal_phone"] == (0 if kept else 1)


# --- all of them


def test_the_whole_way_of_a_listing(record, context):
    listing = record(
        "listing",
        source="toko",
        name="Conimex Sambal Oelek&nbsp;200 g".replace("&nbsp;", "\u00a0"),
        price_text="€ 2,49",
        language_text="nl",
        seller=Party(name="Toko Nusantara (contoh)", phones_text=("020 555 0100",)),
    )
    found = run_steps(listing, context)
    assert (found.name, found.price, found.currency, found.net_grams) == ("Conimex Sambal Oelek 200 g", 2.49, "EUR", 200.0)
    assert (found.country, found.language, found.product) == ("NL", "nl", "sambal")
    assert found.price_usd_kg == pytest.approx(14, abs=2)
    assert (found.seller.country, found.seller.role, found.seller.contacts[0].value) == ("NL", "retailer", "+31205550100")
    assert run_steps(found, context) == found


def test_nothing_is_left_out(record, context):
    records = [record("listing"), record("listing", name="Rice"), record("listing", key="")]
    reasons = [r.reason if isinstance(r, Rejection) else "kept" for r in steps_over(records, context)]
    assert reasons == ["kept", "OtherProduct", "NoKey"]


def test_every_kind_has_steps_and_every_reason_is_in_the_tree():
    from market_db.seen import SEEN_TYPES

    assert set(STEPS) == set(SEEN_TYPES.values())
    assert all(steps[0] is check and steps[1] is clean for steps in STEPS.values())
    classes = [c for c in vars(rejections).values() if isinstance(c, type) and issubclass(c, Rejection) and c is not Rejection]
    assert all(f" {c.__name__} " in rejections.__doc__ for c in classes)


ANY = st.one_of(st.none(), st.text(max_size=60))


@settings(max_examples=200, deadline=None)
@given(
    name=st.text(max_size=120),
    url=st.one_of(st.just("https://x.example/1"), st.text(max_size=30)),
    texts=st.tuples(ANY, ANY, ANY, ANY, ANY, ANY),
    seller=st.one_of(st.none(), st.tuples(st.text(max_size=40), ANY, ANY, ANY)),
)
def test_steps_keep_or_refuse_but_never_break(name, url, texts, seller):
    context = Context(as_of=date(2026, 11, 25), products=(COFFEE,), hints={"s": SourceHint(country="NL")})
    stamp = Evidence(source="s", url="https://x.example", fetched_at=datetime(2026, 11, 20, tzinfo=UTC), content_hash="0" * 64)
    party = seller and Party(
        name=seller[0],
        website=seller[1],
        country_text=seller[2],
        phones_text=(seller[3],) if seller[3] else (),
        emails_text=(seller[1] or "x",),
    )
    names = ("description", "brand", "price_text", "currency_text", "pack_text", "language_text")
    listing = Listing(
        key="1", name=f"ground coffee {name}", url=url, source="s", evidence=stamp, seller=party, **dict(zip(names, texts, strict=True))
    )
    (found,) = steps_over([listing], context)
    if not isinstance(found, Rejection):
        assert found.product == "ground_coffee"
        assert found.name == found.name.strip()
        found.name.encode()


@pytest.mark.parametrize("code", ["cn8:21039030", "cn8:21039010"])
def test_a_finer_code_of_other_goods_is_other_goods(record, code, context):
    with pytest.raises(rejections.OtherProduct):
        run_steps(record("registration", product_codes=(code,), party=Party(name="Bitter And Bark Ltd", country="GB")), context)


@pytest.mark.parametrize("status", ["bankrupt", "dissolving", "dissolved"])
def test_a_firm_that_is_wound_up_is_no_buyer(record, status, context):
    with pytest.raises(rejections.Inactive):
        run_steps(
            record("registration", status=status, product_codes=("cn8:21039090",), party=Party(name="Alba Ltd", country="GB")), context
        )
