"""The part of Scrapy's settings that is manners: every line that differs from Scrapy's default, with its reason."""

from typing import Any

MANNERS = "spiders.manners"

MANNERS_SETTINGS: dict[str, Any] = {
    "DOWNLOADER_MIDDLEWARES": {
        # a request passes from small to large, an answer from large to small
        f"{MANNERS}.outcomes.StoppedSources": 10,  # first: a stopped source costs nothing
        f"{MANNERS}.egress.Fence": 20,  # before robots: not even robots.txt of a foreign host is asked
        f"{MANNERS}.robots.Robots": 30,
        f"{MANNERS}.pace.Retry": 550,
        f"{MANNERS}.refusals.Refusals": 570,  # sees the unpacked body, before Retry may ask again
        f"{MANNERS}.budgets.Budgets": 580,  # after robots: only what goes out is counted; bytes unpacked
        f"{MANNERS}.pace.Paced": 585,
        f"{MANNERS}.budgets.Unpacked": 590,
        f"{MANNERS}.egress.Redirects": 600,
        f"{MANNERS}.refusals.LoginRedirects": 605,
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # the fence replaces it
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # lets requests slip through, allows all on errors
        "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,  # no logins
        "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,  # asks again at once, ignores Retry-After
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # Unpacked is it, and counts its bombs
        "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,  # a page may not send us elsewhere
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,  # ours keeps POST and keys at home
        "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,  # no sessions
        "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,  # would obey http_proxy of the environment, past the fence
    },
    "SPIDER_MIDDLEWARES": {f"{MANNERS}.budgets.ItemBudget": 30},  # nearest to the engine: counts what really leaves the spider
    "DOWNLOAD_HANDLERS": {
        "http": f"{MANNERS}.egress.FencedHandler",  # last look before the wire
        "https": f"{MANNERS}.egress.FencedHandler",
        "ftp": None,  # only http and https are ever fetched
        "s3": None,
        "file": None,  # a redirect or a link must not read the operator's disk
        "data": None,
    },
    "TWISTED_DNS_RESOLVER": f"{MANNERS}.egress.FencedResolver",  # private addresses are refused when connecting
    "REQUEST_FINGERPRINTER_CLASS": f"{MANNERS}.budgets.CanonicalFingerprinter",  # session addresses are one page
    "ROBOTSTXT_OBEY": False,  # Scrapy's own middleware; ours is stricter and cannot be switched off by this name
    "RETRY_ENABLED": False,  # see Retry above
    "REDIRECT_ENABLED": False,  # see Redirects above
    "REDIRECT_MAX_TIMES": 5,  # Scrapy: 20; for whoever reads the setting, ours has the same number
    "METAREFRESH_ENABLED": False,
    "COOKIES_ENABLED": False,  # we are nobody's session
    "HTTPPROXY_ENABLED": False,
    "REFERER_ENABLED": False,  # sites need not learn which page of another site led to them
    "DOWNLOAD_VERIFY_CERTIFICATES": True,  # Scrapy accepts any certificate
    "DOWNLOAD_TLS_MIN_VERSION": "TLSv1.2",  # older ones are broken
    "DOWNLOAD_MAXSIZE": 10 * 1024 * 1024,  # Scrapy: 1 GiB; also the cap after decompression
    "DOWNLOAD_WARNSIZE": 5 * 1024 * 1024,
    "DOWNLOAD_TIMEOUT": 30,  # Scrapy: 180
    "DOWNLOAD_FAIL_ON_DATALOSS": True,  # half a page is no page
    "CONCURRENT_REQUESTS": 64,  # over all hosts; waiting requests count, so a paused host must not fill it
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,  # where no passport says otherwise
    "DOWNLOAD_DELAY": 2.0,  # likewise; the passport's pace is set on each host's slot
    "DOWNLOAD_DELAY_JITTER": 0.0,  # Scrapy's jitter would go below the promised delay
    "URLLENGTH_LIMIT": 2083,
    "DEPTH_LIMIT": 1_000,  # a walk by "next" links is deep; traps are stopped by budgets long before
    "MEMUSAGE_LIMIT_MB": 1_024,  # closes the crawl before the machine swaps
    "MEMUSAGE_WARNING_MB": 512,
    "MEMUSAGE_CHECK_INTERVAL_SECONDS": 10.0,
    "TELNETCONSOLE_ENABLED": False,  # a console on a port
    "REMOTE_CONTROL_ENABLED": False,  # new in 2.19: runs code over HTTP
}
"""Merged by `spiders/settings.py`. Settings of our own: TEMBUS_REPLAY (list of WARC paths; with any, nothing is consulted or paced),
TEMBUS_ALLOW_PRIVATE (list of "host:port"); tests only: TEMBUS_WAIT_SCALE (float), TEMBUS_ROBOTS_MAX_AGE (seconds)."""
