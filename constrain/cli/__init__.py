"""The command line.

    constrain check person.json
    constrain generate --schema person.json --model DIR --prompt "Ada, 36, engineer:"
    constrain demo

Exit codes: 0, the output is valid, or the schema can be used; 1, the output is invalid, or the schema cannot be used;
2, the command cannot be carried out; 130, interrupted; 141, the reader of the output has gone. Text goes to standard
output, everything else to standard
error. torch and transformers are imported by the commands that need them, when they run.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import constrain as cn
from constrain.cli.source import CommandError, Source, read_grammar, read_regex, read_schema
from constrain.installation import OTHER_PROJECT

__all__ = ["main"]

CANNOT, INTERRUPTED = 2, 130
# The exit code of a shell for SIGPIPE, 128 + 13.
BROKEN_PIPE = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Args:
        arguments: what follows the command's name, ``sys.argv[1:]`` if left out.
    """
    if not hasattr(cn, "json_schema"):
        print(f"constrain: error: {OTHER_PROJECT}", file=sys.stderr)
        return CANNOT
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except (CommandError, cn.ConstrainError) as error:
        print(f"constrain: error: {error}", file=sys.stderr)
        return CANNOT
    except BrokenPipeError:
        return _without_reader()
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _without_reader() -> int:
    """End quietly after a reader such as ``head`` has ended: the remaining output is discarded, also at exit."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # a stream that is not a file: nothing is written to it at exit
        pass
    return BROKEN_PIPE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="constrain", description=(cn.__doc__ or "").splitlines()[0])
    parser.add_argument("--version", action="version", version=f"constrain {cn.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_check(
        commands.add_parser("check", help="say what a JSON Schema admits, and whether it can be enforced")
    )
    _add_generate(
        commands.add_parser("generate", help="generate a text that a schema, regex or grammar allows")
    )
    _add_demo(commands.add_parser("demo", help="see what a constraint does, on a small model in the package"))
    return parser


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("schema", metavar="SCHEMA_FILE", help="a JSON Schema; - for standard input")
    _add_schema_options(parser)
    parser.add_argument("--samples", type=_count, default=3, metavar="N", help="random documents; default: 3")
    parser.add_argument("--seed", type=int, metavar="S", help="of the random documents; new ones if left out")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 if anything in the schema says nothing, too"
    )
    parser.add_argument(
        "--tokenizer",
        metavar="DIR_OR_FILE",
        help="say what its tokens cannot spell: a folder with tokenizer.json, a .gguf file or a SentencePiece .model",
    )
    parser.set_defaults(run=_check)


def _add_schema_options(parser: argparse._ActionsContainer) -> None:
    """Add the options for reading a schema, which ``check`` and ``generate`` share."""
    parser.add_argument(
        "--draft",
        type=int,
        choices=[4, 6, 7, 2019, 2020],
        help="for schemas without $schema, or with one that is not known; default: 2020, for the former",
    )
    parser.add_argument(
        "--registry",
        metavar="DIR_OR_FILE",
        nargs="+",
        default=[],
        help="documents that references may lead to",
    )
    parser.add_argument(
        "--order",
        choices=["schema", "any"],
        default="schema",
        help="of the keys of an object; default: schema",
    )
    parser.add_argument(
        "--whitespace",
        choices=["flexible", "compact", "spaced", "indented"],
        default="flexible",
        help="between the tokens of JSON: any in bounded runs, none, as json.dumps writes, or so with its indent; "
        "default: flexible",
    )
    parser.add_argument("--no-formats", action="store_true", help="take 'format' for an annotation")


def _add_generate(parser: argparse.ArgumentParser) -> None:
    language = parser.add_mutually_exclusive_group(required=True)
    language.add_argument("--schema", metavar="FILE", help="a JSON Schema; - for standard input")
    language.add_argument("--regex", metavar="PATTERN", help="a regular expression in Python's syntax")
    language.add_argument(
        "--grammar", metavar="NAME_OR_FILE", help="a grammar of the package, or a .lark or .gbnf file"
    )
    parser.add_argument(
        "--prompt", metavar="TEXT", required=True, help="what to continue; - for standard input"
    )
    parser.add_argument(
        "--model",
        metavar="DIR_OR_NAME",
        help="a transformers model; the small one of the package if left out",
    )
    parser.add_argument("--stream", action="store_true", help="print the text as it is produced")
    parser.add_argument(
        "--seed", type=int, metavar="N", help="of the sampling; a new one each time if left out"
    )
    parser.add_argument(
        "--max-new-tokens",
        type=_positive_int,
        default=512,
        metavar="N",
        help="the text is complete within so many tokens; default: 512",
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--temperature", type=_positive_float, default=1.0, metavar="T", help="default: 1.0")
    choice.add_argument("--greedy", action="store_true", help="take the likeliest token instead of sampling")
    _add_schema_options(parser.add_argument_group("how a schema is read"))
    parser.set_defaults(run=_generate)


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--real", action="store_true", help="a real chat model instead, its likeliest answers; see the README"
    )
    parser.add_argument("--samples", type=_positive_int, metavar="N", help="of the small model; default: 60")
    parser.add_argument("--seed", type=int, metavar="N", help="of the samples; default: 0")
    parser.set_defaults(run=_demo)


def _check(options: argparse.Namespace) -> int:
    from constrain.cli.check import check

    return check(options)


def _generate(options: argparse.Namespace) -> int:
    source = _source(options)  # first: reading a source is quick, loading torch and a model is not
    from constrain.cli.generate import generate

    prompt = sys.stdin.read() if options.prompt == "-" else options.prompt
    return generate(source, prompt, options)


def _demo(options: argparse.Namespace) -> int:
    if options.real and (options.samples, options.seed) != (None, None):
        raise CommandError("--real takes the likeliest answers: --samples and --seed are of the small model")
    try:
        if options.real:
            from constrain.demo.real import run as run_real

            run_real(sys.stdout)
        else:
            from constrain.demo.run import run

            run(60 if options.samples is None else options.samples, options.seed or 0, sys.stdout)
    except ModuleNotFoundError as error:
        raise CommandError.of_missing(error) from error
    except FileNotFoundError as error:
        raise CommandError(str(error)) from error
    return 0


def _source(options: argparse.Namespace) -> Source:
    if options.schema is not None:
        return read_schema(options)
    if options.regex is not None:
        return read_regex(options.regex)
    return read_grammar(options.grammar)


def _positive_int(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return number


def _positive_float(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0; use --greedy for the likeliest text")
    return number
