"""The C program `plash` as Python functions: started, listened to, ended."""
