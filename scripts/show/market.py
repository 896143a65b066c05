"""One market on a terminal, in the order of an exporter's questions, from how much to what is missing; each line with source and year."""

from collections.abc import Iterator

from rich.console import Console

from market_db.derived import DemandSignal, IndexPart
from market_db.markets.coverage import BETWEEN, Gap
from market_db.markets.picture import INDONESIA, INTENSITY, Origin, YearFigure
from market_db.markets.price_ladder import Ladder, Range, Step
from market_db.requirements import Requirement
from market_db.values.places import iso2
from scripts.said import Said
from scripts.screen import bar, line, plain
from scripts.show.flags import flag_line, refused_lines, tender_lines
from scripts.words import Words

MOST_GAPS = 12
AS_SHARE = frozenset({"0..1", "ln/year"})


def show_picture(console: Console, said: Said, product: str) -> None:
    """Print the whole picture; `product` is its name in words."""
    picture, words = said.picture, said.words
    line(console, f"{words.country(picture.market.country)} · {product}", "bold")
    line(console, words.say("market.codes", codes=", ".join(picture.codes)), "dim")
    for title, rows in sections(said):
        line(console)
        line(console, words.say(f"market.{title}"), "bold")
        for text in rows:
            line(console, text, indent=2, hang=2)
    line(console)
    line(console, words.say("market.next", country=picture.market.country, product=picture.market.product), "dim")


def sections(said: Said) -> Iterator[tuple[str, list[str]]]:
    """Title and lines, in the order of the questions."""
    yield "attractive", [*_standing(said), *(_part(part, said) for part in said.picture.market.parts), *_unknown(said)]
    yield "watch_out", [*(flag_line(flag, said) for flag in said.picture.flags), *refused_lines(said)]
    yield "how_much", list(_amounts(said))
    yield "from_whom", list(_origins(said))
    yield "price", list(price_lines(said))
    yield "rules", [*(rule_line(rule, said) for rule in said.picture.requirements), *_no_rules(said)]
    yield "buyers", list(_buyers(said))
    yield "tenders", list(tender_lines(said))
    yield "missing", list(_gaps(said))


def section_lines(said: Said, title: str) -> list[str]:
    """The lines of one section by its key."""
    return dict(sections(said))[title]


def _standing(said: Said) -> Iterator[str]:
    """Index, evidence and reach side by side."""
    market, words = said.picture.market, said.words
    if market.index is None:
        yield words.say("market.no_index")
    else:
        yield words.say("market.index", bar=bar(market.index), index=words.number(market.index, 1), version=market.index_version or "–")
    if market.rank is not None:
        places = {"rank": market.rank, "n": said.picture.rated, "low": market.rank_low, "high": market.rank_high}
        yield words.say("market.rank_firm" if market.rank_low == market.rank_high else "market.rank", **places)
    elif market.watchlist:
        yield words.say("market.watchlist")
    if market.evidence is not None:
        yield words.say("market.evidence", share=words.percent(market.evidence))
    if market.buyers_unknown:
        yield words.say(
            "market.reach_unknown", why=words.say("markets.nobody_looks" if market.looked == "nobody" else "markets.nobody_ran")
        )
    else:
        yield words.say("market.reach", n=words.number(market.buyers_with_contact))
    yield untapped_line(said)


def untapped_line(said: Said) -> str:
    """What Indonesia could sell beyond what it does, with the intensity it rests on; or which piece is missing."""
    picture, words = said.picture, said.words
    if picture.market.untapped_usd is None:
        pieces = "; ".join(words.say(f"untapped_missing.{piece}") for piece in picture.untapped_missing)
        return words.say("market.untapped_unknown", names=pieces or words.no_data)
    basis = next((one for one in picture.signals if one.metric == INTENSITY), None)
    text = words.say(
        "market.untapped" if picture.market.untapped_usd else "market.untapped_none", value=words.usd(picture.market.untapped_usd)
    )
    if basis is None:
        return text
    about = words.say("market.intensity", times=words.number(basis.value, 1))
    return f"{text} · {about}{said.by(basis.source, ', '.join(dict.fromkeys((str(picture.market.import_year), basis.period))))}"


def _part(part: IndexPart, said: Said) -> str:
    words = said.words
    return words.say(
        "market.part",
        name=words.say(f"index_parts.{part.part}"),
        value=value_of(part.value, part.unit, words),
        score=words.number(part.score),
        weight=words.number(part.weight * 100),
        evidence=words.number(part.evidence * 100),
        points=words.number(part.points, 1),
    ) + said.by(part.source, part.period)


def value_of(value: float | None, unit: str, words: Words) -> str:
    """A figure with its unit as people read it."""
    if value is None:
        return words.no_data
    if unit == "USD":
        return words.usd(value)
    if unit == "USD/kg":
        return f"{words.usd(value)}/kg"
    if unit == "HHI":
        return words.number(value, 2)
    if unit in AS_SHARE:
        return words.percent(value)
    return f"{words.number(value, 0 if abs(value) >= 100 else 2)} {plain(unit, 30)}".strip()


def _unknown(said: Said) -> Iterator[str]:
    names = [said.words.say(f"index_parts.{part}") for part in said.picture.market.unknown_parts]
    if names:
        points = said.picture.market.index_parts.get("unknown")
        told = "" if points is None else f" = {said.words.number(points, 1)}"
        yield said.words.say("market.unknown_parts", names=", ".join(names)) + told


def _amounts(said: Said) -> Iterator[str]:
    picture, words = said.picture, said.words
    for year in picture.years:
        share = "" if year.idn_share is None else words.say("market.idn_share", share=words.percent(year.idn_share))
        price = "" if year.unit_value is None else words.say("market.per_kg", price=words.usd(year.unit_value))
        quality = "" if year.quality == "reported" else f" [{words.say(f'qualities.{year.quality}')}]"
        yield f"{plain(year.year, 7)}: {words.usd(year.usd)}{price}{share}{quality}{revised(year, words)}{said.by(year.source, year.year)}"
    market = picture.market
    if market.growth is not None:
        about = {"growth": words.percent(market.growth), "years": market.growth_years or words.no_data}
        yield words.say("market.growth", **about) + said.by(picture.years[0].source if picture.years else "", market.growth_years or "")
    if not picture.years:
        yield words.say("market.no_imports")
    for other in picture.others:
        what = f"HS {plain(other.hs_code, 12)}: {words.usd(other.value)}{said.by(other.source, other.period)}"
        yield words.say("market.other", what=what)


def revised(figure: YearFigure | Origin | DemandSignal, words: Words) -> str:
    """, revised from US$1.2 mn on 3 Nov 2026; nothing for a figure that stands as it was first seen."""
    if figure.revised_from is None:
        return ""
    return words.say("market.revised", value=words.usd(figure.revised_from), day=words.day(figure.revised_on))


def _origins(said: Said) -> Iterator[str]:
    words = said.words
    for at, origin in enumerate(said.picture.origins, 1):
        share = "" if origin.share is None else f" · {words.percent(origin.share)}"
        name = words.country(iso2(origin.partner) or origin.partner)
        yield f"{at}. {name}: {words.usd(origin.usd)}{share}{revised(origin, words)}{said.by(origin.source, origin.year)}"
    if not said.picture.origins:
        yield words.say("market.no_origins")
    elif all(origin.partner == INDONESIA for origin in said.picture.origins):
        yield words.say("market.only_indonesia")


def price_lines(said: Said) -> Iterator[str]:
    """Shelf price, price at the border, and the ladder between them."""
    shelf, ladder, words = said.picture.shelf, said.picture.ladder, said.words
    if shelf is None or shelf.median is None:
        yield words.say("market.no_shelf")
    else:
        odd = len(shelf.prices) - len(shelf.plain)
        marked = words.say("market.odd", n=words.number(odd)) if odd else ""
        off = sum(price.discounted for price in shelf.plain)
        cut = words.say("market.discounted", n=words.number(off)) if off else ""
        about = {"price": words.usd(shelf.median), "n": words.number(len(shelf.plain))}
        yield words.say("market.shelf", **about) + marked + cut + said.by(", ".join(shelf.sources), shelf.period)
    if ladder.unit_value is not None:
        step = ladder.unit_value
        yield words.say("market.border", price=words.usd(step.usd_kg[0])) + said.by(step.source, step.period)
    yield from ladder_lines(ladder, said)


def ladder_lines(ladder: Ladder, said: Said) -> Iterator[str]:
    """A line a rung, or what is missing."""
    words = said.words
    if ladder.missing:
        names = ", ".join(words.say(f"ladder_missing.{piece}") for piece in ladder.missing)
        yield words.say("market.no_ladder", names=names)
        return
    for step in ladder.steps:
        about = {"name": words.say(f"ladder.{step.key}"), "range": _range(step.usd_kg, words), "taken": _taken(step, words)}
        checked = words.say("market.unchecked") if step.key == "tax" and not step.period else ""
        yield words.say("market.step", **about) + said.by(step.source, step.period) + checked
    fob = ladder.fob
    if fob is not None:
        duty = next((step for step in ladder.steps if step.key == "duty"), ladder.steps[-1])
        basis = f"{said.by('assumptions', ladder.steps[-1].period)}{said.by(duty.source, duty.period)}"
        yield words.say("market.fob_negative" if fob[0] <= 0 else "market.fob", range=_range(fob, words)) + basis


def _range(value: Range, words: Words) -> str:
    return words.usd(value[0]) if value[0] == value[1] else f"{words.usd(value[0])} – {words.usd(value[1])}"


def _taken(step: Step, words: Words) -> str:
    if step.taken is None:
        return ""
    if step.key == "freight":
        return f" (−{_range(step.taken, words)})"
    low, high = step.taken
    return f" (−{words.percent(low)})" if low == high else f" (−{words.percent(low)} – {words.percent(high)})"


def rule_line(rule: Requirement, said: Said) -> str:
    """What a requirement says, its link and the day of the check."""
    return f"{rule_text(rule, said)} {plain(rule.url, 200)} ({said.words.say('market.checked', day=said.words.day(rule.checked_on))})"


def rule_text(rule: Requirement, said: Said) -> str:
    """State, side, kind and title, then our wording, authority and legal reference."""
    words = said.words
    title, text = (rule.title_id, rule.text_id) if words.language == "id" else (rule.title_en, rule.text_en)
    reference = f", {plain(rule.legal_ref, 80)}" if rule.legal_ref else ""
    head = f"[{words.say(f'rule_states.{rule.state(said.today)}')}] {words.say(f'rule_sides.{rule.side}')} · {kind_of(rule, title, words)}"
    return f"{head}. {plain(text, 400)} {plain(rule.authority, 80)}{reference}."


def kind_of(rule: Requirement, title: str, words: Words) -> str:
    """The kind before the title, where the title does not begin with it."""
    kind = words.say(f"rule_kinds.{rule.kind}")
    return plain(title if title.casefold().startswith(kind.casefold()) else f"{kind}: {title}", 160)


def _no_rules(said: Said) -> Iterator[str]:
    if not said.picture.destination_known:
        yield said.words.say("market.rules_unknown")
    yield said.words.say("market.no_advice")


def _buyers(said: Said) -> Iterator[str]:
    picture, words = said.picture, said.words
    for lead in picture.leads:
        kinds = [words.say(f"contacts.{kind}") for kind in ("email", "phone", "website") if getattr(lead, kind)]
        place = f", {plain(lead.city, 60)}" if lead.city else ""
        contact = " + ".join(kinds) or words.say("market.no_contact")
        source = plain("; ".join(words.source(title) for title in lead.sources), 160)
        score = words.say("market.lead_score", score=words.score(lead.score), grade=lead.grade)
        name = f"{plain(lead.company, 120)}{place}"
        yield f"{name} · {score} · {words.role(lead.role)} · {contact} ({source}, {words.day(lead.last_seen)})"
    if picture.lead_total > len(picture.leads):
        more = words.number(picture.lead_total - len(picture.leads))
        yield words.say("market.more_buyers", n=more, country=picture.market.country, product=picture.market.product)
    yield looked_line(said)


def looked_line(said: Said) -> str:
    """Whether anybody looked: no source, a source that did not run, and nothing found are three different things."""
    looked, total = said.picture.looked, said.picture.lead_total
    state = "found" if total and looked.state == "looked" else looked.state
    named = looked.ran or looked.waiting or looked.off
    return said.words.count(f"looked.{state}", len(named), names=plain(BETWEEN.join(said.words.source(title) for title in named[:6]), 300))


def _gaps(said: Said) -> Iterator[str]:
    for gap in said.picture.gaps[:MOST_GAPS]:
        yield gap_line(gap, said.words)
    if not said.picture.gaps:
        yield said.words.say("market.nothing_missing")


def _missing(gap: Gap, words: Words) -> str:
    if gap.kind in ("part_unknown", "part_old"):
        return words.say(f"index_parts.{gap.what}")
    if gap.kind in ("nobody_looks", "not_run", "source_not_run"):
        return plain(BETWEEN.join(words.source(title) for title in gap.what.split(BETWEEN)), 300)
    return plain(gap.what, 300)


def gap_line(gap: Gap, words: Words) -> str:
    """What to collect next, in words."""
    return words.say(f"gaps.{gap.kind}", what=_missing(gap, words), since=plain(gap.since, 12), n=words.number(gap.number or 0))
