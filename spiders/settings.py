"""Scrapy's settings for every crawl: the manners', the archive's, and the few here; each differs from the default for a reason."""

from typing import Any

from spiders.archive import ARCHIVE_SETTINGS
from spiders.manners.settings import MANNERS_SETTINGS

BOT_NAME = "Tembus"
VERSION = "0.1"

OWN: dict[str, Any] = {
    "BOT_NAME": BOT_NAME,
    # one list of plain functions, see pipelines/steps.py; a string, because spiders do not import pipelines
    "ITEM_PIPELINES": {"pipelines.adapter.StepsPipeline": 300},
    "EXTENSIONS": {"spiders.run_record.RunRecord": 500},
    # the log names every record otherwise; what was stored is in the database
    "LOG_LEVEL": "INFO",
    "LOG_FORMATTER": "scrapy.logformatter.LogFormatter",
    # progress comes from our own line per source
    "LOGSTATS_INTERVAL": 0,
    # reads the source of every callback again for every answer (bound methods are new objects each time)
    "WARN_ON_GENERATOR_RETURN_VALUE": False,
    # sources are asked by name from load_spiders, not found by Scrapy
    "SPIDER_MODULES": [],
}


def user_agent(contact: str) -> str:
    """How every request introduces itself: name, version, and where to complain."""
    return f"{BOT_NAME}/{VERSION} (+{contact})" if contact else f"{BOT_NAME}/{VERSION}"


def crawl_settings(more: dict[str, Any]) -> dict[str, Any]:
    """All settings of a crawl; middleware tables of the parts are joined."""
    merged: dict[str, Any] = {}
    for part in (MANNERS_SETTINGS, ARCHIVE_SETTINGS, OWN, more):
        for name, value in part.items():
            merged[name] = {**merged[name], **value} if isinstance(value, dict) and isinstance(merged.get(name), dict) else value
    return merged
