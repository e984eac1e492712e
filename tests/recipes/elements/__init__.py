"""Tests of definition files."""
