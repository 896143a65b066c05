"""Sitemaps: index and files, plain and gzip, whole and broken."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from spiders.extract.sitemap import MAX_ENTRIES, Entry, read_sitemap, sitemaps_in_robots

NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
URLSET = f"""<?xml version="1.0" encoding="UTF-8"?><urlset {NS}>
<url><loc> https://a.example/p/sambal?x=1&amp;y=2 </loc><lastmod>2026-11-20T10:00:00+07:00</lastmod></url>
<url><loc>https://a.example/p/%D8%B3</loc><lastmod>2026-13-45</lastmod></url>
<url><loc>javascript:alert(1)</loc></url></urlset>""".encode()
ENTRIES = (Entry("https://a.example/p/sambal?x=1&y=2", date(2026, 11, 20)), Entry("https://a.example/p/%D8%B3", None))


@pytest.mark.parametrize("body", [URLSET, gzip.compress(URLSET), b"\n\n" + URLSET], ids=["plain", "gzip", "blank lines first"])
def test_files(body: bytes) -> None:
    found = read_sitemap(body)
    assert found is not None
    assert (found.index, found.entries, found.whole) == (False, ENTRIES, True)


BEFORE = [
    b"<!-- made by a plugin <urlset -->\n",
    b"<br />\n<b>Warning</b>: Undefined array key in <b>x.php</b><br />\n",
    b"Notice: x\n",
    b"\xef\xbb\xbf",
    b"\xef\xbb\xbf\n",
]


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("declared", [True, False])
def test_what_sites_print_before_it_is_passed_over(before: bytes, declared: bool) -> None:
    found = read_sitemap(before + (URLSET if declared else URLSET[URLSET.index(b"<urlset") :]))
    assert found is not None
    assert (found.index, found.entries, found.whole) == (False, ENTRIES, True)


def test_prefixed_elements() -> None:
    found = read_sitemap(
        b'<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"><s:url><s:loc>https://a.example/p</s:loc></s:url></s:urlset>'
    )
    assert found is not None
    assert [entry.url for entry in found.entries] == ["https://a.example/p"]


@pytest.mark.parametrize(
    ("name", "index", "entries", "dated"),
    [
        ("salla_alsweed_sitemap_products_TRIMMED.xml", False, 6, 6),
        ("salla_elburoj_sitemap-3_products_TRIMMED_2026-07-20.xml", False, 40, 0),
        ("salla_elburoj_sitemap_index_2026-07-20.xml", True, 4, 0),
        ("zid_advancedcastle_sitemap_index_2026-07-20.xml", True, 4, 0),
        ("zid_advancedcastle_sitemap_products_2026-07-20_refuter.xml", False, 167, 167),
    ],
)
def test_recorded_sitemaps(corpus: Path, name: str, index: bool, entries: int, dated: int) -> None:
    found = read_sitemap((corpus / "market/sitemap_xml" / name).read_bytes())
    assert found is not None
    assert (found.index, len(found.entries), sum(entry.lastmod is not None for entry in found.entries)) == (index, entries, dated)


def test_index_without_namespace() -> None:
    found = read_sitemap(
        b"<sitemapindex><sitemap><loc>https://a.example/s1.xml.gz</loc><lastmod>2026-11</lastmod></sitemap></sitemapindex>"
    )
    assert found is not None
    assert (found.index, found.entries) == (True, (Entry("https://a.example/s1.xml.gz", date(2026, 11, 1)),))


def test_what_stands_before_a_break_is_kept_and_the_break_is_said() -> None:
    for body in (URLSET[:-40], gzip.compress(URLSET)[:-20]):
        found = read_sitemap(body)
        assert found is not None
        assert found.entries[:1] == ENTRIES[:1]
        assert not found.whole


def test_the_protocols_limit_is_kept() -> None:
    body = b"<urlset>" + b"".join(b"<url><loc>https://a.example/%d</loc></url>" % n for n in range(MAX_ENTRIES + 5)) + b"</urlset>"
    found = read_sitemap(body)
    assert found is not None
    assert (len(found.entries), found.whole) == (MAX_ENTRIES, False)


@pytest.mark.parametrize("body", [b"", b"<html><body>404</body></html>", b'{"a": 1}', b"\x1f\x8b rubbish", b"\x00" * 100])
def test_what_is_no_sitemap(body: bytes) -> None:
    assert read_sitemap(body) is None


def test_entities_are_not_expanded() -> None:
    bomb = (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><urlset><url><loc>https://a.example/&b;</loc></url></urlset>'
    )
    found = read_sitemap(bomb)
    assert found is not None
    assert all("aaaa" not in entry.url for entry in found.entries)


def test_robots_names_sitemaps() -> None:
    body = (
        b"User-agent: *\nDisallow: /x\nSITEMAP : https://a.example/s.xml\nSitemap:https://a.example/t.xml # two\nSitemap: /relative.xml\n"
    )
    assert sitemaps_in_robots(body) == ("https://a.example/s.xml", "https://a.example/t.xml")
