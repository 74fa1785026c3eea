#!/usr/bin/env python3
"""Checks that docs/reference/settings.md lists every environment variable and every flag of the command. --write writes the flags.

Variables are the names in calls of base::variable() and has_variable(), the texts with AWS's and this project's prefixes in the parts
that run outside of functions, and those that the Python package reads. The page explains each of them by hand.
"""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
page = root / "docs/reference/settings.md"
START, END = "<!-- flags: tools/check_settings.py --write -->\n", "<!-- end of flags -->\n"

# These set variables of functions (docs/reference/execution_environment.md), or have names that are not variables.
NOT_READ = ["src/services/lambda/running/environment_variables.cpp", "src/services/lambda/running/process_start.cpp", "src/services/images/"]
PREFIXES = r"AWS_[A-Z][A-Z0-9_]*|OSBOT_[A-Z][A-Z0-9_]*|LAMBDA_SHELL__[A-Z_]+"


def sources(*folders):
    for folder in folders:
        for path in sorted((root / folder).rglob("*.?pp")):
            if not any(str(path.relative_to(root)).startswith(name) for name in NOT_READ):
                yield path


def variables():
    names = set()
    for path in sources("src", "include"):
        names |= set(re.findall(r'\b(?:has_)?variable\(\s*"(\w+)"', path.read_text()))
    for path in sources("src/cli", "src/client", "src/sdk", "src/packing", "src/runtime"):
        names |= set(re.findall(rf'"({PREFIXES})"', path.read_text())) - {"AWS_IAM"}  # a type of authorization
    for path in sorted((root / "python").rglob("*.py")):
        names |= set(re.findall(r"""environ(?:\.get)?[\[(]\s*["'](\w+)["']""", path.read_text()))
    return names


def text_of(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace(r"\"", '"').replace(r"\n", " ")


def flags():
    """Returns the rows (flag, command, description) in the order of the commands."""
    rows = []
    for path in sources("src/cli/commands", "src/cli/line"):
        text = path.read_text()
        commands = [(match.start(), match.group(1)) for match in re.finditer(r'add_command\(\s*(?:[\w.()]+,\s*)?"([\w-]+)"', text)]
        pattern = r'add_(?:option|flag|size)\(\s*"(-[^"]*)",\s*[^,;]+,\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)'
        for match in re.finditer(pattern, text):
            before = [name for start, name in commands if start < match.start()]
            rows.append((match.group(1), before[-1] if before and path.parent.name == "commands" else "several", text_of(match.group(2))))
    return sorted(set(rows), key=lambda row: (row[1], row[0]))


def table():
    lines = ["| flag | command | |\n", "| --- | --- | --- |\n"]
    lines += [f"| `{flag}` | {command} | {text.replace('|', chr(92) + '|')} |\n" for flag, command, text in flags()]
    return "".join(lines)


def main():
    text = page.read_text()
    before, rest = text.split(START)
    written, after = rest.split(END)
    if "--write" in sys.argv:
        page.write_text(before + START + table() + END + after)
        return 0
    wrong = []
    if written != table():
        wrong.append(f"{page.relative_to(root)}: the flags are not those of the command: run tools/check_settings.py --write")
    listed = set(re.findall(r"^\| `(\w+)` \|", before, re.M))
    read = variables()
    if len(read) < 40 or len(flags()) < 40:
        wrong.append("src: the variables or flags were not recognised")
    wrong += [f"{page.relative_to(root)} does not list {name}, which the code reads" for name in sorted(read - listed)]
    wrong += [f"{page.relative_to(root)} lists {name}, which the code does not read" for name in sorted(listed - read)]
    print("\n".join(wrong) or f"{len(read)} variables and {len(flags())} flags are listed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
