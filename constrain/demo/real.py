"""``constrain demo --real``: what constraints do for a real chat model that is asked in plain words.

It shows the likeliest answers of SmolLM2-135M-Instruct to the same prompts, without and with a constraint. The model is
small: an answer of the right form may be wrong, and no constraint can fix that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TextIO

import torch
import transformers

import constrain as cn
from constrain.demo.comparison import (
    FAILS,
    VALID,
    Outcome,
    Task,
    generate_all,
    side_by_side,
    verdict,
)
from constrain.demo.real_model import gguf_file, load

__all__ = ["Part", "parts", "run"]

MOST = 60  # tokens of an answer
GREEDY = {"do_sample": False, "max_new_tokens": MOST}


def _record(**properties: Any) -> dict[str, Any]:
    """The schema of an object that has exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


PERSON = _record(
    name={"type": "string"}, age={"type": "integer", "minimum": 0, "maximum": 120}, city={"type": "string"}
)
PEOPLE = """\
Maria Lopez is a 34-year-old dentist who lives in Madrid.
Tom Baker, 61, works as a carpenter in Leeds.
Yuki Tanaka moved to Osaka last year; she is 27 and teaches music.
Ahmed Hassan is 45 and he is a surgeon in Cairo.""".splitlines()

LANGUAGES = ["English", "French", "German", "Spanish"]
SENTENCES = """\
Guten Morgen, wie geht es dir?
Je voudrais un café, s'il vous plaît.
¿Dónde está la biblioteca?
Der Hund schläft unter dem Tisch.""".splitlines()

ORDER = r"The order number is [A-Z]{2}-[0-9]{4}\."
MESSAGES = """\
My order AX-4471 has not arrived yet. Where is it?
I'd like to send back order QD-0038, it is too small.
Could you cancel BK-9120 please? Thanks.
Where is my parcel? The number is TR-5506.""".splitlines()

TOOLS = {
    "weather": _record(city={"type": "string"}, days={"type": "integer", "minimum": 1, "maximum": 14}),
    "timer": _record(minutes={"type": "integer", "minimum": 1}),
    "translate": _record(text={"type": "string"}, language={"enum": LANGUAGES}),
}
CALLING = """\
You answer each request with one call of a function. Examples:
What is the weather in Rome this week? {"name": "weather", "arguments": {"city": "Rome", "days": 7}}
Wake me in 5 minutes. {"name": "timer", "arguments": {"minutes": 5}}
Translate 'thank you' into German. {"name": "translate", "arguments": {"text": "thank you", "language": "German"}}"""
REQUESTS = """\
What will the weather be like in Oslo for the next 3 days?
Set a timer for 20 minutes.
How do you say 'good morning' in French?
Translate 'where is the station' into Spanish.""".splitlines()


@dataclass(frozen=True)
class Part:
    """Prompts of one kind.

    Attributes:
        title: what constrains the answers.
        grammar: the grammar of the answers.
        judge: as ``Task.judge``.
        question: the question to the model about a text, which replaces ``{}``.
        texts: one for each prompt.
        system: instructions that come before the question; by default those of the chat template.
    """

    title: str
    grammar: cn.Grammar
    judge: Callable[[str], str]
    question: str
    texts: list[str]
    system: str | None = None

    def tasks(self, tokenizer: Any) -> list[Task]:
        """The prompt, in the chat format of the model."""
        questions = [self.question.replace("{}", text) for text in self.texts]
        return [
            Task(self._chat(question, tokenizer), " ".join(question.split()), self.grammar, self.judge)
            for question in questions
        ]

    def _chat(self, question: str, tokenizer: Any) -> str:
        messages = [] if self.system is None else [{"role": "system", "content": self.system}]
        messages.append({"role": "user", "content": question})
        chat: str = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        return chat


def parts() -> list[Part]:
    """The parts of the demonstration: a record from a sentence, a choice, a regular expression and a tool call."""
    verdicts = [f"This is {language}." for language in LANGUAGES]
    tools = [{"name": name, "parameters": parameters} for name, parameters in TOOLS.items()]
    calls = [_record(name={"const": name}, arguments=parameters) for name, parameters in TOOLS.items()]
    return [
        Part(
            "a JSON Schema",
            cn.json_schema(PERSON),
            judge=partial(verdict, schema=PERSON),
            question="{}\n\nWrite this as JSON with the keys name, age and city.",
            texts=PEOPLE,
        ),
        Part(
            "a choice",
            cn.choice(verdicts),
            judge=lambda text: VALID if text in verdicts else FAILS,
            question="What language is this? {}",
            texts=SENTENCES,
        ),
        Part(
            "a regular expression",
            cn.regex(ORDER),
            judge=lambda text: VALID if re.fullmatch(ORDER, text) else FAILS,
            question="{}\n\nWhat is the order number in this message?",
            texts=MESSAGES,
        ),
        Part(
            "a tool call",
            cn.tool_call(tools),
            judge=partial(verdict, schema={"anyOf": calls}),
            question="{}",
            texts=REQUESTS,
            system=CALLING,
        ),
    ]


def run(out: TextIO) -> list[tuple[Outcome, Outcome]]:
    """Print the demonstration to ``out``, and return the result of each part, without and with a constraint.

    Raises:
        ModelMissing: the model is not installed.
    """
    gguf_file()  # so that an error is the only output
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)  # two wait actively: beside other programs they take 3 to 8 times as long as one
    out.write("SmolLM2-135M-Instruct, a chat model of 135 million parameters; loading it takes 20 s\n\n")
    out.flush()
    tokenizer, model = load()
    outcomes = []
    for part in parts():
        out.write(f"--- {part.title}\n\n")
        tasks = part.tasks(tokenizer)
        free, bound = (generate_all(model, tokenizer, tasks, bind, GREEDY) for bind in (False, True))
        for place, task in enumerate(tasks):
            out.write(side_by_side(task, free, bound, place, out.isatty()))
        out.flush()
        outcomes.append((free, bound))
    out.write(_table(outcomes))
    return outcomes


def _table(outcomes: list[tuple[Outcome, Outcome]]) -> str:
    rows = [("valid answers", "without", "with constraint")]
    for part, (free, bound) in zip(parts(), outcomes, strict=True):
        count = len(part.texts)
        rows.append((part.title, f"{free.valid} of {count}", f"{bound.valid} of {count}"))
    lines = [f"  {name:30}{left:>12}{right:>18}\n" for name, left, right in rows]
    seconds = sum(bound.seconds for _, bound in outcomes)
    spent = sum(bound.constraint_seconds for _, bound in outcomes) / seconds
    lines.append(f"all work of the constraint: {100 * spent:.1f} % of generation time\n")
    header = f"The likeliest answers: without a constraint cut after {MOST} tokens, with one complete within them\n"
    return header + "".join(lines)
