"""What a person has set, in TOML, each error with its line."""
