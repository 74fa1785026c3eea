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
#include "engine/context.hpp"
#include "engine/lambda/code_folders.hpp"
#include "engine/lambda/zips.hpp"

namespace osbot_aws::engine {

/// One version of a layer, immutable.
struct Layer_Version {
    Account account;
    std::string name;
    std::int64_t number = 0;
    std::string layer_arn, arn;  ///< arn:aws:lambda:<region>:<account>:layer:<name>, and with :<number>
    std::string description, license_info;
    std::vector<std::string> runtimes, architectures;  ///< it says it fits; empty: nothing said
    Zip_Blob zip;
    base::Time created_at{};
};
using Layer_Version_Ptr = std::shared_ptr<const Layer_Version>;

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

/// Who else may use a layer version.
struct Layer_Policy {
    std::vector<Json> statements;
    std::string revision_id;
};

/// What a list is asked for.
struct Layer_Query {
    std::string runtime, architecture;  ///< empty: any
    std::string_view marker;
    std::optional<std::int64_t> items_max;
};

struct Layer_Page {
    std::vector<Layer_Version_Ptr> versions;
    std::string next_marker;  ///< empty: that was all
};

/// Layers and their versions. As functions.hpp: in memory, each change queued in the store; loop thread only; the words
/// and the order of the errors are the service's own (tests/contract/data/lambda/layers.txt).
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html and those beside it
class Layers {
public:
    Layers(Context& context, Code_Folders& code) : context_(context), code_(code) {}

    void load();
    void clear() { layers_.clear(); }
    /// The zips that layers name, by SHA-256.
    std::set<std::string> zips() const;

    Result<Layer_Version_Ptr> publish(const Account& account, const Publish_Layer& wanted);
    /// By a layer's name or ARN. Errors: InvalidParameterValueException for numbers below 1; ResourceNotFoundException;
    /// AccessDeniedException: of another account, and no policy allows it.
    Result<Layer_Version_Ptr> find(const Account& account, std::string_view name, std::int64_t number) const;
    /// By a version's ARN. Errors: ValidationException when it is none; those of find().
    Result<Layer_Version_Ptr> find_arn(const Account& account, std::string_view arn) const;
    /// The latest version of each layer that fits the query.
    Result<Layer_Page> list(const Account& account, const Layer_Query& query) const;
    Result<Layer_Page> versions(const Account& account, std::string_view name, const Layer_Query& query) const;
    /// Bytes of all zips of the account: part of what GetAccountSettings counts.
    std::uint64_t code_bytes(const Account& account) const;
    /// Functions that have it keep it. AWS answers the same when there was none.
    Result<void> remove(const Account& account, std::string_view name, std::int64_t number);

    // layer_policies.cpp
    /// The statement that was added, and the policy's revision since.
    struct Added_Permission {
        Json statement;
        std::string revision_id;
    };
    Result<Added_Permission> add_permission(const Account& account, const Add_Layer_Permission& wanted);
    Result<void> remove_permission(const Account& account, std::string_view name, std::int64_t number,
                                   std::string_view statement_id, std::string_view revision_id);
    Result<Layer_Policy> policy(const Account& account, std::string_view name, std::int64_t number) const;

    /// The layers of a function, in their order. Errors: InvalidParameterValueException: more than five, one that does
    /// not exist, two versions of one layer; AccessDeniedException: of another account, and no policy allows it.
    Result<std::vector<Layer_Version_Ptr>> resolve(const Account& account, const std::vector<std::string>& arns) const;

private:
    struct Layer {
        std::int64_t next = 1;
        std::map<std::int64_t, Layer_Version_Ptr> versions;
        std::map<std::int64_t, Layer_Policy> policies;
    };
    struct Place {
        Account account;
        std::string name;
        std::int64_t number = 0;  ///< 0: of the layer itself
    };

    static std::optional<Place> parse_arn(std::string_view arn);
    Place place_of(const Account& account, std::string_view name) const;
    const Layer* find_layer(const Place& place) const;
    /// Errors: AccessDeniedException.
    std::optional<Error> check_access(const Account& account, const Place& place) const;
    Result<const Layer*> layer_with(const Place& place) const;
    void save(const Place& place, const Layer& layer);

    Context& context_;
    Code_Folders& code_;
    std::map<Account, std::map<std::string, Layer, std::less<>>> layers_;
};

}  // namespace osbot_aws::engine
