"""Images in and out of the store; only this package speaks with the network.

`imports` and `exports` are for people's words; what they stand on: `oci` (images of
layers), `registry` (its protocol), `lxc` (image servers), `ssh`, `serve` and `web`.
`demo` makes the store of the demo.
"""
