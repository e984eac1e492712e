/* The terminal: its foreground group and modes are restored for the caller. */
#pragma once

void terminal_remember(void);
void terminal_resumed(void); /* after a stop: the foreground group may have changed */
void terminal_take_back(void);
