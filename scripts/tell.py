"""Sends the night's report out: health ping, webhook, mail; each has five seconds, and none can make a night fail."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from market_db.home import Config
from scripts.report import NightReport, as_json, as_text, headline
from scripts.translated import error_in
from scripts.words import Words

SECONDS = 5.0
HEALTH_TAIL = {"start": "/start", "ok": "", "failed": "/fail"}
SENDMAIL = ("/usr/sbin/sendmail", "/usr/lib/sendmail")


class NotTold(Exception):
    """A message did not arrive; the text says why."""


def within(seconds: float, act: Callable[[], None]) -> str | None:
    """Do it in a thread and wait so long; returns what went wrong, None = done. A server that drips cannot hold the night."""
    failed: list[str] = [""]

    def run() -> None:
        try:
            act()
        except (OSError, ValueError, NotTold, subprocess.SubprocessError) as error:
            failed[0] = str(error) or type(error).__name__
        else:
            failed.clear()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        return f"no answer within {seconds:g} s"
    return failed[0] if failed else None


def post(url: str, body: bytes, kind: str) -> None:
    """POST to an http(s) address. Raises NotTold, OSError."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise NotTold("not an http(s) address")
    request = Request(url, data=body, headers={"Content-Type": kind, "User-Agent": "Tembus"}, method="POST")  # noqa: S310 - checked above
    try:
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - checked above
            answer.read(1_000)
    except HTTPError as error:
        error.close()
        raise NotTold(f"answered {error.code}") from error


def ping(config: Config, when: str, text: str = "") -> str | None:
    """Health ping: `start`, `ok` or `failed`; None = arrived or switched off."""
    if not config.health_url:
        return None
    url = config.health_url.rstrip("/") + HEALTH_TAIL[when]
    return within(SECONDS, lambda: post(url, text.encode()[:10_000], "text/plain; charset=utf-8"))


def tell(config: Config, report: NightReport, words: Words) -> dict[str, str]:
    """Send the report everywhere it is wanted; returns key of the configuration -> what went wrong."""
    text = as_text(report, words)
    channels: dict[str, Callable[[], str | None]] = {
        "health_url": lambda: ping(config, "ok" if report.code == 0 else "failed", text),
        "webhook": lambda: within(SECONDS, lambda: post(config.webhook, _for_webhook(report, text), "application/json")),
        "mail_to": lambda: within(SECONDS, lambda: mail(config.mail_to, headline(report, words), text)),
    }
    wanted = {"health_url": config.health_url, "webhook": config.webhook, "mail_to": config.mail_to}
    said = {name: act() for name, act in channels.items() if wanted[name]}
    return {name: error_in(why, words.language) for name, why in said.items() if why}


def _for_webhook(report: NightReport, text: str) -> bytes:
    """The report with its text, under the key chat programs read."""
    data: dict[str, Any] = json.loads(as_json(report))
    return json.dumps({"text": text, **data}, ensure_ascii=False).encode()


def mail(to: str, subject: str, text: str) -> None:
    """Hand a mail to the local sendmail. Raises NotTold, OSError, ValueError for an address that is none."""
    program = next((path for path in (shutil.which("sendmail"), *SENDMAIL) if path and shutil.which(path)), None)
    if program is None:
        raise NotTold("no sendmail program here")
    message = EmailMessage()
    message["To"], message["Subject"] = to, subject
    message.set_content(text)
    subprocess.run([program, "-t", "-oi"], input=message.as_bytes(), timeout=SECONDS, check=True, capture_output=True)
