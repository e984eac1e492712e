"""The store on disk: images, names, pins, the trash and unsaved changes."""
