"""JSON that a site has surrounded with markup: themes and plugins print warnings before it and comments behind it."""

import json
import re

from spiders.reading import MAX_JSON, Answer, BadAnswer

MAX_TRIES = 200
"""Places tried as the beginning; warnings hold brackets too ("array[0]")."""
_START = re.compile(r"[\[{]")
_MARKUP = re.compile(r"<!--.*?-->|<[^<>]{0,2000}>", re.DOTALL)
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)


def json_within(answer: Answer) -> object:
    """The first JSON value behind which nothing but markup stands.

    Raises BadAnswer: too large, wrong charset, html instead of json, not json (also where it is cut off), too deep.
    """
    if len(answer.body) > MAX_JSON:
        raise BadAnswer("too large", f"{len(answer.body)} bytes")
    try:
        text = answer.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadAnswer("wrong charset", str(error)[:200]) from error
    found = _first_value(text)
    if found is None:
        raise BadAnswer("html instead of json" if text.lstrip()[:1] == "<" else "not json", text[:100])
    return found[0]


def _first_value(text: str) -> tuple[object] | None:
    """The value, boxed; a document that is cut off has none, although parts of it would parse."""
    start = _START.search(text)
    for _ in range(MAX_TRIES):
        if start is None:
            return None
        try:
            value, end = _DECODER.raw_decode(text, start.start())
        except RecursionError as error:
            raise BadAnswer("too deep") from error
        except json.JSONDecodeError as error:
            if error.pos >= len(text) or error.msg.startswith("Unterminated"):
                return None
            end = max(error.pos, start.start() + 1)
        else:
            if not _MARKUP.sub("", text[end:]).strip():
                return (value,)
        start = _START.search(text, end)
    return None
