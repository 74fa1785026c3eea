#include "runtime/type_name.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "base/characters.hpp"

namespace osbot_aws::runtime {
namespace {

constexpr bool is_identifier_character(char c) { return base::is_alphanumeric(c) || c == '_'; }

/// `__1`, `__cxx11`, `_V2`: names that the standard reserves for implementations, and that programs do not write.
bool is_reserved(std::string_view name) {
    return name.size() > 1 && name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'));
}

/// `9` and `20220623` after the prefix; not `v2` of a program's own namespaces, which are part of its names.
bool is_versioned(std::string_view name, std::string_view prefix) {
    return base::take_prefix(name, prefix) && base::consists_of(name, base::is_digit);
}

/// Returns whether programs omit the namespace `name`, because it is inline in the namespace `parent`. Type information
/// does not contain which namespaces are inline.
bool is_abi_namespace(std::string_view parent, std::string_view name) {
    return is_reserved(name) || name.starts_with("json_abi") || (parent == "fmt" && is_versioned(name, "v")) ||
           (parent == "absl" && is_versioned(name, "lts_"));
}

std::string without_abi_namespaces(std::string_view text) {
    constexpr std::string_view separator = "::";
    std::string result;
    std::string_view parent;  // the identifier before `::`
    while (!text.empty()) {
        const std::string_view name(text.begin(), std::ranges::find_if_not(text, is_identifier_character));
        text.remove_prefix(name.size());
        const bool is_namespace = text.starts_with(separator);
        const bool omitted = is_namespace && result.ends_with(separator) && is_abi_namespace(parent, name);
        if (omitted) {
            text.remove_prefix(separator.size());
            continue;
        }
        result += name;
        parent = name;
        if (is_namespace) {
            result += separator;
            text.remove_prefix(separator.size());
        } else if (!text.empty()) {
            result += text.front();
            text.remove_prefix(1);
        }
    }
    return result;
}

/// Removes `[abi:cxx11]`.
void remove_abi_tags(std::string& text) {
    for (std::size_t begin = 0; (begin = text.find("[abi:", begin)) != std::string::npos;) {
        const std::size_t end = text.find(']', begin);
        text.erase(begin, end == std::string::npos ? end : end - begin + 1);
    }
}

/// Replaces a template and its arguments, `std::basic_string<...>`, if they start with `begin`.
void replace_template(std::string& text, std::string_view begin, std::string_view alias) {
    for (std::size_t at = 0; (at = text.find(begin, at)) != std::string::npos; at += alias.size()) {
        std::size_t end = text.find('<', at);
        for (int depth = 0; end < text.size(); ++end) {
            depth += text[end] == '<' ? 1 : text[end] == '>' ? -1 : 0;
            if (depth == 0) break;
        }
        text.replace(at, end - at + 1, alias);
    }
}

void replace_prefix(std::string& text, std::string_view prefix, std::string_view replacement) {
    for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string::npos; at += replacement.size())
        text.replace(at, prefix.size(), replacement);
}

/// nlohmann::json names its exceptions, which are declared in another namespace.
void use_names_of_json(std::string& text) {
    for (const std::string name :
         {"exception", "parse_error", "invalid_iterator", "type_error", "out_of_range", "other_error"})
        replace_prefix(text, "nlohmann::detail::" + name, "nlohmann::json::" + name);
}

}  // namespace

std::string readable_type_name(std::string_view demangled) {
    std::string text = without_abi_namespaces(demangled);
    remove_abi_tags(text);
    replace_template(text, "std::basic_string<char,", "std::string");
    replace_template(text, "nlohmann::basic_json<std::map,", "nlohmann::json");
    replace_template(text, "nlohmann::basic_json<nlohmann::ordered_map,", "nlohmann::ordered_json");
    use_names_of_json(text);
    return text;
}

std::string type_name(const std::type_info& type) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> plain(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                       std::free);
    return readable_type_name(status == 0 ? plain.get() : type.name());
}

}  // namespace osbot_aws::runtime
