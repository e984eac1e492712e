"""Tests of writing and reading squashfs."""
