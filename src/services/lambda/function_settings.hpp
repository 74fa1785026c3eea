#pragma once

#include <optional>
#include <string_view>

#include "services/lambda/function_registry.hpp"
#include "services/lambda/function_rules.hpp"
#include "services/lambda/layers.hpp"
#include "services/lambda/running/invocations.hpp"

namespace osbot_aws::services {

/// Settings of a function as a whole, not of a version: reserved concurrency and tags.
class Function_Settings {
public:
    /// `concurrency_max`: limit of an account and region.
    Function_Settings(Function_Registry& registry, const Layers& layers, Invocations& invocations, int concurrency_max)
        : registry_(registry), layers_(layers), invocations_(invocations), concurrency_max_(concurrency_max) {}

    Result<void> put_concurrency(const Account& account, std::string_view name, int reserved);
    Result<std::optional<int>> concurrency(const Account& account, std::string_view name) const;
    Result<void> delete_concurrency(const Account& account, std::string_view name);

    struct Usage {
        std::uint64_t code_bytes = 0;
        std::int64_t functions = 0;
        int reserved_concurrency = 0;
        int concurrency_max = 0;
    };
    Usage usage(const Account& account) const;

    Result<Tags_Of_Resource> tags(const Account& account, std::string_view arn) const;
    Result<void> change_tags(const Account& account, std::string_view arn, const Tag_Change& change);

private:
    void set_reserved_concurrency(Function_Record& record, std::optional<int> reserved);
    Result<Function_Record*> taggable(const Account& account, std::string_view arn) const;

    Function_Registry& registry_;
    const Layers& layers_;
    Invocations& invocations_;
    int concurrency_max_;
};

}  // namespace osbot_aws::services
