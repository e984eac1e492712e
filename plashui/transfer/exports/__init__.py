"""Images out of the store: to registries, archives, tars, squashfs, bundles."""
