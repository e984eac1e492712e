"""What all other packages use; nothing here knows of images.

Errors, progress and cancelling, words for sizes and ages, small files, the log.
"""
