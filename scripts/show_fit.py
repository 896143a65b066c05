"""How an exporter's offer fits, on a terminal: ✓ fits, ✗ does not, ? not known; each with its reason."""

from collections.abc import Iterable, Mapping

from babel import Locale
from rich.console import Console

from market_db.fit import FITS, MISFIT, UNKNOWN, Finding, MarketFit
from scripts.screen import line, plain
from scripts.words import Words

SIGNS = {FITS: "✓", MISFIT: "✗", UNKNOWN: "?"}
MONEY, SHARES = frozenset({"own", "low", "high", "border"}), frozenset({"share"})
LEAST_SHARE = 0.001
"""Below it a share would read 0.0 %, which it is not."""


def show_fits(console: Console, fits: Iterable[MarketFit], words: Words, *, full: bool) -> None:
    """A paragraph a market; `full` shows every finding and the buyers, otherwise what speaks against it and what is open."""
    for fit in fits:
        index = words.no_data if fit.index is None else words.number(fit.index)
        counts = " ".join(f"{sign} {len(fit.of(verdict))}" for verdict, sign in SIGNS.items())
        line(console)
        line(console, f"{words.country(fit.country)} · {plain(fit.offer, 100)} · {words.say('fit.index', index=index)} · {counts}", "bold")
        shown = fit.findings if full else (*fit.of(FITS)[:3], *fit.of(MISFIT))
        for finding in shown:
            line(console, finding_line(finding, words), indent=2, hang=2)
        for buyer in fit.buyers if full else ():
            line(console, f"{words.number(buyer.lead.score)} {buyer.lead.grade} {plain(buyer.lead.company, 120)}", indent=2)
            for finding in buyer.findings:
                line(console, finding_line(finding, words), "dim", indent=4, hang=2)
    line(console)
    line(console, words.say("fit.legend"), "dim")


def finding_line(finding: Finding, words: Words) -> str:
    """A sign and a sentence."""
    said = words.say(f"fit_why.{finding.why}", **_filled(finding, words))
    return f"{SIGNS[finding.verdict]} {words.say(f'fit_about.{finding.about}')}: {said}"


def _filled(finding: Finding, words: Words) -> Mapping[str, object]:
    """Facts as people read them."""
    filled = {name: _fact(name, value, finding, words) for name, value in finding.facts.items()}
    return {**filled, "title": plain(str(finding.facts.get(f"title_{words.language}", "")), 200)}


def _fact(name: str, value: object, finding: Finding, words: Words) -> object:
    if name == "languages" and isinstance(value, tuple):
        return ", ".join(str(Locale(words.language).languages.get(code, code)) for code in value)
    if isinstance(value, tuple):
        group = {"missing": "ladder_missing", "kinds": "contacts"}.get(name)
        return ", ".join(words.say(f"{group}.{item}") if group else str(item) for item in value)
    if name == "role":
        return words.role(str(value)).lower()
    if not isinstance(value, int | float):
        return plain(str(value), 200)
    if name in SHARES:
        return f"<{words.percent(LEAST_SHARE)}" if 0 < value < LEAST_SHARE else words.percent(value)
    return words.usd(value) if name in MONEY and finding.about == "price" else words.number(value)
