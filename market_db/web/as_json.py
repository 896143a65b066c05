"""Every page as records: the same address with ".json" behind its path, for programs and for the curious."""

import dataclasses
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

AS_JSON = ".json"


def wants_json(request: Request) -> bool:
    """Whether the address asks for records."""
    return request.url.path.endswith(AS_JSON)


def json_address(request: Request) -> str:
    """Address of the records behind the page that is asked for; a path of ours, never another host."""
    path, query = request.url.path.rstrip("/") or "/pembeli", request.url.query
    return "/" + path.lstrip("/") + AS_JSON + (f"?{query}" if query else "")


def json_answer(data: Any, status: int = 200) -> Response:
    """Records as indented JSON with letters as they are. Raises HTTPException(404) where a page has none."""
    if data is None:
        raise HTTPException(404)
    text = json.dumps(data, ensure_ascii=False, indent=1, default=_plain)
    # Half of a surrogate pair in a name must not cost the whole answer
    return Response(text.encode("utf-8", "backslashreplace"), status, media_type="application/json")


def _plain(value: Any) -> Any:
    """Records, tables, sets and days as JSON has them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, AbstractSet):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an answer")
