"""Commands about markets: one in full, and what is not known."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scripts.commands.read import Country, Json, Product
from scripts.session import Session, WrongUse

if TYPE_CHECKING:
    import sqlite_utils

    from market_db.exporter import Exporter, Offer
    from market_db.markets.fit import MarketFit
    from market_db.products import ProductType
    from scripts.said import Said


def market(ctx: typer.Context, country: Annotated[str, typer.Argument(metavar="CC")], product: Product = None, json: Json = False) -> None:
    """Show one market in full."""
    from scripts.screen import print_json
    from scripts.show.market import show_picture

    session: Session = ctx.obj
    with session.snapshot() as db:
        for said, kind in pictures(session, db, country, product):
            if json:
                print_json(said.picture)
            else:
                show_picture(session.screen, said, kind.names[session.words.language])


def pictures(session: Session, db: "sqlite_utils.Database", country: str, product: str | None) -> "list[tuple[Said, ProductType]]":
    """The pictures asked for: of one product, else of the home's first. Raises WrongUse for unknown countries and products."""
    from market_db.products import load_products
    from scripts.asking import choose, country_code, product_names
    from scripts.said import said_of

    code = country_code(country, session.words)
    if code is None:
        raise WrongUse(session.words.say("errors.country", value=country))
    key = choose(product, product_names(session.words), "product", session.words) if product else session.home.config.products[0]
    kind = load_products()[choose(key, product_names(session.words), "product", session.words)]
    return [(said_of(session.home, db, kind, code, session.words), kind)]


def gaps(
    ctx: typer.Context,
    product: Product = None,
    country: Country = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 40,
    json: Json = False,
) -> None:
    """List what to collect next."""
    from market_db.markets.coverage import gaps as found_gaps
    from scripts.asking import choose, country_code, product_names
    from scripts.screen import line, print_json
    from scripts.show.market import gap_line

    session: Session = ctx.obj
    words = session.words
    names = product_names(words)
    key = choose(product, names, "product", words) if product else None
    with session.snapshot() as db:
        found = found_gaps(db, date.today(), product=key, country=country_code(country, words))  # noqa: DTZ011 - the reader's day
    if json:
        print_json(found)
        return
    line(session.screen, words.count("gaps.found", len(found)), "bold")
    for gap in found[:limit]:
        index = "" if gap.index is None else f" · {words.number(gap.index)}"
        where = f"{words.country(gap.country)} · {names.get(gap.product or '', gap.product)}{index}: " if gap.country else ""
        line(session.screen, where + gap_line(gap, words), indent=2, hang=2)
    if len(found) > limit:
        line(session.screen, words.say("gaps.more", n=words.number(len(found) - limit)), "dim")


def brief(
    ctx: typer.Context,
    country: Annotated[str, typer.Argument(metavar="CC")],
    product: Product = None,
    format_: Annotated[str, typer.Option("--format", "-f")] = "pdf",
    output: Annotated[Path | None, typer.Option("--output", "-o")] = None,
) -> None:
    """Write one page about a market."""
    from scripts.asking import choose
    from scripts.market_brief import FORMATS, about_of, brief_of, write_brief

    session: Session = ctx.obj
    suffix = choose(format_, dict.fromkeys(FORMATS, ""), "format", session.words)
    with session.snapshot() as db:
        for said, kind in pictures(session, db, country, product):
            about = about_of(db, kind)
            name = f"{kind.key}-{said.picture.market.country}-{session.words.language}.{suffix}"
            path = output or session.home.exports / name
            typer.echo(write_brief(path, brief_of(said, about), about))


def fit(
    ctx: typer.Context,
    country: Country = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 10,
    new: Annotated[bool, typer.Option("--new")] = False,
    json: Json = False,
) -> None:
    """Compare an exporter's offer with markets and buyers."""
    from market_db.exporter import FILE, TEMPLATE, load_exporter
    from scripts.screen import print_json
    from scripts.show.fit import show_fits

    session: Session = ctx.obj
    path = session.home.root / FILE
    if new:
        if path.exists():
            raise WrongUse(session.words.say("fit.exists", path=path))
        session.home.make()
        path.write_text(TEMPLATE, "utf-8")
        typer.echo(path)
        session.say("fit.made")
        return
    exporter = load_exporter(session.home.root)
    if exporter is None:
        raise WrongUse(session.words.say("fit.none", path=path))
    with session.snapshot() as db:
        found = [one for offer in exporter.offers for one in _fits(session, db, exporter, offer, _codes(db, offer, country, limit))]
    if json:
        print_json(found)
    else:
        show_fits(session.screen, found, session.words, full=country is not None)


def _codes(db: "sqlite_utils.Database", offer: "Offer", country: str | None, limit: int) -> list[str]:
    """The country asked for, or the first ones in the order of the index."""
    from market_db.queries import markets

    return [country] if country else [market.country for market in markets(db, offer.product)[:limit]]


def _fits(session: Session, db: "sqlite_utils.Database", exporter: "Exporter", offer: "Offer", countries: list[str]) -> "list[MarketFit]":
    from market_db.markets.fit import fit_of

    today = date.today()  # noqa: DTZ011 - the reader's day
    return [fit_of(exporter, offer, said.picture, today) for code in countries for said, _ in pictures(session, db, code, offer.product)]


COMMANDS: dict[str, Callable[..., None]] = {"market": market, "gaps": gaps, "brief": brief, "fit": fit}
