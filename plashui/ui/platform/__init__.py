"""The terminal, its colours and signs, and what Textual does not offer in public."""
