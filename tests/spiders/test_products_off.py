"""Open Food Facts: what is asked, what a page and a count amount to, the daily file with everything that can be wrong with it."""

import gzip
import io
import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import Request, TextResponse

from market_db.home import Home
from market_db.products import load_products
from market_db.schema import open_market
from market_db.seen import Listing, Observation
from market_db.store import save_seen, save_sources
from market_db.values.places import read_country
from pipelines.context import Context
from pipelines.rejections import Rejection
from pipelines.steps import run_steps, steps_over
from scripts.crawl import card
from spiders.base.off_products import Shown, countries_of, listings, stores_of
from spiders.evidence import ArchivedAt, stamp
from spiders.products.open_food_facts import COUNTRIES, OpenFoodFacts, catalogue, count_url, page_url, read_page, shown
from spiders.products.open_food_facts_dump import FILE, OpenFoodFactsDump, read_dump
from spiders.reading import Answer, BadAnswer, Issue, Rejected

AS_OF = date(2026, 11, 20)
PRODUCTS = load_products()
SAMBAL = PRODUCTS["sambal"]
PAGE = page_url(SAMBAL, 1)
TREE = ["en:condiments", "en:sauces", "en:hot-sauces"]


def spider() -> OpenFoodFacts:
    return OpenFoodFacts(products=[SAMBAL], as_of=AS_OF)


def answer(body: object, url: str = PAGE, status: int = 200) -> Answer:
    return Answer(body=body if isinstance(body, bytes) else json.dumps(body).encode(), url=url, status=status)


def after(url: str, body: object) -> list[str]:
    response = TextResponse(url, body=json.dumps(body).encode(), request=Request(url))
    return [request.url for request in spider().next_requests(response)]


def test_one_question_for_all_categories_without_fields_of_contributors() -> None:
    first = [request.url for request in spider().first_requests()]
    assert first == [COUNTRIES, PAGE]
    query = parse_qs(urlsplit(PAGE).query)
    assert query["categories_tags"] == ["en:hot-sauces|en:harissa-sauces|en:sriracha-sauces|en:sambal|en:sambal-oelek"]
    assert "pepper-sauces" not in PAGE
    assert not {"creator", "owner", "editors_tags", "last_editor"} & set(query["fields"][0].split(","))


def test_countries_with_a_catalogue_are_counted_twice() -> None:
    tags = [{"id": "en:germany", "products": 2_000}, {"id": "en:malaysia", "products": 1_999}, {"id": "en:world", "products": 9_999}]
    assert after(COUNTRIES, {"tags": tags}) == [count_url(SAMBAL, "en:germany"), count_url(SAMBAL, "en:germany", "en:halal")]


@pytest.mark.parametrize(
    ("count", "page", "rows", "more"),
    [(101, 1, 1, True), (100, 1, 1, False), (9_999, 20, 1, False), (9_999, 19, 1, True), (500, 2, 0, False)],
)
def test_pages_follow_until_the_total_or_the_most_that_is_listed(count: int, page: int, rows: int, more: bool) -> None:
    found = after(page_url(SAMBAL, page), {"count": count, "products": [{}] * rows})
    assert found == ([page_url(SAMBAL, page + 1)] if more else [])


def test_a_count_asks_for_nothing_more() -> None:
    assert after(count_url(SAMBAL, "en:germany"), {"count": 900, "products": [{}]}) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>busy</html>", "html instead of json"),
        (b"", "not json"),
        (b'{"count": 3, "products": [', "not json"),
        ("\u00e9".encode("latin-1"), "wrong charset"),
        ([], "unexpected shape"),
        ({"errors": [{"message": "x"}], "count": 3}, "error in answer"),
        ({"products": []}, "missing field"),
        ({"count": 1e400, "products": []}, "missing field"),
        ({"count": 1, "products": {}}, "unexpected shape"),
    ],
)
def test_answers_that_are_none(body: object, reason: str) -> None:
    with pytest.raises(BadAnswer) as bad:
        list(read_page(answer(body)))
    assert bad.value.reason == reason


def test_missing_rows_are_told_and_no_rows_are_broken() -> None:
    assert list(read_page(answer({"count": 7, "products": []}))) == [
        Issue("partial_answer", "page 1: 0 of 7 products came, 7 match", broken=True)
    ]
    assert list(read_page(answer({"count": 0, "products": []}))) == []


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=8), v, max_size=3),
    )
)
def test_any_row_is_a_listing_or_rejected(value: object) -> None:
    names = ("code", "product_name", "brands", "stores", "countries_tags", "labels_tags", "categories_tags", "product_quantity")
    for row in (value, dict.fromkeys(names, value), {**dict.fromkeys(names, value), "code": "2000000000015", "product_name": "x"}):
        for read in read_page(answer({"count": 1, "products": [row]})):
            assert isinstance(read, Listing | Rejected | Issue)


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (["en:united-kingdom", "en:united-kingdom"], ("GB",)),
        (["fr:allemagne"], ("DE",)),
        (["en:cote-d-ivoire"], ("CI",)),
        (["en:world", "en:argentina-espanol", ""], ()),
    ],
)
def test_country_tags(tags: list[str], found: tuple[str, ...]) -> None:
    assert countries_of(tags) == found


def test_shops_as_typed() -> None:
    assert stores_of("Carrefour , carrefour,Lidl;, 24, X,") == ("carrefour", "Lidl")
    assert len(stores_of(",".join(f"Shop {n}" for n in range(40)))) == 10
    assert stores_of(None) == ()


def test_a_shop_is_a_seller_only_where_the_country_is_certain() -> None:
    one = Shown(code="2000000000015", name="Sambal (contoh)", stores="Toko A (contoh), Toko B (contoh)", countries=["en:netherlands"])
    sellers = [read.seller for read in listings(one) if isinstance(read, Listing)]
    assert [(seller.name, seller.country, seller.role) for seller in sellers if seller] == [
        ("Toko A (contoh)", "NL", "retailer"),
        ("Toko B (contoh)", "NL", "retailer"),
    ]
    two = Shown(code="2000000000015", name="Sambal (contoh)", stores="Toko A (contoh)", countries=["en:netherlands", "en:belgium"])
    (only,) = listings(two)
    assert isinstance(only, Listing)
    assert (only.seller, only.country) == (None, None)


def proven(listing: Listing) -> Listing:
    record = stamp(listing, "open_food_facts", ArchivedAt(None, None, "0" * 64, datetime(2026, 11, 20, tzinfo=UTC), PAGE))
    assert isinstance(record, Listing)
    return record


def test_shops_go_to_the_tables_of_share_alike_sources(home: Home) -> None:
    shop = Shown(
        code="2000000000015", name="Sambal Oelek (contoh)", stores="Toko A (contoh)", countries=["en:netherlands"], categories=TREE
    )
    context = Context(as_of=AS_OF, products=[SAMBAL])
    kept = [run_steps(proven(read), context) for read in listings(shop) if isinstance(read, Listing)]
    db = open_market(home)
    try:
        save_sources(db, [card("open_food_facts", OpenFoodFacts.about, True)])
        save_seen(db, kept, run_id="r", now=datetime(2026, 11, 20, tzinfo=UTC))
        assert db.conn.execute("select name, country from parties_share_alike").fetchall() == [("Toko A (contoh)", "NL")]
        assert db.conn.execute("select count(*) from parties").fetchone()[0] == 0
        assert db.conn.execute("select product, country from listings").fetchall() == [("sambal", "NL")]
    finally:
        db.close()


HEAD = "code\tproduct_name\tquantity\tbrands\tcategories_tags\torigins\tmanufacturing_places\tlabels_tags\tstores\tcountries_tags\n"
GOOD = 'p\tSaus "contoh\t1 kg\t\t' + ",".join(TREE) + "\t\t\ten:halal\t\ten:netherlands\n"


def dump(data: bytes) -> list[object]:
    return list(read_dump(io.BytesIO(data), FILE, [SAMBAL], AS_OF))


def values(reads: list[object]) -> dict[tuple[str, str | None], float]:
    return {(read.metric, read.country): read.value for read in reads if isinstance(read, Observation)}


def test_the_file_is_counted_whole_and_listed_in_part() -> None:
    body = HEAD + GOOD.replace("p\t", "2000000000015\t", 1) + "2000000000053\tBiscuit\t\t\ten:biscuits\t\t\t\t\ten:netherlands,en:france\n"
    for data in (body.encode(), gzip.compress(body.encode()), b"\xef\xbb\xbf" + body.replace("\n", "\r\n").encode()):
        reads = dump(data)
        assert [read.name for read in reads if isinstance(read, Listing)] == ['Saus "contoh']
        assert values(reads) == {
            ("catalogue_products", "FR"): 1,
            ("assortment_products", "FR"): 0,
            ("assortment_halal_products", "FR"): 0,
            ("catalogue_products", "NL"): 2,
            ("assortment_products", "NL"): 1,
            ("assortment_halal_products", "NL"): 1,
        }


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file"),
        (b"\n", "empty file"),
        (b"<html></html>", "html or xml instead of a table"),
        (b"%PDF-1.4\n", "missing column"),
        (HEAD.replace("categories_tags", "categories").encode(), "missing column"),
        (HEAD.encode(), "no row"),
        (HEAD.encode() + b"x" * 1_000_001, "line too long"),
        ((HEAD + GOOD).encode()[:-3], "cut off"),
        (gzip.compress((HEAD + GOOD * 5_000).encode())[:-900], "broken packed file"),
        (gzip.compress(HEAD.encode())[:12] + b"\xff" * 40, "broken packed file"),
        (b"\x1f\x8b", "broken packed file"),
    ],
)
def test_files_that_are_none(data: bytes, reason: str) -> None:
    with pytest.raises(BadAnswer) as bad:
        dump(data)
    assert bad.value.reason == reason


def test_odd_rows_are_counted_beside_good_ones() -> None:
    rows = "short\n" + GOOD.replace("p\t", "not a code\t", 1) + GOOD.replace("p\t", "2000000000015\t", 1).replace("contoh", "\udcff")
    reads = Counter(read.reason for read in dump((HEAD + rows).encode("utf-8", "surrogateescape")) if isinstance(read, Rejected))
    assert reads["ragged row"] == 1
    assert reads["no product code"] == 1


def test_the_file_is_off_and_asked_only_for_products_with_categories() -> None:
    assert not OpenFoodFactsDump.about.ready
    assert [request.url for request in OpenFoodFactsDump(products=[SAMBAL], as_of=AS_OF).first_requests()] == [FILE]


def test_real_countries_and_products(corpus: Path) -> None:
    facet = Answer(body=(corpus / "demand/off/facets/countries_facet.json").read_bytes(), url=COUNTRIES)
    found = catalogue(facet)
    assert {country: products for _, country, products in found if products >= 2_000}["FR"] == 694_556
    assert len({country for _, country, products in found if products >= 2_000}) == 22
    reads = list(OpenFoodFacts(as_of=AS_OF).read(facet))
    assert sum(isinstance(read, Observation) for read in reads) == len({country for _, country, _ in found}) >= 200
    lost = [
        row["id"] for row in json.loads(facet.body)["tags"] if row["known"] and row["products"] >= 500 and read_country(row["id"]) is None
    ]
    assert set(lost) <= {"en:world", "en:european-union"}

    with gzip.open(corpus / "demand/off/products_categorised.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    sauces = [row for row in rows if set(row.get("categories_tags") or []) & set(SAMBAL.off_categories)]
    records = [read for row in sauces for read in listings(shown(row))]
    context = Context(as_of=AS_OF, products=list(PRODUCTS.values()))
    kept = list(steps_over((proven(read) for read in records if isinstance(read, Listing)), context))
    judged = Counter(type(read).__name__ if isinstance(read, Rejection) else read.product for read in kept)
    assert (len(rows), len(sauces), sum(isinstance(read, Rejected) for read in records)) == (3_440, 8, 1)
    assert judged == {"sambal": 6, "OtherProduct": 1}
