"""What a reader saw when last here, so that "new since your last visit" means it.

It is kept in a cookie of the browser: nothing about who read what and when is stored on our side.
"""

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "visit"
PAUSE_SECONDS = 4 * 3_600
"""After so long without a page, the next page begins another visit."""
A_YEAR = 365 * 86_400
_KEPT = re.compile(r"(\d{1,12})\.([\w-]{0,60})\.([\w-]{0,60})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Visit:
    """A reader's visit."""

    at: int
    """Moment of its newest page, seconds since 1970."""
    shown: str
    """Refresh of the data it showed."""
    before: str
    """Refresh that the visit before it had shown last; empty = this is the first."""

    def remember(self, answer: Response) -> Response:
        """Let the browser keep it."""
        answer.set_cookie(COOKIE, f"{self.at}.{self.shown}.{self.before}", max_age=A_YEAR, httponly=True, samesite="lax")
        return answer


def this_visit(request: Request, refresh: str, now: float) -> Visit:
    """The visit that a request belongs to, while the data are those of `refresh`."""
    kept = _KEPT.fullmatch(request.cookies.get(COOKIE, ""))
    if kept is None:
        return Visit(int(now), refresh, "")
    at, shown, before = int(kept[1]), kept[2], kept[3]
    return Visit(int(now), refresh, shown if now - at > PAUSE_SECONDS else before)
