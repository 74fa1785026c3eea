#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/lambda/function_policies.hpp"
#include "services/lambda/function_registry.hpp"
#include "services/lambda/url_ports.hpp"

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
    /// `ports`: nullptr if each URL has its host name only.
    Function_Urls(Context& context, Function_Registry& registry, Url_Ports* ports)
        : context_(context), registry_(registry), ports_(ports == nullptr ? no_ports_ : *ports) {}

    /// Finds the URLs of the registry, which was loaded. Ports that are open stay open.
    void load();
    void clear();

    /// Calls `then` once, when the addresses of URLs are known. The call may be immediate.
    void when_addressed(std::function<void()> then) { ports_.when_known(std::move(then)); }
    /// Errors: ResourceConflictException if the function has a URL, or another URL has its custom id.
    Result<Function_Url> create(const Account& account, const Function_Url_Change& request);
    Result<Function_Url> find(const Account& account, std::string_view name, std::string_view qualifier) const;
    Result<Function_Url> update(const Account& account, const Function_Url_Change& request);
    Result<void> remove(const Account& account, std::string_view name, std::string_view qualifier);

    /// The target of a request to a function URL.
    struct Target {
        Function_Ptr function;
        const Function_Url* url = nullptr;
        const Function_Record* record = nullptr;  ///< valid until functions change, as is `url`
    };
    /// Returns the target of the function URL with this id.
    /// Errors: AccessDeniedException without a message if no URL has the id; ResourceNotFoundException if its alias was
    /// deleted; ResourceConflictException while the function has no code to run.
    Result<Target> target(std::string_view id) const;

    /// Removes the URLs of a function that is being deleted.
    void remove_all(const Function_Record& record);
    /// Removes what belongs to an alias or version that is being deleted: its policy and all its configurations, but
    /// not its URL, which works again if the alias is created again. The caller saves the record.
    static void erase_qualifier(Function_Record& record, const std::string& qualifier);

private:
    struct Location {
        Account account;
        std::string name, qualifier;
    };

    Result<std::string> new_id(const Function_Record& record, const std::string& qualifier) const;
    std::string host_url(const Account& account, const std::string& id) const;
    bool set_address(const Account& account, Function_Url& url);
    void set_addresses(bool of_new_urls, bool save);
    void forget(const std::string& id);
    Function_Url* find_url(Function_Record& record, std::string_view qualifier) const;

    Context& context_;
    Function_Registry& registry_;
    Url_Ports no_ports_, &ports_;
    std::unordered_map<std::string, Location> locations_;  ///< by id
    bool loaded_ = false;
};

}  // namespace osbot_aws::services
