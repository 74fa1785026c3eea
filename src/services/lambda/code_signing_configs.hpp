#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "services/lambda/function_rules.hpp"
#include "services/state.hpp"

namespace osbot_aws::services {

/// The publishers whose signatures a function's code needs. The engine stores it and checks no signatures.
struct Code_Signing_Config {
    Account account;
    std::string id;  ///< csc-<17 characters>
    std::string description;
    std::vector<std::string> publishers;
    std::string untrusted = "Warn";  ///< or Enforce
    std::map<std::string, std::string> tags;
    base::Time modified_at{};

    std::string arn() const;
};

/// Members without a value remain unchanged. A new configuration has publishers.
struct Code_Signing_Change {
    std::optional<std::string> description, untrusted;
    std::optional<std::vector<std::string>> publishers;
    std::map<std::string, std::string> tags;  ///< of a new configuration
};

struct Code_Signing_Page {
    std::vector<Code_Signing_Config> configs;
    std::string next_marker;  ///< empty: last page
};

/// Code signing configurations: https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html
class Code_Signing_Configs final : public State {
public:
    explicit Code_Signing_Configs(Context& context);

    void load() override;
    void clear() override { configs_.clear(); }

    Code_Signing_Config create(const Account& account, const Code_Signing_Change& request);
    /// Errors of this and of the following: ResourceNotFoundException.
    Result<Code_Signing_Config> find(const Account& account, std::string_view arn) const;
    Result<Code_Signing_Config> update(const Account& account, std::string_view arn,
                                       const Code_Signing_Change& request);
    Result<void> remove(const Account& account, std::string_view arn);
    Code_Signing_Page list(const Account& account, std::string_view marker,
                           std::optional<std::int64_t> items_max) const;

    Result<Tags_Of_Resource> tags(const Account& account, std::string_view arn) const;
    Result<void> change_tags(const Account& account, std::string_view arn, const Tag_Change& change);

    /// Checks the configuration of a function. Errors: CodeSigningConfigNotFoundException.
    std::optional<Error> check_for_function(const Account& account, std::string_view arn) const;

private:
    Code_Signing_Config& store(Code_Signing_Config config);

    Context& context_;
    store::Records<Code_Signing_Config> records_;
    std::map<Account, std::map<std::string, Code_Signing_Config>> configs_;  ///< by ARN
};

}  // namespace osbot_aws::services
