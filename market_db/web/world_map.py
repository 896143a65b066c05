"""A map of the world drawn on the server: countries as links in classes of colour, and points, in the projection of `map/world.json`.

The outlines were projected once (`map/build.mjs`), because cutting shapes at the edge of the world is what hand-written code gets wrong;
a point needs only the formula.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import radians
from pathlib import Path
from typing import Any

import pycountry
from markupsafe import Markup

OUTLINES = Path(__file__).parent / "map" / "world.json"
DOT = 4.5
"""Radius of a country that is too small for its outline, in units of the map (960 wide)."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How a country is shown."""

    look: str
    """Class of colour: l1..l5, zero, hatched ones for what is not known."""
    title: str
    """What it says when pointed at."""
    url: str = ""
    """Page behind it; empty = none."""


@dataclass(frozen=True, slots=True)
class World:
    """Outlines by ISO 3166-1 alpha-2, of lands without a code, and dots of small countries."""

    view: Mapping[str, float]
    shapes: Mapping[str, str]
    others: tuple[str, ...]
    dots: Mapping[str, tuple[float, float]]


@cache
def world() -> World:
    """The outlines, read once."""
    found: dict[str, Any] = json.loads(OUTLINES.read_text("utf-8"))
    shapes = {code: path for key, path in found["shapes"].items() if (code := _alpha2(key))}
    dots = {code: (x, y) for key, (x, y) in found["dots"].items() if (code := _alpha2(key))}
    return World(found["view"], shapes, tuple(found["others"]), dots)


def _alpha2(key: str) -> str | None:
    """ISO alpha-2 of an ISO numeric code; alpha-2 stays (Kosovo has no number)."""
    entry = pycountry.countries.get(numeric=key) if key.isdigit() else None
    return str(entry.alpha_2) if entry else key if key.isalpha() else None


def draw(marks: Mapping[str, Mark], label: str, points: Iterable[tuple[float, float, str]] = ()) -> Markup:
    """The map. `points` are (latitude, longitude, title) in WGS 84 degrees. A table beside it must say the same."""
    lands = world()
    parts = [Markup('<path d="{}"/>').format(path) for path in lands.others]
    parts += [_country(marks.get(code), Markup('<path d="{}"/>').format(path)) for code, path in lands.shapes.items()]
    for code, (x, y) in lands.dots.items():
        if code in marks:
            parts.append(_country(marks[code], Markup('<circle cx="{}" cy="{}" r="{}"/>').format(x, y, DOT)))
    parts += [_point(*one) for one in points]
    view = f"0 0 {lands.view['width']:g} {lands.view['height']:g}"
    return Markup('<svg class="map" viewBox="{}" role="group" aria-label="{}">{}</svg>').format(view, label, Markup("").join(parts))


def _country(mark: Mark | None, shape: Markup) -> Markup:
    if mark is None:
        return shape
    inside = Markup('<g class="{}"><title>{}</title>{}</g>').format(mark.look, mark.title, shape)
    return Markup('<a href="{}" aria-label="{}">{}</a>').format(mark.url, mark.title, inside) if mark.url else inside


def _point(latitude: float, longitude: float, title: str) -> Markup:
    x, y = projected(latitude, longitude)
    return Markup('<g class="point"><title>{}</title><circle cx="{:.1f}" cy="{:.1f}" r="6"/></g>').format(title, x, y)


def projected(latitude: float, longitude: float) -> tuple[float, float]:
    """WGS 84 degrees -> place on the map.

    Natural Earth projection by T. Patterson, its polynomial by B. Savric, B. Jenny and others (2011), as in d3-geo's geoNaturalEarth1.
    """
    view = world().view
    along, up = radians(longitude), radians(latitude)
    two = up * up
    four = two * two
    x = along * (0.8707 - 0.131979 * two + four * (-0.013791 + four * (0.003971 * two - 0.001529 * four)))
    y = up * (1.007226 + two * (0.015085 + four * (-0.044475 + 0.028874 * two - 0.005916 * four)))
    return view["x"] + view["scale"] * x, view["y"] - view["scale"] * y
