"""Memory of a crawl of many small pages: `python tests/bench/bench_memory.py [PAGES]` (200,000 take about a quarter of an hour).

Writes a WARC of a site with sitemaps and PAGES product pages of 1 kB, replays it through the whole path (extraction, steps, store)
in one process, and prints the peak of its resident memory at every tenth.
"""

import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

REPO = Path(__file__).parent.parent.parent
HOST = "https://klein.example"
PER_SITEMAP = 40_000


def pages(count):
    maps = [f"{HOST}/sitemap-{n}.xml" for n in range(-(-count // PER_SITEMAP))]
    yield f"{HOST}/robots.txt", "text/plain", "User-agent: *\nDisallow:\n" + "".join(f"Sitemap: {url}\n" for url in maps)
    for n, url in enumerate(maps):
        numbers = range(n * PER_SITEMAP, min(count, (n + 1) * PER_SITEMAP))
        locs = "".join(f"<url><loc>{HOST}/p/sambal-{i}</loc></url>" for i in numbers)
        yield url, "application/xml", f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locs}</urlset>'
    for i in range(count):
        offer = {"@type": "Offer", "price": f"{i % 90}.50", "priceCurrency": "EUR", "availability": "https://schema.org/InStock"}
        data = {"@context": "https://schema.org", "@type": "Product", "name": f"Sambal Oelek {i}", "sku": str(i), "offers": offer}
        yield (
            f"{HOST}/p/sambal-{i}",
            "text/html",
            (
                f'<html lang="nl"><head><title>Sambal {i}</title><script type="application/ld+json">{json.dumps(data)}</script></head>'
                f"<body><h1>Sambal Oelek {i}</h1><p>{'Pedas en lekker. ' * 30}</p></body></html>"
            ),
        )


def write(target, count):
    with target.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.1")
        for url, kind, text in pages(count):
            body = text.encode()
            head = StatusAndHeaders("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))], protocol="HTTP/1.1")
            record = writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=head)
            writer.write_record(record)
            record.raw_stream.close()


def crawl(folder, warc):
    """The replay, in a process of its own."""
    sys.path.insert(0, str(REPO))
    from dataclasses import replace
    from datetime import date

    from scrapy import signals
    from scrapy.crawler import AsyncCrawlerProcess

    from market_db.home import open_home
    from market_db.schema import open_market
    from scripts.crawl import Job
    from scripts.crawl_one import fresh_queue, settings_of
    from spiders.families.structured import StructuredSpider
    from spiders.site import Site, passport
    from spiders.source import Pace

    class Small(StructuredSpider):
        count = 0

        def passports(self):
            pace = Pace(max_requests=10**7, max_per_pattern=10**7, max_bytes=10**11, max_items=10**7, max_seconds=10**6)
            return {name: replace(passport(site), pace=pace) for name, site in self.sites.items()}

        @classmethod
        def from_crawler(cls, crawler, *args, **kwargs):
            spider = super().from_crawler(crawler, *args, **kwargs)
            crawler.signals.connect(spider.counted, signal=signals.response_received)
            return spider

        def counted(self):
            self.count += 1
            if self.count % 20_000 == 0:
                print(self.count, "pages, peak", peak_mb(), "MB", flush=True)

    home = open_home(Path(folder), {})
    home.make()
    site = Site(id="klein", url=f"{HOST}/", family="structured", seller="Klein", country="NL", currency="EUR", basis="bench", enabled=True,
                sample=True, tos_checked=date(2026, 11, 25))  # fmt: skip
    job = Job(
        home=folder,
        run_id="20261125T000000Z-bench",
        spider="structured",
        mode="replay",
        replay=(warc,),
        products=("sambal",),
        as_of="2026-11-25",
    )
    process = AsyncCrawlerProcess(settings_of(job, home) | {"LOG_LEVEL": "WARNING", "JOBDIR": str(fresh_queue(home, job))})
    process.crawl(Small, sites=[site], products=())
    process.start()
    stored = open_market(home)["listings"].count
    print(f"{stored} listings stored, peak {peak_mb()} MB (at most 400)")


def peak_mb():
    return next(int(line.split()[1]) // 1024 for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    if "--one" in sys.argv:
        crawl(sys.argv[2], sys.argv[3])
    else:
        with tempfile.TemporaryDirectory() as work:
            warc = Path(work) / "small.warc.gz"
            write(warc, int((sys.argv[1:] or ["200000"])[0]))
            sys.exit(subprocess.run([sys.executable, __file__, "--one", f"{work}/home", str(warc)], check=False, cwd=REPO).returncode)
