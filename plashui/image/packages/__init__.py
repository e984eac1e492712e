"""The packages of an image: what dpkg, apk, pacman and rpm noted in it.

Their databases are read from the merged image, as files, by us: nothing of the image
runs. They come from a stranger, so what is read has limits, and no link leads out.

`databases` reads them, each kind in a module of its own. `contents` weighs the files of
each package, those of no package, and the `leftovers` that can be removed. `known`
keeps these figures in the user's cache, since layers do not change, and `changes` says
what differs between two images, or comes with each layer.
"""
