"""What somebody asked to be erased, found in pages however it is spelt: case, spacing, percent, JSON and HTML escapes.

Two ways of looking that do not trust each other: patterns over the bytes as they are (these can be blanked out one by one), and the
text with all escapes undone (this decides whether anything is left).
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html.entities import html5
from urllib.parse import unquote_to_bytes

import phonenumbers

from market_db.forgetting.silence import capitals_pattern, strength
from market_db.reference import words
from market_db.values.spellings import accented, company_key, form_words, letters_of, name_pattern, name_words, narrow
from market_db.values.text import plain

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
PHONE_GAP = (
    rb"(?:[\s().\-/+\[\]]|\xc2\xb7|\xb7|&middot;|%20|%2[89dDfFbB]|&nbsp;|&#0*160;|\xc2\xa0|\xa0|\\{1,4}u00[aA]0|\xe2\x80[\x90-\x95]){0,4}"
)
TEXT_GAP = r"[\s().\-/+\[\]\u00b7\u2010-\u2015]{0,4}"
ESCAPE_BEFORE = rb"(?<=%[0-9A-Fa-f]{2})|(?<=u[0-9A-Fa-f]{4})|(?<=\\[nrtbf])"
CLOAKED_AT = r"(?:@|\s?[\[({]\s?(?:at|a|@)\s?[\])}]\s?|\s(?:at)\s)"
CLOAKED_DOT = r"(?:\.|\s?[\[({]\s?(?:dot|\.)\s?[\])}]\s?|\sdot\s)"
"""How an address is hidden from machines; what is found so cannot be blanked out alone."""
FRONT_OF = {
    "email": rb"(?:(?<![A-Za-z0-9._%+-])|" + ESCAPE_BEFORE + rb")",
    "domain": rb"(?:(?<![A-Za-z0-9-])|" + ESCAPE_BEFORE + rb")",
}


@dataclass(frozen=True, slots=True)
class Needle:
    """One thing to be erased. Raises ValueError where it is so short that it would blank out half the archive."""

    kind: str
    """email, phone, domain, name (any text as it is), or of a company's name: company (its words anywhere, in any spelling), form (with
    its legal form), capitals ("AH" as printed), cell (only where it fills a quoted value, a table cell or a tag)."""
    value: str
    raw: re.Pattern[bytes] = field(init=False, repr=False, compare=False)
    """Over bytes as received."""
    text: re.Pattern[str] = field(init=False, repr=False, compare=False)
    """Over text folded by `fold`; for capitals and cell over text as it is."""
    hint: str = field(init=False, repr=False, compare=False)
    """Part of every folded text that matches (of its digits, for a phone): quick to look for."""

    def __post_init__(self) -> None:
        """Build both patterns once."""
        value = self.value.strip()
        least = LEAST.get(self.kind, 4)
        size = len(_digits(value)) if self.kind == "phone" else len(value)
        if not least <= size <= MAX_NEEDLE:
            raise ValueError(f"{self.kind} to be erased has {size} characters; between {least} and {MAX_NEEDLE} can be looked for")
        raw, text = _patterns(self.kind, value)
        flags = re.IGNORECASE if self.kind in {"company", "form", "cell"} else 0
        object.__setattr__(self, "raw", re.compile(raw))
        object.__setattr__(self, "text", re.compile(text, flags))
        object.__setattr__(self, "hint", _hint(self.kind, value))


LEAST = {"phone": 6, "name": 3, "company": 2, "form": 3, "capitals": 2, "cell": 1}
"""Fewest characters (of a phone: digits) that are looked for."""
SQUEEZED = frozenset({"company", "form"})
"""Kinds whose hint is looked for in `squeezed` text."""
AS_PRINTED = frozenset({"capitals", "cell"})


def _patterns(kind: str, value: str) -> tuple[bytes, str]:
    if kind == "phone":
        return _phone_patterns(value)
    if kind in {"company", "form"}:
        whole = kind == "form"
        return company_bytes(value, whole=whole), name_pattern(value, whole=whole)
    if kind == "capitals":
        spelt = company_key(value).upper().encode()
        return FRONT_OF["domain"] + re.escape(spelt) + rb"(?![A-Za-z0-9])", capitals_pattern(value)
    if kind == "cell":
        return CELL_FRONT + company_bytes(value, bounded=False) + CELL_END, CELL_FRONT_TEXT + name_pattern(value) + CELL_END_TEXT
    return _text_patterns(kind, value)


def _hint(kind: str, value: str) -> str:
    if kind == "phone":
        return _parts_of(value)[1]
    if kind in SQUEEZED:
        return max(map(letters_of, name_words(value)), key=len, default="")
    if kind == "email":
        return max(re.split(r"[@.]", fold(value)), key=len)
    return "" if kind in AS_PRINTED else fold(value)


def needles_for_name(name: str, generic: frozenset[str]) -> list[Needle]:
    """How a company's name is looked for, so that all of it is found and as little as possible of others.

    A name of its own: anywhere, in any spelling. Two or three letters: as printed in capitals, and as a whole cell. Common words or
    one letter: with its legal form, and as a whole cell. Raises ValueError for a name that cannot be looked for at all.
    """
    how = strength(name, generic)
    kinds = {"anywhere": ["company"], "capitals": ["capitals", "cell"], "whole": ["cell"]}[how]
    if how != "anywhere" and form_words(name):
        kinds.append("form")
    return [Needle(kind, name) for kind in kinds]


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
    if kind == "email":
        folded = folded.replace("@", CLOAKED_AT, 1).replace(r"\.", CLOAKED_DOT)
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


CELL_FRONT = rb"(?:(?<=>)\s{0,20}|(?<=[\"'|;,\t\n=])|\A)"
CELL_END = rb"(?=[\"'|;,\t\r\n\\]|&(?:quot|#34|lt|#60);|\s{0,20}<|\Z)"
CELL_FRONT_TEXT = r"(?:(?<=>)\s{0,20}|(?<=[\"'|;,\t\n=])|\A)"
CELL_END_TEXT = r"(?=[\"'|;,\t\r\n\\]|\s{0,20}<|\Z)"
WORD_GAP = rb"(?:" + b"|".join(SPACE_FORMS) + rb"|[-.,'&+/_()\"]|&amp;|\\{1,4}u00(?:26|2[cdefCDEF])|%26|%2[cCdDfFeE]|\xe2\x80[\x90-\x99])"
INITIALS_GAP = rb"(?:\.|" + b"|".join(SPACE_FORMS) + rb"){0,2}"
_LATIN_1 = 0x180
"""Accented letters up to here are looked for in bytes; rarer ones are found in the text, and the whole record goes."""


def company_bytes(name: str, *, whole: bool = False, bounded: bool = True) -> bytes:
    """Pattern over bytes of a company's name in the spellings of `name_pattern`."""
    ands = b"|".join(b"".join(map(_spellings, word)) for word in sorted(words("legal_forms", "and_words")) if word.isalpha())
    gap = WORD_GAP + rb"{0,6}(?:(?:" + ands + rb")" + WORD_GAP + rb"{1,6})?"
    spelt = gap.join(_word_bytes(letters_of(word)) for word in name_words(name, whole=whole))
    return FRONT_OF["domain"] + spelt + rb"(?![A-Za-z0-9])" if bounded else spelt


def _word_bytes(key: str) -> bytes:
    between = INITIALS_GAP if len(key) <= 3 else b""
    return between.join(_letter_bytes(piece) for piece in re.findall("ss|.", key, re.DOTALL))


def _letter_bytes(piece: str) -> bytes:
    """One letter of a key as bytes: with every accent, and as the pair of letters that stands for it."""
    if piece == "ss":
        return b"(?:" + _spellings("ß") + b"|" + _letter_bytes("s") * 2 + b")"
    one = b"(?:" + b"|".join(_spellings(char) for char in (piece, *accented(piece)) if ord(char) < _LATIN_1 or char == piece) + b")"
    pairs = {
        "a": b"(?:" + one + rb"[eaEA]?|" + _spellings("æ") + b")",
        "o": b"(?:" + one + rb"[eE]?|" + _spellings("œ") + b")",
        "u": one + b"[eE]?",
    }
    return pairs.get(piece, one)


TRUNK = ("0", "8", "06", "1")
"""What is dialled before a national number: most countries, Russia, Hungary, North America."""


def _phone_patterns(value: str) -> tuple[bytes, str]:
    """Patterns of a phone number in national and international form, digits apart by up to four separators.

    A number given without its country is also found behind any country code that is written with a plus or 00.
    """
    country, national = _parts_of(value)
    digits = PHONE_GAP.join(digit.encode() for digit in national)
    plus = rb"(?:\+|00|%2[bB])" + PHONE_GAP
    code = PHONE_GAP.join(d.encode() for d in country)
    before = (rb"(?:(?:" + plus + rb")?" + code if country else rb"(?:" + plus + rb"[0-9]{1,3}") + PHONE_GAP + rb")?"
    trunk = rb"(?:\(?(?:" + "|".join(TRUNK).encode() + rb")\)?" + PHONE_GAP + rb")?"
    raw = rb"(?:(?<![0-9])|(?<=%[0-9]{2}))" + before + trunk + digits + rb"(?![0-9])"
    prefix = rf"(?:00)?{TEXT_GAP.join(country)}" if country else r"(?:\+|00)\d{1,3}"
    text = rf"(?<!\d)(?:{prefix}{TEXT_GAP})?(?:(?:{'|'.join(TRUNK)}){TEXT_GAP})?{TEXT_GAP.join(national)}(?!\d)"
    return raw, text


def _parts_of(value: str) -> tuple[str, str]:
    """Country code and national number; without a plus, the digits without their leading zeros."""
    try:
        number = phonenumbers.parse(re.sub(r"^\s*00(?=[1-9])", "+", narrow(value)), None)
    except phonenumbers.NumberParseException:
        return "", _digits(value).lstrip("0")
    return str(number.country_code), str(number.national_number)


def _digits(value: str) -> str:
    return "".join(str(unicodedata.decimal(char)) for char in value if char.isdecimal())


def fold(text: str) -> str:
    """Case, compatibility forms and white space made equal."""
    even = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return " ".join(even.split())


def plain_texts(body: bytes) -> list[str]:
    """The body as folded text with escapes undone, with tags and without them; for every charset that it may be in."""
    return [text for bare in _undone_texts(body) for text in _folded_forms(bare)]


def _undone_texts(body: bytes) -> Iterator[str]:
    """The body as text with escapes undone, for every charset that it may be in."""
    for text in {_decoded(body, charset) for charset in _charsets(body)}:
        bare = text
        for _ in range(ROUNDS):
            undone = _undo(bare)
            if undone == bare:
                break
            bare = undone
        yield bare


def _folded_forms(bare: str) -> list[str]:
    folded = fold(bare)
    parts = TAG.split(folded)
    found = [folded, "".join(parts), " ".join(" ".join(parts).split())]
    if "+" in folded:
        found.append(" ".join(folded.replace("+", " ").split()))
    return found


def squeezed(text: str) -> str:
    """Folded text without accents, digraphs and combining marks: quick to look for the longest word of a name in."""
    bare = text if text.isascii() else plain(text, len(text) + 1)
    return letters_of(bare)


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
    return any(_in_text(bare, needles) for bare in _undone_texts(body))


def _in_text(bare: str, needles: Sequence[Needle]) -> bool:
    if any(needle.kind in AS_PRINTED and needle.text.search(bare) for needle in needles):
        return True
    return any(_in_folded(text, needles) for text in _folded_forms(bare))


def _in_folded(text: str, needles: Sequence[Needle]) -> bool:
    kinds = {needle.kind for needle in needles}
    digits = NO_DIGITS.sub("", text) if "phone" in kinds else ""
    letters = squeezed(text) if kinds & SQUEEZED else ""
    for needle in needles:
        where = digits if needle.kind == "phone" else letters if needle.kind in SQUEEZED else text
        if needle.kind not in AS_PRINTED and needle.hint in where and needle.text.search(text):
            return True
    return False


def blanked(body: bytes, needles: Sequence[Needle]) -> bytes | None:
    """The body with every needle overwritten by as many x; None where something would be left: then the whole has to go."""
    for needle in needles:
        body = needle.raw.sub(lambda found: FILLER * len(found[0]), body)
    return None if mentioned(body, needles) else body
