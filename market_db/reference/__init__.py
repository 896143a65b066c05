"""Small tables of facts that readers and steps share, loaded once and never changed at run time."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FOLDER = Path(__file__).parent

__all__ = ["FOLDER", "metric_keys", "metric_label", "metric_unit", "role_keys", "role_label", "table", "words"]


@cache
def table(name: str) -> Mapping[str, Any]:
    """Contents of `reference/<name>.toml`; read-only at the top level. FileNotFoundError for a name nobody wrote."""
    return MappingProxyType(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")))


@cache
def words(name: str, key: str) -> frozenset[str]:
    """A list of the table, as a set of casefolded words; `key` may be dotted ("counts.words")."""
    found: Any = table(name)
    for part in key.split("."):
        found = found[part]
    return frozenset(str(word).casefold() for word in found)


def role_keys() -> tuple[str, ...]:
    """Every role a company can have, most telling for a seller first."""
    return tuple(table("roles"))


def role_label(role: str, lang: str = "id") -> str:
    """Role in words, `id` or `en`; the key itself where it is not in the table."""
    return str(table("roles").get(role, {}).get(lang, role))


def metric_keys() -> tuple[str, ...]:
    """Every metric an observation may carry."""
    return tuple(table("metrics"))


def metric_unit(metric: str) -> str | None:
    """Unit of a metric, None for an unknown one."""
    entry = table("metrics").get(metric)
    return str(entry["unit"]) if entry else None


def metric_label(metric: str, lang: str = "id") -> str:
    """Metric in words, `id` or `en`; the key itself where it is not in the table."""
    return str(table("metrics").get(metric, {}).get(lang, metric))
