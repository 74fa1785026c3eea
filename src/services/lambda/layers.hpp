#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"
#include "services/lambda/running/code_folders.hpp"
#include "services/lambda/zips.hpp"
#include "services/state.hpp"

namespace osbot_aws::services {

/// One version of a layer, immutable.
struct Layer_Version {
    Account account;
    std::string name;
    std::int64_t number = 0;
    std::string layer_arn, arn;  ///< arn:aws:lambda:<region>:<account>:layer:<name>, and with :<number>
    std::string description, license_info;
    std::vector<std::string> runtimes, architectures;  ///< declared as compatible; empty: not declared
    Zip_Blob zip;
    base::Time created_at{};
};
using Layer_Version_Ptr = std::shared_ptr<const Layer_Version>;

std::string layer_arn(const Account& account, std::string_view name);

struct Publish_Layer {
    std::string name;
    Code_Source code;
    std::string description, license_info;
    std::vector<std::string> runtimes, architectures;
};

struct Add_Layer_Permission {
    std::string name;
    std::int64_t number = 0;
    std::string statement_id, action, principal, organization_id, revision_id;
};

/// The resource policy of a layer version.
struct Layer_Policy {
    std::vector<Json> statements;
    std::string revision_id;
};

/// All versions of a layer; one record of the store.
struct Layer {
    /// A version, which nothing changes, and its policy.
    struct Entry {
        std::shared_ptr<Layer_Version> version = std::make_shared<Layer_Version>();
        Layer_Policy policy;  ///< without statements: none
    };

    Account account;
    std::string name;
    std::int64_t next = 1;
    std::map<std::int64_t, Entry> versions;
};

/// The filters and page of a list request.
struct Layer_Query {
    std::string runtime, architecture;  ///< empty: any
    std::string marker;
    std::optional<std::int64_t> items_max;
};

struct Layer_Page {
    std::vector<Layer_Version_Ptr> versions;
    std::string next_marker;  ///< empty: last page
};

/// Manages layers and their versions. As in functions.hpp, the state is in memory and changes are queued in the store.
/// Error messages and their order match AWS's (tests/contract/data/lambda/layers.txt). Loop thread only.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html and related pages
class Layers {
public:
    Layers(Context& context, Code_Folders& code)
        : context_(context), code_(code), records_(context.store, {.name = "lambda.layer"}) {}

    void load();
    void clear() { layers_.clear(); }
    /// Returns the SHA-256 of the zips of all layers.
    std::set<std::string> zips() const;

    // The errors of publish(), versions(), remove() and the operations of policies include those of check_owner().
    Result<Layer_Version_Ptr> publish(const Account& account, const Publish_Layer& request);
    /// Finds a version by the layer's name or ARN. Errors: InvalidParameterValueException for numbers below 1;
    /// ResourceNotFoundException; AccessDeniedException for a layer of another account without a policy that allows it.
    Result<Layer_Version_Ptr> find(const Account& account, std::string_view name, std::int64_t number) const;
    /// Finds a version by its ARN. Errors: those of find().
    Result<Layer_Version_Ptr> find_arn(const Account& account, std::string_view arn) const;
    /// Lists the latest version of each layer that matches the query.
    Layer_Page list(const Account& account, const Layer_Query& query) const;
    Result<Layer_Page> versions(const Account& account, std::string_view name, const Layer_Query& query) const;
    /// Returns the size of all zips of the account in bytes, for GetAccountSettings.
    std::uint64_t code_bytes(const Account& account) const;
    /// Deletes a version. Functions that use it continue to use it. As on AWS, succeeds if the version does not exist.
    Result<void> remove(const Account& account, std::string_view name, std::int64_t number);

    // layer_policies.cpp
    /// The added statement and the new revision of the policy.
    struct Added_Permission {
        Json statement;
        std::string revision_id;
    };
    Result<Added_Permission> add_permission(const Account& account, const Add_Layer_Permission& request);
    Result<void> remove_permission(const Account& account, std::string_view name, std::int64_t number,
                                   std::string_view statement_id, std::string_view revision_id);
    Result<Layer_Policy> policy(const Account& account, std::string_view name, std::int64_t number) const;

    /// Returns the layers of a function in order. Errors:
    /// InvalidParameterValueException for more than five layers, a missing version, or two versions of one layer;
    /// AccessDeniedException for a layer of another account without a policy that allows it.
    Result<std::vector<Layer_Version_Ptr>> resolve(const Account& account, const std::vector<std::string>& arns) const;

private:
    struct Reference {
        Account account;
        std::string name;
        std::int64_t number = 0;  ///< 0: the layer itself
    };

    static std::optional<Reference> parse_arn(std::string_view arn);
    static Reference reference_of(const Account& account, std::string_view name, std::int64_t number = 0);
    const Layer* find_layer(const Reference& reference) const;
    static Error not_authorized(const Account& account, const Reference& reference, std::string_view action);
    /// Checks that a layer that a name or an ARN selects is the account's own. No policy permits these actions to
    /// others. Errors: AccessDeniedException; ResourceNotFoundException for one of another region.
    static std::optional<Error> check_owner(const Account& account, const Reference& reference,
                                            std::string_view action);
    /// Errors: AccessDeniedException.
    std::optional<Error> check_access(const Account& account, const Reference& reference) const;
    Layer* find_layer(const Reference& reference);
    Result<const Layer::Entry*> entry(const Reference& reference) const;
    void set_policy(const Reference& reference, Layer_Policy policy);
    void save(const Layer& layer);

    Context& context_;
    Code_Folders& code_;
    store::Records<Layer> records_;
    std::map<Account, std::map<std::string, Layer, std::less<>>> layers_;
};

}  // namespace osbot_aws::services
