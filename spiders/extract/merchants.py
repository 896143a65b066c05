"""The merchant that a marketplace names beside a product."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from market_db.values.names import legal_form, looks_like_company
from spiders.extract.document import Document
from spiders.extract.text import own_text


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("spiders.extract").joinpath("sellers.toml").read_text("utf-8"))


def words(key: str) -> str:
    """Words of a table of sellers.toml in all languages, longest first, as alternatives of a regular expression."""
    found = {word for spellings in _table()[key].values() for word in spellings}
    return "|".join(re.escape(word) for word in sorted(found, key=lambda word: (-len(word), word)))


GENERIC = re.compile(
    r"^(?:logo|home|startseite|www|shop|index|online shop|главная|welcome.*|your .*|company|seller|store|menu|search)$", re.IGNORECASE
)
"""Texts where a firm's name may stand that name none."""
_ATTRIBUTES = (
    "seller-name",
    "sellername",
    "company-name",
    "companyname",
    "vendor-name",
    "merchant-name",
    "supplier-name",
    "sold-by",
    "soldby",
    "shop-name",
    "shopname",
)
"""In the label of an element that names the merchant."""
_NAMING = frozenset({"a", "span", "div", "p", "h2", "h3", "h4", "li", "dd", "td", "strong", "b"})
_LABEL = re.compile(rf"^(?:(?P<by>{words('sold_by')})\s*[:：]?|(?:{words('seller')})\s*(?:[:：]|$))\s*(?P<value>.*)$", re.IGNORECASE)
"""A line that names the merchant, or announces that the next one does."""
_OPENINGS = frozenset(word[:2].lower() for key in ("sold_by", "seller") for spellings in _table()[key].values() for word in spellings)
"""How such lines begin: most lines of a page begin otherwise."""
_SPEAKS = re.compile(rf"^(?:{words('sold_by')})\b|\b(?:{words('seller')})", re.IGNORECASE)
"""In a text that speaks of merchants and names none."""
_MEASURE = re.compile(
    r"(?:the|each|weight|length|unit|piece|pair|pack|box|case|carton|kg|lb|met(?:er|re)|yard|foot|dozen|set)\b", re.IGNORECASE
)
_END = re.compile(
    rf"\s+(?:{words('and_sent')})\b|\s+(?:{words('badge')})\b"
    rf"|\s*[(|★•]|\s+\d+(?:[.,]\d+)?\s*%|\s{{2,}}|(?<=\w)\.\s+(?=(?-i:[A-Z][a-z]+ [a-z]))",
    re.IGNORECASE,
)
"""What follows a merchant's name in the same line."""


def shown_seller(doc: Document) -> str | None:
    """Seller that a marketplace names beside the product: labelled "Sold by", else the only one in an element called so."""
    return _labelled_seller(doc) or _called_seller(doc)


def _labelled_seller(doc: Document) -> str | None:
    """First value behind a label such as "Sold by" or "Verkäufer:", in its line or the next.

    "Seller:" also stands before private persons on classified sites: behind it only a name that says it is a company's is taken.
    """
    for place, line in enumerate(doc.lines):
        match = _LABEL.match(line) if len(line) < 160 and line[:2].lower() in _OPENINGS else None
        if match is None:
            continue
        value = _merchant(match["value"] or next(iter(doc.lines[place + 1 : place + 2]), ""))
        if value and (match["by"] or looks_like_company(value)):
            return value
    return None


def _called_seller(doc: Document) -> str | None:
    found: dict[str, None] = {}
    for element in list(doc.called(*_ATTRIBUTES))[:20]:
        if element.tag in _NAMING:
            text = own_text(element, 90)
            label = _LABEL.match(text)
            value = _merchant(label["value"] if label else text.rpartition(":")[2])
            if value:
                found[value] = None
    return next(iter(found)) if len(found) == 1 else None


def _merchant(text: str) -> str | None:
    """A merchant's name without what follows it; None where the text is a sentence, a measure or speaks of sellers itself."""
    name = _END.split(text)[0].strip(" :-–—|")
    name = name if legal_form(name) else name.rstrip(". ")
    named = 2 < len(name) <= 80 and len(name.split()) <= 7 and any(char.isalpha() for char in name)
    return name if named and not GENERIC.match(name) and not _SPEAKS.search(name) and not _is_measure(name) else None


def _is_measure(text: str) -> bool:
    """Whether the text is what a product is sold by (the metre, "lot de 6"): in small letters, or a known measure."""
    letters = [char for char in text if char.isalpha()]
    small = letters[0].islower() and not any(char.isupper() for char in letters) and "." not in text
    return small or bool(_MEASURE.match(text))
