"""Processes that run in images: which images they use, what they take, ending one."""
