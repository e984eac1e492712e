"""Registries of images: names, logins, pull and push (OCI distribution specification).

`client` fetches manifests, blobs and tags, `upload` pushes them; `reference` reads
names as docker does; `login` keeps logins. Below them: `listing` is what a registry
lists, `upload_session` is one blob on its way there, `endpoint` a repository at one
host, `authorization` what that host wants to see, `credentials` where logins are found,
`refusal` what is said when it refuses; `exchange` sends.
"""
