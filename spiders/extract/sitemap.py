"""Sitemaps: which pages a site has, read from its index, its files, plain or gzip, and from robots.txt."""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lxml import etree

from market_db.values.text import clean

MAX_ENTRIES = 50_000
"""Entries of one file (the protocol's own limit)."""
MAX_UNPACKED = 50 * 1024 * 1024
"""Bytes of one file (the protocol's own limit)."""
_ROBOTS = re.compile(r"(?im)^[ \t]*sitemap[ \t]*:[ \t]*(https?://\S{1,2000})")
_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]{0,20}:)?(urlset|sitemapindex)[\s>/]", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
MAX_PROLOGUE = 20_000
"""Bytes among which the root element must begin."""
_DATE = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One address of a sitemap, and the day the site says it changed."""

    url: str
    lastmod: date | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """Entries of one file; of an index they are further sitemaps. `whole` is False where it broke off."""

    index: bool
    entries: tuple[Entry, ...]
    whole: bool = True


def sitemaps_in_robots(body: bytes) -> tuple[str, ...]:
    """Addresses that robots.txt names, each once."""
    return tuple(dict.fromkeys(_ROBOTS.findall(body[:500_000].decode("utf-8", "replace"))))[:20]


def read_sitemap(body: bytes) -> Sitemap | None:
    """One sitemap file; None where it is none (HTML, JSON). Broken XML gives what stands before the break."""
    text, whole = _unpacked(body)
    text = _COMMENT.sub(b"", text[:MAX_PROLOGUE]) + text[MAX_PROLOGUE:]
    root = _ROOT.search(text, 0, MAX_PROLOGUE)
    if root is None:
        return None
    text = _from_prologue(text, root.start())
    found: list[Entry] = []
    try:
        for entry in _entries(text):
            found.append(entry)
            if len(found) >= MAX_ENTRIES:
                whole = False
                break
    except etree.XMLSyntaxError:
        whole = False
    return Sitemap(root[1].lower() == b"sitemapindex", tuple(found), whole)


def _from_prologue(text: bytes, root: int) -> bytes:
    """From the XML declaration on, else from the root on: what sites print before it (warnings, blank lines) makes it no XML."""
    declared = text.find(b"<?xml", 0, root)
    return text[declared if declared >= 0 else root :]


def _unpacked(body: bytes) -> tuple[bytes, bool]:
    if body[:2] != b"\x1f\x8b":
        return body[:MAX_UNPACKED].lstrip(), len(body) <= MAX_UNPACKED
    try:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        text = unpacker.decompress(body, MAX_UNPACKED)
        return text.lstrip(), unpacker.eof
    except (zlib.error, gzip.BadGzipFile):
        return b"", False


def _entries(text: bytes) -> Iterator[Entry]:
    """Entries in document order; no entity is resolved and nothing is fetched."""
    parser = etree.XMLPullParser(events=("end",), resolve_entities=False, no_network=True, huge_tree=False)
    for start in range(0, len(text), 65_536):
        parser.feed(text[start : start + 65_536])
        for _, element in parser.read_events():
            if isinstance(element.tag, str) and etree.QName(element).localname in ("url", "sitemap"):
                yield from _entry(element)
                element.clear()
    parser.close()


def _entry(element: etree._Element) -> Iterator[Entry]:
    fields = {etree.QName(child).localname: child.text or "" for child in element if isinstance(child.tag, str)}
    url = clean(fields.get("loc", ""), 2_000)
    if url.startswith(("http://", "https://")):
        yield Entry(url, _day(fields.get("lastmod", "")))


def _day(text: str) -> date | None:
    match = _DATE.match(text.strip()[:40])
    try:
        return date(int(match[1]), int(match[2]), int(match[3] or 1)) if match else None
    except ValueError:
        return None
