"""Images in and out of the store: as tars, as directories, from web servers.

Only this package speaks with the network.
"""
