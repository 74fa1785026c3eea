#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/lambda/function_registry.hpp"
#include "services/lambda/function_urls.hpp"

namespace osbot_aws::services {

/// Members without a value remain unchanged. CreateAlias requires the version.
struct Alias_Change {
    std::string function_name, name;
    std::optional<std::string> version, description;
    std::optional<std::map<std::string, double>> weights;
    std::string revision_id;
};

struct Alias_Page {
    std::vector<Alias> aliases;
    std::string next_marker;  ///< empty: last page
};

/// Aliases and weighted routing: https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
class Aliases {
public:
    Aliases(Function_Registry& registry, Function_Urls& urls) : registry_(registry), urls_(urls) {}

    Result<Alias> create(const Account& account, const Alias_Change& request);
    Result<Alias> find(const Account& account, std::string_view function_name, std::string_view name) const;
    Result<Alias> update(const Account& account, const Alias_Change& request);
    /// Deletes the alias with its URL, its policy and its options. As on AWS, succeeds if the alias does not exist.
    Result<void> remove(const Account& account, std::string_view function_name, std::string_view name);
    /// Lists aliases. `version`: only aliases of this version; empty: all.
    Result<Alias_Page> list(const Account& account, std::string_view function_name, std::string_view version,
                            std::string_view marker, std::optional<std::int64_t> items_max) const;

private:
    Function_Registry& registry_;
    Function_Urls& urls_;
};

}  // namespace osbot_aws::services
