"""What every request passes and every answer carries: our own names, our own origin for what writes, headers that forbid scripts."""

from collections.abc import Callable

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

    def __init__(self, app: ASGIApp, *, refuses: Callable[[Headers], str], refuse: Callable[[str, int], ASGIApp]) -> None:
        self.app, self.refuses, self.refuse = app, refuses, refuse

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
        if why := self.refuses(headers):
            return self.refuse(why, 421)
        if scope["method"] not in READS and not comes_from_us(headers):
            return self.refuse("origin", 403)
        return self.app


def comes_from_us(headers: Headers) -> bool:
    """Whether a form was on one of our pages: the browser says so by Origin, else by Sec-Fetch-Site; silence is no."""
    origins = headers.getlist("origin")
    if origins:
        scheme, _, host = origins[0].partition("://")
        return len(origins) == 1 and scheme in ("http", "https") and host.lower() == str(headers.get("host", "")).lower()
    return headers.getlist("sec-fetch-site") == ["same-origin"]
