"""Bulk lists of sites: spreadsheets as people save them, and every mistake named with file, row and column."""

import re
from datetime import date
from pathlib import Path

import pytest

from spiders.site import BadSite, Site, load_sites
from spiders.site_lists import site_id

HEADER = "url,country,currency,lang,role,family,basis,terms_url,tos_checked,enabled"


def loaded(folder: Path, text: str | bytes, name: str = "sites.csv") -> dict[str, Site]:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_sites(folder)


def test_five_columns_are_enough_and_nobody_is_asked(tmp_path: Path) -> None:
    sites = loaded(
        tmp_path, "url,country,currency,lang,role\nhttps://www.toko-pedas.test/,NL,EUR,nl,retailer\n\nhttps://asia.test/de/,DE,,,\n"
    )
    assert list(sites) == ["toko-pedas-test", "asia-test"]
    toko, asia = sites.values()
    assert (toko.family, toko.country, toko.currency, toko.lang, toko.role) == ("auto", "NL", "EUR", "nl", "retailer")
    assert (asia.url, asia.country, asia.currency, asia.role) == ("https://asia.test/de/", "DE", None, None)
    assert not any(site.enabled or site.basis or site.tos_checked for site in sites.values())


def test_a_line_somebody_decided_on(tmp_path: Path) -> None:
    line = 'https://toko.test/,NL,EUR,nl,wholesaler,woo,"robots, terms",https://toko.test/av,2026-11-20,TRUE'
    (site,) = loaded(tmp_path, f"{HEADER}\n{line}\n").values()
    assert (site.family, site.basis, site.tos_checked, site.enabled) == ("woo", "robots, terms", date(2026, 11, 20), True)
    assert site.terms_url == "https://toko.test/av"


@pytest.mark.parametrize(
    "text",
    [
        "url;country\r\nhttps://toko.test/;NL\r\n",
        "\ufeffurl,country\nhttps://toko.test/,NL\n",
        "URL\tCountry\nhttps://toko.test/\tNL\n",
        '"url","country"\n"https://toko.test/","NL"\n',
        "\n\nurl,country,lang\n,,\nhttps://toko.test/,NL\n",
    ],
)
def test_spreadsheets_as_people_save_them(text: str, tmp_path: Path) -> None:
    assert {site.id: site.country for site in loaded(tmp_path, text).values()} == {"toko-test": "NL"}


def test_lists_and_toml_stand_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[[site]]\nid = "own"\nurl = "https://own.test/"\nfamily = "structured"\n', "utf-8")
    assert list(loaded(tmp_path, "url\nhttps://toko.test/\n")) == ["own", "toko-test"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("url,land\nhttps://a1.test/,NL\n", "sites.csv: row 1: column 2 (land): unknown; known are url, country"),
        ("url,\nhttps://a1.test/,NL\n", "sites.csv: row 1: column 2 (no name): unknown"),
        ("url,url\n", "sites.csv: row 1: column 2 (url): there twice"),
        ("country\nNL\n", "sites.csv: row 1: url: column missing"),
        ("url,country\nhttps://a1.test/,nl\n", "sites.csv: row 2: country: ISO 3166-1 alpha-2 expected, not 'nl'"),
        ("url,country\nhttps://a1.test/,NL\n\na2.test,NL\n", "sites.csv: row 4: url: an address with http:// or https:// expected, not 'a2.test'"),
        ("url,country\n,NL\n", "sites.csv: row 2: url: missing"),
        ("url,country\nhttps://a1.test/,NL,x\n", "sites.csv: row 2: 3 cells where the header has 2"),
        ("url,family\nhttps://a1.test/,wordpress\n", "sites.csv: row 2: family: one of shopify, woo"),
        ("url,family\nhttps://a1.test/,shopify\n", "sites.csv: row 2: currency: a Shopify catalogue"),
        ("url,role\nhttps://a1.test/,friend\n", "sites.csv: row 2: role: one of retailer"),
        ("url,tos_checked\nhttps://a1.test/,20/11/2026\n", "sites.csv: row 2: tos_checked: a date as 2026-11-20 expected, not '20/11/2026'"),
        ("url,enabled\nhttps://a1.test/,maybe\n", "sites.csv: row 2: enabled: true or false expected, not 'maybe'"),
        ("url,family,enabled\nhttps://a1.test/,woo,true\n", "sites.csv: row 2: enabled: needs basis and tos_checked"),
        (
            "url,basis,tos_checked,enabled\nhttps://a1.test/,x,2026-11-20,true\n",
            "sites.csv: row 2: family: auto cannot be enabled: run `tembus probe https://a1.test/`",
        ),
        ("url\nhttps://a1.test/\nhttps://www.a1.test/\n", "sites.csv: row 3: id: a1-test is used twice"),
        ('url,seller\nhttps://a1.test/,"Toko\n', "sites.csv: row 2: not readable as CSV"),
        (b"url,seller\nhttps://a1.test/,Caf\xe9\n", "sites.csv: row 2: not UTF-8"),
        ("url\nhttps://a1.test/\n".encode("utf-16"), "sites.csv: not a CSV file in UTF-8"),
        (b"PK\x03\x04\x00\x00", "sites.csv: not a CSV file"),
    ],
)  # fmt: skip
def test_mistakes_name_file_row_and_column(text: str | bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadSite) as caught:
        loaded(tmp_path, text)
    assert str(caught.value).startswith(said)


def test_an_empty_list_is_no_mistake(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == loaded(tmp_path, "url\n") == {}


@pytest.mark.parametrize(
    ("url", "wanted"),
    [("https://www.Toko-Pedas.example/x", "toko-pedas-example"), ("https://пример.рф/", "xn-e1afmkfd-xn-p1ai"), ("", ""), ("http://[", "")],
)
def test_ids_come_from_hosts(url: str, wanted: str) -> None:
    assert site_id(url) == wanted


def test_the_row_that_the_readme_shows_is_a_row(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    row = next(block for block in re.findall(r"```toml\n(.*?)```", readme, re.DOTALL) if 'id = "toko-contoh-nl"' in block)
    (tmp_path / "mine.toml").write_text(row, "utf-8")
    with pytest.raises(BadSite, match="hosts of samples"):
        load_sites(tmp_path)
    (tmp_path / "mine.toml").write_text(row.replace("www.toko.example", "www.toko-contoh.nl"), "utf-8")
    site = load_sites(tmp_path)["toko-contoh-nl"]
    assert (site.source, site.enabled, site.keywords) == ("woo:toko-contoh-nl", True, ("sambal", "chilisaus"))
