"""One place that turns whatever went wrong into one sentence and one exit code; a traceback is for our own bugs, and goes to a file.

0 ok · 1 failed · 2 usage · 3 partly · 4 already running · 5 configuration
"""

import errno
import re
import traceback
from contextlib import suppress
from datetime import UTC, datetime

from scripts.session import Session
from scripts.translated import error_in
from scripts.words import Words

FAILED, USAGE, PARTLY, BUSY, CONFIGURATION = 1, 2, 3, 4, 5

CODES = {
    "WrongUse": USAGE,
    "BadQuestion": USAGE,
    "BadSuppression": USAGE,
    "UnknownLanguage": USAGE,
    "UnknownSource": USAGE,
    "NotCrawled": USAGE,
    "BadSourceName": USAGE,
    "NothingCaptured": FAILED,
    "ProbeFailed": FAILED,
    "BadAnswer": FAILED,
    "AlreadyDeclared": FAILED,
    "NoNetwork": FAILED,
    "NothingToCrawl": CONFIGURATION,
    "BadConfig": CONFIGURATION,
    "BadProduct": CONFIGURATION,
    "IncompletePassport": CONFIGURATION,
    "BadSite": CONFIGURATION,
    "AlreadyRunning": BUSY,
    "NoSnapshot": FAILED,
    "MarketError": FAILED,
    "FarEmptier": PARTLY,
    "BackupFailed": FAILED,
    "ExportFailed": FAILED,
    "ArchiveError": FAILED,
    "DatabaseError": FAILED,
    "OSError": FAILED,
}
"""By the name of the class or of one it inherits from: naming them all here would mean importing everything for `--help`."""


def code_of(error: BaseException) -> int | None:
    """Exit code of a failure people can do something about; None = a bug of ours."""
    return next((CODES[cls.__name__] for cls in type(error).__mro__ if cls.__name__ in CODES), None)


def explain(error: BaseException, session: Session) -> int:
    """Tell the person on standard error, and return the exit code."""
    words = session.words
    code = code_of(error)
    if code is None:
        session.say("errors.bug", error=f"{type(error).__name__}: {error}", path=_keep_traceback(error, session))
        return FAILED
    if re.search(r"\blocked\b", str(error)) or "is held by another program" in str(error):
        code = BUSY
    session.note(sentence(error, words))
    return code


def sentence(error: BaseException, words: Words) -> str:
    """What happened and what to do, in the person's language where we have the words for it."""
    names = [cls.__name__ for cls in type(error).__mro__]
    if "ExportFailed" in names:
        return str(error.message(words.language))  # type: ignore[attr-defined]
    if is_disk_full(error):
        return words.say("errors.disk_full", error=error_in(str(error), words.language))
    if "DatabaseError" in names and re.search(r"\blocked\b", str(error)):
        return words.say("errors.locked")
    if "FarEmptier" in names:
        counts = {name: words.number(getattr(error, name)) for name in ("leads", "published")}
        return words.say("errors.FarEmptier", **counts)
    if "NoSnapshot" in names:
        return words.say("errors.no_snapshot", root=error.args[0])
    if "AlreadyRunning" in names:
        holder = getattr(error, "holder", None)
        if holder is None:
            return words.say("errors.running")
        return words.say("errors.running_since", job=holder.job, pid=holder.pid, since=words.moment(holder.since))
    if (bad := getattr(error, "key", "")) and "BadSuppression" in names:
        return words.say(f"forget_bad.{bad}", **error.values)  # type: ignore[attr-defined]
    if "NothingToCrawl" in names and error.key:  # type: ignore[attr-defined]
        return str(error.told(words))  # type: ignore[attr-defined]
    if "BadAnswer" in names:  # outside a crawl only a list that somebody hands in is read
        reason = str(getattr(error, "reason", "")).replace(" ", "_")
        known = reason if words.has(f"bad_list.{reason}") else "other"
        return words.say(f"bad_list.{known}", error=error, detail=getattr(error, "detail", ""))
    key = next((f"errors.{name}" for name in names if words.has(f"errors.{name}")), "errors.other")
    return words.say(key, error=error_in(str(error), words.language))


DISK_FULL = re.compile(r"disk is full|no space left|quota exceeded", re.IGNORECASE)


def is_disk_full(error: BaseException | None) -> bool:
    """Whether it is for want of room: said by the system, by SQLite, or by what it was raised from."""
    while error is not None:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or DISK_FULL.search(str(error)):
            return True
        error = error.__cause__
    return False


def _keep_traceback(error: BaseException, session: Session) -> str:
    """Write it to the home's logs; where that cannot be, say it is lost."""
    now = datetime.now(UTC)
    with suppress(Exception):
        home = session.bare_home
        home.make()
        path = home.logs / f"crash-{now:%Y%m%dT%H%M%SZ}.log"
        path.write_text("".join(traceback.format_exception(error)), "utf-8")
        return str(path)
    return "-"


_USAGE = (
    (re.compile(r"No such command '(?P<name>.*)'\."), "no_command"),
    (re.compile(r"No such option: (?P<name>\S+)"), "no_option"),
    (re.compile(r"Got unexpected extra argument\S* \((?P<name>.*)\)"), "extra"),
    (re.compile(r"Option '(?P<name>.*)' requires an argument"), "needs_value"),
    (re.compile(r"Missing (?:argument|option|parameter) '?(?P<name>[^'.]*)'?"), "missing"),
    (re.compile(r"Invalid value for (?P<name>.*?): Input should be a valid integer"), "not_a_number"),
    (re.compile(r"Invalid value for (?P<name>.*?): Input should be greater than or equal to (?P<value>\S+)"), "too_small"),
    (re.compile(r"Invalid value for (?P<name>.*?): Input should be less than or equal to (?P<value>\S+)"), "too_large"),
    (re.compile(r"(?i)Invalid value for (?P<name>.*?): (?:file|path|directory) '(?P<value>.*)' does not exist"), "no_file"),
)


def usage_sentence(message: str, words: Words, command: str) -> str:
    """A usage error of the parser in the person's language, with where the help is."""
    hint = words.say("usage.hint", command=command)
    for pattern, key in _USAGE:
        found = pattern.match(message)
        if found:
            values = {name: value.replace("'", "") for name, value in found.groupdict().items()}
            near = re.search(r"\((?:Possible options|Did you mean):? (.*?)\)|Did you mean '?(.*?)'?\?", message)
            more = " " + words.say("errors.near", name=near[1] or near[2]) if near else ""
            return f"{words.say(f'usage.{key}', **values)}{more}\n{hint}"
    return f"{words.say('usage.other', message=message)}\n{hint}"
