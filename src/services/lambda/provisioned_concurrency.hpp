#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/lambda/function_registry.hpp"
#include "services/lambda/function_settings.hpp"
#include "services/lambda/running/invocations.hpp"

namespace osbot_aws::services {

/// The environments that a version or alias keeps ready, and how many of them are.
struct Provisioned_Status {
    std::string function_arn;  ///< with the qualifier
    int requested = 0, ready = 0;
    std::string status;  ///< IN_PROGRESS READY FAILED
    std::string reason;  ///< of FAILED
    base::Time modified_at{};
};

struct Provisioned_Page {
    std::vector<Provisioned_Status> entries;
    std::string next_marker;  ///< empty: last page
};

/// Returns the error if an alias with provisioned concurrency may not point to this version.
std::optional<Error> check_provisioned_alias(const Function_Record& record, const std::string& version);

/// Provisioned concurrency: environments that start before events. They follow each change of their function: of the
/// version of an alias, of the reserved concurrency, and its deletion.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
class Provisioned_Concurrency {
public:
    Provisioned_Concurrency(Context& context, Function_Registry& registry, Invocations& invocations,
                            const Function_Settings& settings);
    ~Provisioned_Concurrency();

    /// Starts the environments of the functions in the registry, which was loaded.
    void load();
    void clear() { provisioned_.clear(); }

    Result<Provisioned_Status> put(const Account& account, std::string_view name, std::string_view qualifier,
                                   int requested);
    Result<Provisioned_Status> find(const Account& account, std::string_view name, std::string_view qualifier) const;
    /// As on AWS, also succeeds without a configuration.
    Result<void> remove(const Account& account, std::string_view name, std::string_view qualifier);
    Result<Provisioned_Page> list(const Account& account, std::string_view name, std::string_view marker,
                                  std::optional<std::int64_t> items_max) const;

private:
    using Name = std::pair<Account, std::string>;

    Result<Function_Record*> published(const Account& account, std::string_view name,
                                       std::string_view& qualifier) const;
    std::optional<Error> check_limits(const Function_Record& record, std::string_view qualifier, int requested) const;
    Provisioned_Status status(const Function_Record& record, const std::string& qualifier) const;
    /// Starts and releases environments in the next turn of the loop.
    void apply_later(const Function_Record& record);
    void apply(const Name& name);

    Context& context_;
    Function_Registry& registry_;
    Invocations& invocations_;
    const Function_Settings& settings_;
    std::set<Name> provisioned_;  ///< the functions that have or had environments of this kind
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::services
