#!/bin/sh
# A `cp` that never ends, and cannot be asked to.
trap '' TERM
mkdir "$(dirname "$0")/copies"
sleep 600
