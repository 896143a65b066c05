import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.values.languages import normal_language, read_language
from market_db.values.names import core_name, is_placeholder, legal_form, looks_like_company, normal_name

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
HOME = {
    "en": "GB",
    "id": "ID",
    "ms": "MY",
    "zh": "CN",
    "ja": "JP",
    "sv": "SE",
    "da": "DK",
    "cs": "CZ",
    "uk": "UA",
    "ko": "KR",
    "ar": "SA",
    "fa": "IR",
    "he": "IL",
    "el": "GR",
    "vi": "VN",
}


@pytest.mark.parametrize(
    ("name", "core", "form"),
    [
        ("PT. Sumber Rasa (contoh)", "sumber rasa contoh", "indonesian"),
        ("P.T. Sumber Rasa", "sumber rasa", "indonesian"),
        ("PT Sumber Rasa Tbk", "sumber rasa", "indonesian"),
        ("UD Maju Jaya", "maju jaya", "indonesian"),
        ("Kreyenhop & Kluge GmbH & Co. KG", "kreyenhop and kluge", "gmbh"),
        ("Go-Tan B.V.", "go-tan", "bv"),
        ("Barilla G. e R. Fratelli S.p.A.", "barilla g e r fratelli", "spa"),
        ("Grupo Herdez, S.A.B. de C.V.", "grupo herdez", "sa"),
        ("Öncü Gıda Ltd. Şti.", "oncu gida", "turkish"),
        ("Tymbark - MWS Sp. z o.o.", "tymbark mws", "spzoo"),
        ("Veeba Food Services Pvt. Ltd.", "veeba food services", "ltd"),
        ("Dah Chong Hong Holdings Limited", "dah chong hong", "ltd"),
        ("ПАО Магнит", "магнит", "russian"),
        ("株式会社山田商店", "山田商店", "japanese"),
        ("㈱ヤマサ醤油", "ヤマサ醤油", "japanese"),
        ("海天味業股份有限公司", "海天味業", "chinese"),
        ("(주)오뚜기", "오뚜기", "korean"),
        ("บริษัท ไทยเทพรส จำกัด (มหาชน)", "ไทยเทพรส", "thai"),
        ("شركة النور للتجارة ذ.م.م", "النور للتجارة", "arabic"),
        ("Công ty TNHH Masan", "masan", "vietnamese"),
        ("SIA Rimi Latvia", "rimi latvia", "baltic"),
        ("SAS Institute Inc", "sas institute", "inc"),
        ("Carrefour S.A.", "carrefour", "sa"),
        ("FOODS SA", "foods sa", None),
        ("A. S. Watson", "as watson", None),
        ("Enterprise Solutions", "enterprise solutions", None),
        ("Industry Motors", "industry motors", None),
        ("Bank of the West", "bank of the west", None),
        ("US Foods", "us foods", None),
        ("PT", "pt", None),
        ("Ltd", "ltd", None),
    ],
)
def test_legal_forms_are_taken_off_the_ends(name, core, form):
    assert core_name(name) == core
    assert legal_form(name) == form


@pytest.mark.parametrize("name", ["", " ", "-", "n/a", "N/A", "Unknown", "test", "xxx", "aaaa", "123", "...", "Tidak diketahui", "null"])
def test_placeholders(name):
    assert is_placeholder(name)


@pytest.mark.parametrize("name", ["Toko Oen", "Visa", "ABC", "李锦记", "3M"])
def test_short_names_are_names(name):
    assert not is_placeholder(name)


@pytest.mark.parametrize(
    ("name", "company"),
    [
        ("ASIA FOODS LTD", True),
        ("SEEWOO FOODS LIMITED", True),
        ("A B C PLC", True),
        ("UNIVERSITY OF X", True),
        ("JOHN SMITH", False),
        ("MARY JONES T/A CURRY HOUSE", False),
        ("SMITH J", False),
    ],
)
def test_sole_traders_carry_no_company_marker(name, company):
    assert looks_like_company(name) is company


@settings(deadline=None)  # the first call loads tables
@given(st.text(max_size=200))
def test_no_text_breaks_the_name_reader(name):
    core = core_name(name)
    assert core == " ".join(core.split())
    assert bool(core) or not normal_name(name)
    assert isinstance(looks_like_company(name), bool)


def test_long_names_are_quick():
    core_name("warm Ltd")
    began = time.process_time()
    for name in ("A" * 1_000_000, "a. " * 300_000, "Ltd " * 200_000, "& " * 300_000):
        core_name(name)
    assert time.process_time() - began < 5  # without a cap: minutes


@pytest.mark.parametrize(
    ("text", "hints", "code"),
    [
        ("404 error", {}, None),
        ("Error 404 - not found", {"declared": "da"}, None),
        ("I love you", {}, "en"),
        ("ABC", {}, None),
        ("", {"declared": "en"}, None),
        ("12345", {"country": "DE"}, None),
        ("Wij importeren Aziatische sauzen", {}, "nl"),
        ("陶华碧老干妈香辣脆油辣椒", {}, "zh"),
        ("ﾄﾏﾄｹﾁｬｯﾌﾟ 1kg", {}, "ja"),
        ("糸唐辛子 50g", {}, "ja"),
        ("ซอสพริก (ซอง)", {}, "th"),
        ("고추장 500g", {}, "ko"),
        ("Острый соус чили", {}, "ru"),
        ("Гострий соус чилі", {}, "uk"),
        ("самбал", {}, None),
        ("Цифровое пианино", {"country": "RU"}, "ru"),
        ("मिर्च सॉस", {}, "hi"),
        ("gemahlener Röstkaffee", {"country": "AT"}, "de"),
        ("صلصة الثوم", {}, "ar"),
        ("سس تند چیلی", {}, "fa"),
        ("Saus Sambal Pedas", {}, "id"),
        ("sambal", {"country": "ID"}, "id"),
        ("sambal", {"country": "MY"}, "ms"),
        ("SOS CILI MAGGI", {}, "ms"),
        ("Grønne oliven", {}, "da"),
        ("Tương ớt Chinsu chai 250g", {}, "vi"),
        ("Sauce pimentée", {"declared": "fr-FR"}, "fr"),
        ("Sriracha", {"declared": "de", "country": "DE"}, "de"),
        ("Scharfe Soße mit Knoblauch", {"declared": "en"}, "de"),
    ],
)
def test_languages(text, hints, code):
    assert read_language(text, **hints) == code


def test_declared_languages_become_iso_codes():
    tags = {
        "pt-BR": "pt",
        "zh_Hant": "zh",
        "no": "nb",
        "in": "id",
        "iw": "he",
        "EN": "en",
        "x-default": None,
        "": None,
        "english please": None,
    }
    assert {tag: normal_language(tag) for tag in tags} == tags


@settings(deadline=None)  # the first call loads tables
@given(st.text(max_size=120), st.sampled_from([None, "en", "id", "zh-CN", "??"]), st.sampled_from([None, "ID", "MY", "CH", "XX"]))
def test_languages_are_deterministic(text, declared, country):
    first = read_language(text, declared=declared, country=country)
    assert read_language(text, declared=declared, country=country) == first
    assert first is None or len(first) == 2


def test_accuracy_on_short_titles():
    path = CORPUS / "market" / "titles.jsonl"
    if not path.is_file():
        pytest.skip("corpus not beside the checkout")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    alone = sum(read_language(row["title"]) == row["lang"] for row in rows)
    at_home = sum(read_language(row["title"], country=HOME.get(row["lang"], row["lang"].upper())) == row["lang"] for row in rows)
    wrong_page = sum(read_language(row["title"], declared="en") == row["lang"] for row in rows)
    assert alone / len(rows) >= 0.90
    assert at_home / len(rows) >= 0.98
    assert wrong_page / len(rows) >= 0.90


def test_accuracy_on_company_names():
    path = CORPUS / "companies" / "names_cores.tsv"
    if not path.is_file():
        pytest.skip("corpus not beside the checkout")
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    assert sum(core_name(name) == normal_name(core) for name, core in rows) / len(rows) >= 0.95


def test_cores_of_names_with_forms_of_60_countries():
    rows = [line.split("\t") for line in (Path(__file__).parent / "company_names.tsv").read_text("utf-8").splitlines()]
    assert [name for name, core in rows if core_name(name) != normal_name(core)] == []
