"""Exporters: who wants to sell abroad, with products, packs, prices, certificates and languages."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from market_db.desk.entered import ExporterCard
from market_db.desk.exporter_form import LANGUAGES, MOST_OFFERS, Read, Wrong, read_form
from market_db.desk.shortlists import ChangedMeanwhile, exporter, exporters, new_id, save_exporter, shortlists
from market_db.markets.fit import TO_HOLD
from market_db.products import load_products
from market_db.requirements import all_requirements
from market_db.saying import Words
from market_db.values.places import country_name
from market_db.web.actions import form_of
from market_db.web.as_csv import csv_address, csv_answer, wants_csv
from market_db.web.buyer import refuse_readers
from market_db.web.find import product_names
from market_db.web.site import Site

SAID = frozenset({"saved", "retired"})


def exporter_list(site: Site, request: Request) -> Response:
    """All exporters."""
    words = site.words(request)
    cards = exporters(site.home)
    counts: dict[str | None, int] = {}
    for one in shortlists(site.home):
        counts[one.exporter] = counts.get(one.exporter, 0) + (not one.closed)
    if wants_csv(request):
        return csv_answer([words.say(f"exporter.{key}") for key in CSV_HEAD], (_csv_row(card, words) for card in cards))
    told = request.query_params.get("said", "")
    return site.page(
        request,
        "exporters.html",
        data={"exporters": cards},
        words=words,
        cards=cards,
        counts=counts,
        products=product_names(words),
        said=told if told in SAID else "",
        csv_url=csv_address(request),
    )


CSV_HEAD = ("name", "town", "product", "offer_name", "pack_grams", "fob_usd_kg", "capacity", "minimum_order", "languages", "certificates")


def _csv_row(card: ExporterCard, words: Words) -> list[str | float | None]:
    """One line an exporter: its products side by side in one cell."""
    names = product_names(words)
    packs = "; ".join(words.number(one.pack_grams) for one in card.offers if one.pack_grams)
    prices = "; ".join(words.number(one.fob_usd_kg, 2) for one in card.offers if one.fob_usd_kg)
    goods = "; ".join(names.get(one.product, one.product) for one in card.offers)
    shown = "; ".join(one.name for one in card.offers)
    lists = (", ".join(language_names(card.languages, words)), ", ".join(card.certificates))
    return [card.name, card.town, goods, shown, packs, prices, card.capacity_kg_month, card.minimum_order_kg, *lists]


def language_names(codes: Iterable[str], words: Words) -> list[str]:
    """Names of languages."""
    from babel import Locale

    names = Locale(words.language).languages
    return [str(names.get(code, code)) for code in codes]


def certificates(words: Words) -> dict[str, str]:
    """Certificates to choose from: key -> what it is; halal first, whoever issued it."""
    found = {"halal": words.say("exporter.halal")}
    for rule in all_requirements():
        if rule.kind in TO_HOLD and rule.kind != "halal":
            title = rule.title_id if words.language == "id" else rule.title_en
            where = ", ".join(country_name(code, words.language) for code in rule.countries[:2])
            found[rule.key] = f"{title} ({where})" if where else title
    return found


def _blank(by: str) -> ExporterCard:
    unknown: dict[str, Any] = dict.fromkeys(("capacity_kg_month", "minimum_order_kg"))
    empty: dict[str, Any] = dict.fromkeys(("offers", "languages", "certificates"), ())
    return ExporterCard(id="", name="", town="", note="", version=0, entered_at="", entered_by=by, **unknown, **empty)


def new_exporter(site: Site, request: Request) -> Response:
    """An empty form."""
    return _form(site, request, Read(_blank(refuse_readers(site, request)), {}))


def show_exporter(site: Site, request: Request) -> Response:
    """One exporter as a form, with its shortlists."""
    return _form(site, request, Read(the_exporter(site, request), {}), status=200)


def the_exporter(site: Site, request: Request) -> ExporterCard:
    """The exporter of the address. Raises HTTPException(404)."""
    card = exporter(site.home, str(request.path_params["exporter"]))
    if card is None:
        raise HTTPException(404)
    return card


def _form(
    site: Site, request: Request, read: Read, *, status: int = 200, typed: Mapping[str, str] | None = None, newer: str = ""
) -> Response:
    words, card = site.words(request), read.card
    known = certificates(words)
    told = request.query_params.get("said", "")
    shown = _shown(card, words) if typed is None else typed
    return site.page(
        request,
        "exporter.html",
        status,
        data={"exporter": card},
        words=words,
        card=card,
        wrong=read.wrong,
        wrong_words=lambda one: _wrong_words(one, words),
        usual=shown.get("offer0_product") or next(iter(site.home.config.products), ""),
        shown=shown,
        others=", ".join(name for name in card.certificates if name not in known),
        newer=newer,
        said=told if told in SAID else "",
        products=product_names(words),
        rows=range(_lines(shown)),
        languages=dict(zip(LANGUAGES, language_names(LANGUAGES, words), strict=True)),
        certificates=known,
        lists=shortlists(site.home, card.id) if card.id else [],
    )


def _wrong_words(wrong: Wrong, words: Words) -> str:
    """What is wrong in a field, with limits as the language writes them."""
    facts = {name: words.number(one, 0 if one >= 1 else 2) if isinstance(one, int | float) else one for name, one in wrong.facts.items()}
    return words.say(f"exporter.wrong_{wrong.key}", **facts)


def _lines(shown: Mapping[str, str]) -> int:
    """Lines of the table of products: those filled in and two more, three at least."""
    used = [at for at in range(MOST_OFFERS) if any(shown.get(f"offer{at}_{name}") for name in ("name", "pack_grams", "fob_usd_kg"))]
    return min(max(used[-1] + 3 if used else 0, 3), MOST_OFFERS)


def _shown(card: ExporterCard, words: Words) -> dict[str, str]:
    """Numbers and texts of the form as the language writes them."""
    shown = {"name": card.name, "town": card.town, "note": card.note}
    shown |= {name: _typed(getattr(card, name), words) for name in ("capacity_kg_month", "minimum_order_kg")}
    for at, offer in enumerate(card.offers):
        shown |= {f"offer{at}_product": offer.product, f"offer{at}_name": offer.name}
        shown |= {f"offer{at}_{name}": _typed(getattr(offer, name), words) for name in ("pack_grams", "fob_usd_kg")}
    return shown


def _typed(value: float | None, words: Words) -> str:
    return "" if value is None else f"{value:.10g}".replace(".", words.say("app.decimal"))


def keep_exporter(site: Site, request: Request) -> Response:
    """The form was sent: kept, or shown again with what is wrong in it."""
    by, form, words = refuse_readers(site, request), form_of(request), site.words(request)
    old = the_exporter(site, request) if "exporter" in request.path_params else _blank(by)
    read = read_form(
        form, request.state.fields, old=old, products=load_products().keys(), known=certificates(words), mark=words.say("app.decimal")
    )
    if read.wrong:
        return _form(site, request, read, status=400, typed=form)
    opened = int(form["version"]) if form.get("version", "").isascii() and form.get("version", "").isdigit() else 0
    card = with_stamp(read.card, by, opened)
    try:
        card = save_exporter(site.home, card)
    except ChangedMeanwhile:
        # What was typed stays in the form; sending it again then says that the person saw the other's change
        return _form(site, request, Read(old, {}), status=409, typed=form, newer=old.entered_by)
    return RedirectResponse(f"/eksportir/{card.id}?said=saved", 303)


def with_stamp(card: ExporterCard, by: str, version: int) -> ExporterCard:
    """The card as entered now."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return replace(card, id=card.id or new_id(), version=version, entered_at=at, entered_by=by, retired=False)


def retire_exporter(site: Site, request: Request) -> Response:
    """Put an exporter away; its shortlists stay."""
    by, card = refuse_readers(site, request), the_exporter(site, request)
    save_exporter(site.home, replace(with_stamp(card, by, card.version), retired=True))
    return RedirectResponse("/eksportir?said=retired", 303)
