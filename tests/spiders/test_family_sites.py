"""Declared sites: rows become passports, and every mistake is named with file, row and key."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from market_db.home import Home
from scripts.crawl import declared_sites
from spiders.site import BadSite, Site, load_sites, passport

WHOLE = """
[[site]]
id = "toko"
url = "https://www.toko.example/"
family = "shopify"
seller = "Toko (contoh)"
country = "NL"
currency = "EUR"
role = "retailer"
basis = "robots and terms"
tos_checked = 2026-11-20
enabled = true
sample = true
hosts = ["cdn.toko.example"]
every_days = 3
[site.limits]
delay_s = 5
max_requests = 40
[site.shopify]
path = "/en"
[site.sitemap]
include = ["/p/"]
exclude = ["/blog/"]
[site.search]
url = "https://www.toko.example/zoek?q={q}&p={page}"
first_page = 0
max_pages = 3
keywords = ["sambal"]
[site.magento]
store = "nl_NL"
suffix = ""
[site.listing]
next = "css:a.volgende::attr(href)"
[site.detail]
price = "css:.ours"
"""


def loaded(folder: Path, text: str) -> dict[str, Site]:
    (folder / "shops.toml").write_text(text, encoding="utf-8")
    return load_sites(folder)


def test_a_whole_row_becomes_a_passport(tmp_path: Path) -> None:
    site = loaded(tmp_path, WHOLE)["toko"]
    about = passport(site)
    assert site.source == "shopify:toko"
    assert (about.title, about.countries, about.roles, about.terms_read) == ("Toko (contoh)", ("NL",), ("retailer",), date(2026, 11, 20))
    assert about.hosts == ("www.toko.example", "toko.example", "cdn.toko.example")
    assert (about.pace.delay, about.pace.max_requests, about.every) == (5, 40, timedelta(days=3))
    assert (site.path, site.include, site.exclude, dict(site.detail)) == ("/en", ("/p/",), ("/blog/",), {"price": "css:.ours"})
    assert (site.search, site.first_page, site.max_pages) == ("https://www.toko.example/zoek?q={q}&p={page}", 0, 3)
    assert (site.keywords, site.store, site.suffix, dict(site.listing)) == (
        ("sambal",),
        "nl_NL",
        "",
        {"next": "css:a.volgende::attr(href)"},
    )
    assert about.ready


TWO = """
[[site]]
id = "one"
url = "https://www.toko.example/{0}"
family = "structured"
sample = true
[[site]]
id = "two"
url = "https://toko.example/{1}"
family = "{2}"
sample = true
"""


@pytest.mark.parametrize(("places", "fine"), [(("", ""), False), (("en/", "en"), False), (("en", "de"), True), (("", "de/"), True)])
def test_two_rows_of_one_host_need_paths_of_their_own(tmp_path: Path, places: tuple[str, str], fine: bool) -> None:
    if fine:
        assert set(loaded(tmp_path, TWO.format(*places, "structured"))) == {"one", "two"}
        return
    with pytest.raises(BadSite, match=r"two.*url: .*one.*is the same place") as told:
        loaded(tmp_path, TWO.format(*places, "structured"))
    assert "shops.toml" in str(told.value)
    assert set(loaded(tmp_path, TWO.format(*places, "woo"))) == {"one", "two"}  # another family reads in a run of its own


def test_an_own_row_for_the_place_of_a_shipped_one_says_how_to_replace_it(home: Home) -> None:
    home.make()
    home.sites.mkdir()
    shipped = next(iter(load_sites().values()))
    row = f'[[site]]\nid = "mine"\nurl = "{shipped.url}"\nfamily = "{shipped.family}"\nsample = {str(shipped.sample).lower()}\n'
    row += 'currency = "EUR"\ncountry = "NL"\n' + (f'[site.shopify]\npath = "{shipped.path}"\n' if shipped.path else "")
    (home.sites / "own.toml").write_text(row, encoding="utf-8")
    with pytest.raises(BadSite, match=f"call yours {shipped.id} to replace it"):
        declared_sites(home)
    (home.sites / "own.toml").write_text(row.replace('"mine"', f'"{shipped.id}"'), encoding="utf-8")
    assert shipped.id in {site.id for site in declared_sites(home)}


def test_a_row_nobody_checked_stays_off(tmp_path: Path) -> None:
    site = loaded(tmp_path, '[[site]]\nid = "x1"\nurl = "https://x.example/"\nfamily = "structured"\nsample = true')["x1"]
    assert not passport(site).ready
    assert passport(site).pace.delay == 2.0


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('id = "toko"', 'id = "To Ko"', "id"),
        ('url = "https://www.toko.example/"', 'url = "toko.example"', "url"),
        ('url = "https://www.toko.example/"', 'url = "https://toko.test/"', "sample"),
        ('family = "shopify"', 'family = "magic"', "family"),
        ('family = "shopify"', "", "family"),
        ('country = "NL"', 'country = "nl"', "country"),
        ('currency = "EUR"', "", "currency"),
        ("tos_checked = 2026-11-20", 'tos_checked = "2026-11-20"', "tos_checked"),
        ("tos_checked = 2026-11-20", "tos_checked = 2026-11-20T10:00:00", "tos_checked"),
        ("tos_checked = 2026-11-20", "", "enabled"),
        ('basis = "robots and terms"', 'basis = ""', "enabled"),
        ("enabled = true", 'enabled = "yes"', "enabled"),
        ("delay_s = 5", "delay_s = 1", "limits.delay_s"),
        ("delay_s = 5", "dealy_s = 5", "limits.dealy_s"),
        ("max_requests = 40", "max_requests = true", "limits.max_requests"),
        ('include = ["/p/"]', 'include = "/p/"', "sitemap.include"),
        ('role = "retailer"', 'role = "friend"', "role"),
        ('role = "retailer"', 'rolle = "retailer"', "rolle"),
        ('role = "retailer"', "limits = 5", "limits"),
        ('path = "/en"', 'path = "en/"', "shopify.path"),
        ('family = "shopify"', 'family = "auto"', "family"),
        ("q={q}&p={page}", "q=sambal", "search.url"),
        ("first_page = 0", "first_page = -1", "search.first_page"),
        ("max_pages = 3", "max_pages = 2.5", "search.max_pages"),
        ('keywords = ["sambal"]', 'keywords = [""]', "search.keywords"),
        ('store = "nl_NL"', 'store = "nl NL"', "magento.store"),
    ],
)
def test_mistakes_name_file_row_and_key(old: str, new: str, key: str, tmp_path: Path) -> None:
    text = WHOLE.replace(old, new)
    if new == "limits = 5":
        text = text.replace("[site.limits]\ndelay_s = 5\nmax_requests = 40\n", "")
    with pytest.raises(BadSite, match=rf"shops\.toml: site 1 \(.*\): {key}: ") as caught:
        loaded(tmp_path, text)
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WHOLE + WHOLE, "site 2 (toko): id: toko is used twice"),
        ("[[site]\n", "not valid TOML"),
        ("x = 1\n", "only [[site]] rows"),
        ("site = 5\n", "only [[site]] rows"),
    ],
)
def test_mistakes_of_a_file(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadSite) as caught:
        loaded(tmp_path, text)
    assert said in str(caught.value)


def test_only_graphql_shops_may_be_posted_to(tmp_path: Path) -> None:
    assert passport(loaded(tmp_path, WHOLE)["toko"]).post_hosts == ()
    magento = loaded(tmp_path, WHOLE.replace('family = "shopify"', 'family = "magento"'))["toko"]
    assert passport(magento).post_hosts == passport(magento).hosts


def test_shipped_rows_ask_nobody_by_themselves() -> None:
    for site in load_sites().values():
        assert site.sample or not site.enabled, site.id
        assert passport(site).hosts
