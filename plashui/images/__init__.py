"""Images in and out of the store: archives now, registries later."""
