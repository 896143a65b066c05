"""One probe process: reads the address from a line of standard input, looks once, and prints what came as one line of JSON."""

import json
import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess, Crawler

from market_db.home import Home, open_home
from scripts.crawl_one import end_with_parent
from spiders.families.probe import ProbeSpider
from spiders.probe import examine
from spiders.settings import crawl_settings, user_agent


def main() -> int:
    """Look, and say what was found or why nothing was."""
    data: dict[str, str] = json.loads(sys.stdin.readline())
    threading.Thread(target=end_with_parent, daemon=True).start()
    process = AsyncCrawlerProcess(settings_of(open_home(Path(data["home"])), data["run_id"]))
    crawler = process.create_crawler(ProbeSpider)
    process.crawl(crawler, url=data["url"])
    process.start()
    sys.stdout.write(json.dumps(outcome(crawler), ensure_ascii=True) + "\n")
    return 0


def settings_of(home: Home, run_id: str) -> dict[str, Any]:
    """Scrapy's settings: manners and archive as in a crawl; no records come, so neither pipeline nor run row."""
    return crawl_settings(
        {
            "USER_AGENT": user_agent(home.config.contact),
            "TEMBUS_HOME": str(home.root),
            "TEMBUS_ARCHIVE": str(home.archive),
            "TEMBUS_RUN_ID": run_id,
            "TEMBUS_MODE": "live",
            "TEMBUS_ALLOW_PRIVATE": list(home.config.allow_private),
            "TEMBUS_CONTACT": home.config.contact,
            "TEMBUS_CONDITIONAL": False,
            "ITEM_PIPELINES": {"pipelines.adapter.StepsPipeline": None},
            "EXTENSIONS": {"spiders.run_record.RunRecord": None},
        }
    )


def outcome(crawler: Crawler) -> dict[str, Any]:
    """Findings, or the reason there are none; and what was asked."""
    spider, stats = crawler.spider, crawler.stats.get_stats() if crawler.stats else {}
    assert isinstance(spider, ProbeSpider)
    stop = stats.get("tembus/probe/stop")
    failed = f"{stop}: {stats.get('tembus/probe/stop_detail', '')}".rstrip(": ") if stop else spider.failed
    asked = int(stats.get("tembus/probe/requests", 0)) + int(stats.get("tembus/probe/robots_fetches", 0))
    found = asdict(examine(spider.front, spider.robots)) if spider.front and not stop else None
    return {"findings": found, "failed": "" if found else failed or "no answer", "requests": asked}


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUTF8", "1")
    sys.exit(main())
