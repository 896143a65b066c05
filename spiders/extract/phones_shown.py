"""Telephone numbers in the lines of a page: which digits are one, by label, by form and by the numbering plan of the page's country."""

import re
from collections.abc import Iterable, Iterator

from market_db.values.phones import Phone, placed_phones
from spiders.extract import cues

MAX_LINE = 400
"""Characters of a line that as a whole may be about its number; in longer ones the label must stand right before it."""
MAX_LONG_LINE = 3_000
LABEL_LINE = 40
"""Characters of the longest line that is a label for the one below it."""
LEAST_DIGITS = 6
SENTENCE = 8
"""Words before a number that make a sentence."""
_TOUCHING = 6
"""Characters between a label and its number at most: ": ", " at ", " on + "."""
NANP = re.compile(r"(?<![\d.-])(?:\+?1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}(?![\d.-])")
"""North American form; read by that plan where nothing says which country."""
_DIGITS = re.compile(r"\d")
_FORMATTED = re.compile(
    r"\+\s?\d|^\(\d{2,5}\)|\(\d{2,5}\)[\s-]?\d|\b\d{3}[-.]\d{3}[-.]\d{4}\b|\b00\d{2}|(?<![\d.,])0\d{1,4}[\s/-]\d|(?<![\d.,])0\d(?:[\s.]\d\d){4}\b"
    r"|\b1-\d{3}-\d{3}|\b8[\s-]?\(?\d{3}\)?[\s-]\d{3}[\s-]\d\d"
)
"""Ways to write a number that hardly anything else is written in."""
_BARE = re.compile(r"[\d\s/().+–-]{7,38}")
_RUN = re.compile(r"[+(]?\d[\d\s().+/-]{5,}\d")
_STARTS_BARE = re.compile(r"0[1-9]|\+\s?\d|\(\+?0?\d")
_GLUED = re.compile(r"(?<=[^\W\d_]{3})(?=\+?\(?\d{3})|(?<=\d)(?=[^\W\d_]{3})")
_VANITY = re.compile(r"(\d{3}[.\s-]\d{3}[.\s-])[A-Z]{4}\s?\((\d{4})\)")
_MONEY_BEFORE = re.compile(r"(?:[$€£¥₹₩₽₫฿]|\b(?:Rp|Rs|USD|EUR|IDR|INR|kr)\.?)\s?$")
_MONEY_AFTER = re.compile(r"\s?(?:[$€£¥₹₩₽₫฿]|(?:USD|EUR|IDR|kr|Kč|zł|Ft|руб|р\.)(?!\w)|,\d\d(?!\d))")
_GLUED_TO = re.compile(r"[^\W\d_]$|[@#_=%]$|\d[.,:/]$")
_BEFORE = 60
"""Characters before a number in which its label is sought."""
_PLAIN = str.maketrans(
    "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९０１２３４５６７８９＋－（）／‐‑‒―−\u00a0\u2007\u202f\u3000\u200e\u200f\u202a\u202c",
    "0123456789" * 4 + "+-()/-----" + " " * 8,
)


def shown_phones(lines: Iterable[str], country: str | None, thorough: bool) -> Iterator[str]:
    """Numbers as printed; `thorough` (contact pages, cards) believes well-formed ones without a label too."""
    above, carried = "", False
    for line in lines:
        if len(_DIGITS.findall(line[:MAX_LONG_LINE])) < LEAST_DIGITS:
            above, carried = line, False
            continue
        carried = carried or (0 < len(above) <= LABEL_LINE and labelled(above))
        found = list(_of_line(line[:MAX_LONG_LINE], country, thorough, carried))
        yield from found
        above, carried = "", bool(found) and bool(_BARE.fullmatch(line))


def in_sentence(line: str) -> bool:
    """Whether a number comes late in a line, and behind other words than its label.

    On a page about a product such a sentence gives the number of a maker, a carrier or a bank as often as the shop's, whose own stands in
    head, foot, link or markup too.
    """
    match = _RUN.search(line) if len(line) > LABEL_LINE else None
    before = line[: match.start()] if match else ""
    return len(before.split()) >= SENTENCE and _last(cues.PHONE_LABEL, before[-_BEFORE:]) < len(before[-_BEFORE:]) - _TOUCHING


def labelled(line: str) -> bool:
    """Whether a line says that it is about a telephone or fax number."""
    return cues.has_phone_label(line) or cues.PHONE_LETTER.search(line) is not None


def _of_line(line: str, country: str | None, thorough: bool, carried: bool) -> Iterator[str]:
    text = line if line.isascii() else line.translate(_PLAIN)
    text = _GLUED.sub(" ", _VANITY.sub(r"\1\2", text))
    bare = bool(_BARE.fullmatch(text))
    says = len(text) <= MAX_LINE and (carried or labelled(text))
    believed = says or (bare and (thorough or bool(_STARTS_BARE.match(text))))
    formed = believed or bool(_FORMATTED.search(text))
    if not formed and not (len(text) > MAX_LINE and labelled(text)):
        return
    unread = True
    for start, phone in placed_phones(text, country or ("US" if NANP.search(text) else None)):
        if phone.valid and _is_shown(text, start, phone, believed, thorough):
            unread = False
            yield phone.raw
    if unread and says and not bare:
        yield from _unread(text)


def _is_shown(text: str, start: int, phone: Phone, believed: bool, thorough: bool) -> bool:
    """Whether these digits are a telephone number here, and not money, an account or an entry in a register."""
    before = text[max(0, start - _BEFORE) : start]
    after = text[start + len(phone.raw) : start + len(phone.raw) + 8]
    if _GLUED_TO.search(before) or _MONEY_BEFORE.search(before) or _MONEY_AFTER.match(after) or after[:1] in ("@", "%"):
        return False
    label = re.split(r"[\d|•·;]", before)[-1]
    other, own = _last(cues.NO_PHONE, label), max(_last(cues.PHONE_LABEL, label), _last(cues.PHONE_LETTER, label))
    if other > own:
        return False
    return believed or own >= 0 or phone.raw.lstrip("( ").startswith(("+", "00")) or (thorough and bool(_FORMATTED.search(phone.raw)))


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match ends; -1 where there is none."""
    return max((match.end() for match in pattern.finditer(text)), default=-1)


def _unread(text: str) -> Iterator[str]:
    """What follows a label and is a number by no plan, as printed: whoever knows the country better may read it."""
    match = re.search(r"\+?\(?\d[\d\s().-]{6,18}\d", text)
    if match and not _MONEY_AFTER.match(text[match.end() : match.end() + 8]) and not cues.NO_PHONE.search(text[: match.start()]):
        yield match.group()
