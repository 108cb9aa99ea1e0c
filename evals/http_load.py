"""How many searches a running server answers: `python evals/http_load.py http://127.0.0.1:8765`.

Several clients, each on one connection, ask one question after another for some seconds; every answer is read and
checked. Prints JSON. The clients are one process of raw sockets, so that they take little of the cores that the
server needs; their CPU is reported beside the figures."""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

MOST_CLIENTS, MOST_SECONDS = 256, 120.0
QUESTIONS = [
    "late delivery penalty",
    "how long is the warranty",
    "PPR-9087 price",
    "pump maintenance interval",
    "违约金是多少",
    "质保期 多长",
    "泵的维护周期",
    "上海 交货 时间",
]
"""Asked unless a file of questions is given."""


class Load:
    def __init__(self, url: str, questions: list[str], limit: int, key: str, retrievers: list[str] | None) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise SystemExit("The URL must be http:// on this machine: 127.0.0.1.")
        self.host, self.port = parts.hostname, parts.port or 80
        self.requests = [self._request(question, limit, key, retrievers) for question in questions]
        self.seconds: list[float] = []
        self.failures: Counter[str] = Counter()
        self.results = 0

    def _request(self, question: str, limit: int, key: str, retrievers: list[str] | None) -> bytes:
        asked: dict[str, object] = {"query": question, "limit": limit}
        if retrievers:
            asked["retrievers"] = retrievers
        body = json.dumps(asked).encode()
        head = [
            "POST /api/v1/search HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            *([f"Authorization: Bearer {key}"] if key else []),
        ]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + body

    async def client(self, number: int, begin: float, until: float) -> None:
        """Ask until the time is over; only what begins after `begin` counts."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        asked = number * 3
        try:
            while (now := time.perf_counter()) < until:
                writer.write(self.requests[asked % len(self.requests)])
                asked += 1
                status, body = await asyncio.wait_for(_response(reader), 30)
                took = time.perf_counter() - now
                if now < begin:
                    continue
                if status == 200:
                    self.seconds.append(took)
                    self.results += body.count(b'"found_by"')
                else:
                    self.failures[str(status)] += 1
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            self.failures[type(error).__name__] += 1
        finally:
            writer.close()

    async def run(self, clients: int, seconds: float, warm_up: float) -> float:
        begin = time.perf_counter() + warm_up
        await asyncio.gather(*(self.client(n, begin, begin + seconds) for n in range(clients)))
        return time.perf_counter() - begin


async def _response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    return int(head.split(b" ", 2)[1]), await reader.readexactly(length)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--warm-up", type=float, default=2.0, help="seconds that do not count")
    parser.add_argument("--limit", type=int, default=10, help="passages asked for")
    parser.add_argument("--questions", type=Path, help="a text file, one question a line")
    parser.add_argument("--retrievers", default="", help="e.g. words; all if left out")
    parser.add_argument("--key", default="", help="the server's key, if it has one")
    args = parser.parse_args()
    if not 1 <= args.clients <= MOST_CLIENTS or not 0 < args.seconds <= MOST_SECONDS or args.warm_up > MOST_SECONDS:
        parser.error(f"at most {MOST_CLIENTS} clients and {MOST_SECONDS:.0f} seconds")
    questions = QUESTIONS
    if args.questions:
        questions = [line.strip() for line in args.questions.read_text("utf-8").splitlines() if line.strip()]
    retrievers = [name for name in args.retrievers.split(",") if name]
    load = Load(args.url, questions, args.limit, args.key, retrievers or None)
    took = asyncio.run(load.run(args.clients, args.seconds, args.warm_up))
    used = resource.getrusage(resource.RUSAGE_SELF)
    count = len(load.seconds)
    figures = {
        "clients": args.clients,
        "seconds": round(took, 2),
        "requests": count,
        "requests_per_s": round(count / took, 1),
        "p50_ms": round(1000 * percentile(load.seconds, 0.50), 2) if count else None,
        "p95_ms": round(1000 * percentile(load.seconds, 0.95), 2) if count else None,
        "p99_ms": round(1000 * percentile(load.seconds, 0.99), 2) if count else None,
        "results_per_request": round(load.results / count, 2) if count else None,
        "errors": sum(load.failures.values()),
        "errors_by_kind": dict(load.failures),
        "client_cpu_s": round(used.ru_utime + used.ru_stime, 2),
    }
    print(json.dumps(figures))
    return 0 if count and not load.failures else 1


if __name__ == "__main__":
    sys.exit(main())
