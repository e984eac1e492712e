"""The store as a registry that others pull from: OCI's distribution API, to read only.

`shelf` knows which images are there and what they are made of, `answers` what a request
asks for, `handler` speaks HTTP, `server` listens.
"""
