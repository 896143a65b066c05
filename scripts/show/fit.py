"""How an exporter's offer fits, on a terminal: ✓ fits, ✗ does not, ? not known; each with its reason."""

from collections.abc import Iterable

from rich.console import Console

from market_db.markets.fit import FITS, MISFIT, Finding, MarketFit
from market_db.markets.fit_said import SIGNS, said
from scripts.screen import line, plain
from scripts.words import Words


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
            line(console, f"{words.score(buyer.lead.score)} {buyer.lead.grade} {plain(buyer.lead.company, 120)}", indent=2)
            for finding in buyer.findings:
                line(console, finding_line(finding, words), "dim", indent=4, hang=2)
    line(console)
    line(console, words.say("fit.legend"), "dim")


def finding_line(finding: Finding, words: Words) -> str:
    """A sign and a sentence."""
    return f"{SIGNS[finding.verdict]} {said(finding, words.language)}"
