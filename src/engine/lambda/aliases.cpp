// Aliases and what they route: https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
// The refusals' words are those of localstack's lambda_/provider.py; they were not compared with AWS's own answers.
#include <fmt/format.h>

#include <algorithm>

#include "base/characters.hpp"
#include "base/random.hpp"
#include "engine/lambda/function_rules.hpp"
#include "engine/lambda/functions.hpp"
#include "engine/lambda/validation.hpp"

namespace osbot_aws::engine {
namespace {

constexpr std::size_t name_length_max = 128, version_length_max = 1024, description_length_max = 256;

bool is_alias_name(std::string_view text) {
    return !text.empty() && base::all_name_characters(text) && !number_of(text);
}

bool is_version(std::string_view text) { return text == "$LATEST" || number_of(text); }

std::optional<Error> check_model(const Alias_Change& wanted) {
    Validation checked;
    checked.length("name", wanted.name, 1, name_length_max);
    checked.pattern("name", wanted.name, is_alias_name(wanted.name), "(?!^[0-9]+$)([a-zA-Z0-9-_]+)");
    if (wanted.version) {
        checked.length("functionVersion", *wanted.version, 1, version_length_max);
        checked.pattern("functionVersion", *wanted.version, is_version(*wanted.version), R"((\$LATEST|[0-9]+))");
    }
    if (wanted.description) checked.length("description", *wanted.description, 0, description_length_max);
    return checked.error();
}

Error weight_refused(const std::string& version, double weight, std::string_view constraint) {
    Validation checked;
    checked.fault("routingConfig.additionalVersionWeights", fmt::format("{{{}={}}}", version, weight), constraint);
    return *checked.error();
}

Error no_alias(std::string_view what, const Function& function, std::string_view name) {
    return {"ResourceNotFoundException", fmt::format("{}: {}", what, qualified_arn(function, name)), 404};
}

}  // namespace

// The order is the service's.
std::optional<Error> Functions::check_alias(const Record& record, const Alias& alias) const {
    if (const auto target = version_of(record, alias.version); !target) return target.error();
    if (alias.weights.size() > 1) {
        return invalid("Number of items in AdditionalVersionWeights cannot be greater than 1");
    }
    for (const auto& [version, weight] : alias.weights) {
        if (!(weight >= 0 && weight <= 1)) {
            return weight_refused(
                version, weight,
                "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must "
                "have value greater than or equal to 0.0, Member must not be null]");
        }
        if (version == alias.version) {
            return invalid(
                fmt::format("Invalid function version {0}. Function version {0} is already included in "
                            "routing configuration.",
                            version));
        }
        if (alias.version == "$LATEST")
            return invalid("$LATEST is not supported for an alias pointing to more than 1 version");
        if (!number_of(version)) {
            return weight_refused(
                version, weight,
                "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must "
                "have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]");
        }
        if (const auto other = version_of(record, version); !other) return other.error();
    }
    return std::nullopt;
}

Result<Alias> Functions::create_alias(const Account& account, const Alias_Change& wanted) {
    Validation checked;
    checked.required("functionVersion", wanted.version.has_value());
    if (auto error = checked.error()) return *error;
    if (auto error = check_model(wanted)) return *error;
    const auto found = record(account, wanted.function_name);
    if (!found) return found.error();
    Record& record = **found;
    const Alias alias{.name = wanted.name,
                      .version = *wanted.version,
                      .description = wanted.description.value_or(""),
                      .weights = wanted.weights.value_or(std::map<std::string, double>{}),
                      .revision_id = base::uuid4()};
    if (const auto target = version_of(record, alias.version); !target) return target.error();
    if (record.aliases.contains(alias.name))
        return conflict("Alias already exists: " + qualified_arn(*record.latest, alias.name));
    if (auto error = check_alias(record, alias)) return *error;
    record.aliases.emplace(alias.name, alias);
    save(record);
    return alias;
}

Result<Alias> Functions::alias(const Account& account, std::string_view function_name, std::string_view name) const {
    const auto found = record(account, function_name);
    if (!found) return found.error();
    const auto place = (*found)->aliases.find(name);
    if (place == (*found)->aliases.end()) return no_alias("Cannot find alias arn", *(*found)->latest, name);
    return place->second;
}

Result<Alias> Functions::update_alias(const Account& account, const Alias_Change& wanted) {
    if (auto error = check_model(wanted)) return *error;
    const auto found = record(account, wanted.function_name);
    if (!found) return found.error();
    Record& record = **found;
    const auto place = record.aliases.find(wanted.name);
    if (place == record.aliases.end()) return no_alias("Alias not found", *record.latest, wanted.name);
    if (!wanted.revision_id.empty() && wanted.revision_id != place->second.revision_id) return revision_refused();

    Alias changed = place->second;
    if (wanted.version) changed.version = *wanted.version;
    if (wanted.description) changed.description = *wanted.description;
    if (wanted.weights) changed.weights = *wanted.weights;
    if (auto error = check_alias(record, changed)) return *error;
    changed.revision_id = base::uuid4();
    place->second = changed;
    save(record);
    return changed;
}

Result<void> Functions::delete_alias(const Account& account, std::string_view function_name, std::string_view name) {
    const auto found = record(account, function_name);
    if (!found) return found.error();
    Record& record = **found;
    const auto place = record.aliases.find(name);
    if (place == record.aliases.end()) return {};
    forget_qualifier(record, place->first);
    record.aliases.erase(place);
    save(record);
    return {};
}

Result<Alias_Page> Functions::aliases(const Account& account, std::string_view function_name, std::string_view version,
                                      std::string_view marker, std::optional<std::int64_t> items_max) const {
    const auto size = page_size(items_max);
    if (!size) return size.error();
    const auto found = record(account, function_name);
    if (!found) return found.error();
    const auto& all = (*found)->aliases;
    Alias_Page page;
    for (auto at = marker.empty() ? all.begin() : all.upper_bound(marker); at != all.end(); ++at) {
        if (!version.empty() && at->second.version != version && !at->second.weights.contains(std::string(version)))
            continue;
        if (page.aliases.size() == *size) {
            page.next_marker = page.aliases.back().name;
            break;
        }
        page.aliases.push_back(at->second);
    }
    return page;
}

}  // namespace osbot_aws::engine
