"""What keeping read prompts saves: queries and answers in turns, as in a conversation over tables and texts, and the
first query of a new process, as of `gezhi ask`.

    python evals/kept_prompts.py MODEL.gguf

Prints one JSON line a request: its prompt's tokens and its CPU seconds (reading the prompt and 8 tokens of reply),
first with no prompt kept but the last, then as Gezhi keeps them in memory; then of two new models in turn (`process`)
that share a folder on disk."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from gezhi.answer.exact.writing.writer import sql_prompt
from gezhi.answer.prompt import prompt
from gezhi.llm.local import LocalChat, engine
from gezhi.llm.protocol import ChatRequest, Message, complete

QUERY = ("query", sql_prompt("en", joined=False), "CREATE TABLE orders (id INTEGER)\nQuestion: how many orders?")
ANSWER = ("answer", prompt("system", "en"), "# Contract\n1: The warranty lasts 24 months.\n\nQuestion: how long is it?")
ROUNDS = 3


def ask(chat: LocalChat, kind: str, rules: str, user: str, **how: object) -> None:
    began = time.process_time()
    messages = (Message(role="system", text=rules), Message(role="user", text=user))
    reply = complete(chat, ChatRequest(messages=messages, max_tokens=8, rules_first=True))
    spent = round(time.process_time() - began, 2)
    print(json.dumps({**how, "request": kind, "tokens": reply.usage.input_tokens, "cpu_s": spent}), flush=True)


def in_turns(path: Path, kept: int) -> None:
    engine.KEPT_PROMPTS_MIB = kept
    chat = LocalChat(path, threads=1)
    for number in range(ROUNDS):
        for kind, rules, user in (QUERY, ANSWER):
            ask(chat, kind, rules, f"{user} ({number})", kept_mib=kept)
    chat.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    given = parser.parse_args()
    for kept in (0, engine.KEPT_PROMPTS_MIB):
        in_turns(given.model, kept)
    with tempfile.TemporaryDirectory(prefix="gezhi-prompts-") as folder:
        for process in (1, 2):
            chat = LocalChat(given.model, threads=1, prompts=Path(folder))
            chat.count_tokens("loads the model")
            ask(chat, *QUERY, process=process)
            chat.close()


if __name__ == "__main__":
    main()
