"""What somebody asked to be erased, found in pages however it is spelt: case, spacing, percent, JSON and HTML escapes.

Two ways of looking that do not trust each other: patterns over the bytes as they are (these can be blanked out one by one), and the
text with all escapes undone (this decides whether anything is left).
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html.entities import html5
from urllib.parse import unquote_to_bytes

import phonenumbers

MAX_NEEDLE = 300
ROUNDS = 3
"""Layers of escapes undone: a JSON string within an attribute within a query."""
TAG = re.compile(r"<[a-z/!?][^<>]{0,2000}>")
JSON_ESCAPE = re.compile(r"\\{1,8}(?:u([0-9a-fA-F]{4})|([/\"'])|([nrtbf]))")
CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
FILLER = b"x"
NO_DIGITS = re.compile(r"[^0-9]+")
ENTITIES: dict[str, list[str]] = {}
for _name, _char in html5.items():
    if len(_char) == 1 and _name.endswith(";"):
        ENTITIES.setdefault(_char, []).append(_name)
SPACE_FORMS = (
    *(rb"\s", rb"\+", rb"%20", rb"%0[aAdD9]", rb"&nbsp;", rb"&#0{0,4}(?:9|10|13|32|160);", rb"&#[xX]0{0,4}(?:9|[aAdD]|20|[aA]0);"),
    *(rb"\xc2\xa0", rb"\xa0", rb"\\{1,4}[nrt]", rb"\\{1,4}u00(?:20|[aA]0)"),
)
PHONE_GAP = rb"(?:[\s().\-/+]|%20|%2[89dDfFbB]|&nbsp;|&#0*160;|\xc2\xa0|\xa0|\\{1,4}u00[aA]0|\xe2\x80[\x90-\x95]){0,4}"
TEXT_GAP = r"[\s().\-/+\u2010-\u2015]{0,4}"
ESCAPE_BEFORE = rb"(?<=%[0-9A-Fa-f]{2})|(?<=u[0-9A-Fa-f]{4})|(?<=\\[nrtbf])"
FRONT_OF = {
    "email": rb"(?:(?<![A-Za-z0-9._%+-])|" + ESCAPE_BEFORE + rb")",
    "domain": rb"(?:(?<![A-Za-z0-9-])|" + ESCAPE_BEFORE + rb")",
}


@dataclass(frozen=True, slots=True)
class Needle:
    """One thing to be erased. Raises ValueError where it is so short that it would blank out half the archive."""

    kind: str
    """email, phone, domain or name (a company, a person, any text)."""
    value: str
    raw: re.Pattern[bytes] = field(init=False, repr=False, compare=False)
    """Over bytes as received."""
    text: re.Pattern[str] = field(init=False, repr=False, compare=False)
    """Over text folded by `fold`."""
    hint: str = field(init=False, repr=False, compare=False)
    """Part of every folded text that matches (of its digits, for a phone): quick to look for."""

    def __post_init__(self) -> None:
        """Build both patterns once."""
        value = self.value.strip()
        least = {"phone": 6, "name": 3}.get(self.kind, 4)
        size = len(_digits(value)) if self.kind == "phone" else len(value)
        if not least <= size <= MAX_NEEDLE:
            raise ValueError(f"{self.kind} to be erased has {size} characters; between {least} and {MAX_NEEDLE} can be looked for")
        raw, text = _phone_patterns(value) if self.kind == "phone" else _text_patterns(self.kind, value)
        object.__setattr__(self, "raw", re.compile(raw))
        object.__setattr__(self, "text", re.compile(text))
        object.__setattr__(self, "hint", _parts_of(value)[1] if self.kind == "phone" else fold(value))


def needle_of(given: "bytes | Needle") -> Needle:
    """A needle from bare bytes: an @ makes it an e-mail, digits a phone, a dotted word a domain, anything else a name."""
    if isinstance(given, Needle):
        return given
    value = given.decode("utf-8").strip()
    if "@" in value:
        kind = "email"
    elif re.fullmatch(r"[+\d\s().\-/]{6,40}", value):
        kind = "phone"
    else:
        kind = "domain" if re.fullmatch(r"(?:[\w-]{1,63}\.)+[^\W\d_]{2,63}", value) else "name"
    return Needle(kind, value)


def _text_patterns(kind: str, value: str) -> tuple[bytes, str]:
    """Patterns of an e-mail, domain or name; a domain is also found in its subdomains and addresses, not within a longer word."""
    spelt = b"".join(_spellings(char) for char in re.sub(r"\s+", " ", value))
    folded = re.escape(fold(value))
    if kind == "name":
        return spelt, folded
    return FRONT_OF[kind] + spelt + rb"(?![A-Za-z0-9-])", rf"(?<![a-z0-9{'-' if kind == 'domain' else '._%+-'}]){folded}(?![a-z0-9-])"


def _spellings(char: str) -> bytes:
    """Every way one character is written in pages, JSON and addresses, in either case."""
    if char == " ":
        return b"(?:" + b"|".join(SPACE_FORMS) + b"){1,40}"
    forms: set[bytes] = set()
    for each in {char, char.lower(), char.upper()}:
        if len(each) == 1:
            forms |= _forms(each)
    longest_first = sorted((-len(form), form) for form in forms)
    return b"(?:" + b"|".join(form for _, form in longest_first) + b")"


def _forms(char: str) -> set[bytes]:
    """Spellings of one character in this case; the charsets are those that mail and web pages of the region use."""
    code = ord(char)
    forms = {rb"&#0{0,5}%d;?" % code, rb"(?i:&#x0{0,5}%x;?)" % code}
    forms |= {b"&" + re.escape(name.encode()) for name in ENTITIES.get(char, ())}
    units = char.encode("utf-16-be")
    forms.add(b"".join(rb"\\{1,4}u(?i:%02x%02x)" % (units[at], units[at + 1]) for at in range(0, len(units), 2)))
    for charset in ("utf-8", "cp1252"):
        raw: bytes = char.encode(charset, "ignore")
        if raw:
            forms |= {re.escape(raw), b"".join(rb"%%(?i:%02x)" % byte for byte in raw), b"".join(rb"%%25(?i:%02x)" % byte for byte in raw)}
    return forms


def _phone_patterns(value: str) -> tuple[bytes, str]:
    """Patterns of a phone number in national and international form, digits apart by up to four separators."""
    country, national = _parts_of(value)
    digits = PHONE_GAP.join(digit.encode() for digit in national)
    before = (
        rb"(?:(?:(?:\+|00|%2[bB])" + PHONE_GAP + rb")?" + PHONE_GAP.join(d.encode() for d in country) + PHONE_GAP + rb")?"
        if country
        else b""
    )
    raw = rb"(?:(?<![0-9])|(?<=%[0-9]{2}))" + before + rb"(?:\(?0\)?" + PHONE_GAP + rb")?" + digits + rb"(?![0-9])"
    text = rf"(?<!\d)(?:(?:00)?{TEXT_GAP.join(country)}{TEXT_GAP})?(?:0{TEXT_GAP})?{TEXT_GAP.join(national)}(?!\d)"
    return raw, text


def _parts_of(value: str) -> tuple[str, str]:
    """Country code and national number; without a plus, the digits without their leading zeros."""
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return "", _digits(value).lstrip("0")
    return str(number.country_code), str(number.national_number)


def _digits(value: str) -> str:
    return "".join(char for char in value if char.isascii() and char.isdigit())


def fold(text: str) -> str:
    """Case, compatibility forms and white space made equal."""
    even = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return " ".join(even.split())


def plain_texts(body: bytes) -> list[str]:
    """The body as text with escapes undone, with tags and without them; for every charset that it may be in."""
    found: list[str] = []
    for text in {_decoded(body, charset) for charset in _charsets(body)}:
        bare = text
        for _ in range(ROUNDS):
            undone = _undo(bare)
            if undone == bare:
                break
            bare = undone
        folded = fold(bare)
        words = TAG.split(folded)
        found += [folded, "".join(words), " ".join(" ".join(words).split())]
        if "+" in folded:
            found.append(" ".join(folded.replace("+", " ").split()))
    return found


def _charsets(body: bytes) -> Iterable[str]:
    """UTF-8, else the Western fallback; UTF-16 by its mark; and what the body itself declares."""
    yield "utf-8"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        yield "cp1252"
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        yield "utf-16"
    if declared := CHARSET.search(body[:4096]):
        yield declared[1].decode("ascii")


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return ""


def _undo(text: str) -> str:
    """One layer of percent, JSON and HTML escapes."""
    text = JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2] or " ", text)
    if "%" in text:
        text = unquote_to_bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")
    return html.unescape(text) if "&" in text else text


def mentioned(body: bytes, needles: Sequence[Needle]) -> bool:
    """Whether any needle is in the text with all escapes undone."""
    phones = [needle for needle in needles if needle.kind == "phone"]
    words = [needle for needle in needles if needle.kind != "phone"]
    for text in plain_texts(body):
        if any(needle.hint in text and needle.text.search(text) for needle in words):
            return True
        digits = NO_DIGITS.sub("", text) if phones else ""
        if any(needle.hint in digits and needle.text.search(text) for needle in phones):
            return True
    return False


def blanked(body: bytes, needles: Sequence[Needle]) -> bytes | None:
    """The body with every needle overwritten by as many x; None where something would be left: then the whole has to go."""
    for needle in needles:
        body = needle.raw.sub(lambda found: FILLER * len(found[0]), body)
    return None if mentioned(body, needles) else body
