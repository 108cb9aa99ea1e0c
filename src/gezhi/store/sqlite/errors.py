"""SQLite's errors in our words."""

from __future__ import annotations

from gezhi.types import StoreBusy, StoreError, StoreFull, StoreReadOnly

_BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 5, 6, 8, 10, 11, 13, 14, 26


def store_error(error: BaseException, location: str) -> StoreError:
    """Translate an error of the driver; the message says what happened, the hint what to do."""
    # Extended codes carry the kind of error in the lowest byte.
    code = int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
    if code == _READONLY:
        return StoreReadOnly(
            f"The store {location} cannot be written.",
            hint="Check the permissions of the folder and of the files in it, or copy the store somewhere writable.",
        )
    if code == _FULL:
        return StoreFull(
            f"No space is left for the store {location}; nothing of this step was written.",
            hint="Free some space on the disk and run the same command again.",
        )
    if code in (_BUSY, _LOCKED):
        return StoreBusy(
            f"Another process kept the store {location} locked for too long.",
            hint="Wait until it has finished, or stop it, and try again.",
        )
    if code in (_CORRUPT, _NOTADB):
        return StoreError(
            f"The store {location} is damaged or is no store ({error}).",
            hint="Restore it from a backup, or move it away and add the documents again.",
        )
    if code == _CANTOPEN:
        return StoreError(
            f"The store {location} cannot be opened.",
            hint="Check that the folder exists and may be read and written.",
        )
    if code == _IOERR:
        return StoreError(
            f"The disk failed while reading or writing the store {location} ({error}).",
            hint="Check the disk and its free space; what was committed before is untouched.",
        )
    return StoreError(f"The store {location} failed: {error}.", hint="Nothing of this step was written; try again.")
