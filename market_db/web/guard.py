"""What every request passes and every answer carries: our own names, our own origin for what writes, headers that forbid scripts."""

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: browsers then send "Origin: null" with our own forms, and the check below could not tell them from others.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
PRIVATE = "private, no-cache"
READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """Outermost layer of the pages."""

    def __init__(self, app: ASGIApp, *, host_is_ours: Callable[[str], bool], refuse: Callable[[str, int], ASGIApp]) -> None:
        self.app, self.host_is_ours, self.refuse = app, host_is_ours, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", PRIVATE)
            await send(message)

        await self._chosen(scope)(scope, receive, send_guarded)

    def _chosen(self, scope: Scope) -> ASGIApp:
        headers = Headers(scope=scope)
        if not self.host_is_ours(host_name(headers.get("host", ""))):
            return self.refuse("host", 421)
        if scope["method"] not in READS and not comes_from_us(headers):
            return self.refuse("origin", 403)
        return self.app


def host_name(host: str) -> str:
    """Host header without its port."""
    head, colon, port = host.rpartition(":")
    return head if colon and port.isdigit() else host


def comes_from_us(headers: Headers) -> bool:
    """Whether a form was on one of our pages: the browser says so by Origin, else by Sec-Fetch-Site; silence is no."""
    origin = headers.get("origin")
    if origin is not None:
        parts = urlsplit(origin) if origin.isprintable() else urlsplit("")
        return parts.scheme in ("http", "https") and parts.netloc.lower() == str(headers.get("host", "")).lower()
    return str(headers.get("sec-fetch-site")) == "same-origin"
