"""Microdata of a page; apart, because extruct is imported only for pages that have some (its package takes 0.2 s)."""

from typing import Any

from extruct.w3cmicrodata import MicrodataExtractor
from lxml.html import HtmlElement


class Microdata(MicrodataExtractor):  # type: ignore[misc]  # extruct has no types
    """extruct's reader, which copies and cleans the element of every text; most hold nothing but that text."""

    def _extract_textContent(self, node: HtmlElement) -> str:  # noqa: N802 - extruct's name
        return node.text or "" if len(node) == 0 else str(super()._extract_textContent(node))


def microdata_items(root: HtmlElement, base: str) -> list[Any]:
    """Items of a page in extruct's form."""
    return list(Microdata().extract_items(root, base))
