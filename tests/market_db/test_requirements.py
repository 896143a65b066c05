"""Requirements: what is shown has a link and a day, old checks say so, and a mistake in a table is named."""

from datetime import date

import pytest

from market_db.edited_toml import BadTable
from market_db.products import load_products
from market_db.requirements import KINDS, SIDES, all_requirements, destinations, load_requirements, requirements_of

SAMBAL = load_products()["sambal"]
COFFEE = load_products()["ground_coffee"]
GOOD = """countries = ["XK", "NL"]
[[requirement]]
key = "nl-one"
kind = "label"
title_id = "Label"
title_en = "Label"
text_id = "Teks."
text_en = "Text."
authority = "NVWA"
url = "https://nvwa.example/label"
checked_on = 2026-06-01
status = "verified"
""".replace('"XK", ', "")


def keys(country, product=SAMBAL, folder=None):
    return {one.key for one in requirements_of(product, country, folder)}


def test_twelve_destinations_and_the_union_as_one():
    assert len(destinations()) >= 12 + 26
    assert {"GB", "US", "CN", "MY", "SG", "JP", "KR", "AU", "CA", "SA", "AE", "NL", "DE", "FR"} <= destinations()
    assert keys("NL") == keys("DE")
    assert "eu-additives" in keys("NL")
    assert "eu-additives" not in keys("GB")


def test_every_requirement_can_be_followed_up():
    for one in all_requirements():
        assert one.url.startswith("https://")
        assert one.checked_on <= date(2026, 11, 26)
        assert max(len(one.text_id), len(one.text_en)) <= 400
        assert one.text_id != one.text_en
        assert one.authority


def test_only_what_was_read_in_an_official_text_is_verified():
    verified = {one.key for one in all_requirements() if one.status == "verified"}
    assert verified == {"id-ske", "id-bpom-guide", "id-inatrims", "eu-additives", "us-fce-sid", "gb-tariff"}


def test_both_sides_indonesia_first():
    sides = [one.side for one in requirements_of(SAMBAL, "US")]
    assert sides == sorted(sides, key=SIDES.index)
    assert {"origin", "destination"} == set(sides)
    assert {one.kind for one in all_requirements()} <= set(KINDS)


def test_what_is_asked_of_sauces_is_not_asked_of_coffee():
    assert "us-fce-sid" in keys("US")
    assert "us-fce-sid" not in keys("US", COFFEE)
    assert "us-prior-notice" in keys("US", COFFEE)


def test_of_a_country_without_a_table_only_the_general_ones_are_known():
    assert "BR" not in destinations()
    assert keys("BR") == {one.key for one in all_requirements() if not one.countries and one.about(SAMBAL)}


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 6, 2), "verified"),
        (date(2026, 11, 28), "verified"),
        (date(2026, 11, 29), "needs_check"),
        (date(2028, 1, 1), "needs_check"),
    ],
)
def test_after_180_days_it_is_to_be_checked_again(tmp_path, day, state):
    (tmp_path / "nl.toml").write_text(GOOD)
    one = next(load_requirements(tmp_path / "nl.toml"))
    assert one.state(day) == state
    assert one.next_check == date(2026, 11, 28)


def test_what_ended_has_expired(tmp_path):
    (tmp_path / "nl.toml").write_text(GOOD + "valid_to = 2026-07-01\n")
    one = next(load_requirements(tmp_path / "nl.toml"))
    assert (one.state(date(2026, 7, 1)), one.state(date(2026, 7, 2))) == ("verified", "expired")


def test_a_home_adds_and_replaces_files(tmp_path):
    (tmp_path / "netherlands.toml").write_text(GOOD)
    (tmp_path / "norway.toml").write_text(GOOD.replace("NL", "NO").replace("nl-one", "no-own"))
    assert "nl-one" in keys("NL", folder=tmp_path)
    assert "no-own" in keys("NO", folder=tmp_path)
    assert "no-label" not in keys("NO", folder=tmp_path)
    assert "eu-additives" in keys("NL", folder=tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"NL"', '"Holland"', ("line 1: countries", "NL (ISO 3166-1 alpha-2) expected, not 'Holland'")),
        ('"label"', '"labels"', ("line 4", "requirement.kind", "one of additive")),
        ("https://", "http://", ("line 10", "requirement.url", "https://")),
        ('url = "https://nvwa.example/label"\n', "", ("requirement.url", "is missing")),
        ("checked_on = 2026-06-01\n", "", ("requirement.checked_on", "a date such as")),
        ("2026-06-01", '"1 June"', ("line 11", "a date such as 2026-11-26, without quotes")),
        ('"verified"', '"sure"', ("line 12", "needs_check, verified")),
        ('"Text."', f'"{"x" * 401}"', ("text_en", "at most 400 characters")),
        ('"NVWA"', '" "', ("authority", "a text expected")),
        ("kind =", "sort =", ("requirement.sort", "unknown key")),
        ("[[requirement]]", "[requirement]", ("written as [[requirement]]",)),
        ('status = "verified"\n', f'status = "verified"\nsource_quote = "{"word " * 26}"\n', ("source_quote", "at most 25 words")),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(tmp_path, old, new, said):
    (tmp_path / "nl.toml").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(BadTable) as caught:
        list(load_requirements(tmp_path / "nl.toml"))
    assert all(part in str(caught.value) for part in ("nl.toml", *said)), str(caught.value)


def test_a_mistake_in_the_second_table_is_found_there(tmp_path):
    second = GOOD.partition("[[requirement]]")[2].replace("nl-one", "nl-two").replace('"verified"', '"sure"')
    (tmp_path / "nl.toml").write_text(f"{GOOD}[[requirement]]{second}")
    with pytest.raises(BadTable, match="line 23"):
        list(load_requirements(tmp_path / "nl.toml"))


def test_two_tables_with_one_key_are_refused(tmp_path):
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "b.toml").write_text(GOOD)
    with pytest.raises(BadTable, match="nl-one stands in two tables"):
        all_requirements(tmp_path)
