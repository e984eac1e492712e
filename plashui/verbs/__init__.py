"""The command line, one file a family of verbs: parse, call core, print."""
