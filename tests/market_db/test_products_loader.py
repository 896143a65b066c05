import dataclasses

import pytest

from market_db.products import FOLDER, BadProduct, ProductType, load_product, load_products

GOOD = """
hs = ["210390"]
usd_per_kg = [1, 9.5]
[names]
id = "Saus (contoh)"
en = "Sauce"
[terms]
en = ["sauce"]
[exclude]
en = ["gravy"]
"""


def product_file(tmp_path, text, name="sauce.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_product_file_becomes_a_frozen_record(tmp_path):
    product = load_product(product_file(tmp_path, GOOD))
    assert product == ProductType(
        key="sauce",
        names={"id": "Saus (contoh)", "en": "Sauce"},
        terms={"en": ("sauce",)},
        exclude={"en": ("gravy",)},
        hs=("210390",),
        usd_per_kg=(1.0, 9.5),
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        product.key = "other"
    with pytest.raises(TypeError):
        product.names["id"] = "x"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("hs =", "colour = 1\nhs ="), "colour"),
        (('["210390"]', '["2103"]'), "hs"),
        (('["210390"]', '"210390"'), "hs"),
        (('["210390"]', "[210390]"), "hs"),
        (('["210390"]', '["210390", "210390"]'), "hs"),
        (("hs =", 'hs_near = ["210390"]\nhs ='), "hs_near"),
        (("hs =", 'cpv = ["1587"]\nhs ='), "cpv"),
        (("hs =", 'unspsc = ["5017"]\nhs ='), "unspsc"),
        (("hs =", 'brands = ["ABC"]\nhs ='), "brands"),
        (("hs =", 'off_categories = ["hot-sauces"]\nhs ='), "off_categories"),
        (("hs =", 'off_categories = ["en:Hot sauces"]\nhs ='), "off_categories"),
        (("hs =", 'wikidata = ["1056554"]\nhs ='), "wikidata"),
        (("hs =", 'refusal_groups = ["Sauces"]\nhs ='), "refusal_groups"),
        (("[1, 9.5]", "[9, 1]"), "usd_per_kg"),
        (("[1, 9.5]", "[0, 1]"), "usd_per_kg"),
        (("[1, 9.5]", "[true, 9]"), "usd_per_kg"),
        (("[1, 9.5]", "3"), "usd_per_kg"),
        (('id = "Saus (contoh)"', ""), "names.id"),
        (('en = "Sauce"', ""), "names.en"),
        (('en = "Sauce"', 'en = " "'), "names.en"),
        (('en = "Sauce"', "en = 1"), "names.en"),
        (('en = ["sauce"]', ""), "terms"),
        (('en = ["sauce"]', "en = []"), "terms"),
        (('en = ["sauce"]', 'en = ["Sauce"]'), "terms.en"),
        (('en = ["sauce"]', 'english = ["sauce"]'), "terms.english"),
        (('en = ["sauce"]', 'en = "sauce"'), "terms.en"),
        (('en = ["gravy"]', 'en = ["sauce"]'), "exclude"),
    ],
)
def test_every_mistake_is_named_with_file_and_key(tmp_path, change, key):
    assert change[0] in GOOD
    with pytest.raises(BadProduct) as error:
        load_product(product_file(tmp_path, GOOD.replace(*change)))
    assert str(error.value).startswith(f"sauce.toml: {key}: ")


@pytest.mark.parametrize("text", ["hs = [", "\udcff"])
def test_what_is_no_toml(tmp_path, text):
    path = tmp_path / "sauce.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadProduct, match=r"^sauce\.toml: not valid TOML"):
        load_product(path)


def test_file_names_are_keys(tmp_path):
    with pytest.raises(BadProduct, match="file name"):
        load_product(product_file(tmp_path, GOOD, "My Sauce.toml"))


def test_a_folder_of_products(tmp_path):
    product_file(tmp_path, GOOD)
    product_file(tmp_path, GOOD, "another.toml")
    (tmp_path / "notes.txt").write_text("x")
    assert list(load_products(tmp_path)) == ["another", "sauce"]
    assert load_products(tmp_path / "absent") == {}


def test_shipped_products_are_whole():
    products = load_products()
    assert {"sambal", "ground_coffee"} <= set(products)
    for product in products.values():
        assert len(product.terms) >= 25
        assert product.hs
        assert product.cpv
        assert product.unspsc
        assert product.activities["nace2"]
        assert product.usd_per_kg
        assert product.neighbours
    assert products["sambal"].hs == ("210390",)
    assert products["sambal"].cn == ("21039090",)
    assert products["sambal"].cpv == ("15871260",)
    assert {"200599", "090421", "090422"} <= set(products["sambal"].hs_near)


def test_the_folder_of_products_lies_beside_the_module():
    assert FOLDER.is_dir()
