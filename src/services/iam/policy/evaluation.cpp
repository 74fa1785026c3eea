#include "services/iam/policy/evaluation.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

namespace osbot_aws::services {
namespace {

constexpr std::size_t cached_bytes_max = 512 << 10;  // of documents

/// The statements of recent documents: they are the same for each request.
class Statement_Cache {
public:
    std::shared_ptr<const Policy_Statements> find_or_parse(std::string_view document) {
        if (const auto found = by_document_.find(document); found != by_document_.end()) return found->second;
        auto statements = std::make_shared<const Policy_Statements>(statements_in(document));
        if (bytes_ + document.size() > cached_bytes_max) {
            by_document_.clear();
            bytes_ = 0;
        }
        by_document_.emplace(document, statements);
        bytes_ += document.size();
        return statements;
    }

private:
    std::map<std::string, std::shared_ptr<const Policy_Statements>, std::less<>> by_document_;
    std::size_t bytes_ = 0;
};

/// The statements that apply to a request.
struct Applying {
    std::vector<Matched_Statement> allowing, denying;

    Decision decision() const {
        if (!denying.empty()) return Decision::explicit_deny;
        return allowing.empty() ? Decision::implicit_deny : Decision::allowed;
    }
    std::vector<Matched_Statement> decisive() && { return std::move(denying.empty() ? allowing : denying); }
};

/// Adds the statements that apply to `matched`. Returns the decision of these policies alone.
Decision decide(const Policies& policies, const Policy_Request& request, std::vector<Matched_Statement>& matched) {
    Applying applying;
    for (const auto& policy : policies)
        for (const Policy_Statement& statement : *policy->statements)
            if (statement.applies_to(request, false))
                (statement.allows() ? applying.allowing : applying.denying).push_back({policy.get(), &statement});
    const Decision decision = applying.decision();
    matched = std::move(applying).decisive();
    return decision;
}

/// The decision of the policies of one kind.
struct Decided {
    Policy_Kind kind;
    Decision decision = Decision::implicit_deny;
    std::vector<Matched_Statement> matched = {};
};

/// Returns the decisions of the boundary, the first, and of the session.
std::vector<Decided> limits_of(const Policy_Set& policies, const Policy_Request& request) {
    std::vector<Decided> limits;
    const auto add = [&](Policy_Kind kind, const Policies& of_kind) {
        Decided& added = limits.emplace_back(Decided{kind});
        added.decision = decide(of_kind, request, added.matched);
    };
    if (policies.boundary) add(Policy_Kind::boundary, *policies.boundary);
    for (const Policies& session : policies.sessions) add(Policy_Kind::session, session);
    return limits;
}

/// The permissions that the policy of a resource grants to the caller.
struct Grant {
    Decision decision = Decision::implicit_deny;
    std::vector<Matched_Statement> matched = {};
    bool names_caller = false, names_account = false;
    bool bypasses_limits = false;  ///< the policy names the session or user, and not only its role
};

/// A statement that denies the account denies the caller. One that allows it delegates to the account.
bool sent_by_function(const Policy_Request& request) {
    return request.keys.contains(source_function_key) ||
           (request.shared_keys != nullptr && request.shared_keys->contains(source_function_key));
}

Policy_Request without_function(Policy_Request request) {
    if (const Condition_Keys* shared = std::exchange(request.shared_keys, nullptr))
        request.keys.insert(shared->begin(), shared->end());
    request.keys.erase(source_function_key);
    return request;
}

Grant grant_of(const Policies& policies, const Policy_Request& request, bool is_trust) {
    Grant grant;
    Applying applying;
    for (const auto& policy : policies) {
        for (const Policy_Statement& statement : *policy->statements) {
            const Named named = statement.names_caller_of(request);
            if (named == Named::not_at_all || !statement.applies_to(request, is_trust)) continue;
            if (!statement.allows()) {
                applying.denying.push_back({policy.get(), &statement});
                continue;
            }
            grant.names_account = true;
            if (named == Named::by_account) continue;
            applying.allowing.push_back({policy.get(), &statement});
            grant.bypasses_limits = grant.bypasses_limits || named == Named::directly;
        }
    }
    grant.decision = applying.decision();
    grant.names_caller = grant.decision == Decision::allowed;
    grant.matched = std::move(applying).decisive();
    return grant;
}

}  // namespace

std::shared_ptr<const Named_Policy> Named_Policy::parse(std::string id, std::string type, std::string_view document) {
    thread_local Statement_Cache cache;
    return std::make_shared<const Named_Policy>(
        Named_Policy{std::move(id), std::move(type), cache.find_or_parse(document)});
}

Policies resource_policies(std::string_view document) {
    if (document.empty()) return {};
    return {Named_Policy::parse("ResourcePolicy", "Resource Policy", document)};
}

std::set<std::string> Named_Policy::condition_keys() const {
    std::set<std::string> names;
    for (const Policy_Statement& statement : *statements) names.merge(statement.read_keys());
    return names;
}

Evaluation evaluate(const Policy_Set& policies, const Policy_Request& request) {
    const std::vector<Decided> limits = limits_of(policies, request);
    const Grant grant = sent_by_function(request)
                            ? grant_of(policies.resource, without_function(request), policies.is_trust_policy)
                            : grant_of(policies.resource, request, policies.is_trust_policy);
    Decided identity{Policy_Kind::identity};
    identity.decision = decide(policies.identity, request, identity.matched);

    std::vector<Decided> all{identity, {Policy_Kind::resource, grant.decision, grant.matched}};
    all.insert(all.end(), limits.begin(), limits.end());
    Evaluation result;
    if (policies.boundary) result.allowed_by_boundary = limits.front().decision == Decision::allowed;
    for (Decided& each : all) {
        if (each.decision != Decision::explicit_deny) continue;
        result.decision = each.decision;
        result.denied_by = each.kind;
        result.matched = std::move(each.matched);
        return result;
    }
    result.matched = identity.matched;
    result.matched.insert(result.matched.end(), grant.matched.begin(), grant.matched.end());
    const auto limit =
        std::ranges::find_if(limits, [](const Decided& each) { return each.decision != Decision::allowed; });
    const bool is_limited = limit != limits.end();
    const bool by_identity = identity.decision == Decision::allowed && !is_limited;
    const bool names_caller = grant.names_caller && (!is_limited || grant.bypasses_limits);
    const bool by_resource = names_caller || grant.names_account;
    const bool is_allowed = !policies.is_resource_sufficient ? by_identity && by_resource
                            : policies.is_trust_policy       ? names_caller || (by_identity && by_resource)
                                                             : by_identity || names_caller;
    if (is_allowed) result.decision = Decision::allowed;
    if (identity.decision == Decision::allowed) result.denied_by = is_limited ? limit->kind : Policy_Kind::resource;
    return result;
}

Evaluation evaluate(const Policies& policies, const Policy_Request& request) {
    Evaluation result;
    result.decision = decide(policies, request, result.matched);
    return result;
}

std::string_view decision_text(Decision decision) {
    if (decision == Decision::allowed) return "allowed";
    return decision == Decision::explicit_deny ? "explicitDeny" : "implicitDeny";
}

}  // namespace osbot_aws::services
