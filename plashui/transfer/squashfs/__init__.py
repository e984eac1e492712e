"""Squashfs 4.0 without a program: written from a tar stream, and read.

members          the tar that an image is packed as, member by member
node             an inode, as it comes out of a tar
compressors      what blocks are compressed by
content          the data of files: blocks and fragments, compressed side by side
tables           inodes, directories, ids and attributes, which follow the data
writer           all of that from one tar stream, in one pass
reader           a squashfs as nodes, and their data
"""
