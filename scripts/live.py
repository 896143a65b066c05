"""`scripts/run --live`: a small crawl of the enabled keyless sources into the real home, then refresh and publish."""

import os
import sys
from datetime import UTC, datetime

from market_db.home import Home, open_home
from market_db.publish import publish
from scripts.crawl import crawl
from scripts.failures import FAILED, PARTLY, code_of, sentence
from scripts.lock import one_writer
from scripts.report import crawl_progress, is_good
from scripts.words import Words, pick_language, words_in

MAX_REQUESTS = 10
MAX_SECONDS = 120


def main() -> int:
    """0 all sources answered, 3 some did, 1 none did or there is no network, 4 another process writes, 5 configuration."""
    words = words_in(pick_language(None, os.environ, None))
    try:
        home = open_home()
        words = words_in(pick_language(None, os.environ, home.config.language), home.config.timezone)
        with one_writer(home, "crawl"):
            return _small_crawl(home, words)
    except Exception as error:
        code = code_of(error)
        if code is None:
            raise
        _say(sentence(error, words))
        return code


def _small_crawl(home: Home, words: Words) -> int:
    """Read, work out, publish, and say what came."""
    from pipelines.refresh import refresh
    from scripts.show.runs import summary

    runs = crawl(home, None, max_requests=MAX_REQUESTS, max_seconds=MAX_SECONDS, progress=crawl_progress(words, _say))
    for text in summary(runs, words):
        _say(text)
    now = datetime.now(UTC)
    refresh(home, now=now)
    publish(home, now=now)
    good = sum(is_good(run) for run in runs)
    _say(words.say("crawl.done", good=words.number(good), total=words.number(len(runs))))
    _say(words.say("crawl.live_next", home=str(home.root)))
    return 0 if good == len(runs) else PARTLY if good else FAILED


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
