"""An exporter as typed into a form: every field read or named with what would be right there; what is left empty stays unknown."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from market_db.desk.entered import ExporterCard
from market_db.exporter import Exporter, Offer
from market_db.values.numbers import ascii_digits, read_number
from market_db.values.text import clean

MOST_OFFERS = 8
MOST_OTHERS = 10
LANGUAGES = ("id", "en", "zh", "ar", "ms", "ja", "ko", "nl", "de", "fr", "es", "th", "vi", "hi", "ru", "pt")
"""Languages offered as choices, ISO 639-1."""
LIMITS: Mapping[str, tuple[float, float]] = {
    "capacity_kg_month": (0.1, 1e8),
    "minimum_order_kg": (0.1, 1e7),
    "pack_grams": (1, 1e6),
    "fob_usd_kg": (0.01, 1e4),
}
"""Number -> least and most that is taken for one; as in `exporter.toml`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A field that cannot be taken."""

    key: str
    """Key of the sentence that says what would be right."""
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """A form as read; `wrong` by name of its field, in which case the card must not be kept."""

    card: ExporterCard
    wrong: Mapping[str, Wrong]


def read_form(
    typed: Mapping[str, str],
    chosen: Mapping[str, list[str]],
    *,
    old: ExporterCard,
    products: Collection[str],
    known: Collection[str],
    mark: str,
) -> Read:
    """The form over the card it was opened with. `known` are certificates to choose from, `mark` the decimal mark of the language."""
    wrong: dict[str, Wrong] = {}
    offers = tuple(offer for at in range(MOST_OFFERS) if (offer := _offer(typed, at, products, mark, wrong)))
    card = replace(
        old,
        name=_text(typed, "name", 200),
        town=_text(typed, "town", 100),
        note=_text(typed, "note", 1_000),
        languages=tuple(code for code in LANGUAGES if code in chosen.get("language", ())),
        certificates=_certificates(typed, chosen.get("certificate", []), known),
        offers=offers,
        capacity_kg_month=_number(typed.get("capacity_kg_month", ""), "capacity_kg_month", "capacity_kg_month", mark, wrong),
        minimum_order_kg=_number(typed.get("minimum_order_kg", ""), "minimum_order_kg", "minimum_order_kg", mark, wrong),
    )
    if not card.name:
        wrong["name"] = Wrong(key="name")
    if not offers and not any(name.startswith("offer") for name in wrong):
        wrong["offer0_product"] = Wrong(key="no_offer")
    return Read(card, wrong)


def _text(typed: Mapping[str, str], name: str, most: int) -> str:
    return clean(typed.get(name, ""), most)


def _certificates(typed: Mapping[str, str], chosen: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """Those ticked, then others as typed, separated by commas."""
    others = (clean(part, 60).casefold() for part in typed.get("other_certificates", "")[:1_000].split(","))
    kept = [name for name in known if name in chosen]
    return tuple(dict.fromkeys([*kept, *[name for name in others if name][:MOST_OTHERS]]))


def _offer(typed: Mapping[str, str], at: int, products: Collection[str], mark: str, wrong: dict[str, Wrong]) -> Offer | None:
    """One line of the table of products; None = left empty."""
    said = {name: clean(typed.get(f"offer{at}_{name}", ""), 200) for name in ("product", "name", "pack_grams", "fob_usd_kg")}
    if not any(said[name] for name in ("name", "pack_grams", "fob_usd_kg")):
        return None
    if said["product"] not in products:
        wrong[f"offer{at}_product"] = Wrong(key="product")
    if not said["name"]:
        wrong[f"offer{at}_name"] = Wrong(key="offer_name")
    numbers = {name: _number(said[name], name, f"offer{at}_{name}", mark, wrong) for name in ("pack_grams", "fob_usd_kg")}
    return Offer(product=said["product"], name=said["name"], **numbers)


def _number(typed: str, name: str, place: str, mark: str, wrong: dict[str, Wrong]) -> float | None:
    """A number within its limits; None = left empty, or wrong and named."""
    text = ascii_digits(clean(typed, 40)).strip()
    if not text:
        return None
    least, most = LIMITS[name]
    value = read_number(text, mark=mark) if text.replace(".", "").replace(",", "").replace(" ", "").isdigit() else None
    if value is None or not least <= value <= most:
        wrong[place] = Wrong(key="number", facts={"value": text[:40], "least": least, "most": most})
        return None
    return value


def as_exporter(card: ExporterCard) -> Exporter:
    """What is compared with markets and buyers."""
    return Exporter(
        name=card.name,
        offers=card.offers,
        languages=card.languages,
        certificates=card.certificates,
        capacity_kg_month=card.capacity_kg_month,
        minimum_order_kg=card.minimum_order_kg,
    )
