"""One executable file of an image: see helpers/onefile/FORMAT.md.

options    what a person says of an app, and the checks of that
conf       app.conf, written and read
runtime    the program in front of the squashfs: its end, its stamp
make       the file, from an image
look       what such a file holds, without running it
take_back  an image from such a file, or from another squashfs
"""
