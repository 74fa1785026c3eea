// Handlers for HTTP requests, messages of a queue, changes of a table and log events. docs/guide/13 quotes it.
#include <iostream>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>
// [start includes]
#include <osbot_aws/events/Dynamodb_Event.hpp>
#include <osbot_aws/events/Http_Response.hpp>
#include <osbot_aws/events/Logs_Event.hpp>
#include <osbot_aws/events/Sqs_Event.hpp>
// [end includes]

using namespace osbot_aws;

// [start http]
Json hello(const Json& event, const Context&) {
    const auto request = event.get<events::Http_Request>();
    if (request.method != "GET") return events::Http_Response::text("only GET is allowed", 405).to(request);
    const std::string name = request.query("name").value_or("world");
    return events::Http_Response::json({{"hello", name}, {"language", request.header("Accept-Language").value_or("")}})
        .header("Cache-Control", "no-store")
        .cookie("last=" + name + "; Secure; HttpOnly")
        .to(request);
}
// [end http]

// [start sqs]
void place_order(const events::Sqs_Record& record) {
    const Json order = record.json();  // throws if the body is not JSON
    std::cout << "order " << order.at("order_id") << '\n';
}

Json place_orders(const Json& event, const Context&) {
    return events::process_each(event.get<events::Sqs_Event>(), place_order);
}
// [end sqs]

// [start stream]
void index_order(const events::Dynamodb_Record& record) {
    if (record.eventName == "REMOVE") return;
    const events::Dynamodb_Item& order = record.dynamodb.NewImage;
    std::cout << order.at("order_id").text() << " costs " << order.at("price").number() << '\n';
}

events::Batch_Response index_orders(const events::Dynamodb_Event& event) {
    return events::process_each(event, index_order);
}
// [end stream]

// [start logs]
Json count_errors(const Json& event, const Context&) {
    int errors = 0;
    for (const events::Log_Event& line : event.get<events::Logs_Event>().awslogs.data.logEvents)
        errors += line.message.find("ERROR") != std::string::npos ? 1 : 0;
    return errors;
}
// [end logs]

// [start invoke]
events::Sqs_Event two_messages() {
    events::Sqs_Event batch;
    batch.Records.push_back({.messageId = "1", .body = R"({"order_id": 7})"});
    batch.Records.push_back({.messageId = "2", .body = "not JSON"});
    return batch;
}
// [end invoke]

namespace {

template <class Event>
int deploy_and_invoke(const Handler_Ref& handler, const Event& event) {
    Deploy_Lambda deploy{handler};
    if (!deploy.deploy()) return std::cerr << deploy.last_error() << '\n', 1;
    std::cout << deploy.invoke(event) << '\n';
    return 0;
}

}  // namespace

int main() {
    events::Function_Url_Event request{.rawPath = "/", .rawQueryString = "name=Ada%20L"};
    request.requestContext.http.method = "GET";
    events::Logs_Event logs;
    logs.awslogs.data.logEvents.push_back({.message = "ERROR: no disk space"});
    events::Dynamodb_Event changes;
    changes.Records.push_back({.eventName = "INSERT"});  // without an item: it fails
    changes.Records[0].dynamodb.SequenceNumber = "100";
    return deploy_and_invoke(handler<hello>, request) + deploy_and_invoke(handler<place_orders>, two_messages()) +
           deploy_and_invoke(handler<index_orders>, changes) + deploy_and_invoke(handler<count_errors>, logs);
}
