#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/architecture.hpp"
#include "base/characters.hpp"
#include "base/error_codes.hpp"
#include "base/local_error.hpp"
#include "base/subprocess.hpp"
#include "base/text.hpp"
#include "packing/elf.hpp"
#include "packing/handlers.hpp"
#include "packing/shared_objects.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds listing_time_max{5};

bool is_identifier(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '<' || c == '>' || c == ',' ||
               c == ' ';  // f<int, 2> is a valid name
    });
}

Error not_executable(const fs::path& program, std::string_view reason) {
    return local_error("NotExecutable", "{}: {}", program.string(), reason);
}

/// The error for a program that started, but has no handlers.
Error no_handlers(const fs::path& program, std::string_view reason) {
    return local_error(codes::handler_not_found,
                       "{} {}: a program that can be deployed registers its function with handler<f> and calls "
                       "serve_if_lambda() or creates a Deploy_Lambda",
                       program.string(), reason);
}

std::string printed(const base::Program_End& end) {
    std::string_view text = base::trimmed(end.errors);
    constexpr std::size_t printed_max = 300;
    text = text.substr(text.size() - std::min(text.size(), printed_max));
    return text.empty() ? "" : fmt::format(" and printed '{}'", text);
}

/// Returns the standard output of a program that ended well.
Result<std::string> listing(const fs::path& program, const Elf& elf) {
    // The program may not use this library, so it runs without input and terminal, with few environment variables
    // and a short time limit.
    std::vector<std::string> variables = loader_variables();
    variables.insert(variables.end(), {"OSBOT_AWS_LIST_HANDLERS=1", "PATH=/usr/bin:/bin"});
    auto end = base::run_program(
        {.argv = {fs::absolute(program).string()}, .environment = variables, .time_max = listing_time_max});
    const bool ended = end && !end->timed_out && end->exit_code == 0;
    if (!ended && elf.architecture != base::host_architecture)
        return not_executable(program, fmt::format("it is built for {}, so this host ({}) cannot run it to list its "
                                                   "handlers; name one in {}",
                                                   elf.architecture, base::host_architecture, handler_settings));
    if (!end) return not_executable(program, end.error().message);
    if (end->timed_out)
        return no_handlers(
            program, fmt::format("does not list its handlers (it did not exit within {} s)", listing_time_max.count()));
    if (end->exit_code == 0) return std::move(end->output);
    if (!elf.interpreter.empty())
        if (const auto loaded = list_with_loader(program, elf); !loaded)
            return not_executable(program, loaded.error().message);
    return no_handlers(
        program, fmt::format("does not list its handlers (it exited with status {}{})", end->exit_code, printed(*end)));
}

}  // namespace

Result<Elf> read_program(const fs::path& program) {
    auto elf = read_elf(program);
    if (!elf && elf.error().code == codes::bad_elf) return Error{"NotExecutable", elf.error().message, 0};
    if (!elf) return elf.error();
    if (!*elf)
        return not_executable(program,
                              "it is not an ELF executable; deploy the program itself, a .py file, a folder "
                              "with an executable file `bootstrap`, or a .zip");
    if (!(*elf)->program) return not_executable(program, "it is a shared library, not a program");
    return **elf;
}

Result<std::vector<std::string>> list_program_handlers(const fs::path& program) {
    OSBOT_TRY(const auto elf, read_program(program));
    OSBOT_TRY(const auto text, listing(program, elf));
    std::vector<std::string> names;
    for (std::string_view rest = text; !rest.empty();) {
        std::string name(base::take_until(rest, '\n'));
        if (!is_identifier(name)) return no_handlers(program, "printed text that is not a list of handlers");
        names.push_back(std::move(name));
    }
    if (names.empty()) return no_handlers(program, "registers no handler");
    return names;
}

std::string program_handler_name(std::string name) {
    for (std::size_t at; (at = name.find("::")) != std::string::npos;) name.replace(at, 2, "_");
    return name;
}

}  // namespace osbot_aws::packing
