"""The screens of the app, one a file: the images, the trash, the jobs, help and others.

Only screens start workers.
"""
