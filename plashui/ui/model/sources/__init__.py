"""Where images are imported from; `table` lists the sources."""
