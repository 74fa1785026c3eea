// Tests of a part of the sandbox are skipped on a host that refuses it, for the reason that the sandbox itself found:
//   if (const auto why = refusal_of(sandbox->capabilities(), Part::cgroup)) GTEST_SKIP() << *why;
// HOST_PARTS in tests/functional/conftest.py has the same words, so that tools/count_skips counts both together.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/sandbox.hpp"

namespace osbot_aws::test_support {

enum class Part { namespaces, network, cgroup };

/// Returns one line, or nullopt if the host has the part.
inline std::optional<std::string> refusal_of(const sandbox::Capabilities& found, Part part) {
    struct Words {
        bool has;
        std::string_view sentence, name;
    };
    const Words words = part == Part::namespaces ? Words{found.namespaces, "No namespaces", "user namespaces"}
                        : part == Part::network  ? Words{found.network, "No network namespace", "network namespaces"}
                                                 : Words{found.cgroup, "No memory cgroup", "memory cgroups"};
    if (words.has) return std::nullopt;
    std::string reason = "not found by this sandbox";
    for (const std::string& one : found.missing) {
        if (!one.starts_with(words.sentence)) continue;
        // "No memory cgroup: its consequence (PATH: the host's reason)"; paths differ from run to run.
        const std::size_t begin = one.rfind(": ") + 2;
        reason = one.substr(begin, one.size() - begin - (one.ends_with(')') ? 1 : 0));
    }
    return "this host refuses " + std::string(words.name) + ": " + reason;
}

}  // namespace osbot_aws::test_support
