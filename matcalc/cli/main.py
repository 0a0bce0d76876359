"""The entry point: the parser of the command that is asked for, and exit codes for whatever happens."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module

from matcalc.cli.output import BAD_INPUT, DONE, INTERNAL_FAULT, INTERRUPTED, REFUSALS, Parser, note_error, note_refusal
from matcalc.cli.terminal import WHEN, choose
from matcalc.version import __version__

COMMANDS = {
    "derive": "derive", "check": "derive", "demo": "derive", "simplify": "simplify", "curvature": "curvature",
    "stationary": "stationary", "graph": "graph", "taylor": "taylor", "batch": "batch", "shell": "shell", "serve": "serve",
    "functions": "knowledge", "rules": "knowledge", "generate": "generate", "completion": "completion", "schema": "schema",
}
"""The module of this package that adds each command, in the order of the help; a module is imported where it is needed."""

ELSEWHERE = {
    **dict.fromkeys(("diff", "differentiate", "grad", "gradient", "jacobian"), "derive FORMULA --wrt NAME"),
    **dict.fromkeys(("steps", "explain", "show"), "derive FORMULA --wrt NAME --steps"),
    "hessian": "derive FORMULA --wrt NAME --order 2", "latex": "derive FORMULA --wrt NAME --latex",
    **dict.fromkeys(("numpy", "code", "emit", "codegen"), "derive FORMULA --wrt NAME --numpy"),
    **dict.fromkeys(("solve", "minimize", "minimise", "optimum"), "stationary FORMULA --wrt NAME"),
    **dict.fromkeys(("convex", "convexity"), "curvature FORMULA --wrt NAME"),
    **dict.fromkeys(("test", "verify"), "check FORMULA --wrt NAME"),
    **dict.fromkeys(("plot", "draw", "tree"), "graph FORMULA --wrt NAME"),
    **dict.fromkeys(("web", "playground", "server", "gui", "browser", "open"), "serve"),
    **dict.fromkeys(("repl", "interactive", "console"), "shell"), "version": "--version",
}
"""Commands as other programs call them."""

EXIT_CODES = "exit codes: 0 done, 1 a check failed, 2 bad input, 3 a fault of matcalc itself, 130 interrupted"
STREAMS = "The result alone goes to standard output, everything else to standard error."


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: the arguments after the name of the program; by default those of the process.

    Returns:
        The exit code: 0 when done, 1 when a check failed, 2 for bad input.
    """
    try:
        words = protected(sys.argv[1:] if argv is None else argv)
        choose(words)
        code = _run(words)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(argv: Sequence[str]) -> int:
    try:
        arguments = _arguments(argv)
        return int(arguments.run(arguments))
    except SystemExit as request:
        return DONE if request.code is None else int(request.code)
    except REFUSALS as error:
        return note_refusal(error)
    except BrokenPipeError:
        raise
    except Exception as fault:
        if os.environ.get("MATCALC_TRACEBACK"):
            raise
        note_error(f"a fault of matcalc, not of the input: {type(fault).__name__}: {fault}\n"
                   "hint: MATCALC_TRACEBACK=1 shows where it happened")
        return INTERNAL_FAULT


_OPTION = re.compile(r"--([a-z][a-z-]*(=.*)?)?|-h", re.DOTALL)


def protected(argv: Sequence[str]) -> list[str]:
    """Arguments with a space in front of an expression that begins with a minus, so that it is no option.

    Example:
        >>> protected(["derive", "-x^T x", "--wrt", "x", "-"])
        ['derive', ' -x^T x', '--wrt', 'x', '-']
    """
    return [f" {a}" if a.startswith("-") and a != "-" and not _OPTION.fullmatch(a) else a for a in argv]


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments, understood; the parsers of other commands are not built."""
    first = _first_word(argv)
    if first == "help":
        argv = [*(word for word in argv if word != "help"), "--help"]
        first = _first_word(argv)
    if not argv:
        _parser(list(COMMANDS)).print_help(sys.stderr)
        sys.exit(BAD_INPUT)
    if first is not None and first not in COMMANDS:
        _parser([]).error(*_unknown_command(first))
    arguments, rest = _parser(list(COMMANDS) if first is None else [first]).parse_known_args(argv)
    if rest:
        arguments.parser.error(*_left_over(rest, arguments.parser))
    return arguments


def _first_word(argv: Sequence[str]) -> str | None:
    """The name of the command: the first argument that is neither an option nor its value."""
    words = iter(argv)
    for word in words:
        if word == "--color":
            next(words, None)
        elif not word.startswith("--color="):
            return None if _OPTION.fullmatch(word) else word
    return None


def _unknown_command(word: str) -> tuple[str, str]:
    close = import_module("difflib").get_close_matches(word, COMMANDS, 1)
    if word.strip("-") in ELSEWHERE:
        hint = f"that is `matcalc {ELSEWHERE[word.strip('-')]}`"
    elif close:
        hint = f"did you mean `matcalc {close[0]}`?"
    elif re.fullmatch(r"[a-z-]*", word):
        hint = "matcalc --help"
    else:
        hint = f'a command comes first: matcalc derive "{word.strip()}" --wrt NAME'
    return f"there is no command {word.strip()!r}", hint


def _left_over(rest: Sequence[str], parser: Parser) -> tuple[str, str | None]:
    """What to say about arguments that no parser took."""
    option = next((word for word in rest if word.startswith("--")), None)
    words = " ".join(word.strip() for word in rest)
    if option is None:
        return f"one formula is taken, and these words are left: {words}", "quotes around the formula keep it together"
    known = [name for action in parser._actions for name in action.option_strings]
    close = import_module("difflib").get_close_matches(option.partition("=")[0], known, 1)
    return f"unrecognized arguments: {words}", f"did you mean `{close[0]}`?" if close else None


def _parser(names: Sequence[str]) -> Parser:
    """A parser of these commands.

    Args:
        names: of commands; those of one module come together.
    """
    parser = Parser(prog="matcalc", description="Derivatives of matrix formulas, as formulas and as checked NumPy code.")
    parser.add_argument("--version", action="version", version=f"matcalc {__version__}")
    parser.epilog = f"{STREAMS}\n{EXIT_CODES}"
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")
    for module in dict.fromkeys(COMMANDS[name] for name in names):
        import_module(f"matcalc.cli.{module}").add(commands)
    for command in commands.choices.values():
        command.set_defaults(parser=command)
    for one in (parser, *commands.choices.values()):
        one.formatter_class = argparse.RawDescriptionHelpFormatter
        one.allow_abbrev = False
        one.add_argument("--color", choices=WHEN, default=argparse.SUPPRESS,
                         help="colours: where the terminal has them and NO_COLOR is not set (auto, the default), always, never")
    return parser


def whole_parser() -> Parser:
    """The parser of all commands, as completion asks for it."""
    return _parser(list(COMMANDS))
