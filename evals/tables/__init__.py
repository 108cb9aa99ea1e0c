"""Files and labels for `tables_import.py`."""
