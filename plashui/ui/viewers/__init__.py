"""Full-screen pages that only show: a file, a file diff, all changes."""
