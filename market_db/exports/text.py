"""Scraped text on its way into a file people open: it must arrive readable and must never run, link or break anything there.

Measured against XlsxWriter 3.3: a lone surrogate ends the export, a control character shows as `_x000B_`, an address over
2,079 characters leaves the cell empty, and `<r>..</r>` is copied as raw markup in constant-memory mode.
"""

import re
from urllib.parse import quote, urlsplit

from market_db.values.text import clean

CELL_LIMIT = 32_767
"""Most UTF-16 units Excel keeps in one cell."""
LINK_LIMIT = 2_079
"""Longest address Excel keeps as a link."""
_URL_SAFE = "%/:?#@!$&'()*+,;=~-._"
_ODD_IN_URL = re.compile(r"[\s\\\x00-\x20\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_MAILBOX = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
# Full-width signs start a formula too where Excel runs with an East Asian keyboard.
_FORMULA_SIGN = "=+\\-@＝＋－＠"
_FORMULA_START = re.compile(f"[\\t\\r]|\\s*[\"']*[{_FORMULA_SIGN}]")
# An Indonesian Excel splits at ";": what follows one starts a cell there.
_FORMULA_INSIDE = re.compile(f'([;|]\\s*"*)(?=[{_FORMULA_SIGN}])')


def cell_text(text: str, limit: int = CELL_LIMIT) -> str:
    """Printable text of at most `limit` UTF-16 units; line breaks stay, what is cut off shows as "…"."""
    if len(text) <= limit and _is_plain(text):
        return text
    head = text[: limit * 2]
    lines = (clean(line, limit * 2) for line in head.splitlines())
    shown = "\n".join(line for line in lines if line)
    if shown.startswith("<r>") and shown.endswith("</r>"):
        shown = " " + shown
    return cut(shown, limit, more=len(text) > len(head))


def _is_plain(text: str) -> bool:
    # Most cells are, and cleaning them too would double the time of a big export.
    return text.isascii() and text.isprintable() and "  " not in text and text == text.strip() and not text.startswith("<r>")


def cut(text: str, limit: int, *, more: bool = False) -> str:
    """At most `limit` UTF-16 units, ending in "…" where something was left out or `more` is known to be missing."""
    if not more and len(text) * 2 <= limit:
        return text
    units = text.encode("utf-16-le")
    if not more and len(units) <= limit * 2:
        return text
    return units[: (limit - 1) * 2].decode("utf-16-le", "ignore").rstrip() + "…"


def web_link(url: str | None) -> str | None:
    """The address where it is a plain http(s) one that Excel will keep; None = show it as text."""
    if not url or len(url) > LINK_LIMIT or _ODD_IN_URL.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    # A user part makes "https://bank.example@evil.example" look like the bank.
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    link = quote(url, safe=_URL_SAFE)
    return link if len(link) <= LINK_LIMIT else None


def mail_link(email: str | None) -> str | None:
    """`mailto:` for one plain mailbox, with nothing behind it (no subject, no second reader); None = show it as text."""
    if not email or not _MAILBOX.fullmatch(email):
        return None
    return "mailto:" + quote(email, safe="@")


def short_address(url: str) -> str:
    """Address as printed on paper: no scheme, no "www.", no closing slash."""
    return re.sub(r"(?i)^https?://(www\.)?", "", url).rstrip("/")


def csv_text(text: str) -> str:
    """Text on one line that no spreadsheet takes for a formula: `'` goes before = + - @ TAB CR, as OWASP advises.

    That includes phone numbers: "+62 61 ..." is written "'+62 61 ...", still readable and never added up.
    """
    shown = " ".join(cell_text(text).split("\n"))
    guarded = _FORMULA_INSIDE.sub(r"\1'", shown)
    risky = _FORMULA_START.match(text.replace("\x00", "")) or _FORMULA_START.match(shown)
    return cut("'" + guarded if risky else guarded, CELL_LIMIT)
