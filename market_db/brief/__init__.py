"""One printed page about a product in a country: what stands on it, free of how it is drawn; HTML and PDF are made of the same record."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled box; all measures in units of the chart."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    """#rrggbb."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text in a chart; `y` is its base line."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    """start, middle, end."""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of boxes and texts, 100 units wide."""

    title: str
    height: float
    marks: tuple[Rect | Label, ...]
    source: str
    """Who counted, and when; stands below it."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure in large letters."""

    label: str
    value: str
    note: str
    """Source and year, or what it means."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a section, with a link where it has one."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its lines."""

    key: str
    """how_much, price, flags, rules, refused, buyers, tenders, missing; in `full` also attractive."""
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The page."""

    language: str
    title: str
    subtitle: str
    tiles: tuple[Tile, ...]
    charts: tuple[Chart, ...]
    sections: tuple[Section, ...]
    full: tuple[Section, ...] = ()
    """Sections without the limits of one sheet of paper, by the same keys: for the page on a screen, never printed."""
    foot: tuple[str, ...] = field(default=())
    """Sources with their terms, what the index is, and what the page is not."""
    latin: str = ""
    """Said at the end of the PDF where names had to be written in Latin letters."""
