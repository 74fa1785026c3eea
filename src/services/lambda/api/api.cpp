#include "services/lambda/api/api.hpp"

#include "aws/models/models.hpp"

namespace osbot_aws::services {

Operations lambda_operations(Lambda_Front& front) {
    Operations all = lambda_functions(front);
    for (auto* topic : {&lambda_code, &lambda_code_signing, &lambda_function_options, &lambda_invoke, &lambda_versions,
                        &lambda_layers, &lambda_event_invoke, &lambda_event_sources, &lambda_urls, &lambda_permissions,
                        &lambda_provisioned_concurrency, &lambda_tags})
        all.add(topic(front));
    // Managed instances, durable functions and runtimes of one's own
    all.reject({{"CreateFunction", "AcceleratorConfig"},
                {"CreateFunction", "CapacityProviderConfig"},
                {"CreateFunction", "DurableConfig"},
                {"CreateFunction", "RuntimeConfig"},
                {"UpdateFunctionConfiguration", "AcceleratorConfig"},
                {"UpdateFunctionConfiguration", "CapacityProviderConfig"},
                {"UpdateFunctionConfiguration", "DurableConfig"},
                {"UpdateFunctionConfiguration", "RuntimeConfig"}});
    return all;
}

Lambda_Api::Lambda_Api(services::Context& context, services::Functions& functions, services::Invocations& invocations,
                       services::Event_Sources& event_sources, services::Object_Lookup objects)
    : front_{context, functions, invocations, event_sources, std::move(objects)},
      api_(context.loop, aws::lambda_model(), lambda_operations(front_)) {}

}  // namespace osbot_aws::services
