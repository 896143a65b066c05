"""WITS TRAINS: which duty each country takes on a product, in general (MFN) and from Indonesian goods."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from scrapy.http import Request

from market_db.products import ProductType
from spiders.base.json_api import Json, JsonApiSpider, json_object, number_in, object_in, rows_in, text_in
from spiders.base.tariffs import INDONESIAN, MFN, MOST, Rate, countries_of, tariffs
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

API = "https://wits.worldbank.org/API/V1/SDMX/V21/datasource/TRN"
YEARS = 5
WORLD, INDONESIA = "000", "360"
NO_DATA = (204, 404)
NEEDED = ("REPORTER", "PARTNER", "PRODUCTCODE")
ATTRIBUTES = ("TARIFFTYPE", "TOTALNOOFLINES", "NBR_NA_LINES")


class WitsTrains(JsonApiSpider):
    """One request per HS6 code, year and partner, for all reporters; no country reports every year."""

    name = "wits_trains"
    handle_httpstatus_list = [204, 400, 404]  # noqa: RUF012 - the first and the last say that nothing is there
    about = Source(
        title="WITS TRAINS: tariffs",
        publisher="World Bank and UNCTAD",
        home="https://wits.worldbank.org/",
        licence="WITS terms: source named, no re-dissemination of the database",
        attribution="Source: UNCTAD TRAINS through WITS, World Bank",
        terms_url="https://wits.worldbank.org/faqs.html",
        terms_read=None,
        basis="source named, local use",
        hosts=("wits.worldbank.org",),
        every=timedelta(days=30),
        expect=Expect(least=50, most=10_000),
        pace=Pace(delay=2.0, max_requests=100),
        api=True,
        empty_statuses=NO_DATA,
        note="Yearly, one to three years behind. Preferences show only where they exist. Shape unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """Every HS6 code, the last five years, in general and for Indonesia; never all reporters and all partners at once."""
        for hs6 in dict.fromkeys(code for product in self.products for code in product.hs):
            for year in range(self.as_of.year - 1, self.as_of.year - 1 - YEARS, -1):
                for partner in (WORLD, INDONESIA):
                    yield self.ask(tariff_url(hs6, year, partner))

    def read(self, answer: Answer) -> Reading:
        """Observations."""
        return read_tariffs(answer, self.products)


def tariff_url(hs6: str, year: int, partner: str) -> str:
    """Rates of all reporters on one code from one partner in one year."""
    return f"{API}/reporter/ALL/partner/{partner}/product/{hs6}/year/{year}/datatype/reported?format=JSON"


@dataclass(frozen=True, slots=True)
class Structure:
    """Codes behind the positions of an SDMX-JSON answer."""

    order: tuple[str, ...]
    """Dimensions in the order of the series keys, which for tariffs is not the declared one."""
    codes: Mapping[str, Sequence[str]]
    years: Sequence[str]
    attributes: Sequence[tuple[str, Sequence[str]]]
    """Attributes of an observation, in the order of their positions behind the value."""


def read_tariffs(answer: Answer, products: Sequence[ProductType]) -> Reading:
    """Observations tariff_mfn_pct (partner World) and tariff_idn_pct (partner Indonesia); of the EU one per member.

    A code whose lines all have duties per weight or piece is printed with the rate 0: such rows are counted, not taken.
    Raises BadAnswer as `json_object`, "unexpected shape", "ambiguous keys".
    """
    if answer.status in NO_DATA:
        return
    found = json_object(answer)
    series = series_in(found)
    held = structure_of(found, series)
    for name in (name for name in ATTRIBUTES if name not in dict(held.attributes)):
        yield Issue("missing_field", f"{name}; there are: {', '.join(name for name, _ in held.attributes)}"[:500], broken=True)
    asked, unknown = urlsplit(answer.url).path.split("/"), set[str]()
    for key, row in series.items():
        codes = codes_of(key, held)
        for place, observed in object_in(row, "observations").items() if isinstance(row, dict) and codes else ():
            read = rate_of(codes, place, observed, held, asked)
            if isinstance(read, Rejected):
                yield read
                continue
            countries = countries_of(codes["REPORTER"])
            unknown |= set() if countries else {codes["REPORTER"]}
            yield from tariffs(read, countries, products, answer.url)
        if not codes:
            yield Rejected("unreadable key", str(key)[:40])
    yield from (Issue("unmapped_value", f"reporter {code}"[:60]) for code in sorted(unknown))


def series_in(found: Json) -> Json:
    """The series of the one data set. Raises BadAnswer."""
    sets = rows_in(found, "dataSets")
    if len(sets) != 1 or not isinstance(sets[0], dict) or not isinstance(sets[0].get("series"), dict):
        raise BadAnswer("unexpected shape", f"no series in one data set; fields: {sorted(found)[:10]}")
    series: Json = sets[0]["series"]
    return series


def structure_of(found: Json, series: Json) -> Structure:
    """What the positions mean. Raises BadAnswer: "unexpected shape" (names what is missing), "ambiguous keys"."""
    structure = object_in(found, "structure")
    dimensions, attributes = object_in(structure, "dimensions"), object_in(structure, "attributes")
    declared = [(text_in(one, "id", 40) or "", _ids(one)) for one in rows_in(dimensions, "series") if isinstance(one, dict)]
    years = [_ids(one) for one in rows_in(dimensions, "observation") if isinstance(one, dict)]
    missing = [name for name in NEEDED if name not in dict(declared)]
    if missing or len(years) != 1:
        raise BadAnswer(
            "unexpected shape",
            f"structure.dimensions.series names {', '.join(name for name, _ in declared) or 'none'} by id; observation: {len(years)}"[:300],
        )
    codes = dict(declared)
    order = order_of([name for name, _ in declared], codes, series)
    return Structure(
        order,
        codes,
        years[0],
        [(text_in(one, "id", 40) or "", _ids(one)) for one in rows_in(attributes, "observation") if isinstance(one, dict)],
    )


def _ids(held: Json) -> list[str]:
    return [(text_in(value, "id", 40) or "") if isinstance(value, dict) else "" for value in rows_in(held, "values")]


def order_of(declared: list[str], codes: Mapping[str, Sequence[str]], series: Json) -> tuple[str, ...]:
    """The order of the keys' parts: tariffs come with product before partner, whatever `keyPosition` says (recorded 2019)."""
    partner, product = declared.index("PARTNER"), declared.index("PRODUCTCODE")
    swapped = list(declared)
    swapped[partner], swapped[product] = declared[product], declared[partner]
    fitting = [order for order in (swapped, declared) if all(_fits(key, order, codes) for key in series)]
    if len(fitting) == 2 and len(codes["PARTNER"]) > 1 and len(codes["PRODUCTCODE"]) > 1:
        raise BadAnswer("ambiguous keys", "several partners and several products in one answer: ask one of either")
    return tuple(fitting[0] if fitting else declared)


def _fits(key: str, order: Sequence[str], codes: Mapping[str, Sequence[str]]) -> bool:
    parts = key.split(":")
    return len(parts) == len(order) and all(
        part.isascii() and part.isdigit() and len(part) < 8 and int(part) < len(codes[name])
        for part, name in zip(parts, order, strict=True)
    )


def codes_of(key: str, held: Structure) -> dict[str, str]:
    """Dimension -> code of a series key; empty where the key does not fit."""
    if not _fits(key, held.order, held.codes):
        return {}
    return {name: held.codes[name][int(part)] for part, name in zip(key.split(":"), held.order, strict=True)}


def rate_of(codes: Mapping[str, str], place: str, observed: object, held: Structure, asked: Sequence[str]) -> Rate | Rejected:
    """One observation, or why not."""
    where = f"{codes['REPORTER']} {codes['PRODUCTCODE']}"
    year = held.years[int(place)] if place.isascii() and place.isdigit() and len(place) < 5 and int(place) < len(held.years) else ""
    if not isinstance(observed, list) or not observed or not year.isdigit():
        return Rejected("unreadable observation", where)
    if codes["PRODUCTCODE"] not in asked or codes["PARTNER"] not in asked or year not in asked:
        return Rejected("not what was asked", f"{where} {year}")
    value = number_in({"value": observed[0]}, "value")
    if value is None or not 0 <= value <= MOST:
        return Rejected("no rate", f"{where} {year}")
    said = {name: values[at] for (name, values), at in zip(held.attributes, observed[1:], strict=False) if _inside(at, values)}
    lines, unknown = said.get("TOTALNOOFLINES", ""), said.get("NBR_NA_LINES", "")
    if unknown.isdigit() and lines.isdigit() and int(unknown) >= int(lines) > 0:
        return Rejected("no ad valorem duty", f"{where} {year}")
    general = codes["PARTNER"] == WORLD
    if general and said.get("TARIFFTYPE", "MFN") != "MFN":
        return Rejected("other kind of tariff", f"{where} {said['TARIFFTYPE']}"[:60])
    return Rate(MFN if general else INDONESIAN, codes["PRODUCTCODE"], year, value, "estimated" if unknown not in ("", "0") else "reported")


def _inside(at: object, values: Sequence[str]) -> bool:
    return isinstance(at, int) and not isinstance(at, bool) and 0 <= at < len(values)
