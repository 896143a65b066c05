"""Keys of sources: a request carries a placeholder until the wire, so that no archive, log, record or replay ever holds the key."""

import json
import os
from base64 import b64encode
from collections.abc import Iterator
from typing import TextIO
from urllib.parse import quote, urlsplit, urlunsplit

from scrapy import Request
from scrapy.http import Headers, Response

from spiders.manners.outcomes import Manner

PLACEHOLDER = "__key__"
"""What a spider writes into address, header or body where the source wants the key of its passport's `key_env`."""
USER_PLACEHOLDER = "__user__"
"""Where a source wants a user name beside the key: its variable then holds both, "name:key"."""
BASIC = f"Basic {PLACEHOLDER}:"
"""An Authorization header whose user name is the key (RFC 7617, empty password); its base64 is written on the wire only."""
LEAST_HIDDEN = 6
"""Shorter keys are no keys: to take them out of answers would tear ordinary words."""


def asks_for_key(request: Request) -> bool:
    """Whether a request waits for its source's key."""
    mark = PLACEHOLDER.encode()
    return PLACEHOLDER in request.url or mark in request.body or any(mark in value for value in _values(request.headers))


def with_key(request: Request, key: str) -> Request:
    """The request as it goes out: the key in place of each placeholder, written as address, header or body need it."""
    if any(USER_PLACEHOLDER.encode() in value for value in _values(request.headers)):
        user, _, key = key.partition(":")
        named = {name: [value.replace(USER_PLACEHOLDER.encode(), user.encode()) for value in row] for name, row in request.headers.items()}
        request = request.replace(headers=named)
    mark = PLACEHOLDER.encode()
    is_json = b"json" in (request.headers.get("Content-Type") or b"")
    in_body = json.dumps(key)[1:-1] if is_json else quote(key, safe="")
    headers = {name: [_filled(value, key) for value in values] for name, values in request.headers.items()}
    return request.replace(
        url=request.url.replace(PLACEHOLDER, quote(key, safe="")), headers=headers, body=request.body.replace(mark, in_body.encode())
    )


def _filled(value: bytes, key: str) -> bytes:
    """A header's value with the key; Basic credentials are encoded as a whole."""
    filled = value.replace(PLACEHOLDER.encode(), key.encode())
    scheme, _, credentials = filled.partition(b" ")
    return b"Basic " + b64encode(credentials) if scheme.lower() == b"basic" and filled != value else filled


def keyless(url: str) -> str:
    """The address without parameters that stand for a key: the form of a query that records show and a person can repeat."""
    if PLACEHOLDER not in url:
        return url
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if PLACEHOLDER not in pair]
    return urlunsplit(parts._replace(query="&".join(kept)))


def forms_of(key: str) -> tuple[str, ...]:
    """How a key may stand in what comes back, longest first: as it is, as addresses, JSON and Basic credentials write it, in parts."""
    parts = [part for part in (key, *(key.split(":", 1) if ":" in key else ())) if len(part) >= LEAST_HIDDEN]
    forms = {form for part in parts for form in (part, quote(part, safe=""), json.dumps(part)[1:-1])}
    forms |= {b64encode(f"{part}{tail}".encode()).decode() for part in parts for tail in (":", "")}
    return tuple(sorted(forms, key=len, reverse=True))


def hidden(text: str, key: str) -> str:
    """The text with the placeholder where the key stood."""
    for form in forms_of(key):
        text = text.replace(form, PLACEHOLDER)
    return text


def _values(headers: Headers) -> Iterator[bytes]:
    for name in headers:  # Scrapy's values() gives the last of each name only
        yield from headers.getlist(name)


class HiddenKeys(Manner):
    """Downloader middleware between archive and wire: some sources repeat the key in an error or a redirect; it goes no further."""

    def process_response(self, request: Request, response: Response) -> Response:
        """The answer without the key of its source."""
        key = self._states.passport_of(request).key(os.environ)
        if not key:
            return response
        body, headers = response.body, response.headers
        for form in (each.encode() for each in forms_of(key)):
            body = body.replace(form, PLACEHOLDER.encode())
            if any(form in value for value in _values(headers)):
                headers = Headers({name: [value.replace(form, PLACEHOLDER.encode()) for value in row] for name, row in headers.items()})
        if body == response.body and headers is response.headers:
            return response
        return response.replace(body=body, headers=headers)


class Censored:
    """A text stream that writes everything but the given keys: libraries log addresses in places nobody can list."""

    def __init__(self, stream: TextIO, keys: tuple[str, ...]) -> None:
        self._stream, self._keys = stream, keys

    def write(self, text: str) -> int:
        """Write the text without keys; gives the length of what was handed in."""
        plain = text
        for key in self._keys:
            plain = hidden(plain, key)
        self._stream.write(plain)
        return len(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
