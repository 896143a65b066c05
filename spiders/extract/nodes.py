"""One shape for schema.org data, whether it came as JSON-LD or microdata: dicts with lower-case keys and bare type names."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from spiders.extract.text import squeeze

Node = dict[str, "Value"]
Value = str | int | float | bool | None | Node | list["Value"]

MAX_DEPTH = 30
MAX_LIST = 2_000
_PREFIX = re.compile(
    r"^(?:https?://)?(?:www\.)?(?:schema\.org|data-vocabulary\.org|purl\.org/goodrelations/v1)[/#]|^(?:schema|gr):", re.IGNORECASE
)


def bare(name: str) -> str:
    """Lower-case name of a type or property without its vocabulary."""
    return _PREFIX.sub("", name.strip()).strip("/#").lower()


def from_jsonld(value: object, depth: int = 0) -> Value:
    """Fold one JSON value; what lies deeper than MAX_DEPTH is cut."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, dict):
        return {bare(str(key)): from_jsonld(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [from_jsonld(item, depth + 1) for item in value[:MAX_LIST]]
    return value if isinstance(value, str | int | float | bool) else None


def types_of(node: Node) -> frozenset[str]:
    """Lower-case type names."""
    kinds = node.get("@type")
    found = kinds if isinstance(kinds, list) else [kinds]
    return frozenset(bare(kind) for kind in found if isinstance(kind, str))


def nodes_of(value: Value) -> Iterator[Node]:
    """The objects of a property that may hold one, many or none."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item


def text_of(value: Value, *keys: str) -> str | None:
    """First text of a property: a string, a number, or the name of an object."""
    for item in value if isinstance(value, list) else [value]:
        found: Value = item
        if isinstance(item, dict):
            found = next((item[key] for key in (*keys, "name", "@value", "value") if item.get(key)), None)
            found = text_of(found) if isinstance(found, dict | list) else found
        if isinstance(found, str | int | float) and not isinstance(found, bool):
            text = squeeze(html.unescape(str(found)))
            if text:
                return text
    return None


@dataclass(slots=True)
class Graph:
    """Top-level objects of a page: members of @graph and arrays, and what pages wrap them in."""

    roots: list[Node] = field(default_factory=list)

    def add(self, value: Value, depth: int = 0) -> None:
        """Take an object, unwrapping @graph, arrays and mainEntity."""
        for node in nodes_of(value):
            self.roots.append(node)
            for wrap in ("@graph", "mainentity", "mainentityofpage", "about"):
                if depth < 5 and wrap in node:
                    self.add(node[wrap], depth + 1)

    def of(self, kinds: Iterable[str]) -> list[Node]:
        """Top-level objects of one of the kinds, in document order."""
        wanted = frozenset(kinds)
        return [node for node in self.roots if types_of(node) & wanted]
