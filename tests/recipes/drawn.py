"""How many texts the parsers of recipes are given by chance: the same in each run."""

from __future__ import annotations

from typing import Final

from hypothesis import HealthCheck, settings

from tests.amount import THOROUGH

DRAWN: Final = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=20_000 if THOROUGH else 300,
    suppress_health_check=list(HealthCheck),
)
