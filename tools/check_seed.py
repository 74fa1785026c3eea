#!/usr/bin/env python3
"""Checks docs/seed.md: every C++ name in it is declared in include/, and every test in it exists in tests/ or examples/.

A row of its tables is: | the document's call | C++ | test |. Tests are GoogleTest sentences or ctest names of examples.
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

wrong = []
rows = 0
for number, line in enumerate((root / "docs/seed.md").read_text().splitlines(), 1):
    cells = [cell.strip() for cell in line.strip("|").split(" | ")]
    if not line.startswith("| `") or len(cells) != 3:
        continue
    rows += 1
    _, cpp, proof = cells
    for name in re.findall(r"([A-Za-z_]\w*)\s*[({]", cpp) + re.findall(r"\.(\w+) =", cpp):
        if name not in declared:
            wrong.append(f"docs/seed.md:{number}: include/ declares no {name}")
    for test in re.findall(r"`([\w.]+)`", proof) or [""]:
        if test not in tests:
            wrong.append(f"docs/seed.md:{number}: there is no test {test!r}")
if rows == 0:
    wrong.append("docs/seed.md has no rows")

print("\n".join(wrong) if wrong else f"{rows} calls of the seed are declared and have tests")
sys.exit(1 if wrong else 0)
