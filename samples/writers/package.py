"""Office files are zip archives that carry the time of writing; this takes the time out again."""

from __future__ import annotations

import io
import re
import zipfile

STAMP = "2025-04-01T08:00:00Z"
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_THUMBNAIL = re.compile(rb"<Relationship [^>]*thumbnail[^>]*/>")


def fix_times(data: bytes) -> bytes:
    """The same archive without thumbnail, with fixed dates on every entry and in docProps/core.xml."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            if name == "docProps/thumbnail.jpeg":  # a picture of the library's own template, not of our file
                continue
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _DATES.sub(rb"\g<1>" + STAMP.encode() + rb"\g<2>", content)
            if name == "_rels/.rels":
                content = _THUMBNAIL.sub(b"", content)
            entry = zipfile.ZipInfo(name, date_time=(2025, 4, 1, 8, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            target.writestr(entry, content)
    return out.getvalue()
