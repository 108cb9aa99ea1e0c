"""Worker processes with caps on memory and time."""
