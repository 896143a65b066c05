"""Letters for PDF files: fonts of the machine for scripts that the built-in ones lack, and Latin letters for what no font can write.

A PDF's built-in fonts know Western European letters only. fpdf2 embeds what is used of a font. Scripts that are joined or run from
right to left are written in Latin letters: without a shaping engine they would come out as wrong words, which is worse.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from anyascii import anyascii
from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]
from fpdf import FPDF

SUFFIXES = (".ttf", ".ttc", ".otf")
MOST_FILES = 4_000
"""Font files looked at by name; no machine needs more."""
PREFERRED = (
    *("DejaVuSans", "NotoSans-Regular", "LiberationSans-Regular", "Arial", "Arial Unicode", "segoeui", "Helvetica"),
    *("NotoSansCJK-Regular", "NotoSansJP-Regular", "NotoSansSC-Regular", "NotoSansKR-Regular", "NotoSansThai-Regular"),
    *("SourceHanSans-Regular", "wqy-microhei", "DroidSansFallbackFull", "unifont", "ipaexg", "ipag", "NanumGothic"),
    *("msyh", "msgothic", "YuGothM", "malgun", "simsun", "LeelawUI", "PingFang", "Hiragino Sans GB", "AppleSDGothicNeo"),
)
"""Names of font files, those for most letters first; regular faces only."""
JOINED = ((0x0590, 0x08FF), (0x0900, 0x0DFF), (0x0F00, 0x109F), (0x1780, 0x17FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFF))
"""Scripts that need shaping or run from right to left."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The fonts at hand, with the letters of each."""

    fonts: tuple[tuple[str, Path, frozenset[int]], ...] = ()
    """(family, file, code points), the main one first; none = the built-in ones only."""
    changed: list[str] = field(default_factory=list)
    """Texts that were written in other letters."""

    def shown(self, text: str) -> str:
        """The text in letters that can be written here."""
        written = "".join(char if self._has(ord(char)) else anyascii(char) for char in text)
        if written != text:
            self.changed.append(text)
        return written

    def _has(self, point: int) -> bool:
        if not self.fonts:
            return point < 256
        if point in (0x09, 0x0A) or any(first <= point <= last for first, last in JOINED):
            return point in (0x09, 0x0A)
        return any(point in letters for _, _, letters in self.fonts)

    def put_into(self, pdf: FPDF) -> str:
        """Make the fonts known to a document; returns the family to write with."""
        for family, path, _ in self.fonts:
            pdf.add_font(family, "", path)
        if len(self.fonts) > 1:
            pdf.set_fallback_fonts([family for family, _, _ in self.fonts[1:]])
        return self.fonts[0][0] if self.fonts else "Helvetica"


def letters_for(texts: Iterable[str], own: Path | None = None) -> Letters:
    """The fewest fonts that write the texts; `own` is a folder whose fonts come first."""
    wanted = {ord(char) for text in texts for char in text if ord(char) >= 256}
    wanted = {point for point in wanted if not any(first <= point <= last for first, last in JOINED)}
    chosen: list[tuple[str, Path, frozenset[int]]] = []
    if not wanted:
        return Letters()
    for path in (*_own_fonts(own), *_machine_fonts()):
        letters = _letters_of(path)
        # The first one writes everything plain too, so it must have Latin letters
        if letters & wanted and (chosen or ord("a") in letters):
            chosen.append((f"f{len(chosen)}", path, letters))
            wanted -= letters
        if not wanted:
            break
    return Letters(tuple(chosen))


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
