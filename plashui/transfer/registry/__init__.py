"""Registries of images: names, logins, and fetching (OCI distribution specification).

`client` fetches manifests, blobs and tags; `reference` reads names as docker does;
`login` keeps logins. Below them: `endpoint` is a repository at one host,
`authorization` what that host wants to see, `credentials` where logins are found,
`exchange` sends.
"""
