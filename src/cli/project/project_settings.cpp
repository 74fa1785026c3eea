#include "cli/project/project_settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

#include "base/characters.hpp"
#include "base/files.hpp"
#include "base/http_fields.hpp"
#include "base/local_error.hpp"
#include "cli/line/suggestion.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

static_assert(settings_nested_values_max == TOML_MAX_NESTED_VALUES);

constexpr std::size_t function_name_max = 64;
constexpr std::string_view variable_rule = "a letter, then letters, digits and _ (at least two characters)";

struct Range {
    int min, max;
};

using Text = std::string Function_Settings::*;
using Number = std::optional<int> Function_Settings::*;
using List = std::vector<std::string> Function_Settings::*;
using Variables = std::map<std::string, std::string> Function_Settings::*;

struct Key {
    const char* name;
    std::variant<Text, Number, List, Variables> member;
    std::vector<std::string> choices = {};
    Range range = {0, 0};
};

// Ranges: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const std::vector<Key>& keys() {
    using Settings = Function_Settings;
    static const std::vector<Key> all = {
        {"source", &Settings::source},
        {"handler", &Settings::handler},
        {"runtime", &Settings::runtime},
        {"architecture", &Settings::architecture, {"x86_64", "arm64"}},
        {"image", &Settings::image},
        {"role", &Settings::role},
        {"url", &Settings::url, {"public", "iam", "none"}},
        {"tracing", &Settings::tracing, {"Active", "PassThrough"}},
        {"build", &Settings::build},
        {"memory", &Settings::memory_mb, {}, {128, 10'240}},
        {"timeout", &Settings::timeout_s, {}, {1, 900}},
        {"ephemeral_storage", &Settings::ephemeral_storage_mb, {}, {512, 10'240}},
        {"layers", &Settings::layers},
        {"packages", &Settings::packages},
        {"files", &Settings::files},
        {"folders", &Settings::folders},
        {"ignore", &Settings::ignore},
        {"include", &Settings::include},
        {"env", &Settings::env},
    };
    return all;
}

constexpr const char* stages_key = "stages";
constexpr const char* no_function = "no function: expected [functions.NAME]";

bool is_word(std::string_view text, std::string_view more) {
    return std::all_of(text.begin(), text.end(),
                       [&](char c) { return base::is_alphanumeric(c) || more.find(c) != std::string_view::npos; });
}

bool is_function_name(std::string_view name) {
    return !name.empty() && name.size() <= function_name_max && is_word(name, "-_");
}

bool is_variable_name(std::string_view name) {
    return name.size() >= 2 && is_word(name, "_") && !base::is_digit(name.front()) && name.front() != '_';
}

/// Reads the tables of one file. Errors name the line of the value and its path of keys.
class Reader {
public:
    Reader(const fs::path& file, std::string_view stage) : file_(file), stage_(stage) {}

    Result<std::vector<Function_Settings>> read(const toml::table& root) const {
        for (const auto& [key, value] : root) {
            if (key.str() != "functions") return unknown(key, "the file", {"functions"});
        }
        const auto found = root.find("functions");
        if (found == root.end()) return error_at(1, no_function);
        const auto& [key, node] = *found;
        const toml::table* functions = node.as_table();
        if (functions == nullptr) return wrong_type(node, "functions", "a table, [functions.NAME]");
        if (functions->empty()) return error_at(line_of(key, node), no_function);
        if (functions->size() > settings_functions_max)
            return error_at(line_of(key, node),
                            fmt::format("{} functions; the limit is {}", functions->size(), settings_functions_max));
        return read_functions(*functions);
    }

    Error error_at(std::size_t line, const std::string& text) const {
        return {"InvalidSettings", text_at(line, text), 0};
    }

    Error at(const toml::node& node, const std::string& text) const { return error_at(node.source().begin.line, text); }

    /// Returns the line of a table. That of a table without a header of its own, such as `hello` in
    /// [functions.hello.env], is the line of its name.
    static std::size_t line_of(const toml::key& key, const toml::node& node) {
        const std::size_t line = node.source().begin.line;
        return line != 0 ? line : key.source().begin.line;
    }

    std::string text_at(std::size_t line, const std::string& text) const {
        // A key may contain escape sequences of terminals.
        return base::field_value(fmt::format("{}:{}: {}", file_.string(), line, text));
    }

private:
    Result<std::vector<Function_Settings>> read_functions(const toml::table& functions) const {
        std::vector<Function_Settings> found;  // toml++ sorts tables by name
        for (const auto& [key, value] : functions) {
            OSBOT_TRY(auto function, read_function(key, value));
            found.push_back(std::move(function));
        }
        std::ranges::stable_sort(found, {}, &Function_Settings::line);
        return found;
    }

    Result<Function_Settings> read_function(const toml::key& key, const toml::node& node) const {
        const std::string path = fmt::format("functions.{}", key.str());
        const std::size_t line = line_of(key, node);
        if (!is_function_name(key.str()))
            return error_at(line, fmt::format("invalid function name '{}': expected up to {} letters, digits, - and _",
                                              key.str(), function_name_max));
        Function_Settings settings;
        settings.name = key.str();
        settings.file = file_;
        settings.line = line;
        OSBOT_TRY(read_table(node, path, true, settings));
        OSBOT_TRY(read_stages(*node.as_table(), path, settings));
        if (settings.source.empty() && settings.image.empty())
            return error_at(line,
                            fmt::format("{} has no source; add a line below [{}], such as source = \"hello.py\" "
                                        "(a program, .py or .mjs file, folder or zip) or image = \"my-repo:latest\"",
                                        path, path));
        return settings;
    }

    /// Checks all stages, so that a mistake is found before the stage is used, and applies the selected one.
    Result<void> read_stages(const toml::table& function, const std::string& path, Function_Settings& settings) const {
        const toml::node* node = function.get(stages_key);
        if (node == nullptr) return {};
        const std::string stages_path = path + "." + stages_key;
        const toml::table* stages = node->as_table();
        if (stages == nullptr) return wrong_type(*node, stages_path, fmt::format("a table, [{}.NAME]", stages_path));
        for (const auto& [key, value] : *stages) {
            Function_Settings unused;
            Function_Settings& target = key.str() == stage_ ? settings : unused;
            OSBOT_TRY(read_table(value, fmt::format("{}.{}", stages_path, key.str()), false, target));
        }
        return {};
    }

    /// Reads the keys of a function or of one of its stages.
    Result<void> read_table(const toml::node& node, const std::string& path, bool has_stages,
                            Function_Settings& settings) const {
        const toml::table* table = node.as_table();
        if (table == nullptr) return wrong_type(node, path, "a table");
        for (const auto& [name, value] : *table) {
            if (has_stages && name.str() == stages_key) continue;
            const Key* key = find_key(name.str());
            if (key == nullptr) return unknown(name, path, names_of_keys(has_stages));
            OSBOT_TRY(read_member(value, fmt::format("{}.{}", path, key->name), *key, settings));
        }
        return {};
    }

    static const Key* find_key(std::string_view name) {
        const auto found = std::ranges::find(keys(), name, &Key::name);
        return found != keys().end() ? &*found : nullptr;
    }

    Result<void> read_member(const toml::node& value, const std::string& path, const Key& key,
                             Function_Settings& settings) const {
        return std::visit([&](auto member) { return read_value(value, path, key, settings.*member); }, key.member);
    }

    static std::vector<std::string> names_of_keys(bool has_stages) {
        std::vector<std::string> names;
        for (const Key& key : keys()) names.emplace_back(key.name);
        if (has_stages) names.emplace_back(stages_key);
        return names;
    }

    Result<void> read_value(const toml::node& node, const std::string& path, const Key& key, std::string& out) const {
        OSBOT_TRY(read_text(node, path, out));
        if (key.choices.empty() || std::find(key.choices.begin(), key.choices.end(), out) != key.choices.end())
            return {};
        return at(node, fmt::format("invalid {} '{}': expected {}", path, out, fmt::join(key.choices, ", ")));
    }

    Result<void> read_value(const toml::node& node, const std::string& path, const Key& key,
                            std::optional<int>& out) const {
        const auto* number = node.as_integer();
        if (number == nullptr) return wrong_type(node, path, "a whole number");
        if (number->get() < key.range.min || number->get() > key.range.max)
            return at(node,
                      fmt::format("{} is {}: expected {} to {}", path, number->get(), key.range.min, key.range.max));
        out = static_cast<int>(number->get());
        return {};
    }

    Result<void> read_value(const toml::node& node, const std::string& path, const Key&,
                            std::vector<std::string>& out) const {
        const toml::array* list = node.as_array();
        if (list == nullptr) return wrong_type(node, path, "a list of texts, [\"a\", \"b\"]");
        out.clear();
        for (const toml::node& item : *list) OSBOT_TRY(read_text(item, path, out.emplace_back()));
        return {};
    }

    /// Adds variables: those of a stage replace or extend those of the function.
    Result<void> read_value(const toml::node& node, const std::string& path, const Key&,
                            std::map<std::string, std::string>& out) const {
        const toml::table* variables = node.as_table();
        if (variables == nullptr) return wrong_type(node, path, "a table, { NAME = \"value\" }");
        for (const auto& [name, value] : *variables) {
            if (!is_variable_name(name.str()))
                return at(value, fmt::format("invalid variable name '{}' in {}: expected {}", name.str(), path,
                                             variable_rule));
            const std::string value_path = fmt::format("{}.{}", path, name.str());
            OSBOT_TRY(read_text(value, value_path, out[std::string(name.str())]));
        }
        return {};
    }

    Result<void> read_text(const toml::node& node, const std::string& path, std::string& out) const {
        const auto* text = node.as_string();
        if (text == nullptr) return wrong_type(node, path, "text in quotes");
        if (text->get().find('\0') != std::string::npos) return at(node, path + " contains a NUL character");
        out = text->get();
        return {};
    }

    Error wrong_type(const toml::node& node, const std::string& path, std::string_view expected) const {
        return at(node, fmt::format("{} has the wrong type ({}): expected {}", path, type_name(node), expected));
    }

    static std::string_view type_name(const toml::node& node) {
        if (node.is_table()) return "table";
        if (node.is_array()) return "list";
        if (node.is_string()) return "text";
        if (node.is_integer()) return "whole number";
        if (node.is_floating_point()) return "number";
        return node.is_boolean() ? "boolean" : "date or time";
    }

    Error unknown(const toml::key& key, std::string_view path, const std::vector<std::string>& known) const {
        return {"InvalidSettings", text_at(key.source().begin.line, unknown_name("key", key.str(), known, path)), 0};
    }

    const fs::path& file_;
    std::string_view stage_;
};

/// Rejects text that would be parsed into deeply nested tables: their destructors are recursive.
Result<void> check_limits(std::string_view text, const Reader& reader) {
    std::size_t line = 1, dots = 0;
    for (const char c : text) {
        if (c == '\n') ++line, dots = 0;
        if (c == '.' && ++dots > settings_dots_per_line_max)
            return Error{"InvalidSettings",
                         reader.text_at(line, fmt::format("more than {} dots in one line; write a long value in "
                                                          "several lines, in \"\"\"",
                                                          settings_dots_per_line_max)),
                         0};
    }
    return {};
}

}  // namespace

std::string Function_Settings::path_of(const std::string& relative) const {
    const fs::path path = (file.parent_path() / relative).lexically_normal();
    return path.has_filename() ? path.string() : path.parent_path().string();
}

Result<std::vector<Function_Settings>> parse_settings(std::string_view text, const fs::path& file,
                                                      std::string_view stage) {
    const Reader reader(file, stage);
    OSBOT_TRY(check_limits(text, reader));
    const toml::parse_result parsed = toml::parse(text, file.string());
    if (!parsed)
        return Error{"InvalidSettings",
                     reader.text_at(parsed.error().source().begin.line, std::string(parsed.error().description())), 0};
    return reader.read(parsed.table());
}

Result<std::optional<std::vector<Function_Settings>>> read_settings(const fs::path& folder, std::string_view stage) {
    const fs::path file = (folder / settings_file_name).lexically_normal();
    std::error_code error;
    if (!fs::exists(file, error)) return std::optional<std::vector<Function_Settings>>();
    if (!fs::is_regular_file(file, error)) return local_error("InvalidSettings", "{}: expected a file", file.string());
    OSBOT_TRY(const auto text, base::read_file(file, settings_bytes_max));
    OSBOT_TRY(auto functions, parse_settings(text, file, stage));
    return std::optional(std::move(functions));
}

}  // namespace osbot_aws::cli
