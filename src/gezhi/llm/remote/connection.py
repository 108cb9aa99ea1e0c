"""One OpenAI-compatible server: the client, bounded retries, and errors that say what to check."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from gezhi.types import ConfigError, GezhiError, ModelFailed, ModelUnavailable

if TYPE_CHECKING:
    import httpx2
    import openai

_CONNECT_SECONDS = 10.0
_LONGEST_PAUSE = 20.0
_AGAIN = frozenset({408, 409, 425, 429})

T = TypeVar("T")


class Deadline:
    """Seconds left for a whole request, with its retries."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return self._end - time.monotonic()


class Connection:
    """Calls a server. Never reads the environment: no ambient key, header, organisation or proxy reaches the server."""

    def __init__(
        self, base_url: str, api_key: str, *, timeout: float, total: float, retries: int, pause: float, what: str
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                f"The base URL of the {what} server is not an http or https address.",
                hint="It looks like http://localhost:11434/v1",
            )
        port = f":{parts.port}" if parts.port else ""
        self.shown_url = f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
        """The address without a password that may be in it."""
        self.timeout = timeout
        self._total = total
        self._base_url = base_url
        self._api_key = api_key
        self._retries = retries
        self._pause = pause
        self._what = what
        self._client: openai.OpenAI | None = None

    def __repr__(self) -> str:
        return f"Connection({self.shown_url!r})"

    def call(self, ask: Callable[[openai.OpenAI], T], deadline: Deadline) -> T:
        """Ask the server; try again where that may help. Raises `Rejected` for a request it refuses as it is."""
        import httpx2
        import openai

        client = self._opened()
        attempt = 0
        while True:
            try:
                return ask(client)
            except (openai.OpenAIError, httpx2.HTTPError, ValueError) as error:
                pause = self._pause_before_next(error, attempt, deadline)
                if pause is None:
                    raise self.mapped(error) from None  # the chain could print headers or a key the server echoes
                attempt += 1
                time.sleep(pause)

    def _opened(self) -> openai.OpenAI:
        if self._client is None:
            import httpx2
            import openai

            timeout = httpx2.Timeout(self.timeout, connect=min(_CONNECT_SECONDS, self.timeout))
            client = openai.OpenAI(
                base_url=self._base_url,
                api_key=self._api_key or "none",
                admin_api_key="",
                organization="",
                project="",
                webhook_secret="",
                max_retries=0,
                timeout=timeout,
                http_client=httpx2.Client(
                    trust_env=False,
                    timeout=timeout,
                    follow_redirects=True,
                    event_hooks={"response": [self._bound]},
                ),
            )
            client.organization = client.project = client.admin_api_key = None
            client._custom_headers = {}  # it takes them from OPENAI_CUSTOM_HEADERS and offers no way not to
            self._client = client
        return self._client

    def _bound(self, response: httpx2.Response) -> None:
        """Give a body an end in time: the client's own timeout starts anew with each byte a server trickles."""
        import httpx2

        stream, end = response.stream, Deadline(self._total)
        assert isinstance(stream, httpx2.SyncByteStream)
        inner: httpx2.SyncByteStream = stream

        class Bounded(httpx2.SyncByteStream):
            def __iter__(self) -> Iterator[bytes]:
                for piece in inner:
                    if end.left < 0:
                        raise httpx2.ReadTimeout("the whole answer took too long")
                    yield piece

            def close(self) -> None:
                inner.close()

        response.stream = Bounded()

    def _pause_before_next(self, error: Exception, attempt: int, deadline: Deadline) -> float | None:
        import openai

        if attempt >= self._retries or not isinstance(error, openai.APIStatusError):
            return None
        if error.status_code not in _AGAIN and error.status_code < 500:
            return None
        pause = min(self._pause * 2**attempt, _LONGEST_PAUSE)
        asked = error.response.headers.get("retry-after", "")
        if asked.isdigit():
            pause = max(pause, int(asked))
        return pause if pause <= _LONGEST_PAUSE and pause < deadline.left else None

    def mapped(self, error: Exception, *, begun: bool = False) -> GezhiError:
        """Our error for one of the client's, without the key. `begun`: the server had begun to answer."""
        import httpx2
        import openai

        where = f"The {self._what} server {self.shown_url}"
        if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
            return ModelUnavailable(
                f"{where} did not answer within {self.timeout:g} s.",
                hint="Check that it is running and not overloaded, or set a longer timeout.",
            )
        if isinstance(error, openai.APIStatusError):
            return self._mapped_status(error, where)
        connection = isinstance(error, openai.APIConnectionError | httpx2.TransportError)
        if connection and begun:
            return ModelFailed(f"{where} broke off in the middle of its answer.", hint="Look into its log.")
        if connection:
            return ModelUnavailable(
                f"{where} cannot be reached ({self.redacted(str(error.__cause__ or error))}).",
                hint="Check that it is running and that its base URL is right.",
            )
        if isinstance(error, openai.APIError) and begun:  # an error the server put into the stream
            return ModelFailed(f"{where} failed ({self.redacted(str(error))}).", hint="Look into its log.")
        return ModelFailed(
            f"{where} answered with something that is not an answer ({self.redacted(str(error))}).",
            hint="Check that the base URL is that of an OpenAI-compatible API; it usually ends in /v1.",
        )

    def _mapped_status(self, error: openai.APIStatusError, where: str) -> GezhiError:
        said = self.redacted(_said(error))
        code = error.status_code
        if code in (401, 403):
            return ModelUnavailable(f"{where} refused the key ({code}).", hint="Check the API key for this server.")
        if code == 404:
            return ModelUnavailable(
                f"{where} does not know this model or address (404: {said}).",
                hint="Check the model's name and the base URL, which usually ends in /v1.",
            )
        if code in _AGAIN or code >= 500:
            why = "is asked too often" if code == 429 else "failed"
            return ModelFailed(f"{where} {why} ({code}: {said}).", hint="Try again later; look into its log.")
        return Rejected(f"{where} refused the request ({code}: {said}).", status=code, said=said)

    def redacted(self, text: str) -> str:
        text = " ".join(text.split())
        if self._api_key:
            text = text.replace(self._api_key, "***")
        return text[:300]

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


class Rejected(ModelFailed):
    """The server refused the request as it is: another form of it may do."""

    def __init__(self, message: str, *, status: int, said: str) -> None:
        super().__init__(message)
        self.status = status
        self.said = said


def _said(error: openai.APIStatusError) -> str:
    """What the server says went wrong; not its HTML."""
    body = error.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        message = inner.get("message") if isinstance(inner, dict) else inner
        return str(message or json.dumps(body, ensure_ascii=False))
    text = str(body or "")
    return "no reason given" if not text or text.lstrip().startswith("<") else text
