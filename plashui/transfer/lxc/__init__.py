"""Images of image servers, as lxc and incus use them: root filesystems as tars.

`offers` are what a server has, `server` fetches its list, `choice` finds the one that a
person means, `pull` imports it.
"""
