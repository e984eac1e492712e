"""Definition files of elements: Singularity's, with `#Elements.KEY` in their header.

reading   header and sections, as they stand in the file
keys      what the keys of elements say of the app
scripts   the files that the image gets: environment, runscript, /exec and /sh
compile   the plan that builds the image, and the options of the app
"""
