"""Telephone numbers: E.164 by the numbering plans, never by guessing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import phonenumbers

from market_db.reference import words
from market_db.values.text import fold

LIMIT = 300


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as printed and as dialled."""

    raw: str
    """As printed, one number; the second of "5551234/35" is written out."""
    e164: str | None
    """"+6221..." only where valid; None = cannot be dialled from abroad as printed."""
    valid: bool
    """By the numbering plan, not merely possible."""
    country: str | None
    """ISO2 of the plan; None for invalid and for international numbers."""
    mobile: bool = False
    """By the plan: mobile only; where mobile and fixed lines look alike (North America) False."""


def read_phone(text: str, *, country: str | None = None) -> Phone | None:
    """First valid number of the text, else the first thing that looks like one (valid=False); None = no number at all."""
    phones = read_phones(text, country=country)
    return next((phone for phone in phones if phone.valid), phones[0] if phones else None)


_EXTENSION = re.compile(
    r"(?i)(?:\s|,|;|\()*(?:\bext(?:ension|n)?\b|(?<=\d)x(?=\s?\d)|(?<=\d\s)x(?=\s?\d)|\bdurchwahl|\bposte|\banexo|\bramal|\binterno|\bint(?=\.)"
    r"|\bdoorkies|\btoestel|\bklapka|\blinka|\bwewn?(?=\.)|\bдоб\w*|\bвн(?=\.)|(?<=\d)#|(?<=\d\s)#)\s*[.:]?\s*\d{1,7}\)?"
)
_DATE = re.compile(r"(?<!\d)(?:(?:19|20)\d\d[-./]\d\d[-./]\d\d|\d\d[-./]\d\d[-./](?:19|20)\d\d)(?!\d)")
_HOURS = re.compile(r"(?<![\d.])(?:[01]?\d|2[0-4])[.:][0-5]\d\s?[-–]\s?(?:[01]?\d|2[0-4])[.:][0-5]\d(?![\d.])")
_TRUNK = re.compile(r"\(\s*0\s*\)")
_NUMBER = re.compile(r"(?:(?:\(\s?)?\+\s?|00)?[(\[]?\d[\d\s().\-\[\]/·–‑]{4,40}\d")
_TWO = re.compile(r"[;|\n]|\s(?:or|atau|und|oder|and|dan|et|ou|y|o|en|of)\s")
_AGAIN = (re.compile(r"\s*[/,]\s*|\s+[-–]\s+|\s{2,}"), re.compile(r"\s+(?=\+|0\d|\()"))
"""Where a second number may begin in what looks like one, the surest first; asked only when the whole is no number."""
_ENDINGS = re.compile(r"(?P<stem>.*?\d)(?:(?P<first>-\d{1,4})\s?/\s?-(?P<other>\d{1,4})|\s?/\s?(?P<second>\d{1,4}))")
"""One number and how the next one ends: 5551234/35, 68828-0/-785."""
_BESIDE = re.compile(r"\W{1,4}|\s*(?:or|atau|und|oder|and|dan|et|ou|y|o|en|of)\s*")
"""What stands between a number and the local part of a second one."""
_LINK = re.compile(r"(?:wa\.me/|[?&]phone=)(?=[1-9]\d{7})")
"""Links to a chat hold international numbers without their plus."""
_RANGE = re.compile(r"(?P<stem>.*\d)-\d{1,4}")
"""The last of several lines, or an extension: 02-123-4567-8, 010-12345678-802."""
GIVEN_UP = {r"\+52\s?1[\s-]?(?=\d)": "+52"}
_LOCAL = 6
"""Digits of the shortest local number that is read with the area code of the number before it."""


def read_phones(text: str, *, country: str | None = None) -> tuple[Phone, ...]:
    """All numbers in printed order, each once. Words are never digits ("WhatsApp"), vanity numbers are refused."""
    found: dict[str, Phone] = {}
    for _, phone in placed_phones(fold(text[: LIMIT * 4], LIMIT), country):
        found.setdefault(phone.e164 or phone.raw, phone)
    return tuple(found.values())


def placed_phones(text: str, country: str | None) -> Iterator[tuple[int, Phone]]:
    """Numbers of a line with the place where the print of each begins; digits must be ASCII (`text.fold`)."""
    printed = _EXTENSION.sub(lambda match: " " * len(match.group()), _LINK.sub(lambda match: f"{match.group()[:-1]}+", text))
    before: Phone | None = None
    after = 0
    for start, end in _runs(printed):
        for read in _numbers(printed[start:end], country):
            beside = before if not read.valid and _BESIDE.fullmatch(printed, after, start) else None
            phone = (_with_area(beside, read.raw, country) if beside else None) or read
            yield max(start, printed.find(read.raw, start, end)), phone
            before = phone if phone.valid else before
        after = end


def _runs(printed: str) -> Iterator[tuple[int, int]]:
    """Start and end of what looks like numbers."""
    at = 0
    for cut in [*_TWO.finditer(printed), None]:
        end = cut.start() if cut else len(printed)
        for match in _NUMBER.finditer(printed, at, end):
            if (
                not _is_vanity(printed[:end], match.end())
                and not (_DATE.search(match.group()) or _HOURS.fullmatch(match.group().strip(" ()")))
                and not _is_registration(printed, *match.span())
            ):
                yield match.span()
        at = cut.end() if cut else end


def _is_vanity(piece: str, end: int) -> bool:
    return re.match(r"[\s-]?[a-z]{4,}(?![a-z:])\s*$", piece[end : end + 12], re.IGNORECASE) is not None and piece[end : end + 1] == "-"


def _is_registration(line: str, start: int, end: int) -> bool:
    """Whether a number of a register or tax office: a label before it says so, or letters stand against it ("NL123456789B01")."""
    before, behind = line[max(0, start - 60) : start].lower(), line[end : end + 3].lower()
    if _labels().search(before):
        return True
    glued = re.search(r"(?:^|[^a-z])([a-z]{2,3})$", before)
    return re.match(r"[a-z]\d", behind) is not None or (glued is not None and glued[1] in words("number_labels", "glued"))


@cache
def _labels() -> re.Pattern[str]:
    labels = "|".join(
        re.escape(label).replace(r"\ ", r"[\s.-]{0,2}") for label in sorted(words("number_labels", "labels"), key=len, reverse=True)
    )
    tails = "|".join(re.escape(tail) for tail in sorted(words("number_labels", "tails"), key=len, reverse=True))
    return re.compile(
        rf"(?<![^\W\d_])(?:{labels})(?:[\s.:/-]{{0,3}}(?:{tails}))?[\s.:#=/-]{{0,4}}(?:[a-z]{{2}}[\s.-]?)?$|\biban\b[^,;\n]{{0,40}}$"
    )


def _numbers(printed: str, country: str | None) -> Iterator[Phone]:
    """One number; two where the print shows the ending of a second one; several where the whole is none."""
    if (endings := _ENDINGS.fullmatch(printed)) and (two := _two_endings(endings, country)):
        yield from two
        return
    whole = _read_one(printed, country)
    yield from [whole] if whole.valid else _split(printed, country) or _longest(printed, country) or _stem(printed, country) or [whole]


def _split(printed: str, country: str | None) -> list[Phone]:
    """Several numbers written one after the other, perhaps behind a postcode, the first valid; [] where nothing sets them apart."""
    for again in _AGAIN:
        pieces = again.split(printed)
        parts = [_read_one(piece, country) for piece in pieces if sum(map(str.isdigit, piece)) > _LOCAL]
        if len(pieces) > 1 and parts and parts[0].valid:
            return [phone for part in parts if (phone := part if part.valid else _with_area(parts[0], part.raw, country))]
    return []


def _two_endings(match: re.Match[str], country: str | None) -> list[Phone]:
    """Both numbers of "5551234/35"; [] where the stem is no number by itself."""
    ending = match["other"] or match["second"]
    first = _read_one(match["stem"] + (match["first"] or ""), country)
    base = f"{match['stem']}-" if match["other"] else match["stem"][: -len(ending)]
    second = _read_one(base + ending, country)
    known = first.valid and match["stem"][-len(ending) :].isdigit()
    return [phone for phone in (first, second) if phone.valid] if known else []


def _with_area(first: Phone, local: str, country: str | None) -> Phone | None:
    """A local number with the area code of the one before it."""
    digits = re.sub(r"\D", "", local)
    known = first.e164 or ""
    if not _LOCAL < len(digits) < len(known) - 3 or digits[0] == "0" or not first.valid:
        return None
    phone = _read_one(known[: -len(digits)] + digits, country)
    return phone if phone.valid else None


def _longest(printed: str, country: str | None) -> list[Phone]:
    """The longest valid number that the print begins with: what stands behind a blank may be a house number."""
    ends = [match.start() for match in re.finditer(r"\s", printed) if sum(map(str.isdigit, printed[: match.start()])) >= _LOCAL + 1]
    found = (_read_one(printed[:end], country) for end in reversed(ends))
    return [phone for phone in [next((phone for phone in found if phone.valid), None)] if phone]


def _stem(printed: str, country: str | None) -> list[Phone]:
    """The first of several lines, or the line of an extension."""
    match = _RANGE.fullmatch(printed.strip())
    phone = _read_one(match["stem"], country) if match else None
    return [phone] if phone and phone.valid else []


@lru_cache(maxsize=4_096)
def _read_one(printed: str, country: str | None) -> Phone:
    raw = printed.strip(" -/.")
    digits = _TRUNK.sub("", raw)
    digits = re.sub(r"^\(?00\s?", "+", digits)
    for text in (*_bracketed(digits), *_without_plus(digits, country), digits, *_renumbered(digits)):
        number = _valid(text, country)
        if number:
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            region = phonenumbers.region_code_for_number(number)
            mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
            return Phone(raw, e164, True, region if region and len(region) == 2 and region.isalpha() else None, mobile)
    return Phone(raw, None, False, None)


def _bracketed(digits: str) -> Iterator[str]:
    """As in "(49 211) 5 37 59 40": a country code in brackets with the area code needs no plus."""
    if re.match(r"\(\d{2,3}[\s-]\d{1,4}\)", digits):
        yield "+" + digits.lstrip("(")


def _without_plus(digits: str, country: str | None) -> Iterator[str]:
    """As in "WhatsApp 62812345678": the country's own code without its plus, where its own numbers begin with another digit (0)."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country, None) if country else None
    code = metadata.country_code if metadata else None
    if metadata and metadata.national_prefix not in (None, str(code)) and digits.startswith(str(code)):
        yield f"+{digits}"


def _renumbered(digits: str) -> Iterator[str]:
    """With a prefix that a country gave up and people still print (Mexico's 1 of mobiles, until 2019)."""
    yield from (re.sub(old, new, digits) for old, new in GIVEN_UP.items() if re.match(old, digits))


def _valid(digits: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
