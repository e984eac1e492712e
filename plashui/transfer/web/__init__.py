"""Requests to web servers: redirects, passwords, pauses, downloads that go on."""
