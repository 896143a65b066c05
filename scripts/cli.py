"""`tembus`: the command line. Starts fast, speaks Indonesian or English, and ends with a code that scripts can rely on."""

import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from market_db.home import BadConfig, Home, open_home
from scripts.commands import importing, market, read, returning, review, serving, sources, users, work
from scripts.failures import USAGE, explain, usage_sentence
from scripts.session import Session
from scripts.words import UnknownLanguage, Words, pick_language, words_in

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Translated:
    """Help in the person's language: the parser's own headings are English only."""

    words: Words | None = None

    def get_help(self, ctx: Any) -> str:
        """The help text with its headings translated."""
        text = str(super().get_help(ctx))  # type: ignore[misc]
        table = self.words.table["parser"] if self.words else {}
        for english, own in table.items():
            text = text.replace(english, own)
        return text


class Command(_Translated, TyperCommand):
    """A command."""


class Group(_Translated, TyperGroup):
    """`tembus` itself."""


UsageError, ClickException = (cls for cls in typer.BadParameter.__mro__[1:3] if issubclass(cls, Exception))
"""The parser's errors; typer names only the last of them, and has moved the others before."""
GROUPS = {
    "read": read.COMMANDS,
    "market": market.COMMANDS,
    "import": importing.COMMANDS,
    "return": returning.COMMANDS,
    "sources": sources.COMMANDS,
    "work": work.COMMANDS,
    "serve": serving.COMMANDS,
    "users": users.COMMANDS,
    "review": review.COMMANDS,
}


def build(words: Words) -> Any:
    """The parser with every help text in one language; a command or option without words is our mistake and raises KeyError."""
    app = typer.Typer(cls=Group, rich_markup_mode=None, add_completion=True, context_settings=SETTINGS)
    app.callback(invoke_without_command=True)(_start)
    for commands in GROUPS.values():
        for name, function in commands.items():
            app.command(name, cls=Command, context_settings=SETTINGS)(function)
    group = get_command(app)
    _speak(group, "tembus", words)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        _speak(command, name, words)
    return group


def _speak(command: Any, name: str, words: Words) -> None:
    """Give a command and its parameters their words."""
    command.words = words
    command.help = words.say(f"help.{name}")
    command.epilog = words.say("help.epilog") if name != "tembus" else None
    for parameter in command.params:
        if parameter.param_type_name == "option" and not parameter.is_flag:
            parameter.metavar = words.say(f"metavars.{parameter.name if words.has(f'metavars.{parameter.name}') else 'other'}")
        if parameter.param_type_name == "argument":
            parameter.metavar = _ARGUMENT.sub(lambda name: words.say(f"arguments.{name[0]}"), parameter.metavar)
            parameter.display_type_rich = _no_type
        own = f"options.{name}_{parameter.name}"
        parameter.help = words.say(own if words.has(own) else f"options.{parameter.name}")


_ARGUMENT = re.compile(r"\b[A-Z]\w+")
"""A word of an argument that somebody fills in; words in small letters are typed as they are."""


def _no_type(**_: object) -> str:
    """What the parser would call the type of an argument: a word of Python, in no language of people."""
    return ""


def _start(
    ctx: typer.Context,
    home: Annotated[Path | None, typer.Option("--home")] = None,
    lang: Annotated[str | None, typer.Option("--lang")] = None,
    version: Annotated[bool, typer.Option("--version")] = False,
) -> None:
    """Without a command: where to begin. `home` and `lang` are taken out before parsing, so that they may stand anywhere."""
    del home, lang
    if version:
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as installed

        try:
            sys.stdout.write(f"tembus {installed('tembus')}\n")
        except PackageNotFoundError:
            sys.stdout.write("tembus (checkout)\n")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        sys.stdout.write(ctx.get_help() + "\n")


@dataclass(slots=True)
class Given:
    """The arguments without the options that may stand anywhere."""

    rest: list[str] = field(default_factory=list)
    found: dict[str, str] = field(default_factory=dict)


def take_globals(arguments: Sequence[str]) -> Given:
    """Take `--home X` and `--lang X` (or `--home=X`) out of any place before `--`; the last one counts."""
    given, words = Given(), list(arguments)
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            given.rest += [word, *words]
            break
        if name in ("--home", "--lang") and (equals or words):
            given.found[name[2:]] = value if equals else words.pop(0)
        else:
            given.rest.append(word)
    return given


def open_session(found: dict[str, str]) -> Session:
    """Home and language of this call; a configuration that cannot be read speaks up only when it is needed.

    Raises UnknownLanguage.
    """
    root = Path(found["home"]) if found.get("home") else None
    home, trouble = None, None
    try:
        home = open_home(root)
    except (BadConfig, OSError) as error:
        trouble = error if isinstance(error, BadConfig) else BadConfig(str(error))
    config = home.config if home else Home(root=Path()).config
    language = pick_language(found.get("lang"), os.environ, config.language if home else None)
    return Session(words=words_in(language, config.timezone), root=root, opened=home, trouble=trouble)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `tembus`; returns the exit code: 0 ok, 1 failed, 2 usage, 3 partly, 4 already running, 5 configuration."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    given = take_globals(sys.argv[1:] if arguments is None else arguments)
    try:
        session = open_session(given.found)
    except UnknownLanguage as error:
        words = words_in(pick_language(None, os.environ, None))
        sys.stderr.write(words.say("errors.UnknownLanguage", error=error) + "\n")
        return USAGE
    try:
        return _run(session, given.rest)
    except BrokenPipeError:
        # whoever read us has seen enough; without this the interpreter complains at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(session: Session, arguments: Sequence[str]) -> int:
    """Parse, run, and turn what is raised into a code."""
    try:
        group = build(session.words)
        code = group.main(args=list(arguments), prog_name="tembus", standalone_mode=False, obj=session)
        sys.stdout.flush()
        return int(code or 0)
    except ClickException as error:
        return _misused(session, error)
    except (typer.Abort, KeyboardInterrupt):
        session.say("errors.stopped")
        return 130
    except SystemExit as error:
        # typer and rich end the program like this where the reader of a pipe has gone
        raise BrokenPipeError from error
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the command line's one place for what went wrong
        return explain(error, session)


def _misused(session: Session, error: Any) -> int:
    """What the parser could not take, in the person's language."""
    context = getattr(error, "ctx", None) if isinstance(error, UsageError) else None
    session.note(usage_sentence(error.format_message(), session.words, context.command_path if context else "tembus"))
    return int(error.exit_code)


if __name__ == "__main__":
    sys.exit(main())
