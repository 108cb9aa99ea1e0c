"""A question, and those that go on from it, cut into what they mention of one table."""
