// Provisioned concurrency: https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html
#include "base/time_text.hpp"
#include "services/lambda/api/front.hpp"

namespace osbot_aws::services {
namespace {

Json provisioned_json(const services::Provisioned_Status& status) {
    Json json{{"RequestedProvisionedConcurrentExecutions", status.requested},
              {"AllocatedProvisionedConcurrentExecutions", status.ready},
              {"AvailableProvisionedConcurrentExecutions", status.ready},
              {"Status", status.status},
              {"LastModified", base::iso8601(status.modified_at)}};
    if (!status.reason.empty()) json["StatusReason"] = status.reason;
    return json;
}

Result<Json> put_provisioned(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    return front.functions.provisioned
        .put(call.account, fields.text_or("FunctionName"), fields.text_or("Qualifier"),
             fields.integer("ProvisionedConcurrentExecutions").value_or(0))
        .transform(&provisioned_json);
}

Result<Json> get_provisioned(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    return front.functions.provisioned.find(call.account, fields.text_or("FunctionName"), fields.text_or("Qualifier"))
        .transform(&provisioned_json);
}

Result<Json> delete_provisioned(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    return no_output(
        front.functions.provisioned.remove(call.account, fields.text_or("FunctionName"), fields.text_or("Qualifier")));
}

Result<Json> list_provisioned(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const auto page, front.functions.provisioned.list(call.account, fields.text_or("FunctionName"),
                                                                fields.text_or("Marker"), fields.number("MaxItems")));
    return list_json("ProvisionedConcurrencyConfigs", page.entries, page.next_marker, [](const auto& entry) {
        Json item = provisioned_json(entry);
        item["FunctionArn"] = entry.function_arn;
        return item;
    });
}

}  // namespace

Operations lambda_provisioned_concurrency(Lambda_Front& front) {
    return {front,
            {{"DeleteProvisionedConcurrencyConfig", &delete_provisioned},
             {"GetProvisionedConcurrencyConfig", &get_provisioned},
             {"ListProvisionedConcurrencyConfigs", &list_provisioned},
             {"PutProvisionedConcurrencyConfig", &put_provisioned}}};
}

}  // namespace osbot_aws::services
