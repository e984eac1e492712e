"""The store on disk: images, names, pins, the trash and unsaved changes.

FORMAT.md, beside this file, describes the format. The words used for it everywhere:

image
    A root filesystem that programs can run in: a layer on top of a parent image. Its
    id is a positive number that is never given out twice. Image 0 is the empty image
    at the bottom of every chain; nothing runs in it.
layer
    What one image adds to its parent, changes of it or removes from it: a directory
    tree as the kernel's overlay filesystem reads it. It never changes once it has an
    id.
chain
    An image and all those it is built on, down to image 0. Mounted over each other as
    one overlay, their layers are the root filesystem that a program sees.
node
    The directory of one image: `_data/root` (its layer), `_meta` (our notes on it), and
    the nodes of the images built on it. Nesting is parentage.
name
    A link in `map/` that stands for an image wherever an id is wanted.
pin
    A mark that keeps an image from `shrink`, and from being removed by mistake.
trash
    Where removed images and discarded changes wait for `restore`, or to be deleted for
    good when the trash is emptied.
work directory
    A directory in `tmp/` in which one process makes something. The process holds a lock
    on it; once the process is gone, the directory is swept.
unsaved changes
    What a shell changed in an image, kept in `kept/` until somebody saves it as a new
    image or discards it.
"""
