"""What scripts written for the old program (ihucos/plash) rely on."""
