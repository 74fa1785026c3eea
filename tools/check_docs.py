#!/usr/bin/env python3
"""Checks that code blocks in the docs equal the programs in examples/, and that links between the docs resolve.

A ```cpp or ```python block, and in the guide a ```sh block, must equal, line by line, the text between `[start x]` and `[end x]`
comments of a program in examples/. A ```dockerfile or ```yaml block must equal a file of examples/containers. The tests of
the Python package run the blocks of docs/seed/ instead. ```console blocks are not run. The tests that SECURITY.md names must exist.
"""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
quotable = [
    match.group(1).strip()
    for kind in ["cpp", "hpp", "py", "sh"]
    for source in (root / "examples").rglob(f"*.{kind}")
    for match in re.finditer(r"(?://|#) \[start \w+\]\n(.*?)(?://|#) \[end \w+\]", source.read_text(), re.S)
]
quotable += [file.read_text().strip() for file in (root / "examples/containers").iterdir()]
wrong = []


def anchors(document):
    """Returns the anchors that GitHub makes of the headings of a page."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.S | re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", text, re.M)}


documents = sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])
for document in documents:
    text = document.read_text()
    languages = "cpp|python|dockerfile|yaml|sh" if document.parent == root / "docs/guide" else "cpp|python|dockerfile|yaml"
    for block in [] if root / "docs/seed" in document.parents else re.findall(rf"```(?:{languages})\n(.*?)```", text, re.S):
        if block.strip() not in quotable:
            wrong.append(f"{document.relative_to(root)}: this block is not in any example:\n{block}")
    prose = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)  # the parameters of a lambda look like a link
    for link, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", prose):
        target = document.parent / link if link else document
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            wrong.append(f"{document.relative_to(root)}: link to {link}{'#' if anchor else ''}{anchor} does not resolve")

# Each command has a page, and the index links the page of each error.
commands = re.findall(r'root\(\)(?:\s*\.add_command\(|,)\s*"(\w+)"', "\n".join(path.read_text() for path in (root / "src/cli/commands").glob("*.cpp")))
if len(commands) < 10:
    wrong.append("src/cli: the commands of osbot were not recognised")
for name in commands:
    if not (root / "docs/cli" / f"{name}.md").exists() or f"({name}.md)" not in (root / "docs/cli/README.md").read_text():
        wrong.append(f"osbot {name} has no page docs/cli/{name}.md that docs/cli/README.md links")
for page in (root / "docs/errors").glob("*.md"):
    if page.name != "README.md" and f"({page.name})" not in (root / "docs/errors/README.md").read_text():
        wrong.append(f"docs/errors/README.md does not link {page.name}")

# SECURITY.md states what a function reaches. Each test and file that it names must exist, and each row of a table with tests names one.
security = (root / "SECURITY.md").read_text()
tests = {name for file in (root / "tests/functional").glob("*.py") for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)}
tests |= {f"{suite}.{name}" for file in (root / "tests/unit").rglob("*.cpp")
          for suite, name in re.findall(r"^TEST(?:_[FP])?\((\w+),\s*(\w+)\)", file.read_text(), re.M)}
named = re.findall(r"`(test_\w+|\w+_Test\.\w+)`", security)
wrong += [f"SECURITY.md names the test {name}, which does not exist" for name in named if name not in tests]
wrong += [f"SECURITY.md names {path}, which does not exist" for path in re.findall(r"`((?:src|tests|fuzz)/[\w./]+)`", security) if not (root / path).exists()]
for table in re.findall(r"^\| [^\n]* test \|\n\|[- |]+\n((?:\|.*\n)+)", security, re.M):
    wrong += [f"SECURITY.md: this row names no test:\n{row}" for row in table.splitlines() if not re.search(r"`(?:test_\w+|\w+_Test\.\w+)`[^|]*\|$", row)]
if len(named) < 40:
    wrong.append("SECURITY.md: the names of tests were not recognised")

print("\n".join(wrong) if wrong else f"{len(documents)} documents: all quoted programs and linked files exist")
sys.exit(1 if wrong else 0)
