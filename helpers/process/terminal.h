/* The terminal is given back as it was lent. */
#pragma once

void terminal_remember(void);
void terminal_resumed(void); /* stopped and continued: who has it now may have changed */
void terminal_take_back(void);
