"""Note of an image that it came from a registry, and which configuration it has.

Arguments: its `_meta`, the configuration as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from plashui.store.metadata import write_wishes

meta, config = Path(sys.argv[1]), json.loads(sys.argv[2])
write_wishes(meta, config)
(meta / "image.json").write_text(json.dumps({"origin": "oci", "config": config}))
