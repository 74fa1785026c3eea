#!/usr/bin/env python3
"""check_signatures.py COMPILER: checks that handler<f> accepts the documented signatures, and rejects others with one readable error."""
import pathlib
import re
import subprocess
import sys

INCLUDE = pathlib.Path(__file__).resolve().parents[2] / "include"
# Each case is compiled in a namespace of its own, all accepted ones and all rejected ones in one program each.
PROGRAM = """
#include <osbot_aws/runtime/handler.hpp>
using namespace osbot_aws;
struct Order { int id = 0; };
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Order, id)
struct Unknown { int id = 0; };
struct Shop { Json price(const Json&) const; Json operator()(const Json&) const; Json operator()(const Order&) const; };
"""
CASE = "namespace case_%d { %s\nconst Handler_Ref used = handler<%s>; }\n"
ACCEPTED = [
    ("Json f(const Json&, const Context&);", "f"), ("Json f(const Json&, const Context&) noexcept;", "f"), ("Json f(Json, Context);", "f"),
    ("Json f(Json&&);", "f"), ("void f(Json&);", "f"), ("Json f();", "f"), ("int f(const Context&);", "f"), ("Order f(const Order&);", "f"),
    ("std::vector<Order> f(std::vector<Order>, const Context&);", "f"), ("std::string f(const std::string&);", "f"),
    ("const char* f(std::string_view);", "f"), ("Json f(std::string_view);", "f"), ("void f(Response_Writer&);", "f"),
    ("void f(const Order&, const Context&, Response_Writer&);", "f"), ("struct S { static Json f(const Json&); };", "S::f"),
    ("", "[](const Json& event, const Context&) { return event; }"), ("", "[](Order order) noexcept { return order.id; }"),
    ("", "[](const Json&) {}, \"a_name\""), ("constexpr auto f = [](const Json& e) { return e; };", "f"),
]
PARAMETERS, EVENT, RESULT = "f must be a function or a lambda", "the event parameter of f must be", "f must return void, Json"
REJECTED = [
    ("Json f(const Json&, const Json&);", "f", PARAMETERS), ("Json f(const Json&, const Context&, int);", "f", PARAMETERS),
    ("Json f(const Json&, Context&);", "f", PARAMETERS), ("void f(const Json&, const Response_Writer&);", "f", PARAMETERS),
    ("", "&Shop::price", PARAMETERS), ("constexpr Shop f;", "f", PARAMETERS), ("", "[](const auto& event) { return event; }", PARAMETERS),
    ("int f = 0;", "&f", PARAMETERS), ("Json f(const Unknown&);", "f", EVENT), ("Json f(const Json*);", "f", EVENT),
    ("Json f(const char*);", "f", EVENT), ("Unknown f(const Json&);", "f", RESULT), ("Json f(const Json&, Response_Writer&);", "f", RESULT),
]
REJECTED_NAMES = ['"no spaces"', '""']  # the reason may follow the error in a note


def output_of(compiler, cases):
    """Returns what the compiler prints about (declaration, function) cases."""
    program = PROGRAM + "".join(CASE % (number, *case[:2]) for number, case in enumerate(cases))
    command = [compiler, "-std=c++20", "-fsyntax-only", "-Wno-undefined-inline", "-Wno-undefined-internal", f"-I{INCLUDE}", "-xc++", "-"]
    return subprocess.run(command, input=program, text=True, capture_output=True).stderr


def main(compiler):
    failed = []
    accepted = output_of(compiler, ACCEPTED)
    if "error:" in accepted:
        failed.append(accepted)
    rejected = output_of(compiler, REJECTED)
    errors = re.findall(r"error: (.*)", rejected)
    expected = [message for _, _, message in REJECTED]
    if len(errors) != len(expected) or not all(message in error for message, error in zip(expected, errors)):
        failed.append(f"expected {len(expected)} errors, in this order: {expected}\ngot:\n{rejected}")
    for name in REJECTED_NAMES:
        output = output_of(compiler, [("Json f(const Json&);", f"f, {name}")])
        if "the name of a handler" not in output:
            failed.append(f"{name}: {output}")
    print("\n".join(failed) if failed else f"{len(ACCEPTED)} signatures are accepted and {len(REJECTED)} rejected with {compiler}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
