"""Which of a page's many names is the product's."""

import html
import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from market_db.values.text import clean, fold
from spiders.extract import cues
from spiders.extract.breadcrumbs import breadcrumbs
from spiders.extract.document import Document
from spiders.extract.shops import is_site
from spiders.extract.text import MAX_NAME

_ICON = re.compile("[\ue000-\uf8ff]+")
"""Glyphs of icon fonts (private use)."""
_APART = re.compile(r"\s*[·•|¦]\s*")
_LEAST = 8
"""Characters of the shortest name that is cut out of a longer text."""
_LABELLED = re.compile(r"\s+[\w.-]{2,15}\s?[:#№]\s*[\w./-]{2,25}$")


def product_name(doc: Document, structured: str | None, brand: str | None = None) -> tuple[str | None, HtmlElement | None]:
    """Name without SEO tails and label suffixes, and the heading that shows it (None where no heading does)."""
    page_titles = [fold(t, MAX_NAME) for t in (doc.title, doc.metas.get("og:title", ""), structured or "") if t]
    heading = _heading(doc, page_titles)
    shown = _plain(_unlabelled(heading[1], doc.metas.get("og:title"), doc.title), doc, brand) if heading else None
    element = heading[0] if heading else None
    if structured:
        structured = _plain(structured, doc, brand)
        return (shown if shown and _says_better(shown, structured, brand) else structured), element
    return (shown, element) if shown else (_from_titles(doc), None)


def _plain(name: str, doc: Document, brand: str | None) -> str:
    """Without icons, entities escaped twice, price tags and buttons beside it, and without a label before it."""
    return _uncategorised(_unprefixed(_title_part(_ICON.sub("", html.unescape(name)).strip(), doc), doc, brand), doc)


def _uncategorised(name: str, doc: Document) -> str:
    """Without the category behind it, where the title sets the two apart and the path has the category."""
    alone, category = (*cues.SHARE_TITLE.split(doc.title, maxsplit=2), "", "")[:2]
    if not category or fold(name, MAX_NAME) != fold(f"{alone} {category}", MAX_NAME):
        return name
    return alone if fold(category) in map(fold, breadcrumbs(doc, None)) else name


def _says_better(shown: str, structured: str, brand: str | None) -> bool:
    """Whether the heading has the name alone where markup adds a tail for search engines, or has the brand that markup leaves out."""
    one, other = fold(shown, MAX_NAME), fold(structured, MAX_NAME)
    tailed = len(other) > max(80, 1.6 * len(one)) and other.startswith(one[:30])
    return tailed or bool(brand and one == f"{fold(brand, MAX_NAME)} {other}")


def _heading(doc: Document, titles: Iterable[str]) -> tuple[HtmlElement, str] | None:
    """The first-level heading that the title repeats; a lone one is believed anyway."""
    titles = list(titles)
    for element, text in doc.headings:
        folded = fold(text, MAX_NAME)
        if len(folded) > 2 and any(folded[:60] in title or (len(title) > 8 and title in folded) for title in titles):
            return element, text
    similar = [h for h in doc.headings if any(_shared_words(h[1], title) >= (0.6 if len(doc.headings) < 3 else 0.85) for title in titles)]
    return similar[0] if similar else (doc.headings[0] if len(doc.headings) == 1 else None)


def _shared_words(text: str, title: str) -> float:
    words = set(re.findall(r"\w+", fold(text, MAX_NAME)))
    return len(words & set(re.findall(r"\w+", title))) / len(words) if words else 0.0


def _unlabelled(shown: str, *titles: str | None) -> str:
    """Without "Code: 01245" behind the name, where a title has the name alone."""
    bare = _LABELLED.sub("", shown)
    return bare if bare != shown and any(title and fold(title, MAX_NAME).startswith(fold(bare, MAX_NAME)) for title in titles) else shown


def _title_part(name: str, doc: Document) -> str:
    """The part of a heading that the title begins with, where the heading sets other things (a price, a link) apart from it."""
    titles = [fold(title, MAX_NAME) for title in (doc.title, doc.metas.get("og:title", "")) if title]
    parts = [part for part in _APART.split(name) if part]
    if len(parts) < 2 or any(fold(name, MAX_NAME)[:40] in title for title in titles):
        return name
    return next((part for part in parts if len(part) >= _LEAST and any(t.startswith(fold(part, MAX_NAME)) for t in titles)), name)


def _unprefixed(name: str, doc: Document, brand: str | None) -> str:
    """Without a label before it ("Details about ...", "Product:"), where a title of the page has the name alone."""
    titles = [title for title in (doc.title, doc.metas.get("og:title", "")) if title]
    words = name.split()
    for dropped in range(1, min(5, len(words))):
        alone = " ".join(words[dropped:])
        label = " ".join(words[:dropped])
        if len(alone) < _LEAST or (brand and fold(brand) in fold(label)):
            break
        if any(_leads(alone, title) and label not in title for title in titles) and not any(name in title for title in titles):
            return alone
    return name


def _leads(alone: str, title: str) -> bool:
    """Whether a title is the name, or the name and a part set apart from it."""
    rest = title.removeprefix(alone)
    return len(rest) < len(title) and (not rest or bool(cues.SHARE_TITLE.match(rest)))


def _from_titles(doc: Document) -> str | None:
    """What title and og:title have in common, else the title without the site's name."""
    shared = doc.metas.get("og:title")
    if shared and doc.title and (common := _common(shared, doc.title)):
        return common
    parts = [part for part in cues.SHARE_TITLE.split(shared or doc.title) if part and not is_site(part, doc)]
    return clean(parts[0], MAX_NAME) if parts else None


def _common(one: str, other: str) -> str | None:
    """Longest run of characters both titles share, cut at separators; None where it is less than half of the shorter."""
    from difflib import SequenceMatcher

    one, other = one[:MAX_NAME], other[:MAX_NAME]
    match = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
    text = one[match.a : match.a + match.size].strip(" -–—|:»›·,")
    return clean(text, MAX_NAME) if len(text) >= 0.5 * min(len(one), len(other)) else None
