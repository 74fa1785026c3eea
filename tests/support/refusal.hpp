// Skips tests of a part of the sandbox on a host that refuses it. The reason is the one that the sandbox reports:
//   if (const auto reason = refusal_of(sandbox->capabilities(), Part::cgroup)) GTEST_SKIP() << *reason;
// HOST_PARTS in tests/functional/conftest.py has the same names, so that tools/count_skips counts both together.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/sandbox.hpp"

namespace osbot_aws::test_support {

enum class Part { namespaces, network, cgroup, processes, freezer };

/// Returns why the host lacks the part, in one line, or nullopt if it has it.
inline std::optional<std::string> refusal_of(const sandbox::Capabilities& found, Part part) {
    struct Check {
        bool available;
        std::string_view sentence, name;
    };
    const Check checks[] = {{found.namespaces, "No namespaces", "user namespaces"},
                            {found.network, "No network namespace", "network namespaces"},
                            {found.cgroup, "No memory cgroup", "memory cgroups"},
                            {found.processes, "No pids cgroup", "pids cgroups"},
                            {found.freezer, "No freezer", "a freezer"}};
    const Check& check = checks[static_cast<int>(part)];
    if (check.available) return std::nullopt;
    std::string reason = "the sandbox reports no reason";
    for (const std::string& sentence : found.missing) {
        if (!sentence.starts_with(check.sentence)) continue;
        // "No memory cgroup: its consequence (PATH: the host's reason)"; paths differ from run to run.
        const std::size_t begin = sentence.rfind(": ") + 2;
        reason = sentence.substr(begin, sentence.size() - begin - (sentence.ends_with(')') ? 1 : 0));
    }
    return "this host refuses " + std::string(check.name) + ": " + reason;
}

}  // namespace osbot_aws::test_support
