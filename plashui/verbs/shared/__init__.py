"""What verbs have in common: parsing of words, output, progress, ending by a signal."""
