"""Read names as JSON and print what they are called, at once and in the end."""

import json
import sys

from loadtests.generator.naming import Names

names, asked = Names(), json.load(sys.stdin)
at_once = [names.of(name) for name in asked]
print(json.dumps([at_once, [names.in_the_end(name) for name in at_once]]))
