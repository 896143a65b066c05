"""The doctor's findings on a terminal: one line each, what to do where something is to be done."""

from rich.console import Console

from market_db.home import Home
from scripts.doctor import FAIL, WARN, Finding
from scripts.screen import line, plain
from scripts.words import Words

STYLES = {"ok": "", "warn": "yellow", "fail": "bold red"}


def show_doctor(console: Console, home: Home, found: list[Finding], words: Words) -> None:
    """Print them, then the count of what needs a hand."""
    line(console, words.say("doctor.title", root=home.root), "bold")
    width = max(len(words.say(f"doctor.status_{status}")) for status in STYLES)
    for item in found:
        mark = words.say(f"doctor.status_{item.status}").ljust(width)
        line(console, f"{mark}  {plain(item.text(words), 600)}", STYLES[item.status], indent=2, hang=width + 2)
    counts = {status: sum(item.status == status for item in found) for status in STYLES}
    key = "doctor.sum_fail" if counts[FAIL] else "doctor.sum_warn" if counts[WARN] else "doctor.sum_ok"
    line(console, words.say(key, fail=counts[FAIL], warn=counts[WARN]), "bold")
