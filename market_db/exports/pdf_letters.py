"""Letters for PDF files: fonts of the machine for scripts that the built-in ones lack, and Latin letters for what no font can write.

A PDF's built-in fonts know Western European letters only. fpdf2 embeds what is used of a font. Scripts that are joined or run from
right to left are shaped by HarfBuzz: without it they would come out as wrong words.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from anyascii import anyascii
from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]
from fpdf import FPDF

SUFFIXES = (".ttf", ".ttc", ".otf", ".otc")
MOST_FILES = 4_000
"""Font files looked at by name; no machine needs more."""
PREFERRED = (
    *("DejaVuSans", "NotoSans-Regular", "LiberationSans-Regular", "Arial", "Arial Unicode", "segoeui", "Helvetica"),
    *("NotoSansCJK-Regular", "NotoSansJP-Regular", "NotoSansSC-Regular", "NotoSansKR-Regular", "NotoSansThai-Regular"),
    *("SourceHanSans-Regular", "wqy-microhei", "DroidSansFallbackFull", "unifont", "ipaexg", "ipag", "NanumGothic"),
    *("DroidSansFallback", "NotoSansArabic-Regular", "NotoNaskhArabic-Regular", "NotoSansHebrew-Regular", "NotoSansDevanagari-Regular"),
    *("NotoSansBengali-Regular", "NotoSansTamil-Regular", "NotoSansKhmer-Regular", "NotoSansLao-Regular", "NotoSansMyanmar-Regular"),
    *("NotoSansArmenian-Regular", "NotoSansGeorgian-Regular", "NotoSansEthiopic-Regular", "NotoSansSinhala-Regular"),
    *("msyh", "msgothic", "YuGothM", "malgun", "simsun", "LeelawUI", "PingFang", "Hiragino Sans GB", "AppleSDGothicNeo"),
)
"""Names of font files, those for most letters first; regular faces only."""
JOINED = ((0x0590, 0x08FF), (0x0900, 0x0DFF), (0x0F00, 0x109F), (0x1780, 0x17FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFF))
"""Scripts that need shaping or run from right to left."""


def _is_joined(point: int) -> bool:
    return any(first <= point <= last for first, last in JOINED)


@dataclass(frozen=True, slots=True)
class Letters:
    """The fonts at hand, with the letters of each."""

    fonts: tuple[tuple[str, Path, frozenset[int]], ...] = ()
    """(family, file, code points), the main one first; none = the built-in ones only."""
    shapes: bool = False
    """Whether a text needs shaping; no other document pays for it."""
    changed: list[str] = field(default_factory=list)
    """Texts that were written in other letters."""

    def shown(self, text: str) -> str:
        """The text in letters that can be written here."""
        lacking = {char for char in text if not self._has(ord(char))}
        if any(char.isalpha() for char in lacking):  # a dash that is drawn plainer changes no name
            self.changed.append(text)
        return "".join(anyascii(char) if char in lacking else char for char in text)

    def _has(self, point: int) -> bool:
        if not self.fonts:
            return point < 256
        if point in (0x09, 0x0A):
            return True
        return any(point in letters for _, _, letters in self.fonts)

    def put_into(self, pdf: FPDF) -> str:
        """Make the fonts known to a document; returns the family to write with."""
        for family, path, _ in self.fonts:
            pdf.add_font(family, "", path)
        if len(self.fonts) > 1:
            pdf.set_fallback_fonts([family for family, _, _ in self.fonts[1:]])
        if self.shapes and self.fonts:
            pdf.set_text_shaping(True)
        return self.fonts[0][0] if self.fonts else "Helvetica"


def letters_for(texts: Iterable[str], own: Path | None = None) -> Letters:
    """The fewest fonts that write the texts; `own` is a folder whose fonts come first."""
    wanted = {ord(char) for text in texts for char in text if ord(char) >= 256}
    shapes = any(map(_is_joined, wanted))
    if not wanted:
        return Letters()
    files = list(dict.fromkeys((*_own_fonts(own), *_machine_fonts())))
    # The first one writes everything plain too, so it must have Latin letters
    main = next((path for path in files if ord("a") in _letters_of(path) and _letters_of(path) & wanted), None)
    main = main or next((path for path in files if ord("a") in _letters_of(path)), None)
    chosen: list[tuple[str, Path, frozenset[int]]] = []
    for path in [main, *files] if main else []:
        letters = _letters_of(path)
        if path == main and chosen:
            continue
        if letters & wanted or not chosen:
            chosen.append((f"f{len(chosen)}", path, letters))
            wanted -= letters
        if not wanted:
            break
    return Letters(tuple(chosen), shapes=shapes)


def _own_fonts(folder: Path | None) -> Sequence[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES) if folder and folder.is_dir() else ()


@cache
def _machine_fonts() -> tuple[Path, ...]:
    """Fonts of the machine that we know by name, in the order of preference."""
    found: dict[str, Path] = {}
    for path in _files():
        found.setdefault(path.stem.casefold(), path)
    return tuple(found[name.casefold()] for name in PREFERRED if name.casefold() in found)


def _files() -> Iterator[Path]:
    """Files in the font folders of Linux, macOS and Windows."""
    home = Path.home()
    places = ["/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts"]
    folders = [*map(Path, places), home / ".fonts", home / ".local/share/fonts", home / "Library/Fonts"]
    if windows := os.environ.get("WINDIR"):
        folders.append(Path(windows) / "Fonts")
    seen = 0
    for folder in folders:
        for root, _, names in os.walk(folder):
            for name in sorted(names):
                seen += 1
                if seen > MOST_FILES:
                    return
                if name.lower().endswith(SUFFIXES):
                    yield Path(root) / name


@cache
def _letters_of(path: Path) -> frozenset[int]:
    """Code points a font can write; none for a file that is no font."""
    try:
        with path.open("rb") as stream, TTFont(stream, fontNumber=0, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (TTLibError, OSError, KeyError, ValueError, AssertionError):
        return frozenset()
