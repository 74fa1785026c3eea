#!/usr/bin/env python3
"""Checks docs/seed.md: every name in it is declared, in include/ for C++ and in python/ for Python, every command is one of
src/cli/ with those options, and every test exists in tests/ or examples/.

A row of its tables is: | Python call in the document | C++ | command, or nothing | test |. Tests are names of GoogleTest
tests or ctest names of examples.
"""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
headers = "\n".join(path.read_text() for path in (root / "include").rglob("*.hpp"))
declared = set(re.findall(r"\w+", re.sub(r"//.*", "", headers)))
sources = "\n".join(path.read_text() for folder in ("tests", "examples") for path in (root / folder).rglob("*_test.cpp"))
tests = set(re.findall(r"\bTEST(?:_F|_P)?\(\s*\w+,\s*(\w+)\)", sources))
tests |= {f"examples.{name}" for name in re.findall(r"add_test\(NAME examples\.(\w+)", (root / "examples/CMakeLists.txt").read_text())}
tests |= {f"examples.{name}" for name in re.findall(r"osbot_example\((\w+)", (root / "examples/CMakeLists.txt").read_text())}

python = "\n".join(path.read_text() for pattern in ("*.py", "*.pyi") for path in (root / "python/osbot_aws").rglob(pattern))
python_names = set(re.findall(r"\w+", python))
commands = "\n".join(path.read_text() for path in (root / "src/cli").rglob("*.cpp"))
subcommands = set(re.findall(r'\badd_command\(\s*(?:[\w.]+(?:\(\))?,\s*)?"(\w+)"', commands))
options = set(re.findall(r'add_(?:option|flag)\w*(?:<\w+>)?\(\s*"(--[\w-]+)[ "]', commands))

wrong = []
rows = 0
for number, line in enumerate((root / "docs/seed.md").read_text().splitlines(), 1):
    if not line.startswith("| "):
        continue
    cells = [cell.strip() for cell in line.strip("| ").replace("| |", "|  |").split(" | ")]
    if len(cells) != 4:
        wrong.append(f"docs/seed.md:{number}: has {len(cells)} cells, not 4")
        continue
    if cells[0].startswith(("the document", "---")):
        continue
    rows += 1
    document, cpp, command, proof = cells
    command = command.strip('`')
    for name in re.findall(r"([A-Za-z_]\w*)\(", document):
        if name not in python_names:
            wrong.append(f"docs/seed.md:{number}: python/ has no {name}")
    if command and command.split()[1 + command.split()[1].startswith("--")] not in subcommands:
        wrong.append(f"docs/seed.md:{number}: unknown command {command}")
    for option in re.findall(r"(--[\w-]+)", command):
        if option not in options:
            wrong.append(f"docs/seed.md:{number}: the command has no option {option}")
    for name in re.findall(r"([A-Za-z_]\w*)\s*[({]", cpp) + re.findall(r"\.(\w+) =", cpp):
        if name not in declared:
            wrong.append(f"docs/seed.md:{number}: include/ declares no {name}")
    for test in re.findall(r"`([\w.]+)`", proof) or [""]:
        if test not in tests:
            wrong.append(f"docs/seed.md:{number}: unknown test {test!r}")
if rows == 0:
    wrong.append("docs/seed.md has no rows")

print("\n".join(wrong) if wrong else f"{rows} calls of the seed are declared and have tests")
sys.exit(1 if wrong else 0)
