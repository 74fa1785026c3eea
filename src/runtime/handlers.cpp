#include "runtime/handlers.hpp"

#include <unistd.h>

#include <cctype>
#include <chrono>
#include <cstdlib>

#include "runtime/serve.hpp"

namespace osbot_aws {
namespace runtime {

std::map<std::string, Handler_Ref>& handlers() {
    static std::map<std::string, Handler_Ref> all;  // created by the first registration, before main
    return all;
}

std::string name_of(std::string_view function) {
    std::string text(function);
    for (const std::string_view anonymous : {"{anonymous}::", "(anonymous namespace)::", "<unnamed>::"}) {
        for (std::size_t at; (at = text.find(anonymous)) != std::string::npos;) text.erase(at, anonymous.size());
    }
    std::string name;
    bool gap = false;
    for (const char c : text) {
        const bool allowed = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
        if (allowed && gap && !name.empty()) name += '_';
        if (allowed) name += c;
        gap = !allowed;
    }
    return name;
}

}  // namespace runtime

namespace internal {
namespace {

// The views refer to __PRETTY_FUNCTION__ strings or template arguments, which exist until the program exits.
std::map<std::string, std::string_view>& qualified_names() {
    static std::map<std::string, std::string_view> all;
    return all;
}

}  // namespace

Handler_Ref register_handler(std::string_view function, Handler_Ref::Call call, bool streams) {
    runtime::prepare_process();
    Handler_Ref handler{runtime::name_of(function), call, streams};
    const auto [existing, added] = runtime::handlers().try_emplace(handler.name, handler);
    const std::string_view first = qualified_names().try_emplace(handler.name, function).first->second;
    if (!added && existing->second.call != call) {
        // One would silently replace the other. An exception before main could not be caught.
        std::string line = "osbot_aws: two handlers of this program have the same name " + handler.name + ": ";
        line.append(first).append(" and ").append(function).append("; pass a name: handler<f, \"name\">\n");
        [[maybe_unused]] const auto written = ::write(2, line.data(), line.size());
        std::abort();
    }
    return handler;
}

}  // namespace internal

std::chrono::milliseconds Context::remaining_time() const {
    const auto rest = std::chrono::floor<std::chrono::milliseconds>(deadline - std::chrono::system_clock::now());
    return std::max(rest, std::chrono::milliseconds{0});
}

}  // namespace osbot_aws
