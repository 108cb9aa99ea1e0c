"""How fast the local chat model is on an idle machine, and beside programs that keep the cores busy.

    python evals/busy_machine.py MODEL.gguf [--busy 0,1,2] [--spins 300000,1000,0]

One process for each line: seconds and CPU seconds to read 500 tokens and to write 40. `spins`: how often a thread looks
at a barrier before it sleeps (GOMP_SPINCOUNT; libgomp's own default is 300,000, Gezhi sets 1,000)."""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from gezhi.llm.local.chat import LocalChat
from gezhi.llm.protocol import ChatRequest, Message

_WORDS = ("alpha", "plant", "report", "of", "the", "year")


def timed(chat: LocalChat, prompt: str, tokens: int) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in chat.stream(ChatRequest(messages=(Message(role="user", text=prompt),), max_tokens=tokens)):
        pass
    return {"s": round(time.perf_counter() - wall, 1), "cpu_s": round(time.process_time() - cpu, 1)}


def measure(model: Path) -> None:
    chat = LocalChat(model)
    chat.count_tokens("load")
    draw = random.Random(1)
    read = timed(chat, " ".join(draw.choice(_WORDS) for _ in range(500)), 1)
    print(json.dumps({"read_500": read, "write_40": timed(chat, "Write a long poem about rain.", 40)}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--busy", default="0,1,2", help="so many programs beside it")
    parser.add_argument("--spins", default="300000,1000,0")
    parser.add_argument("--here", action="store_true", help="measure in this process, under its settings")
    options = parser.parse_args()
    if options.here:
        measure(options.model)
        return
    for busy in map(int, options.busy.split(",")):
        others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(busy)]
        try:
            for spins in options.spins.split(","):
                command = [sys.executable, __file__, str(options.model), "--here"]
                done = subprocess.run(
                    command, env={**os.environ, "GOMP_SPINCOUNT": spins}, capture_output=True, text=True, check=True
                )
                print(json.dumps({"busy": busy, "spins": int(spins), **json.loads(done.stdout)}), flush=True)
        finally:
            for other in others:
                other.kill()


if __name__ == "__main__":
    main()
