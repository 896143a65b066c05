"""What the rows of sites may write to say where something stands: "css:.name::text", "css:a::attr(href)" or "label:Date Posted"."""

import re
from collections.abc import Iterable

from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from market_db.values.text import clean
from spiders.extract.labelled import Pair, meant_by, normal_label
from spiders.extract.text import MAX_TEXT, own_text

LABEL = "label:"
MOST = 500
"""Elements of one selector that are looked at."""
_FORM = re.compile(r"(?P<css>.*?)(?:::(?:text|attr\((?P<attribute>[\w:.-]{1,40})\)))?", re.DOTALL)


def fault_of(selector: str, *, elements: bool = False) -> str | None:
    """What is expected instead of a selector that cannot be used, else None; `elements`: a label would not do."""
    if selector.startswith(LABEL):
        return "css:..., because a label is no element" if elements else (None if normal_label(selector[len(LABEL) :]) else "label:Words")
    try:
        CSSSelector(_parted(selector)[0], translator="html")
    except (SyntaxError, RuntimeError, ValueError) as error:  # cssselect's errors are one of the first two
        return f"css:SELECTOR{'' if elements else ' or label:WORDS'} ({error})"
    return None


def _parted(selector: str) -> tuple[str, str | None]:
    match = _FORM.fullmatch(selector.removeprefix("css:").strip())
    return (match["css"].strip(), match["attribute"]) if match else (selector, None)


def elements_of(root: HtmlElement | None, selector: str) -> list[HtmlElement]:
    """Elements that a CSS selector finds below a root, at most MOST."""
    return [] if root is None else list(CSSSelector(_parted(selector)[0], translator="html")(root))[:MOST]


def text_by(block: HtmlElement, selector: str, pairs: Iterable[Pair]) -> str | None:
    """The text that a selector of the row stands for in a block; None where it finds nothing."""
    if selector.startswith(LABEL):
        pair = pair_by(selector, pairs)
        return clean(pair.value, MAX_TEXT) or None if pair else None
    attribute = _parted(selector)[1]
    for element in elements_of(block, selector):
        text = clean(element.get(attribute) or "", MAX_TEXT) if attribute else own_text(element, MAX_TEXT)
        if text:
            return text
    return None


def pair_by(selector: str, pairs: Iterable[Pair]) -> Pair | None:
    """The pair of a "label:X" selector: the label as the row writes it, else one that says the same in another language."""
    own, known = normal_label(selector[len(LABEL) :]), list(pairs)
    meant = meant_by(own)
    exact = (pair for pair in known if normal_label(pair.label) == own and pair.lines)
    return next(exact, None) or next((pair for pair in known if normal_label(pair.label) in meant and pair.lines), None)


def wanted_labels(selectors: Iterable[str]) -> frozenset[str]:
    """Normal labels that the selectors of a row name."""
    return frozenset(normal_label(selector[len(LABEL) :]) for selector in selectors if selector.startswith(LABEL))
