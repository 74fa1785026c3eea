// Runs the text files of tests/contract/data: each block on a fresh engine, embedded and over TCP, or against
// OSBOT_CONTRACT_ENDPOINT.
//
//     # name: lambda/create_function/name_taken        # source: API_CreateFunction, Errors
//     POST /2015-03-31/functions @hello.json -> 409 x-amzn-errortype: ResourceConflictException
//     < a line of the body, where there is no file
//       {"message": "what the answer must contain", "RevisionId": "<any>"}
//     ~ text that the answer must contain (for XML)
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/files.hpp"
#include "base/http_connection.hpp"
#include "server/local_engine.hpp"

namespace osbot_aws {
namespace {

namespace fs = std::filesystem;

struct Step {
    std::string method, target, body, header_name, header_value, expected_json;
    std::vector<std::string> expected_text;
    int status = 0, line = 0;
};
struct Block {
    fs::path file;
    std::string name;
    std::vector<Step> steps;
};
using Ask = std::function<wire::Response(const Step&)>;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

Step parse_step(const std::string& line, const fs::path& folder) {
    Step step;
    const std::size_t arrow = line.rfind(" -> ");
    if (arrow == std::string::npos) throw std::runtime_error("a step without `-> status`: " + line);
    std::string left = line.substr(0, arrow), right = line.substr(arrow + 4);
    while (left.ends_with(' ')) left.pop_back();
    step.method = left.substr(0, left.find(' '));
    left.erase(0, step.method.size() + 1);
    step.target = left.substr(0, left.find(' '));
    left.erase(0, std::min(step.target.size() + 1, left.size()));
    step.body = left.starts_with('@') ? base::read_file(folder / left.substr(1)).value() : left;
    step.status = std::stoi(right);
    if (const std::size_t colon = right.find(": "); colon != std::string::npos) {
        step.header_name = right.substr(4, colon - 4);
        step.header_value = right.substr(colon + 2);
    }
    return step;
}

std::vector<Block> parse_file(const fs::path& file) {
    std::vector<Block> blocks;
    int number = 0;
    for (const std::string& line : lines_of(base::read_file(file).value())) {
        ++number;
        constexpr std::string_view name = "# name: ";
        if (line.starts_with(name)) {
            const std::string rest = line.substr(name.size());
            blocks.push_back({file, rest.substr(0, rest.find(' ')), {}});
        } else if (line.empty() || line.starts_with('#') || blocks.empty()) {
            continue;
        } else if (line.starts_with("< ")) {
            std::string& body = blocks.back().steps.back().body;
            body += (body.empty() ? "" : "\n") + line.substr(2);
        } else if (line.starts_with("~ ")) {
            blocks.back().steps.back().expected_text.push_back(line.substr(2));
        } else if (line.starts_with(' ')) {
            blocks.back().steps.back().expected_json += line;
        } else {
            blocks.back().steps.push_back(parse_step(line, file.parent_path()));
            blocks.back().steps.back().line = number;
        }
    }
    return blocks;
}

/// Where `seen` lacks what `wanted` says; empty: nowhere.
std::string difference(const Json& wanted, const Json& seen, const std::string& at = "") {
    if (wanted == "<any>") return "";
    if (wanted.is_object() && seen.is_object()) {
        for (const auto& [key, value] : wanted.items()) {
            if (!seen.contains(key)) return at + "/" + key + " is missing";
            if (const std::string found = difference(value, seen.at(key), at + "/" + key); !found.empty()) return found;
        }
        return "";
    }
    if (wanted.is_array() && seen.is_array() && wanted.size() == seen.size()) {
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (const std::string found = difference(wanted[i], seen[i], at + "/" + std::to_string(i)); !found.empty())
                return found;
        }
        return "";
    }
    return wanted == seen ? "" : at + " is " + seen.dump() + ", not " + wanted.dump();
}

std::string service_of(const Step& step) {
    if (step.target.starts_with("/20")) return "lambda";
    if (step.body.find("Version=2011-06-15") != std::string::npos) return "sts";
    if (step.body.find("Action=") != std::string::npos) return "iam";
    if (step.target.starts_with("/#AmazonSQS.")) return "sqs";
    return step.body.starts_with("{") ? "logs" : "s3";
}

std::vector<std::pair<std::string, std::string>> headers_of(const Step& step) {
    const std::string service = service_of(step);
    std::vector<std::pair<std::string, std::string>> headers{
        {"Host", "localhost"},
        {"Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/" + service +
                              "/aws4_request, SignedHeaders=host, Signature=0"}};
    if (service == "iam" || service == "sts") headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    if (service == "logs")
        headers.emplace_back("X-Amz-Target", "Logs_20140328." + step.target.substr(2));  // POST /#DescribeLogGroups
    if (service == "sqs") headers.emplace_back("X-Amz-Target", step.target.substr(2));   // POST /#AmazonSQS.ListQueues
    return headers;
}

Ask embedded(server::Local_Engine& engine) {
    return [&engine](const Step& step) {
        wire::Request request{.method = step.method, .target = step.target.substr(0, step.target.find('#'))};
        for (auto& [name, value] : headers_of(step)) request.headers.add(name, value);
        request.body.bytes = step.body;
        return engine.handle(std::move(request));
    };
}

Ask over_tcp(const std::string& host, std::uint16_t port) {
    auto connection = std::make_shared<std::optional<base::Http_Connection>>();
    return [connection, host, port](const Step& step) {
        if (!*connection || !(*connection)->reusable())
            connection->emplace(base::Http_Connection::connect_tcp(host, port, std::chrono::seconds(5)).value());
        std::string head = step.method + " " + step.target.substr(0, step.target.find('#')) + " HTTP/1.1\r\n";
        for (const auto& [name, value] : headers_of(step)) head += name + ": " + value + "\r\n";
        auto reply = (*connection)
                         ->exchange(std::move(head), step.body, std::chrono::seconds(30), step.method == "HEAD")
                         .value();
        wire::Response response;
        response.status = reply.status;
        for (const auto& [name, value] : reply.headers) response.headers.add(name, value);
        response.body.bytes = reply.body;
        return response;
    };
}

void make_role(const Ask& ask) {
    Step step;
    step.method = "POST";
    step.target = "/";
    step.body =
        "Action=CreateRole&Version=2010-05-08&RoleName=lambda&AssumeRolePolicyDocument=%7B%22Version%22%3A%222012-10-"
        "17%22%2C%22Statement%22%3A"
        "%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%"
        "22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D";
    ask(step);
}

/// What an answer lacks; empty: nothing.
std::string fault_of(const Step& step, const wire::Response& response) {
    const std::string& bytes = response.body.bytes;
    if (response.status != step.status) return std::to_string(response.status) + "\n" + bytes;
    if (const auto header = response.headers[step.header_name];
        !step.header_name.empty() && header != step.header_value)
        return step.header_name + " is " + std::string(header);
    for (const std::string& text : step.expected_text) {
        if (bytes.find(text) == std::string::npos) return text + "\nis not in\n" + bytes;
    }
    if (step.expected_json.empty()) return "";
    const Json seen = Json::parse(bytes, nullptr, false);
    if (seen.is_discarded()) return "no JSON: " + bytes;
    const std::string found = difference(Json::parse(step.expected_json), seen);
    return found.empty() ? "" : found + "\n" + bytes;
}

/// The first answer that is not as it should be, with its step; empty: none.
std::string check(const Block& block, const Ask& ask) {
    for (const Step& step : block.steps) {
        const std::string fault = fault_of(step, ask(step));
        if (fault.empty()) continue;
        return block.file.filename().string() + ":" + std::to_string(step.line) + "  " + step.method + " " +
               step.target + " answers " + fault;
    }
    return "";
}

enum class Way { embedded, tcp, endpoint };

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// Why another endpoint answers a block otherwise, of the lines `name: why` in OSBOT_CONTRACT_DIFFERENCES; empty: it is
/// not known to.
std::string known_difference(const std::string& name) {
    const std::string file = variable("OSBOT_CONTRACT_DIFFERENCES");
    if (file.empty()) return "";
    for (const std::string& line : lines_of(base::read_file(file).value())) {
        if (line.starts_with(name + ": ")) return line.substr(name.size() + 2);
    }
    return "";
}

class Contract final : public testing::Test {
public:
    Contract(Block block, Way way) : block_(std::move(block)), way_(way) {}

    void TestBody() override {
        if (way_ == Way::endpoint) return ask_endpoint();
        auto engine = server::Local_Engine::start({.port = 0}).value();
        const Ask ask = way_ == Way::embedded ? embedded(*engine) : over_tcp("127.0.0.1", engine->port());
        make_role(ask);
        EXPECT_EQ(check(block_, ask), "");
    }

private:
    /// OSBOT_CONTRACT_ENDPOINT is http://host:port; a POST to the path OSBOT_CONTRACT_RESET empties it.
    void ask_endpoint() {
        const std::string url = variable("OSBOT_CONTRACT_ENDPOINT"), rest = url.substr(url.find("://") + 3);
        const Ask ask = over_tcp(rest.substr(0, rest.find(':')),
                                 static_cast<std::uint16_t>(std::stoi(rest.substr(rest.find(':') + 1))));
        Step reset;
        reset.method = "POST";
        reset.target = variable("OSBOT_CONTRACT_RESET");
        if (!reset.target.empty()) ask(reset);
        make_role(ask);
        const std::string fault = check(block_, ask), known = known_difference(block_.name);
        if (known.empty()) {
            EXPECT_EQ(fault, "");
        } else if (fault.empty()) {
            ADD_FAILURE() << "it is as it should be now; take it out of the known differences: " << known;
        } else {
            GTEST_SKIP() << known;
        }
    }

    Block block_;
    Way way_;
};

void register_block(const Block& block, Way way, const char* suite) {
    std::string name = block.name;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
    testing::RegisterTest(suite, name.c_str(), nullptr, nullptr, block.file.c_str(), 1,
                          [block, way]() -> testing::Test* { return new Contract(block, way); });
}

}  // namespace
}  // namespace osbot_aws

int main(int argc, char** argv) {
    using namespace osbot_aws;
    testing::InitGoogleTest(&argc, argv);
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(CONTRACT_DATA)) {
        if (entry.path().extension() == ".txt") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
        for (const Block& block : parse_file(file)) {
            if (std::getenv("OSBOT_CONTRACT_ENDPOINT") != nullptr) {
                register_block(block, Way::endpoint, "Contract_Endpoint");
                continue;
            }
            register_block(block, Way::embedded, "Contract_Embedded");
            register_block(block, Way::tcp, "Contract_Tcp");
        }
    }
    return RUN_ALL_TESTS();
}
