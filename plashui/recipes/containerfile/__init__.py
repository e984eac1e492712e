"""The language of Containerfiles (Dockerfiles), compiled to the steps of a plan.

`lines` joins lines to instructions, `flags` and `parse` make values of them, which
`instructions` lists, and `stages` says which stages a build needs. `expand` knows
variables and quotes, `scope` which variables there are. `compile` turns the
instructions of one stage into steps and changes of the config. `patterns`, `ignore`,
`context` and `sources` say which files of the context a COPY takes.
"""
