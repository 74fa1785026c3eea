#include <algorithm>
#include <filesystem>

#include "base/characters.hpp"
#include "base/files.hpp"
#include "base/http_fields.hpp"
#include "base/json.hpp"
#include "request_steps.hpp"

namespace osbot_aws::fuzz {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t steps_max = 16;
constexpr std::string_view expectation = " -> ";

/// Returns the service whose requests have this form, for the scope of the signature.
std::string_view service_of(const Step& step, std::string_view operation) {
    if (step.request.target.starts_with("/20")) return "lambda";
    if (operation.starts_with("AmazonSQS.")) return "sqs";
    if (!operation.empty()) return "logs";
    if (step.request.body.bytes().find("Version=2011-06-15") != std::string::npos) return "sts";
    return step.request.body.bytes().find("Action=") != std::string::npos ? "iam" : "s3";
}

/// Adds the headers that every client sends.
void add_headers(Step& step) {
    wire::Headers& headers = step.request.headers;
    const std::size_t mark = step.request.target.find('#');
    const std::string operation = mark == std::string::npos ? "" : step.request.target.substr(mark + 1);
    step.request.target.resize(std::min(mark, step.request.target.size()));
    const std::string_view service = service_of(step, operation);
    if (headers.find("Host") == nullptr) headers.add("Host", "localhost");
    if (!operation.empty()) headers.add("X-Amz-Target", (service == "sqs" ? "" : "Logs_20140328.") + operation);
    if (service == "iam" || service == "sts") headers.add("Content-Type", "application/x-www-form-urlencoded");
    if (headers.find("Authorization") != nullptr || step.request.target.find("Signature=") != std::string::npos) return;
    headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=AKIACONTRACTTEXTS/20260101/us-east-1/" +
                                     std::string(service) + "/aws4_request, SignedHeaders=host, Signature=0");
}

/// Adds a line to the step before it. Returns false if the line may start a new step.
bool add_line(Step& step, std::string_view line) {
    const auto rest = [&](std::string_view mark) { return line.substr(mark.size()); };
    if (line.starts_with("> ")) {
        const std::string_view field = rest("> ");
        const std::size_t colon = field.find(": ");
        if (colon == std::string_view::npos || colon == 0) return true;
        const std::string_view name = field.substr(0, colon), value = field.substr(colon + 2);
        if (base::all_name_characters(name) && base::is_field_value(value))  // the server rejects others
            step.request.headers.add(std::string(name), std::string(value));
    } else if (line.starts_with("< ")) {
        if (!step.request.body.bytes().empty()) step.request.body.append("\n");
        step.request.body.append(rest("< "));
    } else if (line.starts_with('$')) {
        std::string_view element = rest("$");
        const std::string name(base::take_until(element, ' '));
        if (!name.empty() && !element.empty()) step.variables.emplace_back(name, element);
    } else {
        return line.empty() || std::string_view("~!= #").find(line.front()) != std::string_view::npos;
    }
    return true;
}

Step parse_first_line(std::string_view line) {
    if (const std::size_t end = line.rfind(expectation); end != std::string_view::npos) line = line.substr(0, end);
    Step step;
    step.request.method = base::take_until(line, ' ');
    step.request.target = base::take_until(line, ' ');
    step.request.body = line;
    return step;
}

/// Replaces the name of a file in a first line ("POST /path @hello.json -> 200") by its bytes, without line breaks.
std::string with_file(const std::string& line, const fs::path& folder) {
    const std::size_t at = line.find(" @"), end = line.rfind(expectation);
    if (at == std::string::npos || end == std::string::npos || end < at) return line;
    std::string bytes = base::read_file(folder / line.substr(at + 2, end - at - 2)).value();
    std::replace(bytes.begin(), bytes.end(), '\n', ' ');
    return line.substr(0, at + 1) + bytes + line.substr(end);
}

void add_blocks(const fs::path& file, std::vector<std::string>& blocks) {
    const std::string text = base::read_file(file).value();
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string line(base::take_until(rest, '\n'));
        if (line.starts_with("# name:")) blocks.emplace_back();
        if (blocks.empty() || line.empty() || std::string_view("~!= #").find(line.front()) != std::string_view::npos)
            continue;
        blocks.back() += with_file(line, file.parent_path()) + "\n";
    }
}

}  // namespace

std::vector<Step> parse_steps(std::string_view text) {
    std::vector<Step> steps;
    while (!text.empty() && steps.size() <= steps_max) {
        const std::string_view line = base::take_until(text, '\n');
        const bool added = steps.empty() ? line.empty() || line.starts_with('#') : add_line(steps.back(), line);
        if (!added) steps.push_back(parse_first_line(line));
    }
    for (Step& step : steps) add_headers(step);
    return steps;
}

std::vector<std::string> contract_blocks() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(CONTRACT_DATA))
        if (entry.path().extension() == ".txt") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> blocks;
    for (const fs::path& file : files) add_blocks(file, blocks);
    return blocks;
}

void substitute(wire::Request& request, const std::vector<std::pair<std::string, std::string>>& values) {
    constexpr std::size_t bytes_max = 1 << 20;
    std::string body = request.body.take();
    for (const auto& [name, value] : values) {
        const std::string mark = "{" + name + "}";
        for (std::string* text : {&request.target, &body}) {
            for (std::size_t at = text->find(mark); at != std::string::npos && text->size() < bytes_max;
                 at = text->find(mark, at + value.size()))
                text->replace(at, mark.size(), value);
        }
    }
    request.body = std::move(body);
}

std::string value_in(const std::string& response, const std::string& name) {
    const Json json = base::parse_json(response);
    if (json.is_object()) {
        const auto member = json.find(name);
        return member != json.end() && member->is_string() ? member->get<std::string>() : "";
    }
    const std::size_t from = response.find("<" + name + ">"), begin = from + name.size() + 2;
    if (from == std::string::npos) return "";
    return wire::percent_encode(response.substr(begin, response.find("</", begin) - begin));
}

}  // namespace osbot_aws::fuzz
