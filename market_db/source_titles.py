"""What a source is called in the reader's language: passports, evidence and old snapshots know it by its English title."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "words" / "source_titles_id.toml"


def source_title_in(title: str, language: str) -> str:
    """The title in `id` or `en`; the name of a shop or a site, which is in no table, as it is."""
    return indonesian_titles().get(title, title) if language == "id" else title


@cache
def indonesian_titles() -> Mapping[str, str]:
    """English title -> Indonesian one."""
    table: dict[str, str] = tomllib.loads(TABLE.read_text("utf-8"))
    return table
