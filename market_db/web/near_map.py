"""Where a buyer stands: a piece of the world map around its point, drawn on the server so that no map server learns who is looked at."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from math import isfinite

from markupsafe import Markup

from market_db.web.world_map import projected, world

LEAST_WIDTH, LEAST_HEIGHT = 40.0, 30.0
"""Units of the map (960 wide, so some 15 degrees): a small country is shown among its neighbours."""
EDGE = 0.12
"""Of the width, around the country."""
FAR = 30.0
"""Units: an island of the country that is further away from the point says nothing about where it is."""
_NUMBER = re.compile(r"-?[\d.]+")


@dataclass(frozen=True, slots=True)
class Ring:
    """One piece of land: its country (None = without a code), its outline, and the box around it (left, top, right, bottom)."""

    country: str | None
    path: str
    box: tuple[float, float, float, float]

    def away(self, x: float, y: float) -> float:
        """Distance of a point from the box; 0 inside."""
        left, top, right, bottom = self.box
        return max(left - x, x - right, 0.0) + max(top - y, y - bottom, 0.0)


@cache
def rings() -> tuple[Ring, ...]:
    """All pieces of land of the world map."""
    lands: Iterable[tuple[str | None, str]] = [*world().shapes.items(), *((None, path) for path in world().others)]
    return tuple(ring for country, path in lands for ring in _rings(country, path))


def _rings(country: str | None, path: str) -> Iterator[Ring]:
    for part in path.split("M")[1:]:
        numbers = [float(text) for text in _NUMBER.findall(part)]
        xs, ys = numbers[::2], numbers[1::2]
        yield Ring(country, f"M{part}", (min(xs), min(ys), max(xs), max(ys)))


def on_earth(latitude: float | None, longitude: float | None) -> bool:
    """Whether both are known WGS 84 degrees; 0, 0 is what programs write who know nothing."""
    if latitude is None or longitude is None or not (isfinite(latitude) and isfinite(longitude)):
        return False
    return abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude, longitude) != (0, 0)


def near_map(latitude: float | None, longitude: float | None, country: str | None, label: str) -> Markup:
    """The land around a point in WGS 84 degrees, that of `country` (ISO 3166-1 alpha-2) darker; nothing where there is no such point."""
    if latitude is None or longitude is None or not on_earth(latitude, longitude):
        return Markup("")
    x, y = projected(latitude, longitude)
    left, top, width, height = view = _view(x, y, country)
    lands = (ring for ring in rings() if _seen(ring, view))
    parts = [Markup('<path{} d="{}"/>').format(Markup(' class="own"') if one.country == country else "", one.path) for one in lands]
    parts.append(Markup('<circle class="spot" cx="{:.2f}" cy="{:.2f}" r="{:.2f}"/>').format(x, y, width / 55))
    frame = f"{left:.1f} {top:.1f} {width:.1f} {height:.1f}"
    return Markup('<svg class="map near" viewBox="{}" role="img" aria-label="{}">{}</svg>').format(frame, label, Markup("").join(parts))


def _view(x: float, y: float, country: str | None) -> tuple[float, float, float, float]:
    """(left, top, width, height) that holds the point and the piece of its country around it, four to three."""
    own = min((ring for ring in rings() if ring.country == country and country), key=lambda ring: ring.away(x, y), default=None)
    box = own.box if own and own.away(x, y) <= FAR else (x, y, x, y)
    left, top, right, bottom = min(box[0], x), min(box[1], y), max(box[2], x), max(box[3], y)
    width = max((right - left) * (1 + 2 * EDGE), LEAST_WIDTH)
    height = max((bottom - top) * (1 + 2 * EDGE), LEAST_HEIGHT)
    width, height = max(width, height * LEAST_WIDTH / LEAST_HEIGHT), max(height, width * LEAST_HEIGHT / LEAST_WIDTH)
    return (left + right - width) / 2, (top + bottom - height) / 2, width, height


def _seen(ring: Ring, view: tuple[float, float, float, float]) -> bool:
    left, top, width, height = view
    return ring.box[0] < left + width and ring.box[2] > left and ring.box[1] < top + height and ring.box[3] > top
