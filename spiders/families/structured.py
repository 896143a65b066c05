"""Shops of any software that mark up their pages (schema.org), found through their sitemaps."""

from typing import ClassVar

from spiders.base.sites_spider import SitesSpider, family_passport
from spiders.source import Source


class StructuredSpider(SitesSpider):
    """robots.txt -> sitemaps -> pages whose address speaks of a product -> the page extractor.

    A site without sitemap is entered at its front page and followed along links that speak of a product.
    """

    name = "structured"
    about: ClassVar[Source] = family_passport("Shops with schema.org markup")
    handle_httpstatus_list: ClassVar[list[int]] = [404, 410]
