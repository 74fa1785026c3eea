#!/usr/bin/env python3
"""Counts text that is not plain technical English and compares the counts with tools/language_budget.txt.

    check_language.py [--update] [FILE...]

Reads comments, docstrings and string literals of code, and the prose of text files. The rules:

    subject      a sentence whose subject is a clause or a pronoun: "What ...", "Whoever ...", "Of the ..."
    verb         a colloquial verb where the field has one: answers (returns, responds), says, tells, goes away, is gone
    is-no        "is no X" instead of "is not an X" or "no longer"
    participle   an identifier that is a bare participle: wanted, asked, given, shown, kept, told, said, there
    test-name    a test's name of more than 60 characters, with capital letters, or with who, what, which or nobody

A finding is printed as FILE:LINE: RULE: TEXT. A file may have as many findings of a rule as the budget lists for it; a file that
the budget does not list may have none. --update lowers the budget to the present counts. It never raises a count: rewrite the
text instead. With FILE, prints all findings in those files and ignores the budget.

Exit status: 0 within the budget, 1 above it.
"""
import argparse
import collections
import io
import pathlib
import re
import subprocess
import sys
import tokenize

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUDGET = ROOT / "tools/language_budget.txt"
CODE = {".cpp", ".hpp", ".c", ".js", ".mjs"}
HASH_COMMENTS = {".cmake", ".sh", ".toml", ".yml", ".yaml"}
PROSE = {".md", ".txt", ".in"}
# The requirement and data recorded on AWS are quotations; this file and its budget name the words that they look for.
QUOTED = (
    "docs/seed/", "tests/contract/data/", "tests/data/", "LICENSE",
    "tools/check_language.py", "tests/tools/test_check_language.py", "tools/language_budget.txt",
)

TEST_NAME_MAX = 60
SENTENCE_START = r"(?:^|(?<=[.;:!?] )|(?<=[(*>]))"
RULES = {
    "subject": re.compile(
        SENTENCE_START + r"(?:What|Whoever|Whichever|Whatever|Who|Of (?:an?|the|what|those)|Those|So (?:much|many))\s+\w(?![^.]*\?)"
        r"|\b(?:[Ww]hoever|[Ss]omebody|[Nn]obody)\b|\b(?:what (?:is|was|has|it has)|who (?:holds|waits))\b(?![^.]*\?)"),
    "verb": re.compile(
        r"\b(?:answers|answered|says|said|tells|told|lets? go of|lets go|(?:is|are) gone|go(?:es)? away|goes by|comes with(?:out)?)\b"),
    "is-no": re.compile(r"(?<!there )\b(?:is|are|was|were) no (?!longer\b|more\b|such\b|one\b|\d)\w+"),
}
PARTICIPLE = re.compile(r"\b(?:wanted|asked|shown|kept|told|given|said|there)(?:_\w*)?\b(?=\s*(?:[.=;,)(]|->))")
TEST = re.compile(r"TEST(?:_F|_P)?\(\s*\w+,\s*(\w+)|^\s*(?:async )?def (test_\w+)")
RIDDLE = re.compile(r"(?:^|_)(?:who|what|which|nobody|whoever|whom)(?:_|$)")
CPP_TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', re.S)

Finding = collections.namedtuple("Finding", "file line rule text")


def cpp_texts(source):
    """Yields (line, text) of each comment and string literal, and (line, None) with the remaining code."""
    code = list(source)
    for token in CPP_TOKENS.finditer(source):
        text = token.group()
        if text[0] == "'":
            continue
        first = source.count("\n", 0, token.start()) + 1
        for offset, line in enumerate(text.split("\n")):
            yield first + offset, line.strip().lstrip("/*<").strip('R"( )').strip()
        code[token.start():token.end()] = [character if character == "\n" else " " for character in text]
    for number, line in enumerate("".join(code).split("\n"), 1):
        yield number, Code(line)


class Code(str):
    """A line of code without its comments and literals."""


def python_texts(source):
    code = source.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING):
            for offset, line in enumerate(token.string.split("\n")):
                yield token.start[0] + offset, line.strip().lstrip("#fbru").strip("\"' ")
            for row in range(token.start[0] - 1, token.end[0]):
                start = token.start[1] if row == token.start[0] - 1 else 0
                end = token.end[1] if row == token.end[0] - 1 else len(code[row])
                code[row] = code[row][:start] + " " * (end - start) + code[row][end:]
    for number, line in enumerate(code, 1):
        yield number, Code(line)


def hash_texts(source):
    for number, line in enumerate(source.split("\n"), 1):
        if comment := re.search(r"(?:^|\s)#+ (.*)|^#+(\w.*)", line):
            yield number, comment.group(1) or comment.group(2)
        yield from ((number, literal) for literal in re.findall(r'"([^"]*\s[^"]*)"', line))


def prose_texts(source):
    fenced = False
    for number, line in enumerate(source.split("\n"), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            for cell in re.sub(r"`[^`]*`", "CODE", line).strip(" #>").split("|"):
                yield number, cell.strip(" -*")


def texts(path, source):
    if path.suffix in CODE:
        return cpp_texts(source)
    if path.suffix == ".py" or source.startswith("#!/usr/bin/env python3"):
        return python_texts(source)
    if path.suffix in PROSE and path.name != "CMakeLists.txt":
        return prose_texts(source)
    if path.suffix in HASH_COMMENTS or path.name in ("CMakeLists.txt", "Makefile") or source.startswith("#!"):
        return hash_texts(source)
    return ()


def findings_of(name):
    path = ROOT / name
    try:
        source = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return
    lines = source.split("\n")
    found = set()
    for number, text in texts(path, source):
        if isinstance(text, Code):
            rules = ["participle"] if PARTICIPLE.search(text) else []
            if test := TEST.search(text):
                test_name = test.group(1) or test.group(2).removeprefix("test_")
                if len(test_name) > TEST_NAME_MAX or test_name != test_name.lower() or RIDDLE.search(test_name):
                    rules.append("test-name")
        else:
            rules = [rule for rule, pattern in RULES.items() if pattern.search(text)]
        found.update((number, rule) for rule in rules)
    for number, rule in sorted(found):
        yield Finding(name, number, rule, lines[number - 1].strip()[:140])


def read_budget():
    budget = {}
    for line in BUDGET.read_text().splitlines():
        if line and not line.startswith("#"):
            name, rule, count = line.split()
            budget[name, rule] = int(count)
    return budget


def write_budget(budget):
    folders = collections.Counter()
    for (name, _), count in budget.items():
        folders["/".join(name.split("/")[:2]) if "/" in name else "."] += count
    summary = "\n".join(f"#   {count:5} {folder}" for folder, count in sorted(folders.items()))
    rows = "\n".join(f"{name} {rule} {count}" for (name, rule), count in sorted(budget.items()) if count)
    BUDGET.write_text(
        "# The findings of tools/check_language.py that each file may have: FILE RULE COUNT. Files that are not listed may have none.\n"
        f"# `tools/check_language.py --update` lowers the counts. By folder, {sum(folders.values())} in all:\n{summary}\n{rows}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="lower the budget to the present counts")
    parser.add_argument("files", nargs="*", metavar="FILE", help="print all findings in these files")
    options = parser.parse_args()
    if options.files:
        found = [finding for name in options.files for finding in findings_of(str(pathlib.Path(name)))]
        print("\n".join(": ".join((f"{f.file}:{f.line}", f.rule, f.text)) for f in found))
        print(f"{len(found)} findings", file=sys.stderr)
        return 0

    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    by_rule = collections.defaultdict(list)
    for name in listed:
        if name and not name.startswith(QUOTED):
            for finding in findings_of(name):
                by_rule[name, finding.rule].append(finding)
    budget = read_budget()
    over = {key: found for key, found in by_rule.items() if len(found) > budget.get(key, 0)}
    for key, found in sorted(over.items()):
        print(f"{key[0]}: {len(found)} findings of the rule '{key[1]}', budget {budget.get(key, 0)}:")
        for finding in found:
            print(f"  {finding.file}:{finding.line}: {finding.rule}: {finding.text}")
    if options.update:
        write_budget({key: min(count, len(by_rule.get(key, ()))) for key, count in budget.items()})
    elif any(len(by_rule.get(key, ())) < count for key, count in budget.items()):
        print("some counts fell below the budget: lower it with tools/check_language.py --update")
    if not over:
        print(f"{len(listed) - 1} files have {sum(map(len, by_rule.values()))} findings, all within the budget")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
