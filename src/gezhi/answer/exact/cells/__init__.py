"""Questions about single cells of a statement: rows with names, columns of years or other headings."""
