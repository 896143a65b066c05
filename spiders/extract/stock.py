"""Whether a product can be had, from the words below its name and the buttons of its page."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain

from lxml.html import HtmlElement

from market_db.values.text import fold
from spiders.extract.document import Document
from spiders.extract.sought import Found, Part, Sought
from spiders.extract.text import MAX_NAME, own_text

NEAR_LINES = 60
"""Lines below the name in which a shop says whether it has the product."""
STATUS_LENGTH = 120
"""Characters of the longest line that is still a status."""
_BUTTON = 60
"""Characters of the longest text that is still on a button."""
_STATUS, _LEAD = 50, 24
"""Characters of a line that says "sold out" and little else, and before it ("Sorry, this product is")."""
_SPACELESS = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that set no space between words."""
_WORD = re.compile(r"\w+")
_VARIANT = re.compile(r"^.{1,25}[-–—/|(\[]\s*$")
"""What stands before "sold out" where only a size or colour is."""
_BUTTONS = frozenset({"button", "a", "input"})
_CART_LABEL = Sought.of(
    {
        "": [
            "add.{0,12}(?:cart|bag|basket|trolley)",
            "(?:cart|basket)-?btn|cart-?but|basket-?but|btn-?(?:cart|buy|basket)|button-?(?:cart|buy|basket)|buy-?(?:now|btn|button|box)",
        ]
    }
)
"""In the label of a cart button."""


@cache
def _parts(key: str) -> tuple[Part, ...]:
    """Words of a table in all languages, longest first, as they stand in folded lines."""
    table = tomllib.loads(files("spiders.extract").joinpath("stock.toml").read_text("utf-8"))[key]
    found = sorted({word for spellings in table.values() for word in spellings}, key=lambda word: (-len(word), word))
    bare = ((word, re.escape(word)) for word in found)
    return tuple(Part(key, word, text if _SPACELESS.search(word) else rf"(?<!\w){text}(?!\w)", 0) for word, text in bare)


@cache
def _places(key: str) -> Mapping[str, tuple[int, ...]]:
    """Places in the table by the first word of what stands there; those of scripts without spaces are under ""."""
    found: dict[str, list[int]] = {}
    for place, part in enumerate(_parts(key)):
        word = None if _SPACELESS.search(part.letters) else _WORD.search(part.letters)
        found.setdefault(word.group() if word else "", []).append(place)
    return {word: tuple(places) for word, places in found.items()}


def _among(key: str, had: frozenset[str]) -> Sought:
    """Words of a table of which the first is had (`_had`): asking so is faster than reading a long text for each of hundreds."""
    parts, places = _parts(key), _places(key)
    return Sought((parts[place] for place in sorted(chain.from_iterable(places[word] for word in had & places.keys()))), case=True)


def _had(text: str) -> frozenset[str]:
    """The words of a text, and "" for what may stand in it without blanks."""
    return frozenset((*_WORD.findall(text), ""))


def lines_below(doc: Document, name: str) -> list[str]:
    """Short lines from the name on, folded; from the top where no line begins with the name."""
    start = fold(name, MAX_NAME)[:40]
    lines = doc.folded
    at = next((i for i, line in enumerate(lines) if start and line.startswith(start)), 0)
    return [line for line in lines[at : at + NEAR_LINES] if len(line) < STATUS_LENGTH]


def said_availability(lines: Sequence[str]) -> str | None:
    """What the first line says that speaks of stock; lines about one size or colour, or about a shop in town, are passed over."""
    text = "\n".join(lines)
    words = _had(text)
    out, had, elsewhere = (_among(key, words).narrowed(text) for key in ("out", "in", "elsewhere"))
    counts = _count_words().search(text) is not None
    for line in lines if out or had or counts else ():
        if elsewhere.search(line):
            continue
        if counts and (count := _count_words().match(line)):
            return "InStock" if int(count[1]) else "OutOfStock"
        gone = out.all(line)
        if gone and not _VARIANT.match(line[: gone[0].match.start()]):
            return "OutOfStock"
        if had.search(_without(gone, line)):
            return "InStock"
    return None


@cache
def _count_words() -> re.Pattern[str]:
    """A line that says how many there are, and the number."""
    found = "|".join(part.source for part in _parts("count"))
    return re.compile(rf"^\W*(?:{found})(?:\s*[:：(]\s*|\s+(?=\d+$))(\d{{1,6}})(?![\d.,/%-]|\s*%)", re.MULTILINE)


def _without(found: Sequence[Found], line: str) -> str:
    """A line with a blank for each thing that was found in it."""
    for each in reversed(found):
        line = f"{line[: each.match.start()]} {line[each.match.end() :]}"
    return line


def sold_out(lines: Sequence[str]) -> bool:
    """Whether a line says that the product cannot be had and little else, and no line offers it."""
    text = "\n".join(lines)
    words = _had(text)
    out = _among("out", words).narrowed(text)
    status = [line for line in lines if len(line) <= _STATUS and (gone := out.search(line)) and gone.match.start() <= _LEAD]
    return bool(status) and said_availability(status) == said_availability(lines) == "OutOfStock" and not _among("cart", words).search(text)


def is_cart(text: str) -> bool:
    """Whether a text is what a cart button says."""
    if len(text) > _BUTTON:
        return False
    shown = fold(text, 80)
    return _among("cart", _had(shown)).search(shown) is not None


def cart_among(elements: Iterable[HtmlElement]) -> bool:
    """Whether one of these elements is a cart button: by what it says or by what its author calls it."""
    buttons = [element for element in elements if element.tag in _BUTTONS]
    said = (own_text(button, _BUTTON) or button.get("value") or button.get("title") or "" for button in buttons)
    called = [f"{button.get('class') or ''} {button.get('id') or ''}".lower().replace("_", "-") for button in buttons]
    return any(map(is_cart, said)) or bool(_CART_LABEL.among(called))


def has_cart(doc: Document) -> bool:
    """Whether the page has a cart button anywhere: in what it shows, in a button's own words, or called so by its author."""
    return doc.once("has cart", lambda: _has_cart(doc))


def _has_cart(doc: Document) -> bool:
    if doc.labelled("cart", _CART_LABEL):
        return True
    return _says_cart(doc.folded) or _says_cart(doc.buttons)


def _says_cart(lines: Sequence[str]) -> bool:
    text = "\n".join(line for line in lines if len(line) < STATUS_LENGTH)
    return _among("cart", _had(text)).search(text) is not None


def word_of(text: str) -> str | None:
    """InStock or OutOfStock for a word, a truth value or a count in an availability property."""
    shown = fold(text, STATUS_LENGTH)
    if shown in ("true", "yes", "y", "available") or (shown.isdecimal() and int(shown) > 0):
        return "InStock"
    if shown in ("false", "no", "n", "0"):
        return "OutOfStock"
    return said_availability([shown])
