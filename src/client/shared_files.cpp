#include "client/shared_files.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/characters.hpp"
#include "base/environment.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "client/settings.hpp"

namespace osbot_aws::client {
namespace {

constexpr std::string_view line_spaces = " \t\r";  // lines are split before

std::filesystem::path file_of(const char* variable, const char* below_home) {
    const std::string path = base::variable(variable);
    if (path.empty()) return home_folder() / below_home;
    return path.starts_with("~/") ? home_folder() / path.substr(2) : std::filesystem::path(path);
}

using Sections = std::map<std::string, Profile>;

Sections sections_of(const std::filesystem::path& file) {
    const auto text = base::read_file(file);
    return text ? parse_shared_file(*text) : Sections{};
}

Sections credentials_file() { return sections_of(file_of("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")); }
Sections config_file() { return sections_of(file_of("AWS_CONFIG_FILE", ".aws/config")); }

/// Returns the section title of a profile in the config file, where [profile default] may be written as [default].
std::string config_title(std::string_view name, const Sections& sections) {
    std::string title = fmt::format("profile {}", name);
    return name == "default" && !sections.contains(title) ? std::string(name) : title;
}

/// Removes the quotes of a title: [profile "my team"].
std::string title_of(std::string_view text) {
    std::string title(base::trimmed(text, line_spaces));
    const std::size_t quote = title.find_first_of("\"'");
    if (quote == std::string::npos || title.back() != title[quote] || quote + 1 == title.size()) return title;
    return title.substr(0, quote) + title.substr(quote + 1, title.size() - quote - 2);
}

}  // namespace

std::map<std::string, Profile> parse_shared_file(std::string_view text) {
    std::map<std::string, Profile> sections;
    Profile* current = nullptr;
    std::string parent;
    while (!text.empty()) {
        const std::string_view line = base::take_until(text, '\n');
        const std::string_view content =
            base::trimmed(line.substr(0, std::min(line.find(" #"), line.find(" ;"))), line_spaces);
        if (content.empty() || content.front() == '#' || content.front() == ';') continue;
        if (content.front() == '[') {
            parent.clear();
            current = &sections[title_of(content.substr(1, content.find(']') - 1))];
            continue;
        }
        const std::size_t equals = content.find('=');
        const bool nested = line.front() == ' ' || line.front() == '\t';
        if (current == nullptr || equals == std::string_view::npos) continue;
        std::string name(base::trimmed(content.substr(0, equals), line_spaces));
        if (!nested) parent = name;
        (*current)[nested ? fmt::format("{}.{}", parent, name) : std::move(name)] =
            base::trimmed(content.substr(equals + 1), line_spaces);
    }
    return sections;
}

std::string profile_name() {
    for (const char* variable : {"AWS_DEFAULT_PROFILE", "AWS_PROFILE"}) {  // botocore's order
        if (std::string name = base::variable(variable); !name.empty()) return name;
    }
    return "default";
}

Profile read_config_section(const std::string& title) { return config_file()[title]; }

bool has_profile(std::string_view name) {
    const Sections config = config_file();
    return config.contains(config_title(name, config)) || credentials_file().contains(std::string(name));
}

Profile read_profile(std::string_view name) {
    Profile profile = credentials_file()[std::string(name)];
    Sections config = config_file();
    profile.merge(config[config_title(name, config)]);
    return profile;
}

}  // namespace osbot_aws::client
