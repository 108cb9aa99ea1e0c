"""The user's own databases, read where they are: nothing is copied, nothing can be written."""
