"""Mail (EML): who, when and about what first, then the body; attachments are named, not read."""

from __future__ import annotations

import re
from email import policy
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.parser import BytesParser

from gezhi.parse.builder import Builder
from gezhi.parse.encoding import decode
from gezhi.parse.formats.html import add_html
from gezhi.parse.material import Material

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_BLANK = re.compile(r"\n[ \t]*\n+")


def parse(material: Material, builder: Builder) -> None:
    message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(material.data.lstrip(b"\r\n \t"))
    lines: list[str] = []
    for name in _SHOWN:
        value = _header(message, name)
        if value:
            lines.append(f"{name}: {value}")
            builder.describe(name.lower(), value)
    builder.title = _header(message, "Subject")
    builder.paragraph("\n".join(lines))
    attachments = _add_body(message, builder)
    if attachments:
        names = ", ".join(attachments)
        builder.paragraph(f"Attachments: {names}")
        builder.warn("attachments_not_read", count=len(attachments), detail=names[:500])


def _header(message: EmailMessage, name: str) -> str:
    try:
        value = message[name]
    except (HeaderParseError, ValueError, IndexError, AttributeError, TypeError):
        return ""
    return " ".join(str(value or "").split())


def _add_body(message: EmailMessage, builder: Builder) -> list[str]:
    """Add the text parts, in order; of alternatives the plain one. Returns the names of the attachments."""
    attachments: list[str] = []
    skip: set[int] = set()
    for part in message.walk():
        if id(part) in skip:
            continue
        kind = part.get_content_type()
        if kind == "multipart/alternative":
            # Of alternatives that say the same, the plain one is the one people wrote.
            children = [child for child in part.iter_parts() if isinstance(child, EmailMessage)]
            plain = [c for c in children if c.get_content_type() == "text/plain" and _text(c).strip()]
            if plain:
                others = [child for child in children if child is not plain[0]]
                skip.update(id(inner) for child in others for inner in child.walk())
        elif kind == "message/rfc822":
            attachments.append(part.get_filename() or "forwarded message")
            skip.update(id(inner) for inner in part.walk())
        elif part.is_multipart():
            continue
        elif part.get_filename() or part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            if part.get_content_disposition() != "inline" or not kind.startswith("image/"):
                attachments.append(part.get_filename() or kind)
        elif kind == "text/html":
            add_html(_text(part), builder)
        else:
            for paragraph in _BLANK.split(_text(part).replace("\r\n", "\n")):
                builder.paragraph(paragraph)
    return attachments


def _text(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return str(payload or "")
    decoded = decode(payload, part.get_content_charset() or "")
    return decoded.text if decoded is not None else ""
