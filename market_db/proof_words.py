"""Our own sentences about a record, noted in English, in the reader's language; what a source printed stays as it stands, a quote."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from market_db.saying import Language, period_in

TABLE = Path(__file__).parent / "words" / "proofs_id.toml"
_GAP = re.compile(r"\{(\w+)\}")
_CODE = re.compile(r"\b(cn8|hs):(\d+)")
MOMENTS = frozenset({"first", "last", "when"})
"""Gaps that hold a day or a month."""
_TAG = re.compile(r"\b[a-z_]+=[^,\s]+")

REGISTERS = {
    "cz-ico": "ARES (IČO)",
    "eu-eori": "EORI",
    "eu-vat": "VAT",
    "fi-prh": "PRH (Y-tunnus)",
    "fi-ytunnus": "PRH (Y-tunnus)",
    "fr-siren": "SIREN",
    "gb-companies-house": "Companies House",
    "gb-fhrs": "FHRS",
    "gb-hmrc-trader": "HMRC",
    "lei": "LEI",
    "mx-denue": "DENUE",
    "no-brreg": "Brønnøysund",
    "osm": "OpenStreetMap",
    "sg-uen": "ACRA (UEN)",
    "us-snap": "SNAP",
    "wikidata": "Wikidata",
}
"""Our key of a register -> what it calls itself, the same in both languages."""


@dataclass(frozen=True, slots=True)
class Known:
    """A sentence that our readers and judges write."""

    begins: str
    """How it begins: a look at it is cheaper than the pattern."""
    pattern: re.Pattern[str]
    own: str
    """The same in Indonesian, with the same gaps."""


@lru_cache(maxsize=10_000)
def role_proof_in(text: str, language: str) -> str:
    """What proves a role, in `id` or `en`, its months as people write them; a quote of a source as it is."""
    found = _found("role", text)
    if found is None:
        return text
    match, known = found
    if language == "id":
        return _GAP.sub(lambda gap: _gap_in(match, gap[1], "id"), known.own)
    for name in sorted(MOMENTS & match.re.groupindex.keys(), key=match.start, reverse=True):
        text = text[: match.start(name)] + _gap_in(match, name, "en") + text[match.end(name) :]
    return text


def _gap_in(match: re.Match[str], name: str, language: Language) -> str:
    return period_in(match[name], language) if name in MOMENTS else match[name]


def reason_in(text: str, language: str) -> str:
    """Why a record is about a product, in `id` or `en`."""
    return _indonesian("reason", text) if language == "id" else text


def goods_in(text: str, language: str) -> str:
    """What was seen of a product, in `id` or `en`: codes of registers and tags of maps named as such, anything else as it was printed."""
    tags = _TAG.findall(text)
    if tags and not _TAG.sub("", text).strip(" ,"):
        return f"{'tanda di peta' if language == 'id' else 'map tags'}: {', '.join(dict.fromkeys(tags))}"
    return _CODE.sub(lambda code: f"{'kode ' if language == 'id' else 'code '}{code[1].upper()} {code[2]}", text)


def register_in(text: str) -> str:
    """A number with the register that gave it: "no-brreg 010001013" as Brønnøysund 010001013."""
    key, _, number = text.partition(" ")
    return f"{REGISTERS.get(key, key)} {number}"


def is_quote(role_proof: str) -> bool:
    """Whether what proves a role is a quote of its source, not a sentence of ours."""
    return _found("role", role_proof) is None


@lru_cache(maxsize=10_000)
def _indonesian(kind: str, text: str) -> str:
    found = _found(kind, text)
    return _GAP.sub(lambda gap: found[0][gap[1]], found[1].own) if found else text


def _found(kind: str, text: str) -> tuple[re.Match[str], Known] | None:
    for known in sentences(kind):
        if text.startswith(known.begins) and (match := known.pattern.fullmatch(text)):
            return match, known
    return None


@cache
def sentences(kind: str) -> tuple[Known, ...]:
    """The sentences of a kind (role, reason) in the order of the table: the first that fits counts."""
    return tuple(
        Known(english.partition("{")[0], as_pattern(english), own) for english, own in tomllib.loads(TABLE.read_text("utf-8"))[kind]
    )


def as_pattern(english: str) -> re.Pattern[str]:
    """A sentence with {gaps} as a pattern; `n` and `code` hold no blank, so that a quote is not taken for a sentence of ours."""
    parts = _GAP.split(english)
    return re.compile("".join(_gap(part) if at % 2 else re.escape(part) for at, part in enumerate(parts)), re.DOTALL)


def _gap(name: str) -> str:
    return rf"(?P<{name}>\S+)" if name in ("n", "code") else f"(?P<{name}>.*)"
