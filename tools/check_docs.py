#!/usr/bin/env python3
"""Checks that what the docs quote is what the examples say, and that links between the docs lead somewhere.

A ```cpp block of README.md must stand, line for line, between `// [start x]` and `// [end x]` of a program in examples/.
"""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
quotable = [
    match.group(1).strip()
    for source in (root / "examples").rglob("*.cpp")
    for match in re.finditer(r"// \[start \w+\]\n(.*?)// \[end \w+\]", source.read_text(), re.S)
]
wrong = []
documents = sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])
for document in documents:
    text = document.read_text()
    for block in re.findall(r"```cpp\n(.*?)```", text, re.S):
        if block.strip() not in quotable:
            wrong.append(f"{document.relative_to(root)}: this block is not in any example:\n{block}")
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        if not (document.parent / link).exists():
            wrong.append(f"{document.relative_to(root)}: link to {link} leads nowhere")

print("\n".join(wrong) if wrong else f"{len(documents)} documents quote programs that exist and link to files that exist")
sys.exit(1 if wrong else 0)
