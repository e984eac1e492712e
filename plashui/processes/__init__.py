"""Processes that run in images: who they are, what they take, how they are ended."""
