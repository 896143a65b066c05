"""The country of a page: stated, by domain, by address, by register, by phone prefix, by currency; unknown rather than guessed."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from market_db.values.names import legal_form
from market_db.values.phones import read_phone
from market_db.values.places import country_in_address, country_of_domain, may_end_address, read_country
from spiders.extract import cues
from spiders.extract.document import Document
from spiders.extract.nodes import Node, nodes_of, text_of
from spiders.extract.phones_shown import NANP
from spiders.extract.sought import Sought

FOOT = 80
"""Lines at the foot of a page that are asked first: there the site's own address stands."""
MOST_LINES = 400
"""Lines from the head of a page that are asked where its foot says nothing."""
ADDRESS_LINE = 200
"""Characters at the end of a line that are read as an address."""
_BELOW = 2
"""Lines below an address in which its country may stand alone."""
NAME_LINE = 40
"""Characters of the longest line that is the last line of an address."""
_DIGIT = re.compile(r"\d")
_NUMBERED = re.compile(r"\d{3}|\d[A-Za-z]{2}\b|\d[^,،、，/]*[,،、，/]\s?[^\W\d]|[^\W\d]\s?[,/]\D*\d")
_PLACE = re.compile(r"[〒市县縣區区省시군구]")
_STREETS = Sought.of({"": [r"p\.?\s?o\.?\s?box|street|strasse|straße|road|avenue|via|rue|calle|jl|jln|jalan|ул|вул"]}, r"\b", r"\b")
"""A line with one of these may be an address."""
_COMMA = re.compile(r"[,،、，]")
_CONTACT = re.compile(r"\s[-–|•·]?\s*(?=e-?mails?\b|www\.|https?:)|\S+@\S+", re.IGNORECASE)
_MAY_CONTACT = re.compile(r"@|[wW]{3}\.|[mM][aA][iI][lL]|[hH][tT][tT][pP]")
_SENDING = re.compile(
    r"\b(?:ship|deliver|made in|product of|imported|origin|versand|liefer|herkunft|livr|expédi|envío|envia"
    r"|spedi|wysył|доставк|kirim|buatan)",
    re.IGNORECASE,
)
"""Lines about goods and their way name countries that are not the firm's."""
_LOCALE = re.compile(r"(?:^https?://|[/.])[a-z]{2}[-_]([a-z]{2})(?=[./?#]|$)", re.IGNORECASE)
"""A language with its region in an address: example.com/en-gb/, ar-sa.example.com."""
_REGION = re.compile(r"^[a-z]{2,3}[-_](?:[a-z]{4}[-_])?([a-z]{2})\b", re.IGNORECASE)
_EU_VAT = Sought.of(
    {
        "": [
            r"VAT",
            r"V\.A\.T",
            r"USt",
            r"UID",
            r"TVA",
            r"IVA",
            r"BTW",
            r"MwSt",
            r"MVA",
            r"Moms",
            r"NIP",
            r"DIČ",
            r"PVM",
            r"KMKR",
            r"ДДС",
            r"ALV",
            r"ÁFA",
            r"ΑΦΜ",
            r"Tax",
        ]
    },
    after=r"[\w\s.:()/-]{0,30}?\b(AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)"
    r"\s?-?U?\d[\d. ]{5,12}",
    case=True,
)
_OTHER_CODES = {"EL": "GR", "XI": "GB"}
_ENGLISH = (" the ", " and ", " of ", " to ", " your ", " for ", " with ", " us ")
_METAS = ("geo.country", "geo.region", "country", "og:country-name", "business:contact_data:country_name", "place:location:country")


@cache
def _clue_tables() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "country_clues.toml").read_text("utf-8"))


@cache
def _postcodes(ascii_only: bool) -> re.Pattern[str]:
    """Patterns of addresses as one; the name of the group that matched is the country."""
    near, far = ("|".join(f"(?P<{code}>{pattern})" for code, pattern in _clue_tables()[t].items()) for t in ("postcodes", "other_letters"))
    near = rf"(?:(?<!\w)|(?=[\s,.]))(?:{near})"  # asked once at each letter, and not by each pattern
    return re.compile(near if ascii_only else f"{far}|{near}")


@cache
def _sought(table: str) -> Sought:
    """The patterns of a table by their country."""
    return Sought.of({code: [pattern] for code, pattern in _clue_tables()[table].items()}, case=True)


def page_country(
    doc: Document, *, address: Iterable[str] = (), phones: Iterable[str] = (), currency: str | None = None
) -> tuple[str | None, str | None]:
    """ISO2 and what decided it: stated, tld, address, register, phone, currency, language; weakest last."""
    for basis, found in _clues(doc, address, phones, currency):
        if found:
            return found, basis
    return None, None


def _clues(doc: Document, address: Iterable[str], phones: Iterable[str], currency: str | None) -> Iterator[tuple[str, str | None]]:
    yield "tld", country_of_domain(doc.host) if doc.host else None
    yield "stated", doc.once("stated", lambda: _stated(doc))
    yield "address", _of_address([*address]) or doc.once("address", lambda: _of_page(doc.lines))
    yield "register", doc.once("register", lambda: _of_register(doc))
    yield "phone", _of_phones(phones)
    yield "address", doc.once("language_form", lambda: _of_language_form(doc))
    yield "currency", _clue_tables()["currencies"].get(currency or "")
    if english(doc) or (not doc.declared_language and _is_ascii(" ".join(doc.lines[:200]))):
        yield "phone", _of_north_america(phones) or ("US" if currency == "USD" else None)
    yield "language", _of_language(doc)


def english(doc: Document) -> bool:
    """Whether the page is in English as far as it says."""
    if doc.declared_language:
        return doc.declared_language.lower().startswith("en")
    text = " ".join(doc.lines[:300])[:8_000].lower()
    return _is_ascii(text) and sum(map(text.count, _ENGLISH)) >= 3


def _is_ascii(text: str) -> bool:
    """Whether a text is in ASCII but for a sign or two."""
    return sum(map(str.isascii, text[:8_000])) >= 0.98 * len(text[:8_000])


def addresses(nodes: Iterable[Node]) -> Iterator[Node]:
    """Postal addresses of organisations."""
    for node in nodes:
        yield from nodes_of(node.get("address"))
        for place in nodes_of(node.get("location")):
            yield from nodes_of(place.get("address"))


def _stated(doc: Document) -> str | None:
    found = Counter(
        country
        for graph in (doc.jsonld, doc.microdata)
        for address in addresses(graph.roots[:200])
        if (country := read_country(text_of(address.get("addresscountry")) or ""))
    )
    said = (doc.metas[name][:60].split("-")[0] for name in _METAS if name in doc.metas)
    return _commonest(found) or next((code for text in said if (code := read_country(text))), None)


def _commonest(found: Counter[str]) -> str | None:
    return found.most_common(1)[0][0] if found else None


def _of_page(lines: Sequence[str]) -> str | None:
    """Country that the foot of a page shows, else its head with the two lines of the foot that may belong to an address above them."""
    return _of_address(lines[-FOOT:]) or _of_address(lines[: max(0, len(lines) - FOOT) + _BELOW])


def _of_address(lines: Sequence[str]) -> str | None:
    """Country that address lines show by their form, by their end or by the line below them; the commonest where several do."""
    found: Counter[str] = Counter()
    since = 9
    streets = _STREETS.narrowed("\n".join(lines[:MOST_LINES]))
    for line in lines[:MOST_LINES]:
        tail = line[-ADDRESS_LINE:]
        numbered = _DIGIT.search(tail) and _NUMBERED.search(tail)
        if numbered or (not tail.isascii() and _PLACE.search(tail)) or (streets and streets.search(tail)):
            code, since = _of_line(tail), 0
        else:
            code, since = (_last_line(line) if since < _BELOW else _of_list(line)), since + 1
        if code:
            found[code] += 1
    return _commonest(found)


def _last_line(line: str) -> str | None:
    """The country that alone stands below an address line, perhaps behind the town."""
    if not 2 < len(line) <= NAME_LINE or any(map(str.isdigit, line)):
        return None
    parts = dict.fromkeys((line, _COMMA.split(line)[-1], line.rpartition(" - ")[2]))
    return next((code for part in parts if len(part.strip()) > 2 and (code := read_country(part))), None)


def _of_list(line: str) -> str | None:
    """A firm with its country behind a comma, without street or number."""
    if "," not in line:
        return None
    firm, tail = line.partition(",")[0], line.rpartition(",")[2].strip(" .")
    if not 3 < len(tail) <= 30 or len(line) > 120 or len(firm.split()) > 6 or not tail[0].isupper():
        return None
    code = read_country(tail)
    return code if code and legal_form(firm) else None


def _of_line(text: str) -> str | None:
    match = _postcodes(text.isascii()).search(text)
    if match:
        return match.lastgroup
    if len(text) >= ADDRESS_LINE:
        text = text.partition(" ")[2]
    if not may_end_address(text) or _SENDING.search(text):
        return None
    parts = _CONTACT.split(text) if _MAY_CONTACT.search(text) else [text]
    cut = (cues.PHONE_CUT.split(part) if cues.has_phone_label(part) else [part] for part in parts if part)
    pieces = [piece.strip(" -–|•·,;:/") for pieces in cut for piece in pieces]
    return next((code for piece in pieces if (code := country_in_address([piece])) and _ends_address(piece)), None)


def _ends_address(piece: str) -> bool:
    """Whether what stands before a country is an address: a comma, or a postcode in the same part. "Made in China" is none."""
    tail = re.split(r"[,;|，、，]\s*|\s[-–]\s", piece)[-1].strip(" .")
    return (len(tail) < len(piece) - 3 and read_country(tail) is not None) or any(map(str.isdigit, tail))


def _of_register(doc: Document) -> str | None:
    """Country whose registers or tax numbers are named, else whose legal form the foot of the page shows."""
    numbered = "\n".join(line[:400] for line in [*doc.lines[:60], *doc.lines[-200:]] if _DIGIT.search(line))
    found = Counter(_OTHER_CODES.get(each.match[1], each.match[1]) for each in _EU_VAT.all(numbered))
    found.update(each.name for each in _sought("registers").all(numbered))
    foot = [line[:200] for line in doc.lines[-FOOT:]]
    forms = _sought("forms").narrowed("\n".join(foot))
    return _commonest(found) or _commonest(Counter(form.name for line in foot if (form := forms.search(line))))


def _of_language_form(doc: Document) -> str | None:
    """Country of postcodes and numbers in the form that one country of the page's language has."""
    language = (doc.declared_language or "")[:2].lower()
    found: Counter[str] = Counter()
    for code, pattern in _clue_tables()["language_forms"].get(language, {}).items():
        found[code] = sum(bool(re.search(pattern, line[:ADDRESS_LINE])) for line in [*doc.lines[:FOOT], *doc.lines[-FOOT:]])
    return _commonest(+found)


def _of_phones(phones: Iterable[str]) -> str | None:
    """Country of the numbers printed with their country code."""
    read = [read_phone(text) for text in phones]
    return _commonest(Counter(phone.country for phone in read if phone and phone.country))


def _of_north_america(phones: Iterable[str]) -> str | None:
    """Country of the area code of numbers in North American form; the United States where the code is nobody's (800)."""
    shaped = [text for text in phones if NANP.search(text)]
    regions = Counter(phone.country for text in shaped if (phone := read_phone(text, country="US")) and phone.country)
    return _commonest(regions) or ("US" if shaped else None)


def _of_language(doc: Document) -> str | None:
    """Region of "en-GB", or the home of a language of one country; what software prints by default (en-US) proves little and comes last."""
    if locale := _LOCALE.search(doc.url[:200]):
        return read_country(locale.group(1).upper())
    declared = (doc.declared_language or "").strip().lower().replace("_", "-")
    match = _REGION.match(declared)
    homes: Mapping[str, str] = _clue_tables()["languages"]
    return (read_country(match.group(1).upper()) if match else None) or homes.get(declared) or homes.get(declared.partition("-")[0])
