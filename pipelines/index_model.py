"""The index as its table describes it, with what a home changes in it; a table that does not add up is refused."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from market_db.edited_toml import BadTable, Table, read_table

SHIPPED = Path(__file__).with_name("attractiveness.toml")
PARTS = ("size", "growth", "price", "interest", "assortment", "tariff", "logistics", "distance", "openness", "foothold", "stability")
"""Every indicator the program can work out; the order is that of the worked example, whose seeded draws depend on it."""
PILLARS = ("pull", "access", "stability")
QUALITIES = ("reported", "derived", "mirror", "crowd", "estimated")
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Part:
    """One indicator of the index."""

    key: str
    pillar: str
    weight: float
    half_life: float | None
    """Years; None = it does not age."""


@dataclass(frozen=True, slots=True)
class IndexModel:
    """Weights and rules of the index."""

    parts: tuple[Part, ...]
    """In the order of PARTS; their weights add up to 1."""
    quality: Mapping[str, float]
    origin: tuple[float, float]
    """Latitude and longitude, degrees."""
    edition: int

    @property
    def weights(self) -> dict[str, float]:
        """Part -> weight."""
        return {part.key: part.weight for part in self.parts}

    @property
    def digest(self) -> str:
        """Six hex digits that change when anything in the model does."""
        said = repr((self.parts, sorted(self.quality.items()), self.origin, self.edition))
        return hashlib.blake2b(said.encode(), digest_size=3).hexdigest()


@lru_cache(maxsize=1)
def shipped() -> IndexModel:
    """The model of the program's own table."""
    return _checked(_read(read_table(SHIPPED), None), read_table(SHIPPED))


def load_model(folder: Path | None = None) -> IndexModel:
    """The model, changed by the attractiveness.toml of a home's folder where there is one.

    Raises BadTable with file, line and key: weights that do not add up to 1, unknown parts, numbers outside their range.
    """
    own = folder / SHIPPED.name if folder else None
    if own is None or not own.exists():
        return shipped()
    table = read_table(own)
    return _checked(_read(table, shipped()), table)


def _read(table: Table, base: IndexModel | None) -> IndexModel:
    table.only("edition", "parts", "quality", "origin")
    table.group("parts").only(*PARTS)
    quality, origin = table.group("quality"), table.group("origin")
    quality.only(*QUALITIES)
    origin.only("latitude", "longitude")
    known = {part.key: part for part in base.parts} if base else {}
    latitude, longitude = base.origin if base else (None, None)
    return IndexModel(
        parts=tuple(_part(table.group("parts").group(key), key, known.get(key)) for key in PARTS),
        quality={key: quality.number(key, least=0, most=1, default=base.quality[key] if base else None) for key in QUALITIES},
        origin=(
            origin.number("latitude", least=-90, most=90, default=latitude),
            origin.number("longitude", least=-180, most=180, default=longitude),
        ),
        edition=int(table.number("edition", least=1, most=10_000, default=base.edition if base else None)),
    )


def _part(table: Table, key: str, base: Part | None) -> Part:
    table.only("pillar", "weight", "half_life")
    if base is not None:
        life = table.optional_number("half_life", least=0.1, most=100)
        return replace(
            base,
            weight=table.number("weight", least=0, most=1, default=base.weight),
            half_life=base.half_life if life is None else life,
            pillar=table.one_of("pillar", PILLARS, base.pillar),
        )
    life = table.optional_number("half_life", least=0.1, most=100)
    return Part(key, table.one_of("pillar", PILLARS), table.number("weight", least=0, most=1), life)


def _checked(model: IndexModel, table: Table) -> IndexModel:
    total = sum(model.weights.values())
    if abs(total - 1) > TOLERANCE:
        named = [key for key in model.weights if key in table.group("parts").data]
        changed = table.group("parts").group(named[-1]) if named else table
        raise changed.wrong("weight", f"the weights of all parts add up to {total:.4f}, not to 1: {_listed(model)}")
    return model


def _listed(model: IndexModel) -> str:
    return ", ".join(f"{key} {weight:g}" for key, weight in model.weights.items())


__all__ = ["PARTS", "PILLARS", "SHIPPED", "BadTable", "IndexModel", "Part", "load_model", "shipped"]
