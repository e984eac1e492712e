"""Builds in the app: the form, the plan, the job, the tree."""
