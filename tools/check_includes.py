#!/usr/bin/env python3
"""Checks that each component uses only the components that the table in ARCHITECTURE.md allows, that no folder has too many
sources, and that public headers stay light.

The check reads the #include lines and the LINKS of src/*/CMakeLists.txt. Checking the links alone is not enough: all components share one
include path, so a component can include a header of another one without linking it. Prints each wrong line and fails.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')
# Headers that take seconds to compile, and the files of src that may include them (docs/development/building.md).
EXPENSIVE = {
    re.compile(r"^CLI/"): {"cli/line/command.cpp", "cli/commands/command_line.cpp", "cli/help/command_text.cpp", "cli/line/parse_errors.cpp"},
    re.compile(r"^regex$"): set(),  # its stack usage also grows with the text: see base/characters.hpp
    re.compile(r"^boost/(asio|beast)"): {"base/http_connection.cpp", "http/asio_loop.cpp", "http/asio_loop.hpp", "engine/forwarder.cpp",
                                       "http/connection.cpp", "http/http_server.cpp", "http/loopback_post.cpp", "http/request_reader.cpp", "http/request_reader.hpp",
                                       "http/response_writer.cpp", "http/socket.hpp"},
}
# Only base/json.hpp limits the depth of a text. The last file builds Python objects, without recursion.
JSON_TEXT = re.compile(r"\bJson::(?:parse|sax_parse|from_\w+)\(|\b(?:ordered_)?json::(?:parse|sax_parse|from_\w+)\(|(?:\.|->)dump\(")
JSON_TEXT_FILES = {"base/json.cpp", "cli/project/sample_events.cpp", "python/json_text.cpp"}  # one uses ordered_json
FOLDER_SOURCES_MAX = 30
HEAVY = re.compile(r"^(boost/|curl/|sqlite3|openssl/)")

root = pathlib.Path(__file__).resolve().parent.parent
wrong = []

# A row of the table: | `src/NAME/` | content | components it may use, or "nothing" |
ROW = re.compile(r"^\| `src/(\w+)/` \|.*\| ([^|]+) \|$", re.M)
allowed_components = {name: set() if uses == "nothing" else set(uses.split(", "))
                      for name, uses in ROW.findall((root / "ARCHITECTURE.md").read_text())}
folders = {path.name for path in (root / "src").iterdir() if path.is_dir()}
for name in sorted(folders ^ allowed_components.keys()):
    wrong.append(f"ARCHITECTURE.md: src/{name} is not {'in the table' if name in folders else 'a folder'}")
for name, uses in allowed_components.items():
    for other in sorted(uses - folders):
        wrong.append(f"ARCHITECTURE.md: {name} may use {other}, which is not a component")
    for other in re.findall(r"osbot::(\w+)", (root / "src" / name / "CMakeLists.txt").read_text()) if name in folders else []:
        if other in folders and other != name and other not in uses:
            wrong.append(f"src/{name}/CMakeLists.txt: {name} may not link {other}")

for source in sorted((root / "src").rglob("*.[ch]pp")):
    component = source.relative_to(root / "src").parts[0]
    for number, line in enumerate(source.read_text().splitlines(), 1):
        if JSON_TEXT.search(line) and str(source.relative_to(root / "src")) not in JSON_TEXT_FILES:
            wrong.append(f"{source.relative_to(root)}:{number}: nlohmann's parser and serialiser take seconds to compile and have no depth limit: use base/json.hpp")
        if "getenv(" in line and source != root / "src/base/environment.hpp":
            wrong.append(f"{source.relative_to(root)}:{number}: read environment variables with base/environment.hpp")
        match = INCLUDE.match(line)
        if not match:
            continue
        other = match.group(1).split("/")[0]
        if other in folders and other != component and other not in allowed_components.get(component, ()):
            wrong.append(f"{source.relative_to(root)}:{number}: {component} may not include {other}")
        for header, users in EXPENSIVE.items():
            if header.match(match.group(1)) and str(source.relative_to(root / "src")) not in users:
                wrong.append(f"{source.relative_to(root)}:{number}: {match.group(1)} takes seconds to compile: use the types that wrap it")

for folder in sorted(path for path in (root / "src").rglob("*") if path.is_dir()):
    if (count := len(list(folder.glob("*.cpp")))) > FOLDER_SOURCES_MAX:
        wrong.append(f"{folder.relative_to(root)}: {count} .cpp files; the limit is {FOLDER_SOURCES_MAX}: sort them into folders by topic")

for header in sorted((root / "include").rglob("*.hpp")):
    for number, line in enumerate(header.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if match and (HEAVY.match(match.group(1)) or match.group(1).split("/")[0] in folders):
            wrong.append(f"{header.relative_to(root)}:{number}: a public header may not include {match.group(1)}")

print("\n".join(wrong) if wrong else f"{len(folders)} components use only what ARCHITECTURE.md allows")
sys.exit(1 if wrong else 0)
