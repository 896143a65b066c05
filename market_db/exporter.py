"""What one exporter has to offer, as a table in the home that the exporter or an advisor fills in; it never leaves the home."""

from dataclasses import dataclass
from pathlib import Path

from market_db.edited_toml import Table, read_table

FILE = "exporter.toml"
TEMPLATE = """# What you export. `tembus fit` compares it with what is known of markets and buyers. Nothing of it leaves this folder.
# Leave out what you do not know: it is then shown as unknown.

name = "Nama usaha"
languages = ["id"]            # languages you can answer buyers in: id, en, zh, ar ...
certificates = []             # what you hold: keys as in `tembus market CC --json` ("id-ske", "us-fce-sid"), or kinds: "halal"
# capacity_kg_month = 2000    # what you can deliver for export, every month
# minimum_order_kg = 200      # the least you ship to one buyer

[[product]]
product = "sambal"            # a product type of Tembus
name = "Sambal bajak 200 g"
# pack_grams = 200
# fob_usd_kg = 4.50           # your price on board at Belawan
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One product of the exporter."""

    product: str
    """Product type."""
    name: str
    pack_grams: float | None = None
    fob_usd_kg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """An exporter; None = not said."""

    name: str
    offers: tuple[Offer, ...]
    languages: tuple[str, ...] = ()
    """ISO 639-1."""
    certificates: tuple[str, ...] = ()
    """Keys or kinds of requirements that are met."""
    capacity_kg_month: float | None = None
    minimum_order_kg: float | None = None


def load_exporter(folder: Path) -> Exporter | None:
    """The exporter of a home; None where nobody filled the table in. Raises BadTable with file, line and key."""
    path = folder / FILE
    if not path.exists():
        return None
    table = read_table(path)
    table.only("name", "languages", "certificates", "capacity_kg_month", "minimum_order_kg", "product")
    offers = tuple(_offer(one) for one in table.groups("product"))
    if not offers:
        raise table.wrong("product", "at least one [[product]] expected")
    return Exporter(
        name=table.words("name", most=200),
        offers=offers,
        languages=tuple(code.casefold() for code in table.list_of_words("languages")),
        certificates=tuple(name.casefold() for name in table.list_of_words("certificates")),
        capacity_kg_month=table.optional_number("capacity_kg_month", least=0.1, most=1e8),
        minimum_order_kg=table.optional_number("minimum_order_kg", least=0.1, most=1e7),
    )


def _offer(table: Table) -> Offer:
    from market_db.products import load_products

    table.only("product", "name", "pack_grams", "fob_usd_kg")
    return Offer(
        product=table.one_of("product", load_products().keys()),
        name=table.words("name", most=200),
        pack_grams=table.optional_number("pack_grams", least=1, most=1e6),
        fob_usd_kg=table.optional_number("fob_usd_kg", least=0.01, most=1e4),
    )
