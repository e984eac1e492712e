"""The app's screens, one a file; only screens start workers."""
