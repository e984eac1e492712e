"""The language of Containerfiles (Dockerfiles), compiled to a plan.

lines
    Lines joined to instructions: keyword, flags, rest, heredocs.
expand
    Variables and quotes in words.
flags, parse, instructions
    Instructions as values, not yet expanded; what is not supported is refused.
scope
    Which variables there are: arguments of the build, ARG, ENV.
compile, stage_steps, copies, mounts, configs, surrounding
    The stages of the plan, and what each instruction does once its base is known.
reading, ignoring, contexts, labels, secrets, agents
    The file, its ignore file, its contexts, secrets and ssh agents, found on this
    machine, or in a repository.

Files of the context are the concern of `plashui.recipes.context`.
"""
