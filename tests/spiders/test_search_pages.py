"""Front pages and pages of results: how a site is searched, where its products lie, where it goes on, and whether it has any."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from lxml.cssselect import CSSSelector

from spiders.extract.document import Document
from spiders.extract.page import extract_page
from spiders.extract.results import next_page, result_links, says_none
from spiders.extract.search_forms import opensearch_link, read_opensearch, search_url, searches, words
from spiders.reading import BadAnswer

FIXTURES = Path(__file__).parent / "fixtures" / "search"
CASES = sorted(path.parent for path in FIXTURES.glob("*/request.json"))


def read_case(folder: Path) -> dict:
    asked = json.loads((folder / "request.json").read_text("utf-8"))
    page = extract_page((folder / asked["file"]).read_bytes(), asked["url"], asked["headers"])
    assert page.document is not None
    return {
        "searches": [[way.why, way.template] for way in searches(page.document)],
        "links": list(result_links(page, lambda text: "sambal" in text.rpartition(" ")[0].lower())),
        "next": next_page(page.document),
        "none": says_none(page.document),
    }


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_fixture_gives_what_is_expected(folder: Path) -> None:
    assert read_case(folder) == json.loads((folder / "expected.json").read_text("utf-8"))


def page(markup: str, url: str = "https://a.example/") -> Document:
    return Document(f"<html><head></head><body>{markup}</body></html>".encode(), url, {})


def first(markup: str, url: str = "https://a.example/") -> str | None:
    return next((way.template for way in searches(page(markup, url))), None)


@pytest.mark.parametrize(
    ("action", "template"),
    [
        ({"@type": "SearchAction", "target": "https://a.example/?s={search_term_string}"}, "https://a.example/?s={q}"),
        ({"@type": "SearchAction", "target": "/search?q={query}&type=product"}, "https://a.example/search?q={q}&type=product"),
        ({"@type": "SearchAction", "target": {"urlTemplate": "https://a.example/zoek/{q}.html"}}, "https://a.example/zoek/{q}.html"),
        ({"@type": ["SearchAction"], "target": [{"urlTemplate": "https://a.example/x?w={a}"}, "app://x/{a}"]}, "https://a.example/x?w={q}"),
        ([{"@type": "ReadAction"}, {"@type": "http://schema.org/SearchAction", "target": "/s?{x}"}], "https://a.example/s?{q}"),
        ({"@type": "SearchAction", "target": "https://a.example/search"}, None),
        ({"@type": "SearchAction", "target": "https://a.example/{a}/{b}"}, None),
        ({"@type": "SearchAction", "target": {"urlTemplate": 5}}, None),
        ({"@type": "SearchAction"}, None),
        ("SearchAction", None),
    ],
)
def test_search_actions(action: object, template: str | None) -> None:
    block = json.dumps({"@type": "WebSite", "potentialAction": action})
    assert first(f'<script type="application/ld+json">{block}</script>') == template


def test_search_action_in_microdata() -> None:
    markup = (
        '<div itemscope itemtype="http://schema.org/WebSite"><form itemprop="potentialAction" itemscope itemtype="http://schema.org/SearchAction">'
        '<meta itemprop="target" content="https://a.example/find?k={k}"/><input itemprop="query-input" name="k"></form></div>'
    )
    assert first(markup) == "https://a.example/find?k={q}"


@pytest.mark.parametrize(
    ("form", "template"),
    [
        ('<form action="/search"><input name="q"></form>', "https://a.example/search?q={q}"),
        ('<form action="catalogsearch/result/"><input type="text" name="q"></form>', "https://a.example/catalogsearch/result/?q={q}"),
        ('<form role="search" method="GET"><input type="search" name="s"></form>', "https://a.example/?s={q}"),
        ('<form action="/"><input name="s"><input type="hidden" name="post_type" value="product"></form>', "https://a.example/?post_type=product&s={q}"),
        (
            '<form action="index.php?x=1"><input type=hidden name=route value="product/search"><input name="search" placeholder="Cari"></form>',
            "https://a.example/index.php?route=product%2Fsearch&search={q}",
        ),
        ('<form action="/s"><input name="q"><input type="checkbox" name="a" checked><input type="checkbox" name="b"></form>', "https://a.example/s?a=on&q={q}"),
        ('<form action="/s"><input name="q"><input type="hidden" name="_token" value="x"></form>', "https://a.example/s?q={q}"),
        (f'<form action="/s"><input name="q"><input type="hidden" name="page" value="{"x" * 90}"></form>', "https://a.example/s?q={q}"),
        ('<form action="//other.example/s"><input name="q"></form>', "https://other.example/s?q={q}"),
        ('<form action="/поиск"><input name="text" placeholder="Найти товар"></form>', "https://a.example/поиск?text={q}"),
        ('<form action="/search" method="post"><input name="q"></form>', None),
        ('<form action="/search"><input name="q"><input name="city"></form>', None),
        ('<form action="/search"><input name="q"><input type="password" name="p"></form>', None),
        ('<form action="/subscribe"><input name="address"></form>', None),
        ('<form action="javascript:go()"><input name="q"></form>', None),
        ('<form action="/search"><input></form>', None),
    ],
)  # fmt: skip
def test_forms(form: str, template: str | None) -> None:
    assert first(form) == template


def test_the_likeliest_form_comes_first() -> None:
    forms = '<form action="/shops"><input name="text"></form><form action="/search" role="search"><input type="search" name="q"></form>'
    assert first(forms) == "https://a.example/search?q={q}"


OPEN = '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">{}</OpenSearchDescription>'


@pytest.mark.parametrize(
    ("url", "template"),
    [
        ('<Url type="text/html" template="https://a.example/s?q={searchTerms}"/>', "https://a.example/s?q={q}"),
        ('<Url type="application/json" template="https://a.example/j?q={searchTerms}"/><Url type="text/html" template="/s?q={searchTerms}"/>', "https://a.example/s?q={q}"),
        ('<Url type="text/html" template="/s?q={searchTerms}&amp;p={startPage?}&amp;l={language?}&amp;n={count}"/>', "https://a.example/s?q={q}&p={page}&l=&n=20"),
        ('<Url type="text/html" method="get" template="/s/{searchTerms?}"/>', "https://a.example/s/{q}"),
    ],
)  # fmt: skip
def test_opensearch(url: str, template: str) -> None:
    assert read_opensearch(OPEN.format(url).encode(), "https://a.example/").template == template


@pytest.mark.parametrize("body", [b"", b"<html>404</html>", b"{}", OPEN.format("").encode(), OPEN.encode()[:40], b"\x00\xff" * 9])
def test_what_is_no_opensearch(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="no opensearch"):
        read_opensearch(body, "https://a.example/")


def test_opensearch_entities_are_not_expanded() -> None:
    body = (
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
        + OPEN.format('<Url type="text/html" template="/s?q={searchTerms}&a;"/>').encode()
    )
    with pytest.raises(BadAnswer, match="no opensearch"):
        read_opensearch(body, "https://a.example/")


def test_opensearch_is_named_by_the_page() -> None:
    body = b'<html><head><link rel="search" type="application/opensearchdescription+xml" href="/os.xml"></head><body>x</body></html>'
    assert opensearch_link(Document(body, "https://a.example/", {})) == "https://a.example/os.xml"
    assert opensearch_link(page("")) is None


@pytest.mark.parametrize(
    ("template", "keyword", "charset", "url"),
    [
        ("https://a/?s={q}", "sweet chili", None, "https://a/?s=sweet+chili"),
        ("https://a/zoek/{q}", "sweet chili/x", None, "https://a/zoek/sweet%20chili%2Fx"),
        ("https://a/?q={q}&p={page}", "辣椒酱", None, "https://a/?q=%E8%BE%A3%E6%A4%92%E9%85%B1&p=2"),
        ("https://a/?q={q}", "соус", "windows-1251", "https://a/?q=%F1%EE%F3%F1"),
        ("https://a/?q={q}", "соус", "no-such", "https://a/?q=%D1%81%D0%BE%D1%83%D1%81"),
        ("https://a/?q={q}", "a&b=#c", None, "https://a/?q=a%26b%3D%23c"),
    ],
)
def test_addresses_of_results(template: str, keyword: str, charset: str | None, url: str) -> None:
    assert search_url(template, keyword, 2, charset) == url


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ('<a rel="next" href="?p=2">x</a>', "https://a.example/?p=2"),
        ('<a rel="nofollow next" href="/s?p=2#top">x</a>', "https://a.example/s?p=2"),
        ('<li class="next"><a href="/2">2</a></li>', "https://a.example/2"),
        ('<a href="/2" title="Next page">»</a>', "https://a.example/2"),
        ('<a href="/2" aria-label="Volgende">&gt;</a>', "https://a.example/2"),
        ('<a href="/2">Berikutnya</a>', "https://a.example/2"),
        ('<a href="/2">التالي</a>', "https://a.example/2"),
        ('<a href="/2">次へ</a>', "https://a.example/2"),
        ('<a href="/2">Volgende »</a>', "https://a.example/2"),
        ('<a class="slick-next" href="/2">Weiter lesen</a>', None),
        ('<a class="btn" href="/2">Next-day delivery</a>', None),
        ('<a class="next disabled" href="/2">x</a>', None),
        ('<a rel="next" href="#">x</a>', None),
        ('<a rel="next" href="https://evil.example/2">x</a>', None),
        ('<a rel="next" href="javascript:more()">x</a>', None),
        ('<a rel="next" href="https://a.example/">this page</a>', None),
        ("<a>Next</a>", None),
    ],
)
def test_next_pages(markup: str, found: str | None) -> None:
    assert next_page(page(markup)) == found


def test_the_rows_selectors_decide() -> None:
    markup = '<a class="meer" href="/2">x</a><a rel="next" href="/3">x</a><p class="t"><a href="/p/1">a</a></p><p class="t"><a href="https://b.example/">b</a></p>'
    assert next_page(page(markup), "css:a.meer::attr(href)") == "https://a.example/2"
    found = extract_page(f"<html><body>{markup}</body></html>".encode(), "https://a.example/", {})
    assert result_links(found, lambda _: False, "css:p.t") == ("https://a.example/p/1",)


@pytest.mark.parametrize(
    ("line", "none"),
    [
        ("Geen resultaten voor sambal", True), ("No products were found matching your selection.", True), ("Tidak ditemukan", True),
        ("لا توجد نتائج", True), ("検索結果: 該当する商品がありません", True), ("По вашему запросу ничего не найдено", True), ("Brak wyników wyszukiwania", True),
        ("0 results", True), ("10 results", False), ("120 Treffer", False), ("0 Treffer", True), ("Brak produktów w koszyku", False),
        ("{{count}} 0 results", False), ("Sambal Oelek", False), ("", False),
    ],
)  # fmt: skip
def test_words_for_nothing(line: str, none: bool) -> None:
    assert says_none(page(f"<p>{line}</p>")) is none
    assert not says_none(page(f"<script>var x = '{line}'</script><p>{'x ' * 200} {line}</p>"))


def test_the_table_is_lower_case_and_says_nothing_twice() -> None:
    for texts in words().values():
        assert len(texts) == len(set(texts))
        assert all(text == text.lower() for text in texts)


def recorded(corpus: Path) -> Iterator[tuple[str, Document]]:
    """Every page of the corpus at the address it came from."""
    market = corpus / "market"
    origin = {
        row[0]: row[1]
        for row in csv.reader((market / "MANIFEST.tsv").read_text("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    }
    for path in sorted(market.glob("*_html/*.html*")):
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        name = path.relative_to(market).as_posix()
        url = origin.get(name, "")
        yield name, Document(body, url if url.startswith("http") else f"https://{path.name.partition('_')[0]}/", {})


def test_forms_of_recorded_pages_agree_with_their_search_actions(corpus: Path) -> None:
    agree, both, have = 0, 0, 0
    for _, doc in recorded(corpus):
        ways = list(searches(doc))
        have += bool(ways)
        named = [urlsplit(way.template).path.rstrip("/") for way in ways if way.why == "SearchAction"]
        forms = [urlsplit(way.template).path.rstrip("/") for way in ways if way.why == "form"]
        if named and forms:
            both += 1
            agree += named[0] == forms[0]
    assert have >= 125
    assert agree >= 0.85 * both >= 15


def test_next_pages_of_recorded_listings(corpus: Path) -> None:
    rows = {
        row["File Name"]: row
        for row in csv.DictReader((corpus / "market/listing_html/_autopager_data.csv").read_text("utf-8").splitlines())
    }
    right, seen = 0, 0
    for path in sorted((corpus / "market").glob("*_html/autopager_*.html")):
        row = rows[path.stem.rpartition("_")[2]]
        doc = Document(path.read_bytes(), row["Page URL"], {})
        marked = CSSSelector(row["NEXT"], translator="html")(doc.root) if row["NEXT"] else []
        anchors = [element if element.tag == "a" else next(element.iter("a"), None) for element in marked]
        anchors = [a if a is not None else next(element.iterancestors("a"), None) for a, element in zip(anchors, marked, strict=True)]
        wanted = {urljoin(row["Page URL"], anchor.get("href") or "").partition("#")[0] for anchor in anchors if anchor is not None}
        found = next_page(doc)
        seen += 1
        right += found in wanted if wanted else found is None
    assert (right, seen) >= (15, 16)


def test_recorded_pages_do_not_say_that_there_is_nothing(corpus: Path) -> None:
    assert [name for name, doc in recorded(corpus) if says_none(doc)] == []
