#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/lambda/function_registry.hpp"

namespace osbot_aws::services {

/// Members without a value remain unchanged. CreateFunctionUrlConfig requires the type of authentication.
struct Function_Url_Change {
    std::string name, qualifier;
    std::optional<std::string> auth_type, invoke_mode;
    std::optional<Json> cors;
};

/// Function URLs: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
class Function_Urls {
public:
    Function_Urls(Context& context, Function_Registry& registry) : context_(context), registry_(registry) {}

    /// Finds the URLs of the registry, which was loaded.
    void load();
    void clear() { locations_.clear(); }

    Result<Function_Url> create(const Account& account, const Function_Url_Change& request);
    Result<Function_Url> find(const Account& account, std::string_view name, std::string_view qualifier) const;
    Result<Function_Url> update(const Account& account, const Function_Url_Change& request);
    Result<void> remove(const Account& account, std::string_view name, std::string_view qualifier);

    /// The target of a request to a function URL.
    struct Target {
        Function_Ptr function;
        const Function_Url* url = nullptr;
        bool public_allowed = false;  ///< the resource policy allows anonymous callers
    };
    /// Returns the target of the function URL with this id.
    /// Errors: ResourceNotFoundException; ResourceConflictException while the function has no code to run.
    Result<Target> target(std::string_view id) const;

    /// Removes the URLs of a function that is being deleted.
    void remove_all(const Function_Record& record);
    /// Removes what belongs to an alias or version that is being deleted: its URL, its policy and all its
    /// configurations. The caller saves the record.
    void erase_qualifier(Function_Record& record, const std::string& qualifier);

private:
    struct Location {
        Account account;
        std::string name, qualifier;
    };

    std::string url_text(const Account& account, const std::string& id) const;
    Function_Url* find_url(Function_Record& record, std::string_view qualifier) const;

    Context& context_;
    Function_Registry& registry_;
    std::unordered_map<std::string, Location> locations_;  ///< by id
};

}  // namespace osbot_aws::services
