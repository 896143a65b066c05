"""`scripts/run --live`: a small crawl of the enabled keyless sources into the real home, then refresh and publish."""

import sys
from datetime import UTC, datetime

from market_db.home import BadConfig, open_home
from market_db.publish import publish
from scripts.crawl import crawl
from scripts.nothing_to_crawl import NoNetwork, NothingToCrawl
from scripts.words import words_in

MAX_REQUESTS = 10
MAX_SECONDS = 120
GOOD = ("ok", "thin", "stopped")


def main() -> int:
    """0 all sources answered, 3 some did, 1 none did or there is no network, 5 configuration."""
    from pipelines.refresh import refresh

    try:
        home = open_home()
        runs = crawl(home, None, max_requests=MAX_REQUESTS, max_seconds=MAX_SECONDS, progress=_tell)
    except NoNetwork:
        return _say("No network: nothing was asked, nothing was stored. / Tidak ada jaringan: tidak ada yang diambil atau disimpan.", 1)
    except (NothingToCrawl, BadConfig) as error:
        own = f" / {error.told(words_in('id'))}" if isinstance(error, NothingToCrawl) and error.key else ""
        return _say(f"{error}{own}", 5)
    now = datetime.now(UTC)
    refresh(home, now=now)
    publish(home, now=now)
    good = sum(run.verdict in GOOD for run in runs)
    _say(f"{good} of {len(runs)} sources answered; next: scripts/run leads --home {home.root}")
    return 0 if good == len(runs) else 3 if good else 1


def _tell(line: str) -> None:
    sys.stderr.write(f"  {line}\n")


def _say(line: str, code: int = 0) -> int:
    sys.stderr.write(line + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
