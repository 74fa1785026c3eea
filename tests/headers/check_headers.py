#!/usr/bin/env python3
"""check_headers.py COMPILER together|alone: checks that the public headers compile without warnings.

together  compile all headers in one file, in C++20 and in C++23
alone     compile each header in a separate file, in C++20, to verify that it includes all headers it uses

The flags are those of strict projects. Warnings are errors.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

INCLUDE = pathlib.Path(__file__).resolve().parents[2] / "include"
FLAGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror", "-fsyntax-only"]
STANDARDS = ["c++20", "c++2b"]  # clang 14 accepts only this name for C++23


def compile_headers(compiler, standard, headers):
    """Returns an empty text, or the first lines that the compiler prints."""
    program = "".join(f"#include <{header}>\n" for header in headers)
    done = subprocess.run([compiler, f"-std={standard}", *FLAGS, f"-I{INCLUDE}", "-xc++", "-"], input=program, text=True, capture_output=True)
    failed = done.returncode != 0 or done.stderr
    return f"{compiler} -std={standard} {' '.join(headers)}:\n" + "\n".join(done.stderr.splitlines()[:20]) if failed else ""


def main(compiler, how):
    headers = sorted(str(path.relative_to(INCLUDE)) for path in INCLUDE.rglob("*.hpp"))
    work = [(standard, headers) for standard in STANDARDS] if how == "together" else [(STANDARDS[0], [header]) for header in headers]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failures = list(filter(None, pool.map(lambda arguments: compile_headers(compiler, *arguments), work)))
    print("\n".join(failures) if failures else f"{len(headers)} headers compile {how} with {compiler}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
