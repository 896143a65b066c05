"""An offer against a market: fits, does not, not known; what nobody said is never held against anybody."""

from datetime import date

import pytest

from market_db.derived import Market
from market_db.edited_toml import BadTable
from market_db.exporter import TEMPLATE, Exporter, Offer, load_exporter
from market_db.markets.coverage import Looked
from market_db.markets.fit import FITS, MISFIT, UNKNOWN, fit_of
from market_db.markets.picture import MarketPicture, YearFigure
from market_db.markets.price_ladder import Assumptions, Ladder, Step
from market_db.markets.shelf import ShelfPrice, shelf_of
from market_db.requirements import Requirement

TODAY = date(2026, 11, 26)
LADDER = Ladder(steps=(Step(key="freight", usd_kg=(3.0, 6.0), source="assumptions"),))
BORDER = Step(key="border", usd_kg=(3.1, 3.1), source="flows", period="2025")


def pack(grams):
    given = {"name": "S", "url": "https://s.example", "source": "s", "evidence_id": "", "seen": "2026-11-01", "usd_kg": 10.0}
    return ShelfPrice(**given, price=3.0, currency="EUR", grams=grams)


def rule(key="nl-reg", **more):
    given = {
        "key": key,
        "countries": ("NL",),
        "kind": "registration",
        "side": "destination",
        "title_id": "P",
        "title_en": "R",
        "text_id": "",
        "text_en": "",
    }
    given |= {"authority": "A", "url": "https://a.example", "checked_on": date(2026, 11, 1), "status": "verified"}
    return Requirement(**{**given, **more})


def picture(country="NL", **more):
    none = dict.fromkeys(("import_usd", "import_year", "growth", "unit_value_usd_kg", "idn_share", "index"))
    market = Market(product="sambal", country=country, **none, buyers_with_contact=more.pop("reach", 0))
    given = dict.fromkeys(("years", "others", "origins", "requirements", "refused", "notices", "leads", "gaps", "signals"), ())
    given |= {
        "rated": 0,
        "shelf": None,
        "ladder": Ladder(missing=("duty",)),
        "lead_total": 0,
        "looked": Looked(),
        "destination_known": True,
    }
    known = Assumptions(as_of=TODAY, retail_margin=(0, 0), distribution_margin=(0, 0), freight_usd_kg=(0, 0))
    return MarketPicture(**{**given, "market": market, "assumptions": known, **more})


def found(about, exporter=None, offer=None, **more):
    exporter = exporter or Exporter(name="E", offers=())
    fit = fit_of(exporter, offer or Offer(product="sambal", name="S"), picture(**more), TODAY)
    return [(one.verdict, one.why) for one in fit.findings if one.about == about]


@pytest.mark.parametrize(
    ("own", "ladder", "expected"),
    [
        (None, LADDER, (UNKNOWN, "no_own_price")),
        (7.0, LADDER, (MISFIT, "too_dear")),
        (6.0, LADDER, (FITS, "within")),
        (3.0, LADDER, (FITS, "below")),
        (7.0, Ladder(missing=("duty",)), (UNKNOWN, "no_ladder")),
        (7.0, Ladder(missing=("duty",), unit_value=BORDER), (UNKNOWN, "no_ladder_border")),
    ],
)
def test_price(own, ladder, expected):
    assert found("price", offer=Offer(product="sambal", name="S", fob_usd_kg=own), ladder=ladder) == [expected]


@pytest.mark.parametrize(
    ("own", "packs", "expected"),
    [
        (200.0, (180.0, 340.0, 700.0), (FITS, "pack_seen")),
        (90.0, (180.0, 340.0, 700.0), (MISFIT, "pack_unseen")),
        (200.0, (180.0, 340.0), (UNKNOWN, "few_packs")),
        (None, (180.0, 340.0, 700.0), (UNKNOWN, "no_own_pack")),
    ],
)
def test_pack(own, packs, expected):
    shelf = shelf_of([pack(grams) for grams in packs])
    assert found("pack", offer=Offer(product="sambal", name="S", pack_grams=own), shelf=shelf) == [expected]


@pytest.mark.parametrize(
    ("own", "usd", "unit_value", "expected"),
    [
        (1000.0, 3e6, 3.0, (FITS, "room")),
        (10_000.0, 3e6, 3.0, (MISFIT, "too_much")),
        (1000.0, 3e6, None, (UNKNOWN, "no_weight")),
        (1000.0, 0.0, 3.0, (MISFIT, "too_much")),
        (None, 3e6, 3.0, (UNKNOWN, "no_own_capacity")),
    ],
)
def test_capacity(own, usd, unit_value, expected):
    year = YearFigure(year="2025", usd=usd, unit_value=unit_value, idn_share=None, quality="reported", source="s")
    assert found("capacity", Exporter(name="E", offers=(), capacity_kg_month=own), years=(year,)) == [expected]


@pytest.mark.parametrize(
    ("held", "one", "expected"),
    [
        (("nl-reg",), rule(), [(FITS, "held")]),
        (("registration",), rule(), [(FITS, "held")]),
        ((), rule(), [(MISFIT, "not_held")]),
        ((), rule(status="needs_check"), [(UNKNOWN, "to_check")]),
        ((), rule(checked_on=date(2026, 1, 1)), [(UNKNOWN, "to_check")]),
        ((), rule(side="origin"), [(UNKNOWN, "to_check")]),
        ((), rule(valid_to=date(2026, 1, 1)), []),
        ((), rule(kind="label"), []),
    ],
)
def test_certificates(held, one, expected):
    assert found("requirement", Exporter(name="E", offers=(), certificates=held), requirements=(one,)) == expected


def test_a_destination_without_a_table_is_unknown():
    assert found("requirement", destination_known=False) == [(UNKNOWN, "rules_unknown")]


@pytest.mark.parametrize(
    ("own", "country", "expected"),
    [
        (("id", "nl"), "NL", (FITS, "same_language")),
        (("en",), "NL", (UNKNOWN, "english")),
        (("id",), "NL", (MISFIT, "other_language")),
        ((), "NL", (UNKNOWN, "no_languages")),
        (("en",), "GB", (FITS, "same_language")),
    ],
)
def test_language(own, country, expected):
    assert found("language", Exporter(name="E", offers=(), languages=own), country=country) == [expected]


@pytest.mark.parametrize(("country", "theirs"), [("NO", ("no",)), ("CH", ("de", "fr", "it")), ("TW", ("zh",)), ("BE", ("nl", "fr", "de"))])
def test_two_ways_of_writing_a_language_are_one(country, theirs):
    fit = fit_of(Exporter(name="E", offers=(), languages=("id",)), Offer(product="sambal", name="S"), picture(country=country), TODAY)
    assert next(one for one in fit.findings if one.about == "language").facts["languages"] == theirs


@pytest.mark.parametrize(
    ("reach", "looked", "expected"),
    [
        (3, Looked(ran=("A",)), (FITS, "reachable")),
        (0, Looked(ran=("A",)), (UNKNOWN, "buyers_looked")),
        (0, Looked(waiting=("A",)), (UNKNOWN, "buyers_not_run")),
        (0, Looked(), (UNKNOWN, "buyers_nobody")),
    ],
)
def test_buyers(reach, looked, expected):
    assert found("buyers", reach=reach, looked=looked) == [expected]


def test_the_template_can_be_filled_in(tmp_path):
    (tmp_path / "exporter.toml").write_text(TEMPLATE)
    bare = load_exporter(tmp_path)
    assert (bare.offers[0].product, bare.capacity_kg_month, bare.offers[0].fob_usd_kg) == ("sambal", None, None)
    (tmp_path / "exporter.toml").write_text(TEMPLATE.replace("# capacity", "capacity").replace("# fob", "fob"))
    assert (load_exporter(tmp_path).capacity_kg_month, load_exporter(tmp_path).offers[0].fob_usd_kg) == (2000, 4.5)
    assert load_exporter(tmp_path / "nowhere") is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('product = "sambal"', 'product = "sambel"', ("product.product", "one of")),
        ('languages = ["id"]', 'languages = "id"', ("languages", "a list of texts")),
        ("# fob_usd_kg = 4.50", "fob_usd_kg = '4,50'", ("product.fob_usd_kg", "a number expected")),
        ("[[product]]", "[[produk]]", ("produk", "unknown key")),
        ("[[product]]", "[product]", ("[[product]]",)),
    ],
)
def test_mistakes_are_named(tmp_path, old, new, said):
    (tmp_path / "exporter.toml").write_text(TEMPLATE.replace(old, new))
    with pytest.raises(BadTable) as caught:
        load_exporter(tmp_path)
    assert all(part in str(caught.value) for part in ("exporter.toml", *said)), str(caught.value)
