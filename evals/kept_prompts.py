"""What keeping read prompts saves: queries and answers in turns, as in a conversation over tables and texts.

    python evals/kept_prompts.py MODEL.gguf

Prints one JSON line a request: its prompt's tokens and its CPU seconds (reading the prompt and 8 tokens of reply),
first with no prompt kept but the last, then as Gezhi keeps them."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from gezhi.answer.exact.writing.writer import sql_prompt
from gezhi.answer.prompt import prompt
from gezhi.llm.local import LocalChat, engine
from gezhi.llm.protocol import ChatRequest, Message, complete

TURNS = (
    ("query", sql_prompt("en", joined=False), "CREATE TABLE orders (id INTEGER)\nQuestion: how many orders?"),
    ("answer", prompt("system", "en"), "# Contract\n1: The warranty lasts 24 months.\n\nQuestion: how long is it?"),
)
ROUNDS = 3


def measure(path: Path, kept: int) -> None:
    engine.KEPT_PROMPTS_MIB = kept
    chat = LocalChat(path, threads=1)
    for number in range(ROUNDS):
        for kind, rules, user in TURNS:
            began = time.process_time()
            messages = (Message(role="system", text=rules), Message(role="user", text=f"{user} ({number})"))
            reply = complete(chat, ChatRequest(messages=messages, max_tokens=8))
            spent = round(time.process_time() - began, 2)
            line = {"kept_mib": kept, "request": kind, "tokens": reply.usage.input_tokens, "cpu_s": spent}
            print(json.dumps(line), flush=True)
    chat.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    given = parser.parse_args()
    ours = engine.KEPT_PROMPTS_MIB
    for kept in (0, ours):
        measure(given.model, kept)


if __name__ == "__main__":
    main()
