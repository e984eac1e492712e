"""What a person has set in config.toml: read, checked, each error with its line."""
