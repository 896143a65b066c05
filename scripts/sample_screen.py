"""What the sample shows at the end: leads, markets, the workbook, that none of it is real, and what to type next."""

import os
import shlex
import sys
from contextlib import closing
from pathlib import Path

from market_db.home import Home
from market_db.queries import LeadQuery, find_leads, markets
from market_db.schema import open_published
from scripts.screen import line, make_console
from scripts.show.leads import show_leads
from scripts.show.markets import show_markets
from scripts.words import Words, pick_language, words_in

PRODUCT = "sambal"
LEADS = 12


def show(home: Home, workbook: Path) -> None:
    """Print it, in the language of TEMBUS_LANG or the home."""
    words = words_in(pick_language(None, os.environ, home.config.language), home.config.timezone)
    console = make_console()
    query = LeadQuery(products=(PRODUCT,), limit=LEADS)
    with closing(open_published(home)) as db:
        show_leads(console, db, query, find_leads(db, query), words=words, told="")
        line(console)
        show_markets(console, markets(db, PRODUCT), words)
        first = find_leads(db, LeadQuery(products=(PRODUCT,), limit=1)).rows[0].lead_id
    line(console)
    line(console, words.say("sample.notice"), "bold")
    line(console, words.say("sample.workbook", path=str(workbook)))
    for command, what in next_steps(home, first, words):
        line(console, f"  {command}", "bold")
        line(console, what, indent=4)


def next_steps(home: Home, lead: str, words: Words) -> list[tuple[str, str]]:
    """(command to type, what it does)."""
    run = f"scripts/run --home {shlex.quote(os.path.relpath(home.root))}"
    return [
        (f"{run} lead {lead}", words.say("sample.next_lead")),
        (f"{run} leads --country NL --has email", words.say("sample.next_leads")),
        (f"{run} markets --country GB", words.say("sample.next_market")),
        ("scripts/run init && scripts/run --live", words.say("sample.next_live")),
    ]


if __name__ == "__main__":
    sys.exit("run: scripts/run")
