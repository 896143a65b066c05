"""Refusals: login walls, CAPTCHAs, challenges and consent pages stop a source for the night; they are never worked around."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from spiders.manners.egress import redirect_target
from spiders.manners.outcomes import ROBOTS_FETCH, Manner, Stop

MAX_LOOKED_AT = 64 * 1024
MAX_WALL_TEXT = 1500
"""Characters of visible text: walls say little, pages say more."""

WALL_HEADERS = {"cf-mitigated": "challenge", "x-amzn-waf-action": ""}
"""Headers by which gatekeepers say so themselves; a value, or "" for any."""
WALL_MARKS = {
    # only what the gatekeeper's own page holds: the same firms put scripts into ordinary pages
    "cloudflare": re.compile(r"_cf_chl_opt|cf-browser-verification|id=[\"']cf-challenge|<title>\s*attention required! \| cloudflare"),
    "datadome": re.compile(r"captcha-delivery\.com/"),
    "perimeterx": re.compile(r"id=[\"']px-captcha"),
    "imperva": re.compile(r"incapsula incident id|<title>\s*pardon our interruption"),
    "aws waf": re.compile(r"window\.gokuprops"),
    "sucuri": re.compile(r"sucuri website firewall - access denied"),
    "akamai": re.compile(r"errors\.edgesuite\.net"),
}
WALL_TITLES = re.compile(
    r"just a moment|attention required|access denied|robot check|are you a (?:robot|human)|pardon our interruption|security check"
    r"|human verification|verify(?:ing)? (?:that )?you(?: a|')re (?:a )?human|captcha|unusual traffic|checking your browser"
    r"|bot verification"
    r"|ddos-guard|one moment, please|please wait\b.{0,20}verif|сначала подтвердите|вы не робот|проверка безопасности"
    r"|安全验证|人机验证|访问验证|验证码"
    r"|ロボットではありません|로봇이 아닙니다|no soy un robot|não sou um robô"
    r"|sind sie ein mensch|vérification de sécurité|verifikasi keamanan"
)
WALL_SENTENCES = re.compile(
    r"verify (?:that )?you are (?:a )?human|are you a (?:robot|human)|not a robot|unusual traffic|automated (?:access|requests|queries)"
    r"|complete the (?:security check|captcha)|enter the characters|press (?:&(?:amp;)?|and) hold"
    r"|checking (?:if the site connection is secure|your browser)"
    r"|enable javascript and cookies to continue|access to this page has been denied|you have been blocked"
    r"|请完成安全验证|人机验证|请输入验证码"
    r"|подтвердите, что (?:запросы|вы)|no soy un robot|não sou um robô|ich bin kein roboter|je ne suis pas un robot|bukan robot"
)
CAPTCHA_WIDGET = re.compile(
    r"class=[\"'][^\"'>]{0,200}(?:g-recaptcha|h-captcha|cf-turnstile)|<img[^>]{0,200}captcha|<input[^>]{0,200}name=[\"']captcha"
)
"""The widget itself; shops load the same scripts for their newsletter form."""
LOGIN_TITLES = re.compile(
    r"\b(?:log ?in|sign ?in|log on|anmelden|anmeldung|einloggen|connexion|identifiez-vous|iniciar sesi[oó]n|acceso|acessar|entrar|accedi"
    r"|inloggen|logga in|logg inn|log ind|kirjaudu|zaloguj|přihlášení|bejelentkezés|autentificare|giriş yap|masuk"
    r"|đăng nhập|password protected)\b"
    r"|\bвход\b|войти|登录|登錄|登入|ログイン|로그인|تسجيل الدخول|เข้าสู่ระบบ|opening soon"
)
PASSWORD_FIELD = re.compile(r"<input[^>]{0,300}type\s*=\s*[\"']?password")
CONSENT_TITLES = re.compile(
    r"before you continue|bevor sie fortfahren|avant de continuer|antes de continuar|prima di continuare|voordat je verdergaat"
    r"|(?:cookie|privacy|datenschutz)[- ]?(?:consent|einwilligung|wall|settings required)"
    r"|age verification|verify your age|are you over (?:18|21)"
    r"|your privacy choices"
)
TITLE = re.compile(r"<title\b[^>]{0,200}>([^<]{0,500})")
HEADING = re.compile(r"<h1\b[^>]{0,300}>([^<]{0,300})")
TAG = re.compile(r"<[^<>]{0,2000}>")
HIDDEN = ("script", "style", "noscript", "template", "svg")

LOGIN_PATH = re.compile(
    r"/(?:log-?in|sign-?in|log-?on|password|users/sign_in|account/login|customer/account/login|my-account|anmelden|sso|oauth2?|auth)(?:[/.?]|\Z)",
    re.IGNORECASE,
)
ACCOUNT_PATH = re.compile(
    r"/(?:account|customer|my-account|cart|checkout|wishlist|compare|log-?(?:in|out|on)|sign-?in|register|orders?|profile|auth)\b",
    re.IGNORECASE,
)

STATUS_STOPS = {401: "status 401", 402: "status 402", 407: "status 407", 451: "status 451"}
"""402 is how a hosted shop says it is closed, 451 how a site says it may not serve us."""


def visible_text(html: str) -> str:
    """Text between tags outside scripts and the like, in one pass; `html` in lower case."""
    for tag in HIDDEN:
        first, *rest = re.split(rf"<{tag}\b", html)
        html = first + " ".join(piece.partition(f"</{tag}")[2].partition(">")[2] for piece in rest)
    return " ".join(TAG.sub(" ", html).split())


def wall_of(body: bytes, headers: Mapping[str, str] | None = None) -> str | None:
    """What kind of wall an HTML answer is, or None: a page that merely has a login link or a captcha in a form is none.

    Looks at the first 64 KiB. Header names in lower case.
    """
    for name, value in WALL_HEADERS.items():
        if headers and name in headers and value in headers[name].lower():
            return f"challenge: {name}"
    html = body[:MAX_LOOKED_AT].decode("utf-8", "replace").lower()
    return _small_page_wall(html, _titles(html), whole=len(body) <= MAX_LOOKED_AT)


def _titles(html: str) -> str:
    """Title and first heading."""
    found = [match.group(1) for match in (TITLE.search(html), HEADING.search(html)) if match]
    return " | ".join(" ".join(text.split()) for text in found)


def _small_page_wall(html: str, titles: str, *, whole: bool) -> str | None:
    """Walls are told from pages by their marks and by saying nothing else; `whole`: the page does not go on behind what was looked at."""
    text = visible_text(html)
    if len(text) > MAX_WALL_TEXT:
        return None
    for gatekeeper, mark in WALL_MARKS.items():
        if mark.search(html):
            return f"challenge: {gatekeeper}"
    if WALL_TITLES.search(titles) or WALL_SENTENCES.search(text):
        return "captcha or challenge page"
    if whole and len(text) < MAX_WALL_TEXT // 5 and CAPTCHA_WIDGET.search(html):
        return "captcha page"
    if PASSWORD_FIELD.search(html) and LOGIN_TITLES.search(titles):
        return "login wall"
    return "consent page" if CONSENT_TITLES.search(titles) else None


def is_html(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether an answer is a page, by its media type or, where it has none, by its first character."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type in ("text/html", "application/xhtml+xml") or (not media_type and body[:200].lstrip().startswith(b"<"))


class Refusals(Manner):
    """Downloader middleware: stops a source that does not want us."""

    def process_request(self, request: Request) -> None:
        """Let the spider see statuses that the documentation gives to an empty result."""
        statuses = self._states.passport_of(request).empty_statuses
        if statuses and "handle_httpstatus_list" not in request.meta:
            request.meta["handle_httpstatus_list"] = list(statuses)

    def process_response(self, request: Request, response: Response) -> Response:
        """Raise Refused for a wall; robots.txt is only looked at where it came as a page with status 200."""
        headers = {name.decode("latin-1").lower(): b",".join(values).decode("latin-1") for name, values in response.headers.items()}
        if request.meta.get(ROBOTS_FETCH) and response.status != 200:
            return response
        if response.status in STATUS_STOPS and response.status not in self._states.passport_of(request).empty_statuses:
            raise self._states.stop_for(request, self._reason(request, response.status), STATUS_STOPS[response.status])
        wall = wall_of(response.body, headers) if is_html(headers, response.body) else None
        if wall:
            raise self._states.stop_for(request, Stop.BLOCKED, wall)
        return response

    def _reason(self, request: Request, status: int) -> Stop:
        """401 means a key where the source works with keys."""
        return Stop.NEEDS_KEY if status == 401 and self._states.passport_of(request).key_env else Stop.BLOCKED


class LoginRedirects(Manner):
    """Downloader middleware outside of `Redirects`: being sent to the login from an ordinary page is a login wall."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Raise Refused instead of opening the login; a login reached from an account or cart page is merely refused."""
        target = redirect_target(request, response)
        if target is None or request.meta.get(ROBOTS_FETCH) or not LOGIN_PATH.search(urlsplit(target).path):
            return response
        if ACCOUNT_PATH.search(urlsplit(request.url).path):
            raise self._states.refuse(request, "login", request.url)
        raise self._states.stop_for(request, Stop.BLOCKED, f"login wall: sent to {target[:150]}")
