"""Images into the store: from registries, docker, files, directories.

Image servers of lxc are in `transfer.lxc`; what a layer of an OCI image wants is in
`transfer.oci`.
"""
