#!/usr/bin/env python3
"""Checks that each component includes only the components its arrows point to (ARCHITECTURE.md), and that public headers stay light.

The link lines already keep a component from *using* what it must not; a shared include path would still let a header be
included, so this reads the #include lines themselves. Prints each wrong line and fails.
"""
import pathlib
import re
import sys

ARROWS = {
    "base": set(),
    "wire": {"base"},
    "store": {"base"},
    "sandbox": {"base"},
    "runtime": {"base"},
    "packing": {"base"},
    "client": {"wire", "base"},
    "engine": {"sandbox", "store", "wire", "base"},
    "server": {"engine", "sandbox", "store", "wire", "base"},
    "sdk": {"client", "server", "packing", "runtime", "wire", "sandbox", "base"},
    "python": {"sdk", "base"},
    "cli": {"sdk", "server", "client", "packing", "wire", "sandbox", "base"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')
# Headers that take seconds to compile, and the files of src that may include them (docs/development/building.md).
EXPENSIVE = {
    re.compile(r"^CLI/"): {"cli/command.cpp", "cli/command_line.cpp", "cli/command_text.cpp"},
    re.compile(r"^regex$"): {"packing/python_installer.cpp", "packing/wheels.cpp"},
    re.compile(r"^boost/(asio|beast)"): {"base/http_connection.cpp", "server/asio_loop.cpp", "server/asio_loop.hpp", "server/http_server.cpp"},
}
JSON_TEXT = re.compile(r"\bJson::parse\(|(?:\.|->)dump\(")
JSON_TEXT_FILES = {"base/json.cpp", "cli/event.cpp", "cli/sample_events.cpp"}  # the last two use ordered_json
HEAVY = re.compile(r"^(boost/|curl/|sqlite3|openssl/)")

root = pathlib.Path(__file__).resolve().parent.parent
wrong = []

for source in sorted((root / "src").rglob("*.[ch]pp")):
    component = source.relative_to(root / "src").parts[0]
    for number, line in enumerate(source.read_text().splitlines(), 1):
        if JSON_TEXT.search(line) and str(source.relative_to(root / "src")) not in JSON_TEXT_FILES:
            wrong.append(f"{source.relative_to(root)}:{number}: nlohmann's parser and serialiser take seconds to compile: use base/json.hpp")
        match = INCLUDE.match(line)
        if not match:
            continue
        other = match.group(1).split("/")[0]
        if other in ARROWS and other != component and other not in ARROWS[component]:
            wrong.append(f"{source.relative_to(root)}:{number}: {component} may not include {other}")
        for header, allowed in EXPENSIVE.items():
            if header.match(match.group(1)) and str(source.relative_to(root / "src")) not in allowed:
                wrong.append(f"{source.relative_to(root)}:{number}: {match.group(1)} takes seconds to compile: use the types that wrap it")

for header in sorted((root / "include").rglob("*.hpp")):
    for number, line in enumerate(header.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if match and (HEAVY.match(match.group(1)) or match.group(1).split("/")[0] in ARROWS):
            wrong.append(f"{header.relative_to(root)}:{number}: a public header may not include {match.group(1)}")

print("\n".join(wrong) if wrong else f"{len(ARROWS)} components include only what their arrows allow")
sys.exit(1 if wrong else 0)
