// Runs the text files of tests/contract/data: each block on a fresh engine, embedded and over TCP, or against
// OSBOT_CONTRACT_ENDPOINT.
//
//     # name: lambda/create_function/name_taken        # source: API_CreateFunction, Errors
//     POST /2015-03-31/functions @hello.json -> 409 x-amzn-errortype: ResourceConflictException
//     < a line of the body, where there is no file
//       {"message": "what the answer must contain", "RevisionId": "<any>"}
//     ~ text that the answer must contain (for XML)
//     ! text that it must not contain
//     > Name: value           a header of the request
//     = Name: value           a further header of the answer
//     $token Element          keeps the text of <Element> of the answer, for {token} in later targets and bodies; of a
//     JSON
//                             answer that of its member. {now_ms} is there from the beginning.
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
#include "base/time_text.hpp"
#include "server/local_engine.hpp"

namespace osbot_aws {
namespace {

namespace fs = std::filesystem;

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Step {
    std::string method, target, body, expected_json;
    Fields headers, expected_headers, kept;  // kept: a name, and the element whose text it is
    std::vector<std::string> expected_text, unexpected_text;
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

std::pair<std::string, std::string> parse_field(const std::string& line, const std::string& separator) {
    const std::size_t at = line.find(separator);
    if (at == std::string::npos && line.ends_with(':')) return {line.substr(0, line.size() - 1), ""};
    if (at == std::string::npos) throw std::runtime_error("no `name" + separator + "value`: " + line);
    return {line.substr(0, at), line.substr(at + separator.size())};
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
    if (right.size() > 4) step.expected_headers.push_back(parse_field(right.substr(4), ": "));
    return step;
}

/// A line that belongs to the step before it; false: it does not.
bool take_line(Step& step, const std::string& line) {
    const std::string rest = line.substr(std::min<std::size_t>(line.size(), 2));
    if (line.starts_with("< "))
        step.body += (step.body.empty() ? "" : "\n") + rest;
    else if (line.starts_with("~ "))
        step.expected_text.push_back(rest);
    else if (line.starts_with("! "))
        step.unexpected_text.push_back(rest);
    else if (line.starts_with("> "))
        step.headers.push_back(parse_field(rest, ": "));
    else if (line.starts_with("= "))
        step.expected_headers.push_back(parse_field(rest, ": "));
    else if (line.starts_with('$'))
        step.kept.push_back(parse_field(line.substr(1), " "));
    else if (line.starts_with(' '))
        step.expected_json += line;
    else
        return false;
    return true;
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
        } else if (blocks.back().steps.empty() || !take_line(blocks.back().steps.back(), line)) {
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

/// Signed by a key that nobody can know the secret of, and so believed; not when the target is signed, or the step says
/// by whom.
Fields headers_of(const Step& step) {
    const std::string service = service_of(step);
    Fields headers = step.headers;
    const auto says = [&](std::string_view name) {
        return std::any_of(headers.begin(), headers.end(), [&](const auto& field) { return field.first == name; });
    };
    if (!says("Host")) headers.emplace_back("Host", "localhost");
    if (!says("Authorization") && step.target.find("Signature=") == std::string::npos)
        headers.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=AKIACONTRACTTEXTS/20260101/us-east-1/" +
                                                  service + "/aws4_request, SignedHeaders=host, Signature=0");
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
        wire::Response response = engine.handle(std::move(request));
        if (step.method != "HEAD") response.body.bytes = wire::take_bytes(response.body).value();
        return response;
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
    for (const auto& [name, value] : step.expected_headers) {
        if (response.headers[name] != value) return name + " is " + std::string(response.headers[name]);
    }
    for (const std::string& text : step.expected_text) {
        if (bytes.find(text) == std::string::npos) return text + "\nis not in\n" + bytes;
    }
    for (const std::string& text : step.unexpected_text) {
        if (bytes.find(text) != std::string::npos) return text + "\nis in\n" + bytes;
    }
    if (step.expected_json.empty()) return "";
    const Json seen = Json::parse(bytes, nullptr, false);
    if (seen.is_discarded()) return "no JSON: " + bytes;
    const std::string found = difference(Json::parse(step.expected_json), seen);
    return found.empty() ? "" : found + "\n" + bytes;
}

std::string with_kept(std::string text, const Fields& kept) {
    for (const auto& [name, value] : kept) {
        const std::string mark = "{" + name + "}";
        for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
            text.replace(at, mark.size(), value);
    }
    return text;
}

/// The text of the first <element> in the answer.
std::string element_text(const std::string& bytes, const std::string& element) {
    const std::size_t from = bytes.find("<" + element + ">"), begin = from + element.size() + 2;
    return from == std::string::npos ? "" : bytes.substr(begin, bytes.find("</", begin) - begin);
}

/// As it goes into the next request: a form or a target takes it encoded, JSON as it is.
std::string text_to_keep(const std::string& bytes, const std::string& name) {
    const Json json = Json::parse(bytes, nullptr, false);
    return json.is_object() ? json.value(name, "") : wire::percent_encode(element_text(bytes, name));
}

/// The first answer that is not as it should be, with its step; empty: none.
std::string check(const Block& block, const Ask& ask) {
    Fields kept{{"now_ms", std::to_string(base::unix_ms(std::chrono::system_clock::now()))}};
    for (Step step : block.steps) {
        step.target = with_kept(step.target, kept);
        step.body = with_kept(step.body, kept);
        const wire::Response answer = ask(step);
        const std::string fault = fault_of(step, answer);
        for (const auto& [name, element] : step.kept) kept.emplace_back(name, text_to_keep(answer.body.bytes, element));
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
            GTEST_SKIP() << known;  // of peers only, which name theirs; a difference that is gone fails above
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
