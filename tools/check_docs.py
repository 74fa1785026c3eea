#!/usr/bin/env python3
"""Checks that what the docs quote is what the examples say, and that links between the docs lead somewhere.

A ```cpp or ```python block must stand, line for line, between `[start x]` and `[end x]` comments of a program in examples/. Not those of
docs/seed/, which is not ours: the tests of the Python package run them.
"""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
quotable = [
    match.group(1).strip()
    for source in [*(root / "examples").rglob("*.cpp"), *(root / "examples").rglob("*.py")]
    for match in re.finditer(r"(?://|#) \[start \w+\]\n(.*?)(?://|#) \[end \w+\]", source.read_text(), re.S)
]
wrong = []
documents = sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])
for document in documents:
    text = document.read_text()
    for block in [] if "seed" in document.parts else re.findall(r"```(?:cpp|python)\n(.*?)```", text, re.S):
        if block.strip() not in quotable:
            wrong.append(f"{document.relative_to(root)}: this block is not in any example:\n{block}")
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        if not (document.parent / link).exists():
            wrong.append(f"{document.relative_to(root)}: link to {link} leads nowhere")

print("\n".join(wrong) if wrong else f"{len(documents)} documents quote programs that exist and link to files that exist")
sys.exit(1 if wrong else 0)
