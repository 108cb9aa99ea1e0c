"""Tables: which ones a question is about, and exact answers from them by checked SQL."""
