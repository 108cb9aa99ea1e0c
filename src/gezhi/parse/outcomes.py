"""How parsing ends: every code, and what it tells the user (what happened; what to do)."""

from __future__ import annotations

from gezhi.types import Outcome, Parsed, Status

MESSAGES = {
    "empty_file": "The file is empty (0 bytes).",
    "no_text": "The file holds no text. If its content is a picture or a drawing, install gezhi[ocr] and use --ocr.",
    "no_text_layer": "No text layer: looks scanned. Install gezhi[ocr] and use --ocr.",
    "pages_without_text": "{count} of {total} pages have no text (scans?). Install gezhi[ocr] and use --ocr.",
    "image": "This is an image. To read the text in it, install gezhi[ocr] and use --ocr.",
    "ocr_not_installed": "OCR was asked for, but the extra is missing. Run: pip install 'gezhi[ocr]'.",
    "encrypted": "The file is protected by a password. Save a copy without the password, or give the password.",
    "damaged": "The file is damaged: {detail}. Open it in its program and save it again.",
    "parts_damaged": "The file is damaged: {detail}. What could be read was kept; compare it with the original.",
    "not_valid": "This is not valid {format} ({detail}); it was kept as plain text.",
    "replaced_characters": "{count} bytes were not valid {encoding} and are shown as \ufffd. Save the file as UTF-8.",
    "truncated_text": "The text is longer than {limit:,} characters; the rest was left out. Split the file.",
    "too_large": "The file has {size:,} bytes; the limit is {limit:,}. Split it, or raise the limit.",
    "decompressed_too_large": (
        "Unpacked, the file is too large ({detail}; the limit is {limit:,} bytes). Save it in smaller parts."
    ),
    "too_many_cells": "A table is too large ({detail}; the limit is {limit:,} cells). Save it in parts, or as CSV.",
    "entity_declarations": (
        "The XML declares entities, which can hide attacks, so it was not read. Save it without a DOCTYPE."
    ),
    "unsupported_format": "{detail}",
    "time_limit": "Reading it took longer than {limit:g} seconds, so it was stopped. Split it, or raise the limit.",
    "memory_limit": "Reading it needs more than {limit} MB of memory, so it was stopped. Split it, or raise the limit.",
    "parser_crashed": "The parser crashed on this file ({detail}). Save the file again in its program, or as PDF.",
    "parser_unavailable": "The parser process does not start ({detail}). Check the Python installation.",
    "not_found": "The file does not exist (any more). Check the path.",
    "not_a_file": "This is {detail}, not a file. Give a regular file.",
    "unreadable": "The file cannot be read: {detail}. Check its permissions.",
    "attachments_not_read": "{count} attachments were listed but not read: {detail}. Save them as files and add those.",
}  # fmt: skip


class Refused(Exception):
    """A parser's word that a file cannot become a document; `values` fill the message."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def message(code: str, **values: object) -> str:
    return MESSAGES[code].format(**values)


def refusal(code: str, **values: object) -> Parsed:
    shown = "no_text_layer" if code == "image" else code
    return Parsed(outcome=Outcome(status=Status.REFUSED, code=shown, message=message(code, **values)))
