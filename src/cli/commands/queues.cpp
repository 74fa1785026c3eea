// The commands `queues list`, `send`, `peek` and `redrive`.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/counted.hpp"
#include "base/error_codes.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/numbers.hpp"
#include "base/time_text.hpp"
#include "base/utf8.hpp"
#include "cli/commands/commands.hpp"
#include "cli/line/argument_text.hpp"
#include "cli/line/suggestion.hpp"
#include "cli/output/terminal.hpp"
#include "client/aws_client.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::cli {
namespace {

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
constexpr int receive_max = 10, delay_s_max = 900, peek_max = 1000, list_page = 1000;
constexpr int long_poll_s = 1;         // without it, AWS asks only some of its servers
constexpr int peek_visibility_s = 30;  // if the command is interrupted, the messages are visible again after this time

struct Send_Arguments {
    std::string queue, body;
    int delay_s = 0;
};
struct Peek_Arguments {
    std::string queue;
    int count = 10;
};
struct Redrive_Arguments {
    std::string queue, destination;
};

/// Sends a request of SQS's JSON protocol. Throws Aws_Exception.
Json call(const Session& session, const std::string& operation, const Json& parameters) {
    client::Call request{.service = "sqs"};
    request.headers.add("Content-Type", "application/x-amz-json-1.0");
    request.headers.add("X-Amz-Target", "AmazonSQS." + operation);
    request.body = base::dump_json(parameters);
    const auto response = client_of(session).send(request);
    return client::parse_json_body(response.value()).value();
}

std::string name_of(const std::string& url_or_arn) { return url_or_arn.substr(url_or_arn.find_last_of("/:") + 1); }

std::vector<std::string> all_urls(const Session& session) {
    std::vector<std::string> urls;
    Json parameters{{"MaxResults", list_page}};
    for (;;) {
        const Json page = call(session, "ListQueues", parameters);
        for (const Json& url : page.value("QueueUrls", Json::array())) urls.push_back(url.get<std::string>());
        if (!page.contains("NextToken")) return urls;
        parameters["NextToken"] = page["NextToken"];
    }
}

/// Returns the URL of a queue that is named by its name or URL. Throws Aws_Exception.
std::string url_of(const Session& session, const std::string& queue) {
    if (queue.find("://") != std::string::npos) return queue;
    try {
        return call(session, "GetQueueUrl", {{"QueueName", queue}}).value("QueueUrl", "");
    } catch (const Aws_Exception& exception) {
        if (exception.code().find(codes::queue_does_not_exist) == std::string::npos &&
            exception.code().find("NonExistentQueue") == std::string::npos)
            throw;
        std::vector<std::string> names;
        for (const std::string& url : all_urls(session)) names.push_back(name_of(url));
        const std::string create = did_you_mean(queue, names).empty()
                                       ? fmt::format("; create it with aws sqs create-queue --queue-name {}", queue)
                                       : "";
        throw Aws_Exception({codes::queue_does_not_exist, unknown_name("queue", queue, names) + create, 400});
    }
}

Json attributes_of(const Session& session, const std::string& url) {
    return call(session, "GetQueueAttributes", {{"QueueUrl", url}, {"AttributeNames", {"All"}}})
        .value("Attributes", Json::object());
}

/// Returns the name of the dead-letter queue; "" if there is none.
std::string dead_letter_queue(const Json& attributes) {
    const Json policy = base::parse_json(attributes.value("RedrivePolicy", ""));
    return policy.is_object() ? name_of(policy.value("deadLetterTargetArn", "")) : "";
}

int list(const Options& options) {
    const Session session = make_session(options);
    Json queues = Json::array();
    std::vector<std::vector<std::string>> rows{{"NAME", "WAITING", "IN FLIGHT", "DELAYED", "DEAD-LETTER QUEUE"}};
    for (const std::string& url : all_urls(session)) {
        const Json attributes = attributes_of(session, url);
        queues.push_back({{"QueueUrl", url}, {"Attributes", attributes}});
        rows.push_back({name_of(url), attributes.value("ApproximateNumberOfMessages", ""),
                        attributes.value("ApproximateNumberOfMessagesNotVisible", ""),
                        attributes.value("ApproximateNumberOfMessagesDelayed", ""), dead_letter_queue(attributes)});
    }
    print(options, queues, queues.empty() ? "no queues" : table(rows, width_of(1)));
    return exit_ok;
}

int send(const Options& options, const Send_Arguments& arguments) {
    const auto body = argument_text(arguments.body);
    if (!body) return report_usage(body.error());
    if (!base::is_utf8(*body))
        return report_usage(
            local_error("InvalidArgument",
                        "the message is not UTF-8 text, which SQS requires; encode it, for example with base64"));
    const Session session = make_session_to_change(options);
    Json message{{"QueueUrl", url_of(session, arguments.queue)}, {"MessageBody", *body}};
    if (arguments.delay_s > 0) message["DelaySeconds"] = arguments.delay_s;
    const Json sent = call(session, "SendMessage", message);
    print(options, sent, "sent " + sent.value("MessageId", ""));
    return exit_ok;
}

Json receive(const Session& session, const std::string& url, const Json& options) {
    Json parameters{{"QueueUrl", url},
                    {"MaxNumberOfMessages", receive_max},
                    {"WaitTimeSeconds", impl_of(session).kind == Target_Kind::aws ? long_poll_s : 0},
                    {"MessageSystemAttributeNames", {"All"}},
                    {"MessageAttributeNames", {"All"}}};
    parameters.update(options);
    return call(session, "ReceiveMessage", parameters).value("Messages", Json::array());
}

void make_visible(const Session& session, const std::string& url, const Json& messages) {
    Json entries = Json::array();
    for (const Json& message : messages)
        entries.push_back({{"Id", std::to_string(entries.size())},
                           {"ReceiptHandle", message.at("ReceiptHandle")},
                           {"VisibilityTimeout", 0}});
    call(session, "ChangeMessageVisibilityBatch", {{"QueueUrl", url}, {"Entries", entries}});
}

/// Receives messages, and makes them visible again at the end: otherwise SQS would return the same ones again.
Json peeked_messages(const Session& session, const std::string& url, std::size_t count) {
    Json messages = Json::array();
    std::vector<Json> batches;
    while (messages.size() < count) {
        const auto remaining = std::min<std::size_t>(receive_max, count - messages.size());
        const Json batch =
            receive(session, url, {{"MaxNumberOfMessages", remaining}, {"VisibilityTimeout", peek_visibility_s}});
        if (batch.empty()) break;
        messages.insert(messages.end(), batch.begin(), batch.end());
        batches.push_back(batch);
    }
    for (const Json& batch : batches) make_visible(session, url, batch);
    return messages;
}

std::string message_text(const Json& message) {
    const Json attributes = message.value("Attributes", Json::object());
    const auto sent_ms = base::parse_number<std::int64_t>(attributes.value("SentTimestamp", "")).value_or(0);
    return fmt::format("{} {} (received {} times) {}\n", base::iso8601_ms_z(base::from_unix_ms(sent_ms)),
                       message.value("MessageId", ""), attributes.value("ApproximateReceiveCount", ""),
                       message.value("Body", ""));
}

int peek(const Options& options, const Peek_Arguments& arguments) {
    const Session session = make_session(options);
    const Json messages =
        peeked_messages(session, url_of(session, arguments.queue), static_cast<std::size_t>(arguments.count));
    std::string text;
    for (const Json& message : messages) text += message_text(message);
    print(options, messages, text.empty() ? "no visible messages" : text);
    return exit_ok;
}

/// Returns the queue that the messages of a dead-letter queue come from. Throws Aws_Exception.
std::string source_of(const Session& session, const std::string& url) {
    const Json sources =
        call(session, "ListDeadLetterSourceQueues", {{"QueueUrl", url}}).value("queueUrls", Json::array());
    if (sources.size() == 1) return sources[0].get<std::string>();
    if (sources.empty())
        throw Aws_Exception({"InvalidArgument",
                             name_of(url) + " is not a dead-letter queue; select the destination with --to QUEUE", 0});
    throw Aws_Exception(local_error("InvalidArgument",
                                    "{} is the dead-letter queue of {} queues; select the destination with --to QUEUE",
                                    name_of(url), sources.size()));
}

/// Sends the message to the destination, then deletes it: if the deletion fails, both queues have the message.
void move_message(const Session& session, const Json& message, const std::string& from, const std::string& to) {
    Json copy{{"QueueUrl", to}, {"MessageBody", message.at("Body")}};
    if (message.contains("MessageAttributes")) copy["MessageAttributes"] = message["MessageAttributes"];
    const Json attributes = message.value("Attributes", Json::object());
    for (const char* name : {"MessageGroupId", "MessageDeduplicationId"})
        if (attributes.contains(name)) copy[name] = attributes[name];
    call(session, "SendMessage", copy);
    call(session, "DeleteMessage", {{"QueueUrl", from}, {"ReceiptHandle", message.at("ReceiptHandle")}});
}

int redrive(const Options& options, const Redrive_Arguments& arguments) {
    const Session session = make_session_to_change(options);
    const std::string from = url_of(session, arguments.queue);
    const std::string to =
        arguments.destination.empty() ? source_of(session, from) : url_of(session, arguments.destination);
    if (from == to) return report_usage(local_error("InvalidArgument", "the queue and --to are the same queue"));
    // Messages that fail again meanwhile return to the queue; they must not be moved again.
    const std::string waiting = attributes_of(session, from).value("ApproximateNumberOfMessages", "");
    const auto count_max = base::parse_number<std::uint64_t>(waiting).value_or(0);
    std::uint64_t count = 0;
    while (count < count_max) {
        const auto remaining = std::min<std::uint64_t>(receive_max, count_max - count);
        const Json messages = receive(session, from, {{"MaxNumberOfMessages", remaining}});
        if (messages.empty()) break;
        for (const Json& message : messages) move_message(session, message, from, to);
        count += messages.size();
    }
    print(options, {{"moved", count}, {"destination", to}},
          fmt::format("moved {} to {}", base::counted(count, "message"), name_of(to)));
    return exit_ok;
}

void add_queue(Command command, std::string& queue) {
    command.add_option("queue QUEUE", queue, "Name or URL of the queue").required();
}

}  // namespace

void add_queues(Command_Line& line) {
    Command queues = line.root().add_command("queues", "List SQS queues; send, peek at and redrive messages",
                                             "Examples:\n"
                                             "  osbot queues list\n"
                                             "  osbot queues send orders '{\"order_id\": 7}'\n"
                                             "  osbot queues send orders @order.json --delay 60\n"
                                             "  osbot queues peek orders-failed --count 20\n"
                                             "  osbot queues redrive orders-failed     move the messages back");
    queues.require_command();
    line.add_command(queues, "list", "List the queues with the numbers of their messages", &list);

    auto [send_command, sent] = line.add_command(queues, "send", "Send a message to a queue", &send);
    add_queue(send_command, sent.queue);
    send_command.add_option("body TEXT", sent.body, "Text of the message, @file, or - for standard input").required();
    send_command.add_option("--delay SECONDS", sent.delay_s, "Deliver the message after this many seconds (default 0)")
        .in_range(0, delay_s_max);

    auto [peek_command, peeked] =
        line.add_command(queues, "peek", "Show messages without removing them; this counts as receiving them", &peek);
    add_queue(peek_command, peeked.queue);
    peek_command.add_option("--count N", peeked.count, "Show N messages at most (default 10)").in_range(1, peek_max);

    auto [redrive_command, redriven] =
        line.add_command(queues, "redrive", "Move the messages of a dead-letter queue back to their source", &redrive);
    add_queue(redrive_command, redriven.queue);
    redrive_command.add_option(
        "--to QUEUE", redriven.destination,
        "Queue that receives the messages (default: the only queue with this dead-letter queue)");
}

}  // namespace osbot_aws::cli
