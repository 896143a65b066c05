"""The sample: replays shipped answers through the real spiders, pipeline, refresh and publish, and shows what comes out."""

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from market_db.home import CONFIG_NAME, Home, open_home
from market_db.publish import publish
from market_db.rows import read_rows
from market_db.schema import open_market
from scripts.crawl import crawl
from scripts.report import crawl_progress
from scripts.sample_archive import AS_OF, sample_version, write_sample
from scripts.translated import error_in
from scripts.words import Words, pick_language, words_in

SOURCES = ("uk_trade_info", "bronnoysund", "ted", "openstreetmap", "un_comtrade", "shopify", "structured")
SUPPLIERS_OF = ["NL", "DE", "GB", "US", "BE", "JP", "AU", "NO"]
OPTIONS: Mapping[str, Mapping[str, list[str]]] = {"openstreetmap": {"countries": ["NL"]}, "un_comtrade": {"suppliers_of": SUPPLIERS_OF}}
PRODUCTS = ("sambal", "ground_coffee")
REPO = Path(__file__).parent.parent


class RealHome(Exception):
    """The named home holds real data; the sample does not go there."""


def sample_home() -> Home:
    """The home TEMBUS_HOME names, else a folder beside the program.

    Raises RealHome where something else than the sample was crawled into it.
    """
    named = None if os.environ.get("TEMBUS_HOME") else REPO / "sample-home"
    home = open_home(named)
    if home.market.exists():
        db = open_market(home)
        modes = {row["mode"] for row in read_rows(db, "select distinct mode from runs")}
        db.close()
        if modes - {"sample"}:
            raise RealHome(f"{home.root} holds real data: name another folder in TEMBUS_HOME for the sample")
    config = home.root / CONFIG_NAME
    if not config.exists():
        home.make()
        config.write_text(f"# The sample's home.\nproducts = [{', '.join(map(json.dumps, PRODUCTS))}]\n", "utf-8")
    return open_home(named)


def run_sample(home: Home) -> Path:
    """Replay, refresh, publish, write the workbook; returns its path."""
    from pipelines.refresh import refresh
    from scripts.export import export_workbook
    from scripts.show.runs import summary

    home.make()
    warc = home.archive / f"sample-{AS_OF:%Y%m%d}-{sample_version()}.warc.gz"
    if not warc.exists():  # evidence points into it, and what was forgotten is blanked out there
        write_sample(warc)
    words = words_of(home)
    runs = crawl(
        home,
        SOURCES,
        replay=[warc],
        mode="sample",
        products=PRODUCTS,
        as_of=AS_OF,
        options=OPTIONS,
        progress=crawl_progress(words, _tell),
    )
    for text in summary(runs, words):
        _tell(text)
    now = datetime.combine(AS_OF, time(19), UTC) + timedelta(minutes=earlier_refreshes(home))
    refresh(home, now=now)
    publish(home, now=now)
    return export_workbook(home)


def words_of(home: Home) -> Words:
    """The words of TEMBUS_LANG or the home."""
    return words_in(pick_language(None, os.environ, home.config.language), home.config.timezone)


def earlier_refreshes(home: Home) -> int:
    """How often the sample ran here: its clock stands on its own day, but each run must come after the one before."""
    db = open_market(home)
    count = int(db["refreshes"].count)
    db.close()
    return count


def _tell(line: str) -> None:
    sys.stderr.write(f"  {line}\n")


def main() -> int:
    """Run it and show leads, markets and what to type next."""
    from scripts.sample_screen import show

    try:
        home = sample_home()
    except RealHome as error:
        sys.stderr.write(error_in(str(error), pick_language(None, os.environ, None)) + "\n")
        return 5
    show(home, run_sample(home))
    return 0


if __name__ == "__main__":
    sys.exit(main())
