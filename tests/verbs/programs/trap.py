"""A module that no program of ours may import: it notes that, and ends it."""

import os

with open(os.path.join(os.path.dirname(__file__), "caught"), "a") as caught:
    caught.write(__file__)
raise SystemExit("caught")
