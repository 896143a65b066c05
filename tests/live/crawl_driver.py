"""Runs one crawl in a process of its own: reads what to crawl from standard input as JSON, prints what became of it as JSON."""

import json
import sys
import warnings
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).parents[2]))

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

from spiders.base.spider import TembusSpider
from spiders.manners.settings import MANNERS_SETTINGS
from spiders.source import Pace, Source

ABOUT = {
    "title": "Loopback (contoh)",
    "publisher": "Tembus tests",
    "home": "http://loopback.example/",
    "licence": "none",
    "attribution": "none",
    "terms_url": "http://loopback.example/terms",
    "terms_read": date(2026, 11, 25),
    "basis": "our own server",
}


def passport(spec: dict[str, Any]) -> Source:
    """A passport from what the test says and defaults for the rest."""
    spec = {name: tuple(value) if isinstance(value, list) else value for name, value in spec.items()}
    return Source(**{**ABOUT, **spec, "pace": Pace(**spec.get("pace", {}))})


class LoopbackSpider(TembusSpider):
    """Asks what the test names, follows every link, and gives one record for every answer."""

    name = "loopback"
    about: ClassVar[Source] = passport({"hosts": ("loopback.example",)})
    spec: ClassVar[dict[str, Any]] = {}

    def passports(self):
        return {name: passport(each) for name, each in self.spec["sources"].items()}

    def first_requests(self):
        for start in self.spec["starts"]:
            yield self.ask(**start)

    def read(self, answer):
        for number in range(self.spec.get("records", 1)):
            yield {"url": answer.url, "status": answer.status, "size": len(answer.body), "number": number}

    def next_requests(self, response):
        if hasattr(response, "css") and "html" in response.headers.get("Content-Type", b"").decode():
            for link in response.css("a::attr(href)").getall():
                yield self.ask(response.urljoin(link), source=self.source_of(response.request), dont_filter="nofilter" in link)


def name_server(reactor: Any, names: dict[str, list[str]]) -> None:
    """Answer names from a table, the first address at the first question, the next at the next; everything else as ever."""
    from twisted.internet.address import IPv4Address, IPv6Address
    from twisted.internet.interfaces import IHostnameResolver
    from zope.interface import implementer

    real = reactor.nameResolver

    @implementer(IHostnameResolver)
    class Table:
        def resolveHostName(self, receiver, hostName, portNumber=0, addressTypes=None, transportSemantics="TCP"):
            if hostName not in names and not hostName.endswith(".example"):
                return real.resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)
            table = names.get(hostName, ["127.0.0.1"])
            for address in (table.pop(0) if len(table) > 1 else table[0]).split():
                kind = IPv6Address if ":" in address else IPv4Address
                receiver.resolutionBegan(None) if address else None
                receiver.addressResolved(kind("TCP", address, portNumber))
            receiver.resolutionComplete()
            return receiver

    reactor.installNameResolver(Table())


def main() -> None:
    """One crawl."""
    spec = json.load(sys.stdin)
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor

    name_server(reactor, spec.get("names", {}))
    settings = Settings({**MANNERS_SETTINGS, "LOG_LEVEL": "INFO", "STATS_DUMP": False, "USER_AGENT": "Tembus/0 (+http://tembus.example/)"})
    settings.setdict(spec.get("settings", {}))
    warnings.simplefilter("error")
    process = AsyncCrawlerProcess(settings)
    LoopbackSpider.spec = spec
    items: list[Any] = []
    crawler = process.create_crawler(LoopbackSpider)
    from scrapy import signals

    def keep(item, response, spider):
        if len(items) < 1000:
            items.append({**item, "source": spider.source_of(response.request)})

    crawler.signals.connect(keep, signals.item_scraped)
    process.crawl(crawler)
    process.start()
    stats = {name: str(value) if not isinstance(value, int | float) else value for name, value in crawler.stats.get_stats().items()}
    # ru_maxrss would start at the size of the process that started this one
    peak = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")) / 1024
    json.dump({"stats": stats, "items": items, "peak_mb": peak}, sys.stdout)


if __name__ == "__main__":
    main()
