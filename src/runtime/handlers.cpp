#include "runtime/handlers.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/json.hpp"

namespace osbot_aws {
namespace runtime {

std::map<std::string, Handler_Ref>& handlers() {
    static std::map<std::string, Handler_Ref> all;  // created by the first registration, before main
    return all;
}

std::string_view qualified_name_of(std::string_view pretty) {
    // g++:   "... registered() [with auto f = shop::price]"; a function that was cast is "((...)shop::price)".
    // clang: "... registered() [f = &shop::price]"
    for (const std::string_view mark : {"[with auto f = ", "[f = &"}) {
        const std::size_t at = pretty.find(mark);
        if (at == std::string_view::npos) continue;
        const std::string_view text = pretty.substr(at + mark.size());
        return text.substr(0, text.find_first_of(";]"));
    }
    return pretty;
}

std::string name_of(std::string_view pretty) {
    std::string name(qualified_name_of(pretty));
    for (std::string_view anonymous : {"{anonymous}::", "(anonymous namespace)::", "<unnamed>::"}) {
        for (std::size_t at; (at = name.find(anonymous)) != std::string::npos;) name.erase(at, anonymous.size());
    }
    if (const std::size_t argument = name.find('('); argument != std::string::npos && argument > 0)
        name.erase(argument);
    while (!name.empty() && (name.front() == '(' || name.front() == '&')) name.erase(0, 1);
    for (std::size_t at; (at = name.find("::")) != std::string::npos;) name.replace(at, 2, "_");
    return name;
}

}  // namespace runtime

namespace internal {
namespace {

// The views refer to __PRETTY_FUNCTION__ strings, which exist until the program exits.
std::map<std::string, std::string_view>& qualified_names() {
    static std::map<std::string, std::string_view> all;
    return all;
}

}  // namespace

Handler_Ref register_handler(std::string_view pretty_function, Handler_Ref::Call call, bool streams) {
    Handler_Ref handler{runtime::name_of(pretty_function), call, streams};
    const auto [existing, added] = runtime::handlers().try_emplace(handler.name, handler);
    const std::string_view qualified = runtime::qualified_name_of(pretty_function);
    const std::string_view first = qualified_names().try_emplace(handler.name, qualified).first->second;
    if (!added && existing->second.call != call) {
        // One would silently replace the other. An exception before main could not be caught.
        std::string line = "osbot_aws: two handlers of this program have the same name " + handler.name + ": ";
        line.append(first).append(" and ").append(qualified).append("; rename one, or move it to a namespace\n");
        [[maybe_unused]] const auto written = ::write(2, line.data(), line.size());
        std::abort();
    }
    return handler;
}

void call_json(Json (*f)(const Json&, const Context&), std::string_view event, const Context& context,
               Response_Writer& response) {
    response.write(base::dump_json(f(base::parse_json_or_throw(event), context)));
}

}  // namespace internal

std::chrono::milliseconds Context::remaining_time() const {
    const auto rest = std::chrono::floor<std::chrono::milliseconds>(deadline - std::chrono::system_clock::now());
    return std::max(rest, std::chrono::milliseconds{0});
}

}  // namespace osbot_aws
