"""Tests the rules of tools/check_language.py on samples, each in a file of its kind."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools/check_language.py"
# (file, text, rules that the text breaks)
SAMPLES = [
    ("a.cpp", "// What the client sends is checked here.\n", ["subject"]),
    ("a.cpp", "// Checks the request of the client.\n", []),
    ("a.cpp", 'report("nobody listens");\n', ["subject"]),
    ("a.cpp", "// The server answers with 404.\n", ["verb"]),
    ("a.cpp", "// Returns 404.\n", []),
    ("a.hpp", "/// Errors: BadElf if the file is no ELF file.\n", ["is-no"]),
    ("a.hpp", "/// Empty if there is no file. The folder is no longer used.\n", []),
    ("a.cpp", "if (wanted.empty()) return;\n", ["participle"]),
    ("a.cpp", 'if (request.empty()) throw Error("the wanted file, there.");\n', []),
    ("a.cpp", 'constexpr auto text = R"(what is this: // wanted.size)";\n', ["subject"]),
    ("a.cpp", "TEST(Store_Test, what_is_stored_is_found) {\n", ["test-name"]),
    ("a.cpp", "TEST(Store_Test, FindsStoredValues) {\n", ["test-name"]),
    ("a.cpp", "TEST(Store_Test, finds_stored_values) {\n", []),
    ("a.py", f"def test_{'long_' * 12}name():\n    pass\n", ["test-name"]),
    ("a.py", 'def find():\n    """Finds a value.\n\n    Whoever calls it owns the value.\n    """\n', ["subject"]),
    ("a.py", "result = told.strip()\n", ["participle"]),
    ("a.md", "The engine says which port it uses.\n", ["verb"]),
    ("a.md", "```\nThe engine says nothing in code blocks.\n```\n", []),
    ("a.md", "What is Lambda?\n", []),
    ("CMakeLists.txt", "# Whoever links this gets the headers.\n", ["subject"]),
]


class Language_Rules_Test(unittest.TestCase):
    def test_rules_find_the_bad_samples(self):
        for name, text, rules in SAMPLES:
            with self.subTest(name=name, text=text), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / name
                path.write_text(text)
                done = subprocess.run([sys.executable, TOOL, path], capture_output=True, text=True, check=True)
                self.assertEqual([line.split(": ")[1] for line in done.stdout.splitlines() if line], rules, done.stdout)


if __name__ == "__main__":
    unittest.main()
