"""Finds the sources written in Python, so that a new file is a new source; a source without passport stops the start."""

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Iterator, Sequence
from types import ModuleType

from spiders.base.spider import TembusSpider
from spiders.source import IncompletePassport, Source

PACKAGES = ("registers", "tenders", "trade_data", "maps", "shops", "directories", "products")
"""Folders of sources; the folder says what kind of proof a source gives."""


class NamedTwice(ValueError):
    """Raised by `load_spiders` when two sources call themselves the same."""


def load_spiders() -> dict[str, type[TembusSpider]]:
    """Source name -> spider class, in alphabetical order.

    Raises IncompletePassport (no name or no passport) and NamedTwice.
    """
    found: dict[str, type[TembusSpider]] = {}
    for module in _modules():
        for spider in _spiders_of(module):
            _check(spider)
            if spider.name in found:
                raise NamedTwice(f"{spider.name}: {found[spider.name].__module__} and {spider.__module__}")
            found[spider.name] = spider
    return dict(sorted(found.items()))


def load_families() -> dict[str, type[TembusSpider]]:
    """Family name -> spider class; their passports are those of the declared sites."""
    return {spider.name: spider for module in _modules(("families",)) for spider in _spiders_of(module) if isinstance(spider.name, str)}


def _modules(packages: Sequence[str] = PACKAGES) -> Iterator[ModuleType]:
    for name in packages:
        if importlib.util.find_spec(f"spiders.{name}") is None:
            continue
        package = importlib.import_module(f"spiders.{name}")
        for entry in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(entry.name)


def _spiders_of(module: ModuleType) -> Iterator[type[TembusSpider]]:
    """Spider classes a module defines itself; imported ones belong to where they were written."""
    for _, member in sorted(inspect.getmembers(module, inspect.isclass)):
        if issubclass(member, TembusSpider) and member.__module__ == module.__name__ and not member.__name__.startswith("_"):
            yield member


def _check(spider: type[TembusSpider]) -> None:
    if not isinstance(getattr(spider, "name", None), str):
        raise IncompletePassport(f"{spider.__module__}.{spider.__name__} has no name")
    if not isinstance(getattr(spider, "about", None), Source):
        raise IncompletePassport(f"{spider.name} ({spider.__module__}) has no passport: set about = Source(...)")
