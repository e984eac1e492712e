/* Instances: a user runs an app under one name only once at a time. */
#pragma once

/* Take this id until this process and its children have ended; fail if it is taken. */
void instance_take(const char *id);
