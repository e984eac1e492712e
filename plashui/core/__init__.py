"""The model and everything done to it; no terminal, no printing."""
