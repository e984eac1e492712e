"""Text as plain values: styled lines, thin bars, and files of any size as lines."""
