#include "cli/line/argument_text.hpp"

#include <cstdio>

#include "base/files.hpp"

namespace osbot_aws::cli {

Result<std::string> argument_text(const std::string& argument) {
    if (argument.starts_with('@')) return base::read_file(argument.substr(1));
    if (argument != "-") return argument;
    std::string text;
    char block[65536];
    for (std::size_t count; (count = std::fread(block, 1, sizeof block, stdin)) > 0;) text.append(block, count);
    return text;
}

}  // namespace osbot_aws::cli
