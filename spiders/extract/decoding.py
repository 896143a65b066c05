"""Bytes of a page to text: valid UTF-8 beats every declaration, and what could not be read is said, never guessed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from w3lib.encoding import resolve_encoding

ENOUGH_TO_GUESS = 256
"""Non-ASCII bytes below which a statistical guess is noise (short windows-1251 was once taken for Korean)."""
MARKED = 200_000
"""Characters in which rows of question marks are sought."""
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_MARKED_LOST = re.compile(r"\?{4,}")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of an answer, the charset that gave it, and what went wrong on the way."""

    text: str
    charset: str
    utf8: bytes
    """The same for a parser: in UTF-8, without NUL and byte order mark; the answer itself where it is so."""
    faults: tuple[str, ...] = ()
    """charset_unknown: no charset fits; lost_text: characters were lost (U+FFFD, rows of question marks)."""


def decode(body: bytes, headers: Mapping[str, str], override: str | None = None) -> Decoded:
    """Charset by override, BOM, validity as UTF-8, header, meta; then by statistics where there is enough to judge."""
    for charset in (*_named(override), *(name for bom, name in _BOMS if body.startswith(bom)), "utf-8"):
        if found := _strict(body, charset):
            return found
    if _mostly_utf8(body):
        return _decoded(body.decode("utf-8", "replace"), "utf-8")
    for charset in _declared(body, headers):
        if found := _strict(body, charset):
            return found
    return _guessed(body)


def _named(name: str | None) -> tuple[str, ...]:
    charset = resolve_encoding(name) if name else None
    return (charset,) if charset else ()


def _declared(body: bytes, headers: Mapping[str, str]) -> Iterator[str]:
    """Charsets named by header and meta, WHATWG aliases resolved (iso-8859-1 means windows-1252)."""
    found = [m.group(1) for m in [_HEADER.search(headers.get("content-type", "")[:500])] if m]
    found += [m.group(1).decode("ascii", "ignore") for m in _META.finditer(body[:4096])]
    for name in found:
        yield from _named(name)


def _strict(body: bytes, charset: str, *faults: str) -> Decoded | None:
    """The text, if every byte fits; an answer cut inside its last character still fits."""
    try:
        return _decoded(body.decode(charset), charset, *faults, utf8=body if charset == "utf-8" else None)
    except UnicodeDecodeError as error:
        cut_off = error.reason == "unexpected end of data" and error.start >= len(body) - 3
        return _decoded(body[: error.start].decode(charset), charset, *faults) if cut_off else None
    except LookupError:
        return None


def _mostly_utf8(body: bytes) -> bool:
    """Whether many characters are valid multi-byte UTF-8 and few are broken: a page with damage, not another charset."""
    text = body[:400_000].decode("utf-8", "replace")
    broken = text.count("\ufffd")
    good = sum(1 for char in text if char > "\x7f") - broken
    return good >= 20 and good >= 10 * broken


def _guessed(body: bytes) -> Decoded:
    high = sum(byte > 0x7F for byte in body[:200_000])
    if high >= ENOUGH_TO_GUESS:
        from charset_normalizer import from_bytes

        best = from_bytes(body[:200_000]).best()
        found = _strict(body, best.encoding, "charset_guessed") if best else None
        if found:
            return found
    return _decoded(body.decode("utf-8", "replace"), "unknown", "charset_unknown")


def _decoded(text: str, charset: str, *faults: str, utf8: bytes | None = None) -> Decoded:
    text = text.removeprefix("\ufeff")
    utf8 = (text.encode("utf-8", "ignore") if utf8 is None else utf8.removeprefix(_BOMS[0][0])).replace(b"\x00", b"")
    start = text[:MARKED]
    lost = (not text.isascii() and "\ufffd" in text) or ("????" in start and len(_MARKED_LOST.findall(start)) > 2)
    return Decoded(text, charset, utf8, (*faults, "lost_text") if lost else faults)
