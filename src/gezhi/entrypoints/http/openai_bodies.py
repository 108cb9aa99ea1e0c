"""The bodies of the OpenAI-compatible routes, with `citations` and `gezhi` as our extension fields."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from gezhi.entrypoints.http.bodies import CitationBody, RefusalBody, Text

MODEL = "gezhi"


class Lenient(BaseModel):
    """OpenAI clients send many settings; those that mean nothing here are ignored."""

    model_config = ConfigDict(extra="ignore")


class ContentPart(Lenient):
    type: str
    text: Text = ""


class ChatMessage(Lenient):
    role: str = Field(description="`user` and `assistant` are the conversation; other roles are ignored.")
    content: Text | list[ContentPart] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(Lenient):
    include_usage: bool = False


class ResponseFormat(Lenient):
    type: str = "text"


class ChatCompletionRequest(Lenient):
    model: str = Field(MODEL, description="Any name is taken; the answer is always made from the documents.")
    messages: list[ChatMessage] = Field(min_length=1, max_length=1000)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = Field(1, ge=1, le=1)
    response_format: ResponseFormat | None = None


class GezhiFields(BaseModel):
    """What OpenAI's format has no place for."""

    mode: str = Field(description="`model`, or `extractive`: quoted sentences, no model.")
    model: str | None
    refusal: RefusalBody | None
    trace_id: str
    evidence: list[str] = Field(description="Ids of the passages the answer was made from.")
    dropped: int


class CompletionUsage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class AssistantMessage(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str
    citations: list[CitationBody]
    gezhi: GezhiFields


class ChatChoice(BaseModel):
    index: int = 0
    message: AssistantMessage
    finish_reason: Literal["stop"] = "stop"


class ChatCompletion(BaseModel):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: list[ChatChoice]
    usage: CompletionUsage


def _is_none(value: object) -> bool:
    return value is None


class ChunkDelta(BaseModel):
    """What a chunk adds; what it does not add is left out."""

    role: Literal["assistant"] | None = Field(default=None, exclude_if=_is_none)
    content: str | None = Field(default=None, exclude_if=_is_none)
    citations: list[CitationBody] | None = Field(default=None, exclude_if=_is_none)
    gezhi: GezhiFields | None = Field(default=None, exclude_if=_is_none)


class ChunkChoice(BaseModel):
    index: int = 0
    delta: ChunkDelta
    finish_reason: Literal["stop"] | None = None


class ChatCompletionChunk(BaseModel):
    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str = MODEL
    choices: list[ChunkChoice]
    usage: CompletionUsage | None = Field(default=None, exclude_if=_is_none)


class ModelBody(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "gezhi"


class ModelsBody(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelBody]


class EmbeddingsRequest(Lenient):
    model: Text = Field(description="The embedding model in use, or `gezhi`.")
    input: Text | list[Text] = Field(description="One text or several; embedded as passages.")
    encoding_format: Literal["float", "base64"] | None = Field(
        "float", description="`base64`: little-endian float32 values."
    )
    dimensions: int | None = Field(None, description="If given, it must be the model's own.")


class EmbeddingBody(BaseModel):
    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingsUsage(BaseModel):
    prompt_tokens: int
    total_tokens: int


class EmbeddingsBody(BaseModel):
    object: Literal["list"] = "list"
    data: list[EmbeddingBody]
    model: str
    usage: EmbeddingsUsage
