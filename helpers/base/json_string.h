/* A JSON string of any length, quotes included. */
#pragma once

char *json_string(const char *value);
