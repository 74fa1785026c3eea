// Delivery sources, delivery destinations and deliveries: the logs that other services of AWS send. They are stored and
// returned; the engine has none of these services, so nothing is delivered.
// Messages: https://github.com/getmoto/moto, moto/logs/models.py, and recorded: logs/test_logs_delivery.snapshot.json
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/json.hpp"
#include "base/random.hpp"
#include "services/lambda/destinations.hpp"
#include "services/logs/resources/resource_operations.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t delivery_id_characters = 16;

Error no_delivery_resource(std::string_view what) {
    return log_resource_not_found(fmt::format("Requested {} does not exist in this account.", what));
}
Error conflict_of_delivery(std::string message) { return {"ConflictException", std::move(message)}; }
Error invalid_delivery(std::string message) { return {"ValidationException", std::move(message)}; }

/// A kind of resources with the name that messages and outputs have for it.
struct Delivery_Kind {
    std::string_view kind, described;
    const char* output;
    const char* name_member = "name";
};
constexpr Delivery_Kind sources{log_kinds::delivery_source, "Delivery Source", "deliverySource"};
constexpr Delivery_Kind destinations{log_kinds::delivery_destination, "Delivery Destination", "deliveryDestination"};
constexpr Delivery_Kind deliveries{log_kinds::delivery, "Delivery", "delivery", "id"};

Result<const Log_Resource*> find_delivery_resource(Logs& logs, const Call& call, const Delivery_Kind& kind,
                                                   const std::string& name) {
    const Log_Resource* found = logs.resources().find(call.account, kind.kind, name);
    if (found == nullptr) return no_delivery_resource(kind.described);
    return found;
}

/// The members that an operation returns: tags only of a resource that has some.
Json output_of(const Log_Resource& resource) {
    Json members = resource.members;
    if (!resource.tags.empty()) members["tags"] = resource.tags;
    return members;
}

template <const Delivery_Kind& Kind>
Result<Json> get_delivery_resource(Logs& logs, const Call& call) {
    OSBOT_TRY(const auto* found, find_delivery_resource(logs, call, Kind, call.fields().text_or(Kind.name_member)));
    return Json{{Kind.output, output_of(*found)}};
}

/// Stores a resource that was put and returns it. Tags are those of a new one.
Result<Json> put_delivery_resource(Logs& logs, const Call& call, const Delivery_Kind& kind, Log_Resource resource,
                                   bool is_new) {
    const Log_Tags tags = call.fields().map("tags");
    if (!is_new && !tags.empty())
        return conflict_of_delivery("Tags can only be provided when a resource is being created, not updated.");
    OSBOT_TRY(add_log_tags(resource.tags, tags));
    resource.members["arn"] = log_resource_arn(call.account, kind.kind, resource.name);
    Json output{{kind.output, is_new ? output_of(resource) : resource.members}};
    // A recorded response of a destination has no tags.
    if (kind.kind == log_kinds::delivery_destination) output[kind.output].erase("tags");
    logs.resources().put(std::move(resource));
    return output;
}

/// Returns the resource that an operation puts: a copy of the existing one, or a new one.
Log_Resource resource_to_put(Logs& logs, const Call& call, const Delivery_Kind& kind) {
    const std::string name = call.fields().text_or("name");
    const Log_Resource* existing = logs.resources().find(call.account, kind.kind, name);
    if (existing != nullptr) return *existing;
    return {.account = call.account, .kind = std::string(kind.kind), .name = name};
}

/// Returns the first delivery of a source, or to a destination, which cannot be deleted then.
bool is_delivered(Logs& logs, const Call& call, const char* member, const std::string& value) {
    const auto all = logs.resources().list(call.account, log_kinds::delivery);
    return std::ranges::any_of(all, [&](const Log_Resource* each) { return each->members.value(member, "") == value; });
}

// ---- sources ----

/// The log types of the services whose logs AWS delivers. Source: API_PutDeliverySource
const std::multimap<std::string_view, std::string_view> log_types{{"bedrock", "APPLICATION_LOGS"},
                                                                  {"bedrock", "EVENT_LOGS"},
                                                                  {"bedrock-agentcore", "APPLICATION_LOGS"},
                                                                  {"bedrock-agentcore", "TRACES"},
                                                                  {"bedrock-agentcore", "USAGE_LOGS"},
                                                                  {"cloudfront", "ACCESS_LOGS"},
                                                                  {"cloudfront", "CONNECTION_LOGS"},
                                                                  {"codewhisperer", "EVENT_LOGS"},
                                                                  {"elasticloadbalancing", "ALB_ACCESS_LOGS"},
                                                                  {"elasticloadbalancing", "ALB_CONNECTION_LOGS"},
                                                                  {"elasticloadbalancing", "NLB_ACCESS_LOGS"},
                                                                  {"entityresolution", "WORKFLOW_LOGS"},
                                                                  {"events", "ERROR_LOGS"},
                                                                  {"events", "INFO_LOGS"},
                                                                  {"events", "TRACE_LOGS"},
                                                                  {"mediapackage", "EGRESS_ACCESS_LOGS"},
                                                                  {"mediapackage", "INGRESS_ACCESS_LOGS"},
                                                                  {"mediapackagev2", "EGRESS_ACCESS_LOGS"},
                                                                  {"mediapackagev2", "INGRESS_ACCESS_LOGS"},
                                                                  {"mediatailor", "AD_DECISION_SERVER_LOGS"},
                                                                  {"mediatailor", "MANIFEST_SERVICE_LOGS"},
                                                                  {"mediatailor", "TRANSCODE_LOGS"},
                                                                  {"pcs", "PCS_JOBCOMP_LOGS"},
                                                                  {"pcs", "PCS_SCHEDULER_LOGS"},
                                                                  {"qbusiness", "EVENT_LOGS"},
                                                                  {"qdeveloper", "EVENT_LOGS"},
                                                                  {"rtbfabric", "APPLICATION_LOGS"},
                                                                  {"ses", "APPLICATION_LOG"},
                                                                  {"ses", "APPLICATION_LOGS"},
                                                                  {"ses", "TRAFFIC_POLICY_DEBUG_LOGS"},
                                                                  {"sso", "ERROR_LOGS"},
                                                                  {"vpc-lattice", "VPC_LATTICE_ACCESS_LOGS"},
                                                                  {"vpc-lattice", "VPC_LATTICE_RESOURCE_ACCESS_LOGS"},
                                                                  {"workmail", "ACCESS_CONTROL_LOGS"},
                                                                  {"workmail", "AUTHENTICATION_LOGS"},
                                                                  {"workmail", "WORKMAIL_AVAILABILITY_PROVIDER_LOGS"},
                                                                  {"workmail", "WORKMAIL_MAILBOX_ACCESS_LOGS"},
                                                                  {"workmail", "WORKMAIL_PERSONAL_ACCESS_TOKEN_LOGS"}};

Result<Json> put_delivery_source(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const std::string arn = fields.text_or("resourceArn"), type = fields.text_or("logType");
    const std::string service(service_of(arn));
    const auto [first, last] = log_types.equal_range(service);
    if (first == last) return log_resource_not_found("Cannot access provided service.");
    if (std::none_of(first, last, [&](const auto& each) { return each.second == type; }))
        return invalid_delivery(" This service is not allowed for this LogSource.");
    Log_Resource source = resource_to_put(logs, call, sources);
    const bool is_new = source.members.empty();
    if (!is_new && (source.members["resourceArns"] != Json{arn} || source.members["logType"] != type))
        return conflict_of_delivery(
            "Update to existing Delivery Source with new ResourceId is not allowed. Please create a new Delivery "
            "Source instead.");
    source.members.update(members_of_input(call, {"name", "logType", "deliverySourceConfiguration"}));
    source.members["resourceArns"] = Json::array({arn});
    source.members["service"] = service;
    return put_delivery_resource(logs, call, sources, std::move(source), is_new);
}

/// Returns the resources of a kind whose member is in the input's list of names, if it has one.
std::vector<const Log_Resource*> selected(Logs& logs, const Call& call, const Delivery_Kind& kind, const char* list,
                                          const char* member) {
    auto all = logs.resources().list(call.account, kind.kind);
    const auto names = call.fields().texts(list);
    std::erase_if(all, [&](const Log_Resource* each) {
        Json value = each->members.value(member, Json());
        if (value.is_array() && !value.empty()) value = value.front();
        return !names.empty() && !(value.is_string() && std::ranges::count(names, value.get<std::string>()) > 0);
    });
    return all;
}

/// Returns a page with the tags of the resources.
Json delivery_page(Logs& logs, const Call& call, const Delivery_Kind& kind, const Page_Members& members,
                   const std::vector<const Log_Resource*>& resources) {
    Json output = resource_page(call, members, resources);
    for (Json& each : output[members.list]) {
        const auto* found = logs.resources().find(call.account, kind.kind, each.value(kind.name_member, ""));
        if (found != nullptr) each = output_of(*found);
    }
    return output;
}

Result<Json> describe_delivery_sources(Logs& logs, const Call& call) {
    return delivery_page(logs, call, sources, {.list = "deliverySources"},
                         selected(logs, call, sources, "resourceArns", "resourceArns"));
}

Result<Json> delete_delivery_source(Logs& logs, const Call& call) {
    const std::string name = call.fields().text_or("name");
    OSBOT_TRY(find_delivery_resource(logs, call, sources, name));
    if (is_delivered(logs, call, "deliverySourceName", name))
        return conflict_of_delivery("The Delivery Source is used by a Delivery. Delete the Delivery first.");
    logs.resources().erase(call.account, sources.kind, name);
    return Json::object();
}

// ---- destinations ----

std::optional<std::string> type_of_destination(const std::string& arn) {
    static const std::map<std::string_view, std::string> types{
        {"s3", "S3"}, {"logs", "CWL"}, {"firehose", "FH"}, {"xray", "XRAY"}};
    const auto found = types.find(service_of(arn));
    return found == types.end() ? std::nullopt : std::optional(found->second);
}

Result<Json> put_delivery_destination(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    Log_Resource destination = resource_to_put(logs, call, destinations);
    const bool is_new = destination.members.empty();
    if (!is_new && fields.has("outputFormat") &&
        destination.members.value("outputFormat", "") != fields.text_or("outputFormat"))
        return invalid_delivery(
            "Update to existing Delivery Destination with new Output Format is not allowed. Please create a new "
            "Delivery Destination instead.");
    const std::string arn =
        fields.object("deliveryDestinationConfiguration").value("destinationResourceArn", std::string());
    const auto type = arn.empty() ? fields.text("deliveryDestinationType") : type_of_destination(arn);
    if (!type)
        return invalid_delivery(
            "A Delivery Destination needs a destinationResourceArn of S3, CloudWatch Logs or Firehose, or the type "
            "XRAY.");
    if (fields.text("deliveryDestinationType").value_or(*type) != *type)
        return invalid_delivery(fmt::format("The deliveryDestinationType of {} is {}.", arn, *type));
    destination.members.update(
        members_of_input(call, {"name", "outputFormat", "deliveryDestinationConfiguration", "roleArn"}));
    destination.members["deliveryDestinationType"] = *type;
    return put_delivery_resource(logs, call, destinations, std::move(destination), is_new);
}

Result<Json> describe_delivery_destinations(Logs& logs, const Call& call) {
    return delivery_page(logs, call, destinations, {.list = "deliveryDestinations"},
                         selected(logs, call, destinations, "names", "name"));
}

Result<Json> delete_delivery_destination(Logs& logs, const Call& call) {
    const std::string name = call.fields().text_or("name");
    OSBOT_TRY(const auto* found, find_delivery_resource(logs, call, destinations, name));
    if (is_delivered(logs, call, "deliveryDestinationArn", found->members.value("arn", "")))
        return conflict_of_delivery("The Delivery Destination is used by a Delivery. Delete the Delivery first.");
    logs.resources().erase(call.account, destinations.kind, name);
    return Json::object();
}

// ---- policies of destinations ----

/// Returns the destination whose policy an operation reads or changes.
Result<Log_Resource> destination_of_policy(Logs& logs, const Call& call) {
    OSBOT_TRY(const auto* found,
              find_delivery_resource(logs, call, destinations, call.fields().text_or("deliveryDestinationName")));
    return *found;
}

Result<Json> put_delivery_destination_policy(Logs& logs, const Call& call) {
    OSBOT_TRY(auto destination, destination_of_policy(logs, call));
    Json policy = members_of_input(call, {"deliveryDestinationPolicy"});
    if (!base::parse_json(policy.value("deliveryDestinationPolicy", "")).is_object())
        return invalid_delivery("The deliveryDestinationPolicy is not valid: expected a JSON object.");
    destination.hidden = policy;
    logs.resources().put(std::move(destination));
    return Json{{"policy", std::move(policy)}};
}

Result<Json> get_delivery_destination_policy(Logs& logs, const Call& call) {
    OSBOT_TRY(const auto destination, destination_of_policy(logs, call));
    return Json{{"policy", destination.hidden}};
}

Result<Json> delete_delivery_destination_policy(Logs& logs, const Call& call) {
    OSBOT_TRY(auto destination, destination_of_policy(logs, call));
    destination.hidden = Json::object();
    logs.resources().put(std::move(destination));
    return Json::object();
}

// ---- deliveries ----

/// The fields of CloudFront's logs, and the path below the bucket. Recorded: test_get_delivery
constexpr const char* cloudfront_fields[] = {"date",
                                             "time",
                                             "x-edge-location",
                                             "sc-bytes",
                                             "c-ip",
                                             "cs-method",
                                             "cs(Host)",
                                             "cs-uri-stem",
                                             "sc-status",
                                             "cs(Referer)",
                                             "cs(User-Agent)",
                                             "cs-uri-query",
                                             "cs(Cookie)",
                                             "x-edge-result-type",
                                             "x-edge-request-id",
                                             "x-host-header",
                                             "cs-protocol",
                                             "cs-bytes",
                                             "time-taken",
                                             "x-forwarded-for",
                                             "ssl-protocol",
                                             "ssl-cipher",
                                             "x-edge-response-result-type",
                                             "cs-protocol-version",
                                             "fle-status",
                                             "fle-encrypted-fields",
                                             "c-port",
                                             "time-to-first-byte",
                                             "x-edge-detailed-result-type",
                                             "sc-content-type",
                                             "sc-content-len",
                                             "sc-range-start",
                                             "sc-range-end"};

void add_defaults(Json& delivery, const std::string& service) {
    if (service == "cloudfront" && !delivery.contains("recordFields")) delivery["recordFields"] = cloudfront_fields;
    if (delivery["deliveryDestinationType"] != "S3") return;
    Json& path = delivery["s3DeliveryConfiguration"];
    if (path.is_null()) path = Json::object();
    if (!path.contains("enableHiveCompatiblePath")) path["enableHiveCompatiblePath"] = false;
    if (!path.contains("suffixPath") && service == "cloudfront")
        path["suffixPath"] = "AWSLogs/{account-id}/CloudFront/";
}

/// Checks that the source has no delivery to this destination, or to another one of its type.
Result<void> check_new_delivery(Logs& logs, const Call& call, const Log_Resource& destination) {
    const std::string type = destination.members.value("deliveryDestinationType", "");
    for (const Log_Resource* each : logs.resources().list(call.account, log_kinds::delivery)) {
        if (each->members.value("deliverySourceName", "") != call.fields().text_or("deliverySourceName")) continue;
        if (each->members.value("deliveryDestinationArn", "") == destination.members.value("arn", ""))
            return conflict_of_delivery("The specified Delivery already exists");
        if (each->members.value("deliveryDestinationType", "") == type)
            return conflict_of_delivery(
                "Delivery already exists for this Delivery Source with the same Delivery Destination Type.");
    }
    return {};
}

Result<Json> create_delivery(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const auto* source, find_delivery_resource(logs, call, sources, fields.text_or("deliverySourceName")));
    const Log_Resource* destination = logs.resources().find_arn(call.account, fields.text_or("deliveryDestinationArn"));
    if (destination == nullptr || destination->kind != destinations.kind)
        return no_delivery_resource(destinations.described);
    OSBOT_TRY(check_new_delivery(logs, call, *destination));
    Log_Resource delivery{.account = call.account,
                          .kind = std::string(deliveries.kind),
                          .name = base::random_alphanumeric(delivery_id_characters)};
    delivery.members = members_of_input(call, {"deliverySourceName", "deliveryDestinationArn", "recordFields",
                                               "fieldDelimiter", "s3DeliveryConfiguration"});
    delivery.members["id"] = delivery.name;
    delivery.members["deliveryDestinationType"] = destination->members.value("deliveryDestinationType", "");
    add_defaults(delivery.members, source->members.value("service", ""));
    return put_delivery_resource(logs, call, deliveries, std::move(delivery), true);
}

Result<Json> describe_deliveries(Logs& logs, const Call& call) {
    auto all = selected(logs, call, deliveries, "deliverySourceNames", "deliverySourceName");
    std::ranges::stable_sort(all, {}, [](const auto* each) { return each->members.value("deliverySourceName", ""); });
    return delivery_page(logs, call, deliveries, {.list = "deliveries"}, all);
}

Result<Json> update_delivery(Logs& logs, const Call& call) {
    OSBOT_TRY(const auto* found, find_delivery_resource(logs, call, deliveries, call.fields().text_or("id")));
    Log_Resource changed = *found;
    changed.members.update(members_of_input(call, {"recordFields", "fieldDelimiter"}));
    for (const auto& [name, value] : call.fields().object("s3DeliveryConfiguration").items())
        changed.members["s3DeliveryConfiguration"][name] = value;
    logs.resources().put(std::move(changed));
    return Json::object();
}

Result<Json> delete_delivery(Logs& logs, const Call& call) {
    if (logs.resources().erase(call.account, deliveries.kind, call.fields().text_or("id"))) return Json::object();
    return no_delivery_resource(deliveries.described);
}

}  // namespace

Operations delivery_operations(Logs& logs) {
    return {logs,
            {{"CreateDelivery", &create_delivery},
             {"DeleteDelivery", &delete_delivery},
             {"DeleteDeliveryDestination", &delete_delivery_destination},
             {"DeleteDeliveryDestinationPolicy", &delete_delivery_destination_policy},
             {"DeleteDeliverySource", &delete_delivery_source},
             {"DescribeDeliveries", &describe_deliveries},
             {"DescribeDeliveryDestinations", &describe_delivery_destinations},
             {"DescribeDeliverySources", &describe_delivery_sources},
             {"GetDelivery", &get_delivery_resource<deliveries>},
             {"GetDeliveryDestination", &get_delivery_resource<destinations>},
             {"GetDeliveryDestinationPolicy", &get_delivery_destination_policy},
             {"GetDeliverySource", &get_delivery_resource<sources>},
             {"PutDeliveryDestination", &put_delivery_destination},
             {"PutDeliveryDestinationPolicy", &put_delivery_destination_policy},
             {"PutDeliverySource", &put_delivery_source},
             {"UpdateDeliveryConfiguration", &update_delivery}}};
}

}  // namespace osbot_aws::services
