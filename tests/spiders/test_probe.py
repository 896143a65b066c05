"""One look at a site: what is told from robots.txt and front page, why, and the row that is proposed."""

import csv
import gzip
import json
import re
import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.extract.platforms import WEIGHTS, table
from spiders.families.probe import FirstLook, ProbeSpider, first_look
from spiders.probe import Findings, declared_as, examine, free_id, proposed_row
from spiders.reading import Answer
from spiders.site import FAMILIES, Site, load_sites

FIXTURES = Path(__file__).parent / "fixtures" / "probe"
CASES = sorted(path.parent for path in FIXTURES.glob("*/request.json"))


def examined(folder: Path) -> Findings:
    asked = json.loads((folder / "request.json").read_text("utf-8"))
    front = Answer(body=(folder / asked["file"]).read_bytes(), url=asked["url"], status=asked["status"], headers=asked["headers"])
    robots = Answer(body=(folder / asked["robots"]).read_bytes(), url=f"{asked['url']}robots.txt") if asked["robots"] else None
    return examine(front, robots)


def read_case(folder: Path) -> dict:
    found = examined(folder)
    clues = {name: [clue["value"], *map(list, clue["reasons"])] for name, clue in asdict(found).items() if isinstance(clue, dict)}
    return {**clues, "others": list(found.others), "row": proposed_row(found).splitlines()}


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_fixture_gives_what_is_expected(folder: Path) -> None:
    assert read_case(folder) == json.loads((folder / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_every_proposed_row_is_a_row_that_asks_nobody(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "proposed.toml").write_text(proposed_row(examined(folder)), "utf-8")
    (site,) = load_sites(tmp_path).values()
    assert (site.enabled, site.basis, site.tos_checked) == (False, "", None)


HOSTILE = b'<html lang="nl"><head><title>"""\nevil = true # \x00\xe2\x80\xae</title><meta property="og:site_name" content="a\\"b\n[x] Gmb&#72;"></head><body>\xa9 "] GmbH</body></html>'


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.sampled_from([HOSTILE, b"", HOSTILE * 20])), st.binary(max_size=100))
def test_any_bytes_give_a_row_that_can_be_read(body: bytes, robots: bytes) -> None:
    found = examine(Answer(body=body, url="https://toko.test/"), Answer(body=robots, url="https://toko.test/robots.txt"))
    (row,) = tomllib.loads(proposed_row(found))["site"]
    assert row["url"] == "https://toko.test/"
    assert row["enabled"] is False


def test_a_shopify_shop_whose_market_is_unknown_stays_auto() -> None:
    body = b"<html><script>Shopify.theme={}; Shopify.shop='x.myshopify.com'</script></html>"
    row = tomllib.loads(proposed_row(examine(Answer(body=body, url="https://toko.test/nl/", headers={"X-ShopId": "1"}), None)))["site"][0]
    assert (row["family"], row["url"]) == ("auto", "https://toko.test/nl/")


def test_ids_are_free_and_known_sites_are_named() -> None:
    assert [free_id("a", []), free_id("a", ["a"]), free_id("a", ["a", "a-2"])] == ["a", "a-2", "a-3"]
    sites = [Site(id="x1", url="https://www.toko.test/", family="woo"), Site(id="x2", url="https://b.test/", family="auto")]
    assert declared_as("https://toko.test/de/", sites) == ["woo:x1"]


def test_the_passport_of_a_look_is_one_site_and_few_requests() -> None:
    about = first_look("http://www.toko.test:8080/x")
    assert (about.hosts, about.ready, about.terms_read, about.pace.max_requests) == (
        ("www.toko.test:8080", "toko.test:8080"),
        True,
        None,
        4,
    )
    assert isinstance(about, FirstLook)
    assert [request.url for request in ProbeSpider(url="https://toko.test/").first_requests()] == ["https://toko.test/"]


def test_the_table_of_platforms() -> None:
    for key, row in table().items():
        assert row["family"] in set(FAMILIES) - {"auto"}, key
        assert row["title"]
        assert any(row.get(kind) for kind in WEIGHTS), key
        for kind in WEIGHTS:
            assert all(sign == sign.lower() and len(sign) >= 4 for sign in row.get(kind, ())), key


NAMED = ("fozzyshop", "stylelocker", "www.luthimate", "almedina", "salla", "mediamarkt", "www.michelson")


def test_recorded_pages(corpus: Path) -> None:
    market = corpus / "market"
    origin = {
        row[0]: row[1]
        for row in csv.reader((market / "MANIFEST.tsv").read_text("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    }
    truth = {row["file"]: row for row in map(json.loads, (market / "truth.jsonl").read_text("utf-8").splitlines())}
    software, right, told = {}, dict.fromkeys(("language", "country", "currency"), 0), dict.fromkeys(("language", "country", "currency"), 0)
    pages = sorted(market.glob("*_html/*.html*"))
    named = [path for path in pages if path.name.startswith(NAMED)]
    for path in sorted({*pages[::2], *named}):
        name = path.relative_to(market).as_posix()
        url = origin.get(name, "")
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        found = examine(Answer(body=body, url=url if url.startswith("http") else f"https://{path.name.partition('_')[0]}/"), None)
        software[re.sub(r"[-_].*", "", path.name)] = found.platform.value
        for field in right:
            wanted, value = truth.get(name, {}).get(field), getattr(found, field).value
            told[field] += bool(wanted and value)
            right[field] += bool(wanted) and wanted == value
    assert {software[shop] for shop in ("fozzyshop.com.ua", "stylelocker.co.uk", "www.luthimate.fr")} == {"PrestaShop"}
    assert {software[shop] for shop in ("almedina.net", "salla", "mediamarkt.pt", "www.michelson.pl")} == {
        "Magento 2 / Adobe Commerce", "Salla", "Shopify", "Magento 1 / OpenMage",
    }  # fmt: skip
    assert all(right[field] >= 0.93 * told[field] for field in right), (right, told)
    assert told["language"] >= 25


FIRM = "<article class=f><h3><a href='/f/{0}'>Firma {0} GmbH (contoh)</a></h3><p>Tel. 030 123456{0}</p>{1}</article>"


@pytest.mark.parametrize(
    ("firms", "more", "family"), [(5, "", "directory"), (3, "", "structured"), (5, "<b class=price>€ 2,50</b>", "structured")]
)
def test_a_page_of_firms_is_proposed_as_a_directory(firms: int, more: str, family: str, tmp_path: Path) -> None:
    body = f"<html lang=de><body><main>{''.join(FIRM.format(n, more) for n in range(firms))}</main></body></html>"
    found = examine(Answer(body=body.encode(), url="https://firmen.test/"), None)
    assert found.family.value == family
    (tmp_path / "proposed.toml").write_text(proposed_row(found), "utf-8")
    (site,) = load_sites(tmp_path).values()
    if family == "directory":
        assert found.family.reasons == (("company_cards", "5: Firma 0 GmbH (contoh)"),)
        assert (site.record, site.start, site.enabled) == ("company", ("https://firmen.test/",), False)
