"""What everything else uses and that knows nothing of images.

Errors, progress and cancelling, words for sizes and ages, small files, the log.
"""
