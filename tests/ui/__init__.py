"""Tests of the app: data first, then plain-text goldens and stories."""
