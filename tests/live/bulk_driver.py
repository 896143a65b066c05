"""Runs one crawl of bulk files in a process of its own; job from standard input, outcome to standard output, both JSON."""

import json
import sys
import warnings
from pathlib import Path
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).parents[2]))

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

from market_db.seen import Observation
from spiders.archive import ARCHIVE_SETTINGS
from spiders.base import bulk_file
from spiders.manners.settings import MANNERS_SETTINGS
from tests.live.crawl_driver import name_server, passport


class Files(bulk_file.BulkFileSpider):
    """One file a host; each line is a record."""

    name = "files"
    about = passport({"hosts": ("files.example",)})
    hosts: ClassVar[list[str]] = []

    def passports(self):
        return {host: passport({"hosts": (host,)}) for host in self.hosts}

    def first_requests(self):
        for host in self.hosts:
            yield self.ask_file(f"http://{host}/all.csv", source=host)

    def read_file(self, file, url):
        for line in file:
            yield Observation(key=line.decode()[:7], url=url, metric="test", period="2026", value=1.0, unit="rows")


def main() -> None:
    spec: dict[str, Any] = json.load(sys.stdin)
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor

    name_server(reactor, {})
    bulk_file.PART, Files.hosts = spec["part"], spec["hosts"]
    merged = {
        name: {**MANNERS_SETTINGS.get(name, {}), **value} if isinstance(value, dict) else value for name, value in ARCHIVE_SETTINGS.items()
    }
    settings = Settings({**MANNERS_SETTINGS, **merged, "STATS_DUMP": False, "USER_AGENT": "Tembus/0 (+http://tembus.example/)"})
    settings.setdict({"TEMBUS_WAIT_SCALE": 0.01, "TEMBUS_ALLOW_PRIVATE": spec["hosts"], "TEMBUS_ARCHIVE": spec["archive"]})
    warnings.simplefilter("error")
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(Files)
    found: dict[str, Any] = {host: {"rows": 0, "issues": [], "archived": []} for host in spec["hosts"]}

    def keep(item, response, spider):
        of = found[item.source]
        of["rows"] += 1
        if item.evidence.archive_file not in of["archived"]:
            of["archived"].append(item.evidence.archive_file)

    def closed(spider):
        for name, issue, _ in spider.issues:
            found[name]["issues"].append(f"{issue.kind}: {issue.detail}")

    crawler.signals.connect(keep, signals.item_scraped)
    crawler.signals.connect(closed, signals.spider_closed)
    process.crawl(crawler)
    process.start()
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
