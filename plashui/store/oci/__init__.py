"""What the store knows of OCI images: which images stand for which of their layers.

`oci_nodes` finds them by digest, `blob_numbers` notes what they are as blobs. Layers
that wait for those below them are in `kept_layers`, blobs for a later pull in
`kept_blobs`.
"""
