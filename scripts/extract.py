"""`tembus extract`: what the extractors make of one saved page, for contributors and for measuring."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spiders.extract.flat import extract_file


def extract_lines(path: Path, url: str) -> Iterator[dict[str, Any]]:
    """Records of a saved page (HTML or a shop's JSON, also gzipped), with the field names extraction is scored by.

    Raises OSError where the file cannot be read; a page without anything gives one record with what little is known.
    """
    for record in extract_file(path, url):
        yield {**record, "file": path.name}
