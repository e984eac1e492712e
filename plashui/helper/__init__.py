"""The border to the C program `plash`: it is started, listened to and ended here.

`calls` has a Python function for each verb that the C program has for programs, except
those that list files (`listing`) and read and write tars (`pack`, `unpack`).
"""
