"""Forms as plain values, and what was typed in them before."""
