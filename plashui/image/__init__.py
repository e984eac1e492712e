"""Looking into images: layers, differences, history, files."""
