"""One market in full and the list of gaps, as people and programs read them."""

import json
from pathlib import Path

import pytest

from market_db.derived import DemandSignal, IndexPart, Market
from market_db.publish import publish
from market_db.rebuild import finish_refresh, save_demand, save_markets, start_refresh
from market_db.schema import open_market
from market_db.seen import Listing
from market_db.store import save_run, save_seen, save_sources

from .conftest import NOW, card, evidence, run_of


def signal(metric, value, period="2025", **more):
    given = {"country": "NL", "product": "sambal", "hs_code": "210390", "partner": "WLD", "unit": "USD", "quality": "reported"}
    return DemandSignal(
        **{
            **given,
            "metric": metric,
            "value": value,
            "period": period,
            "source": "flows",
            "evidence_id": "-",
            "retrieved": "2026-11-25",
            **more,
        }
    )


SIGNALS = [
    signal("import_value_usd", 6e8),
    signal("import_value_usd", 5.6e8, "2024"),
    signal("import_value_usd", 2e8, partner="DEU"),
    signal("import_value_usd", 3e6, partner="IDN"),
    signal("unit_value_usd_kg", 3.0, unit="USD/kg"),
    signal("idn_share", 0.005, unit="0..1"),
    signal("import_value_usd", 5.9e8, source="other", hs_code="21039090"),
    signal("import_value_usd", 0.0, hs_code="200599"),
    *(
        signal(metric, value, "2026-10", country=country, hs_code=None, unit="0..1", source="ecb_rates")
        for country, values in (("NL", (-0.03, 0.05)), ("TR", (-0.15, 0.07)))
        for metric, value in zip(("fx_change_12m", "fx_volatility_12m"), values, strict=True)
    ),
    signal("tariff_idn_pct", 7.7, hs_code=None, unit="%", source="duties"),
]
PART = IndexPart(
    part="size",
    score=68.0,
    weight=0.22,
    evidence=1.0,
    points=14.9,
    value=5.8e8,
    unit="USD",
    period="2023-2025",
    quality="reported",
    source="flows",
)
MARKET = Market(
    product="sambal",
    country="NL",
    import_usd=6e8,
    import_year="2025",
    growth=0.07,
    unit_value_usd_kg=3.0,
    idn_share=0.005,
    growth_years="2021-2025",
    unit_value_year="2025",
    share_year="2025",
    looked="looked",
    index=64.6,
    index_parts={"size": 14.9},
    parts=(PART,),
    unknown_parts=("tariff", "logistics"),
    evidence=0.55,
    rank=1,
    rank_low=1,
    rank_high=3,
    index_version="2026.aaaaaa.bbbb",
    buyers=1,
    buyers_with_contact=1,
    sources=("flows",),
)


NEVER_REVISED = {"revised_from": None, "revised_on": None}


def listing(key, price):
    return Listing(
        key=key,
        name=f"Sambal {key} (contoh)",
        url=f"https://shop.example/{key}",
        source="register",
        evidence=evidence("a"),
        price=3.0,
        currency="EUR",
        net_grams=300.0,
        price_usd_kg=price,
        country="NL",
        product="sambal",
        relevance=0.9,
    )


@pytest.fixture
def measured(seeded):
    """The filled home with one market measured well."""
    db = open_market(seeded)
    save_sources(
        db,
        [
            card(roles=("importer",)),
            card("flows", title="Flows (sample)"),
            card("sleeping", title="Sleeping", roles=("importer",), countries=("NL",)),
        ],
    )
    refresh = start_refresh(db, NOW)
    save_demand(db, [signal("import_value_usd", 6.1e8, retrieved="2026-11-20")])
    save_demand(db, SIGNALS)
    save_seen(db, [listing("one", 10.0), listing("two", 11.0), listing("three", 12.0)], run_id="r", now=NOW)
    none = dict.fromkeys(("import_usd", "import_year", "growth", "unit_value_usd_kg", "idn_share", "index"))
    save_markets(db, [MARKET, Market(product="sambal", country="BR", evidence=0.0, watchlist=True, looked="nobody", **none)])
    finish_refresh(db, refresh, {}, NOW)
    db.close()
    publish(seeded, now=NOW)
    return seeded


def test_a_market_answers_the_questions_in_indonesian(measured, tembus):
    said = tembus("market", "Belanda", "--product", "sambal", "--lang", "id")
    assert said.code == 0, said.err
    for text in (
        "Belanda · Sambal",
        "64,6 dari 100 (versi 2026.aaaaaa.bbbb)",
        "Peringkat 1 dari 1; dengan bobot lain 1 sampai 3",
        "Bukti: 55,0%",
        "Jangkauan: 1 pembeli",
        "besarnya impor: US$580 jt · nilai 68 × bobot 22% × bukti 100% = 14,9 (Flows (sample), 2023-2025)",
        "Belum diketahui, dihitung tengah: bea masuk barang Indonesia, logistik",
        "2025: US$600 jt · US$3,00 per kg · dari Indonesia 0,5%, direvisi dari US$610 jt pada 25 Nov 2026 (Flows (sample), 2025)",
        "Angka impor adalah untuk kode HS 210390",
        "Potensi yang belum tergarap: belum diketahui. Belum dijalankan: impor semua barang (UN Comtrade)",
        "Pertumbuhan per tahun 2021-2025: 7,0% (Flows (sample), 2021-2025)",
        "1. Jerman: US$200 jt · 33,3% (Flows (sample), 2025)",
        "2. Indonesia: US$3 jt · 0,5%",
        "tidak dijumlahkan: HS 200599: US$0,00",
        "tidak dijumlahkan: HS 21039090: US$590 jt (other, 2025)",
        "Harga rak (median): US$11,00 per kg dari 3 penawaran",
        "tanpa bea masuk: ",
        "(duties, 2025)",
        "FOB Indonesia: US$",
        "(asumsi, 25 Nov 2026)",
        "[sudah dicek] Di Indonesia · Sertifikat: Surat Keterangan Ekspor (SKE) BPOM",
        "(EC) 1333/2008",
        "Penunjuk arah, bukan nasihat hukum",
        "1 sumber mencari di sini: Register of firms",
        "menarik, tetapi baru 1 pembeli",
        "tembus brief NL --product sambal",
    ):
        assert text in said.out, f"{text!r} not in\n{said.out}"


def test_a_country_nobody_measured_is_unknown_and_not_zero(measured, tembus):
    said = tembus("market", "BR", "--lang", "en")
    assert said.code == 0
    for text in (
        "Index: no data",
        "Watchlist, without a place: less than half of the index rests on figures",
        "No source shows imports of this country; that is not nothing.",
        "No source shows where the goods come from.",
        "Shelf price: no offers",
        "cannot be computed, missing: at least three shelf prices, tax on food there (price_assumptions.toml), duty on Indonesian goods",
        "What this destination asks is not known here",
        "0 found, though one source looked here",
        "Reach: not known: no source looks here",
    ):
        assert text in said.out, f"{text!r} not in\n{said.out}"


def test_what_nobody_looked_at_says_so(measured, tembus):
    db = open_market(measured)
    save_run(db, run_of(verdict="blocked"))
    db.close()
    publish(measured, now=NOW)
    said = tembus("market", "BR", "--lang", "en")
    assert "Not known: one source looks here, without a good run yet: Register of firms" in said.out
    gaps = tembus("gaps", "--lang", "en")
    assert "source on, never ran well: Sleeping" in gaps.out


def test_a_market_as_json(measured, tembus):
    data = json.loads(tembus("market", "NL", "--json").out)
    assert (data["market"]["index"], data["market"]["evidence"], data["years"][0]["usd"]) == (64.6, 0.55, 6e8)
    assert data["origins"][0] == {
        "partner": "DEU",
        "usd": 2e8,
        "share": pytest.approx(1 / 3),
        "year": "2025",
        "source": "flows",
        **NEVER_REVISED,
    }
    assert (data["years"][0]["revised_from"], data["years"][0]["revised_on"]) == (6.1e8, "2026-11-25")
    assert (data["untapped_missing"], data["codes"], data["market"]["looked"]) == (["not_run"], ["210390"], "looked")
    assert data["ladder"]["missing"] == []
    assert [step["key"] for step in data["ladder"]["steps"]][-1] == "freight"
    assert data["requirements"][0]["url"].startswith("https://")


def test_gaps_name_what_to_collect_next(measured, tembus):
    said = tembus("gaps", "--product", "sambal", "--lang", "en")
    assert said.code == 0
    assert "Netherlands · Sambal and chili sauce · 65: attractive, and only 1 buyers with a contact" in said.out
    assert "not known: duty on Indonesian goods" in said.out
    only = json.loads(tembus("gaps", "--country", "NL", "--json").out)
    assert {gap["country"] for gap in only} == {"NL"}
    assert {gap["kind"] for gap in only} == {"few_buyers", "part_unknown"}


@pytest.mark.parametrize("wrong", [("market", "Atlantis"), ("market", "NL", "--product", "rocks"), ("gaps", "--country", "Atlantis")])
def test_what_is_unknown_is_answered_with_what_exists(measured, tembus, wrong):
    said = tembus(*wrong)
    assert (said.code, said.out) == (2, "")
    assert wrong[-1] in said.err


def test_mistakes_in_the_home_tables_are_named(measured, tembus):
    (measured.root / "price_assumptions.toml").write_text("[all]\nretail_margin = [0.9, 0.1]\n")
    said = tembus("market", "NL")
    assert said.code == 5
    assert "price_assumptions.toml, baris 2: all.retail_margin" in said.err


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "id",
            (
                "Sambal dan saus cabai: Belanda",
                "65 / 100",
                "peringkat 1 dari 1 pasar",
                "Flows (sample), 2025",
                "FOB Indonesia: US$",
                "perlu dicek",
            ),
        ),
        ("en", ("Sambal and chili sauce: Netherlands", "65 / 100", "place 1 of 1 markets", "Flows (sample), 2025", "to be checked")),
    ],
)
def test_one_page_to_hand_over(measured, tembus, language, texts):
    said = tembus("brief", "NL", "--product", "sambal", "--format", "html", "--lang", language)
    assert said.code == 0, said.err
    assert Path(said.out.strip()).stat().st_mode & 0o077 == 0
    path = measured.exports / f"sambal-NL-{language}.html"
    assert said.out.strip() == str(path)
    page = path.read_text("utf-8")
    for text in texts:
        assert text in page, f"{text!r} not in the page"
    assert "info@b.example" not in page
    assert page.count("<svg") == 3


def test_the_page_as_pdf_and_of_a_country_nobody_measured(measured, tembus):
    said = tembus("brief", "BR")
    assert said.code == 0, said.err
    assert (measured.exports / "sambal-BR-id.pdf").read_bytes().startswith(b"%PDF-1.")


def test_a_format_nobody_writes_is_refused(measured, tembus):
    said = tembus("brief", "NL", "--format", "docx")
    assert (said.code, said.out) == (2, "")
    assert "html" in said.err


def test_an_offer_against_markets_and_buyers(measured, tembus):
    empty = tembus("fit")
    assert (empty.code, empty.out) == (2, "")
    assert "tembus fit --new" in empty.err
    assert tembus("fit", "--new").code == 0
    assert tembus("fit", "--new").code == 2
    path = measured.root / "exporter.toml"
    path.write_text(path.read_text().replace("# fob", "fob").replace("# pack", "pack").replace("# capacity", "capacity"))
    said = tembus("fit", "--country", "NL", "--lang", "id")
    assert said.code == 0, said.err
    for text in (
        "Belanda · Sambal bajak 200 g · daya tarik 65",
        "✓ Harga: US$4,50 per kg FOB berada di dalam US$2,84 sampai US$6,10",
        "✗ Kemasan: 200 g tidak terlihat di sana: 3 kemasan dari 300 sampai 300 g",
        "✓ Kapasitas: setahun dari Anda adalah <0,1% dari impor (2025)",
        "✗ Bahasa: bahasa resmi di sana Belanda",
        "✓ Pembeli: 1 pembeli",
        "? Peran: toko: tidak membeli banyak",
        "✓ Kontak: E-mail, Telepon, Situs web",
    ):
        assert text in said.out, f"{text!r} not in\n{said.out}"
    both = json.loads(tembus("fit", "--json").out)
    assert [fit["country"] for fit in both] == ["NL", "BR"]
    assert {finding["verdict"] for finding in both[1]["findings"]} == {"unknown", "misfit"}


def test_origins_come_from_the_source_that_names_most(measured, tembus):
    db = open_market(measured)
    more = [
        signal("import_value_usd", value, partner=code, source="comext", hs_code="21039090")
        for code, value in (("THA", 3e8), ("CHN", 1e8), ("IDN", 4e6))
    ]
    save_demand(
        db,
        [
            *more,
            signal("import_value_usd", 5e8, source="comext", hs_code="21039090"),
            signal("import_value_usd", 9e9, partner="USA", hs_code="200599"),
        ],
    )
    refresh = start_refresh(db, NOW)
    finish_refresh(db, refresh, {}, NOW)
    db.close()
    publish(measured, now=NOW)
    data = json.loads(tembus("market", "NL", "--json").out)
    assert [(one["partner"], one["source"], one["share"]) for one in data["origins"]] == [
        ("THA", "comext", 0.6),
        ("CHN", "comext", 0.2),
        ("IDN", "comext", 0.008),
    ]


@pytest.mark.parametrize(
    ("country", "warned"),
    [("US", ["registration"]), ("MY", ["halal"]), ("NL", []), ("BR", []), ("KP", ["sanctions"]), ("TR", ["currency"])],
)
def test_flags_stand_beside_the_index(measured, tembus, country, warned):
    data = json.loads(tembus("market", country, "--json").out)["flags"]
    assert [flag["kind"] for flag in data] == ["refused", "halal", "registration", "sanctions", "currency"]
    assert [flag["kind"] for flag in data if flag["state"] == "warn"] == warned
    assert all(flag["source"] and flag["period"] for flag in data if flag["state"] == "warn")
    said = tembus("market", country, "--lang", "en").out
    assert said.count("[look out]") == len(warned)
    assert "What to look out for? (no part of the index)" in said


@pytest.mark.parametrize(("language", "text"), [("id", "dolar AS dipakai di sana"), ("en", "the US dollar is used there")])
def test_the_dollar_does_not_move_against_itself(measured, tembus, language, text):
    db = open_market(measured)
    refresh = start_refresh(db, NOW)
    rates = {"country": "US", "hs_code": None, "unit": "0..1", "source": "official peg"}
    save_demand(db, [signal(metric, 0.0, "2026-10", **rates) for metric in ("fx_change_12m", "fx_volatility_12m")])
    finish_refresh(db, refresh, {}, NOW)
    db.close()
    publish(measured, now=NOW)
    said = tembus("market", "US", "--product", "sambal", "--lang", language).out
    assert text in said
    assert ("kurs tetap resmi, Okt 2026" if language == "id" else "official peg, Oct 2026") in said


def test_a_flag_nobody_looked_up_is_unknown_and_not_absent(measured, tembus):
    said = tembus("market", "BR", "--lang", "en").out
    for text in (
        "[not known] Refusals: no source of refusals was read for this country\n",
        "[not known] Halal: what this country asks is not recorded here\n",
        "[no warning] Sanctions: no target of sanctions of the UN Security Council. Those of the EU, the UK and the US are not known",
        "[to be checked] (United Nations Security Council, checked 26 Nov 2026) https://main.un.org/securitycouncil/en/sanctions/information",
        "[not known] Currency: no open exchange rate of BRL for the last 12 months\n",
    ):
        assert text in said, f"{text!r} not in\n{said}"


def test_sanctions_of_a_home_stand_instead(measured, tembus):
    own = measured.root / "sanctions.toml"
    own.write_text('authority = "A"\nurl = "https://a.example/"\nchecked_on = 2026-11-01\nstatus = "verified"\n[regime]\nNL = "R 1"\n')
    flag = json.loads(tembus("market", "NL", "--json").out)["flags"][3]
    assert (flag["state"], flag["facts"], flag["source"], flag["needs_check"]) == ("warn", {"reference": "R 1"}, "A", False)
    own.write_text(own.read_text().replace("NL =", "nl ="))
    said = tembus("market", "NL")
    assert said.code == 5
    assert "sanctions.toml, baris 6: regime.nl" in said.err


def test_a_market_of_the_list_carries_years_and_tells_nobody_looked_from_none(measured, tembus):
    full = tembus("markets", "--country", "NL", "--product", "sambal", "--lang", "en").out
    for text in ("Growth a year: 7.0% (2021-2025)", "$3.00 (2025)", "Indonesia's share: 0.5% (2025)"):
        assert text in full, f"{text!r} not in\n{full}"
    assert ", revised from $610M on 25 Nov 2026" in " ".join(full.split())
    nobody = tembus("markets", "--country", "BR", "--product", "sambal", "--lang", "en").out
    assert "Known buyers: not known: no source looks here" in nobody
    listed = " ".join(tembus("markets", "--product", "sambal", "--lang", "en").out.split())
    assert "not sought: no source looks for buyers here" in listed
    assert "these markets stand below the ranked ones, however high their index" in listed


def test_revisions_and_years_in_indonesian(measured, tembus):
    said = tembus("markets", "--country", "NL", "--product", "sambal", "--lang", "id").out
    assert "Pertumbuhan per tahun: 7,0% (2021-2025)" in said
    assert "direvisi dari US$610 jt pada 25 Nov 2026" in " ".join(said.split())
