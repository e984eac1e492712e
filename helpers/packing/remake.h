/* Making the very tar again that a layer was unpacked from.
 *
 * Its recipe is that tar without the content of the files which are in the layer: headers as they
 * came, padding, and what follows the end. So reading it says what belongs where. */
#pragma once

/* Write the tar of the layer whose content is in the directory `root`. Fails if a file is not as
 * the recipe says. */
void remake(int root, int recipe, int output);
