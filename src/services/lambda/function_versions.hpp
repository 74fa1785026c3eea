#pragma once

#include <optional>
#include <string_view>

#include "services/lambda/function_registry.hpp"
#include "services/lambda/function_urls.hpp"
#include "services/lambda/running/code_folders.hpp"
#include "services/lambda/running/invocations.hpp"

namespace osbot_aws::services {

/// Published versions: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
class Function_Versions {
public:
    Function_Versions(Function_Registry& registry, Function_Urls& urls, Code_Folders& code, Invocations& invocations)
        : registry_(registry), urls_(urls), code_(code), invocations_(invocations) {}

    Result<Function_Ptr> publish(const Account& account, std::string_view name, std::string_view code_sha256,
                                 std::string_view description, std::string_view revision_id);
    Result<Function_Page> list(const Account& account, std::string_view name, std::string_view marker,
                               std::optional<std::int64_t> items_max) const;
    Result<void> remove(Function_Record& record, std::string_view qualifier);

private:
    Function_Registry& registry_;
    Function_Urls& urls_;
    Code_Folders& code_;
    Invocations& invocations_;
};

/// Returns true if the functions have the same code and configuration: two such versions are the same version.
bool have_same_content(const Function& a, const Function& b);

/// Returns the last version if its content is that of $LATEST, else a new one. The caller saves the record.
Function_Ptr publish(Function_Record& record, std::string_view description);

}  // namespace osbot_aws::services
