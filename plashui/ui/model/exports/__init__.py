"""What an export asks for, and the job that does it, as plain values."""
