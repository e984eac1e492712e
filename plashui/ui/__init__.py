"""The terminal app; the only package that knows Textual.

From below: `model` (values), `platform`, `widgets`, `dialogs`, `tabs`, `store_view`,
`screens`, `actions`, and `app`, the way in.
"""
