import pycountry
import pytest

from market_db.reference import FOLDER, metric_keys, metric_label, metric_unit, role_keys, role_label, table, words
from market_db.values.currencies import currency_codes
from market_db.values.text import fold, plain

COUNTRIES = {entry.alpha_2 for entry in pycountry.countries} | {"XK"}


def test_every_table_can_be_read():
    for path in FOLDER.glob("*.toml"):
        assert table(path.stem), path.name
    with pytest.raises(FileNotFoundError):
        table("no_such_table")
    with pytest.raises(TypeError):
        table("roles")["x"] = {}


def test_roles_are_those_of_the_records():
    assert set(role_keys()) == {
        "importer",
        "distributor",
        "wholesaler",
        "retailer",
        "retail_chain",
        "food_service",
        "tender_authority",
        "supplier",
        "freight_forwarder",
        "other",
    }
    assert role_label("importer") == "Importir"
    assert role_label("importer", "en") == "Importer"
    assert role_label("nobody") == "nobody"
    assert all(set(table("roles")[role]) - {"also"} == {"id", "en"} for role in role_keys())


def test_metrics_have_unit_and_labels():
    assert metric_unit("import_value_usd") == "USD"
    assert metric_unit("nothing") is None
    assert metric_label("pop", "en") == "Population"
    assert metric_label("pop") == "Penduduk"
    assert all(set(table("metrics")[metric]) == {"unit", "id", "en"} for metric in metric_keys())


def test_currency_table_speaks_iso_and_is_folded():
    facts = table("currencies")
    known = currency_codes() | {"IRT"}
    assert set(facts["sure"].values()) <= known
    assert {code for group in ("shared", "minor") for codes in facts[group].values() for code in codes} <= known
    assert set(facts["usual"]) <= set(facts["shared"])
    assert all(code in facts["shared"][word] for word, code in facts["usual"].items())
    assert all(word == fold(word) for group in ("sure", "shared", "minor") for word in facts[group])
    assert not set(facts["sure"]) & set(facts["shared"])


def test_pegs_name_their_source():
    for code, peg in table("pegs").items():
        assert code in currency_codes()
        assert peg["per_usd"] > 0
        assert peg["since"] > 1900
        assert peg["source"]


def test_country_tables_speak_iso():
    facts = table("country_aliases")
    for group in (facts["names"], facts["codes"], facts["address"]["prefixes"]):
        assert {code for code in group.values() if code} <= COUNTRIES
    assert set(table("languages")["countries"]) <= COUNTRIES


def test_mailboxes_are_either_wanted_or_never():
    assert not words("role_mailboxes", "roles") & words("role_mailboxes", "never")
    assert {"info", "sales", "import", "einkauf", "achat", "compras", "inkoop", "export"} <= words("role_mailboxes", "roles")


def test_shared_domains_are_bare_hosts():
    for group in ("free_mail", "social", "marketplaces", "platforms"):
        assert all("." in domain and "/" not in domain and domain == domain.lower() for domain in table("shared_domains")[group])


def test_legal_forms_are_folded():
    facts = table("legal_forms")
    for side in ("suffixes", "prefixes"):
        assert all(plain(spelling) == plain(plain(spelling)) for spellings in facts[side].values() for spelling in spellings)
    assert words("pack_units", "counts.words")
