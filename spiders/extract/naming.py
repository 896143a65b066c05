"""Which of a page's many names is the product's."""

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from market_db.values.text import clean, fold
from spiders.extract import cues
from spiders.extract.document import Document
from spiders.extract.shops import is_site
from spiders.extract.text import MAX_NAME

_LABELLED = re.compile(r"\s+[\w.-]{2,15}\s?[:#№]\s*[\w./-]{2,25}$")


def product_name(doc: Document, structured: str | None) -> tuple[str | None, HtmlElement | None]:
    """Name without SEO tails and label suffixes, and the heading that shows it (None where no heading does)."""
    page_titles = [fold(t, MAX_NAME) for t in (doc.title, doc.metas.get("og:title", ""), structured or "") if t]
    heading = _heading(doc, page_titles)
    shown = _unlabelled(heading[1], doc.metas.get("og:title"), doc.title) if heading else None
    element = heading[0] if heading else None
    if structured:
        structured = _unprefixed(structured, doc)
        tailed = shown and len(structured) > max(80, 1.6 * len(shown)) and fold(structured, MAX_NAME).startswith(fold(shown, MAX_NAME)[:30])
        return (shown if tailed else structured), element
    if shown:
        return _unprefixed(shown, doc), element
    return _from_titles(doc), None


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


def _unprefixed(name: str, doc: Document) -> str:
    """Without a label before it ("Details about ..."), where the page's title has the name alone."""
    titles = (doc.title, doc.metas.get("og:title", ""))
    if any(name in title for title in titles):
        return name
    for title in titles:
        alone = cues.SHARE_TITLE.split(title)[0] if title else ""
        if 8 <= len(alone) < len(name) and name.endswith(alone):
            return alone
    return name


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
