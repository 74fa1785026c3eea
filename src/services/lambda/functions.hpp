#pragma once

#include <set>
#include <string>

#include "services/lambda/aliases.hpp"
#include "services/lambda/code_signing_configs.hpp"
#include "services/lambda/deployment.hpp"
#include "services/lambda/event_invoke_configs.hpp"
#include "services/lambda/function_policies.hpp"
#include "services/lambda/function_registry.hpp"
#include "services/lambda/function_settings.hpp"
#include "services/lambda/function_urls.hpp"
#include "services/lambda/function_versions.hpp"
#include "services/lambda/layers.hpp"
#include "services/lambda/provisioned_concurrency.hpp"

namespace osbot_aws::services {

/// Lambda's control plane: a class for each topic.
///
/// All state is in memory. Each change is also queued in the store, and the server responds after it is durable.
/// Error messages and their order match AWS's: tests/contract/data/lambda/. Requests satisfy the constraints of AWS's
/// model, which the server checks (aws/validation.hpp).
/// Loop thread only. Operations return immediately.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
class Functions final : public State {
public:
    Functions(Context& context, Code_Folders& code, Invocations& invocations, Functions_Dependencies dependencies);
    ~Functions() override;

    /// Also resumes pending changes.
    void load() override;
    void clear() override;
    /// Returns the SHA-256 of all zips that functions and layers reference. Code_Folders retains these.
    std::set<std::string> zips() const;

    Layers layers;
    Function_Registry registry;
    Function_Urls urls;
    Function_Policies policies;
    Aliases aliases;
    Function_Versions versions;
    Function_Settings settings;
    Event_Invoke_Configs event_invoke;
    Provisioned_Concurrency provisioned;
    Code_Signing_Configs code_signing;
    Deployment deployment;

private:
    /// Clears all but the URLs, whose open ports load() uses.
    void forget();

    Code_Folders& code_;
};

}  // namespace osbot_aws::services
