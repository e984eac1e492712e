"""Images of layers, as registries, layouts and archives hold them (OCI, docker).

`manifest` and `config` read what describes an image, `source` says where that and the
blobs come from, `archive` reads them from files. `plan` tells what a pull costs,
`layer` fetches one layer, `pull` makes the images of the store.
"""
