#pragma once

#include <optional>
#include <string_view>

#include "services/lambda/function_registry.hpp"
#include "services/lambda/function_rules.hpp"
#include "services/lambda/layers.hpp"
#include "services/lambda/running/invocations.hpp"

namespace osbot_aws::services {

/// Returns the part of the account's concurrency that only this function can use: its reservation, or without one its
/// provisioned concurrency. Source: https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
int reservation_of(const Function_Record& record);

/// Settings of a function as a whole: reserved concurrency and tags; and the runtime of a version.
class Function_Settings {
public:
    /// `concurrency_max`: limit of an account and region.
    Function_Settings(Function_Registry& registry, const Layers& layers, Invocations& invocations, int concurrency_max)
        : registry_(registry), layers_(layers), invocations_(invocations), concurrency_max_(concurrency_max) {}

    Result<void> put_concurrency(const Account& account, std::string_view name, int reserved);
    Result<std::optional<int>> concurrency(const Account& account, std::string_view name) const;
    Result<void> delete_concurrency(const Account& account, std::string_view name);

    /// Sets the ARN of the runtime's version of $LATEST or a published version, and stores the record. "": the
    /// engine's.
    void set_runtime_version(Function_Record& record, const std::string& version, const std::string& arn);

    struct Usage {
        std::uint64_t code_bytes = 0;
        std::int64_t functions = 0;
        int reserved_concurrency = 0;  ///< the sum of reservation_of() the functions
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
