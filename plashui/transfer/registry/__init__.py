"""Registries of images: names, logins, and fetching (OCI distribution specification).

`client` is what others use; `reference` reads names as docker does.
"""
