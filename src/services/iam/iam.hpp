#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "base/result.hpp"
#include "services/iam/aws_policies.hpp"
#include "services/iam/collection.hpp"
#include "services/iam/entities.hpp"
#include "services/state.hpp"

namespace osbot_aws::services {

/// IAM: the entities of each account and partition, in all regions of the partition.
///
/// Loop thread only. Pointers to entities are valid until their collection changes.
/// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
class Iam final : public State {
public:
    /// `table` null: only the AWS managed policies that functions commonly use, of function_policies.tsv.
    explicit Iam(Context& context, Aws_Policy_Table table = nullptr);

    void load() override;
    void clear() override;

    template <class T>
    Collection<T>& all() {
        return std::get<Collection<T>>(collections_);
    }
    template <class T>
    const Collection<T>& all() const {
        return std::get<Collection<T>>(collections_);
    }
    /// Returns an entity by its name, or by its ARN if the API names it so. Errors: NoSuchEntity.
    template <class T>
    Result<T*> find(const Iam_Scope& scope, const std::string& name) {
        T* found = all<T>().find(scope, name);
        if (found == nullptr) return missing<T>(name);
        return found;
    }
    template <class T>
    static Error missing(const std::string& name) {
        return {"NoSuchEntity", fmt::format(fmt::runtime(T::missing), name), 404};
    }

    /// Returns the role with this ARN; nullptr if it does not exist.
    const Role* role_by_arn(const std::string& arn) const { return by_arn<Role>(arn); }
    /// Returns the principal with this ARN: a user, group or role; nullptr if it does not exist.
    const Principal* principal_by_arn(const std::string& arn) const;
    /// Sets the time and the region of the role's last use.
    void record_role_use(const std::string& arn, const std::string& region);

    /// Returns a policy of the account, or of AWS in the partition of the account; nullptr if it does not exist.
    const Policy* policy(const Account& account, const std::string& arn) const;
    /// The same for a policy that is attached to a principal or a session of an account.
    const Policy* attached_policy(const std::string& account_id, const std::string& arn) const;
    /// Returns the AWS managed policies of a partition, by ARN. The first call takes some milliseconds to read them.
    const std::vector<Policy>& aws_policies(std::string_view partition) const;

    /// Returns the user with an access key, also an inactive one; nullptr if it does not exist.
    const User* user_of_key(const std::string& access_key_id) const;
    const User* user_by_id(const Iam_Scope& scope, const std::string& id) const;
    /// Stores a user with changed credentials: the engine then accepts its active access keys.
    void save_credentials(const User& user);
    /// Removes an access key that its user no longer has.
    void forget_key(const std::string& access_key_id);
    /// Sets the last use of a user's access key. It is stored at most once a minute for a key.
    void record_key_use(const std::string& access_key_id, const std::string& region, const std::string& service);

    Account_Settings& settings(const Account& account);  ///< created if the account has none
    std::string now() const;                             ///< ISO 8601
    Context& context() const { return context_; }

private:
    template <class T>
    const T* by_arn(const std::string& arn) const;
    void accept_keys(const User& user);

    Context& context_;
    Aws_Policy_Table aws_policy_table_;
    /// By partition, after its first use.
    mutable std::map<std::string, std::vector<Policy>, std::less<>> aws_policies_;
    std::tuple<Collection<Role>, Collection<Policy>, Collection<User>, Collection<Group>, Collection<Instance_Profile>,
               Collection<Oidc_Provider>, Collection<Saml_Provider>, Collection<Mfa_Device>,
               Collection<Server_Certificate>, Collection<Account_Settings>>
        collections_;
    std::map<std::string, std::pair<Iam_Scope, std::string>> key_owners_;  // access key to scope and user name
};

/// Returns the ARN in STS of a session of a principal. `resource`: assumed-role/<role>/<session>
std::string session_arn(std::string_view principal_arn, std::string_view resource);
/// Returns the account in the ARN of an entity: arn:aws:iam::<account>:role/<path/><name>
std::string account_in(std::string_view arn);
/// Returns the region in an ARN; "" if it has none.
std::string region_in(std::string_view arn);
/// Returns a random id with this prefix: AROA..., ANPA...
std::string new_iam_id(std::string_view prefix);

}  // namespace osbot_aws::services
