// Requests to the services: the blocks of tests/contract/data, changed. Each request has one well-formed response, and
// an engine that reads the resulting records from the store has the same state.
#include <pugixml.hpp>

#include "base/files.hpp"
#include "base/json.hpp"
#include "engine_world.hpp"
#include "fuzz.hpp"
#include "request_steps.hpp"

using namespace osbot_aws;

namespace {

// Requests for the state of each service, all of them without effect.
constexpr const char* state_requests = R"(GET /
GET /bucket?list-type=2
GET /bucket?uploads
GET /bucket?tagging
GET /bucket/key
POST / Action=ListRoles&Version=2010-05-08
POST / Action=ListPolicies&Scope=Local&Version=2010-05-08
POST /#DescribeLogGroups {}
POST /#DescribeLogStreams {"logGroupName": "g"}
POST /#AmazonSQS.ListQueues {}
POST /#AmazonSQS.GetQueueAttributes {"QueueUrl": "http://localhost/000000000000/a", "AttributeNames": ["All"]}
GET /2015-03-31/functions/
GET /2015-03-31/functions/hello/versions
GET /2015-03-31/functions/hello/policy
GET /2018-10-31/layers
GET /2015-03-31/event-source-mappings/)";

/// Removes what differs between two responses with the same content.
std::string without_ids(std::string text) {
    for (const auto& [begin, end] : {std::pair{"<RequestId>", "</RequestId>"}, std::pair{"<HostId>", "</HostId>"}}) {
        const std::size_t from = text.find(begin), to = text.find(end);
        if (from != std::string::npos && to != std::string::npos) text.erase(from, to - from);
    }
    return text;
}

void check_format(const wire::Response& response, const std::string& bytes) {
    require(response.status >= 100 && response.status < 600);
    const std::string_view type = response.headers["Content-Type"];
    const bool error = response.status >= 400;
    if (bytes.empty() || !error) return;  // the bytes of a successful response may be an object or a function's result
    if (type.find("json") != std::string_view::npos) require(!base::parse_json(bytes).is_discarded());
    if (type.find("xml") != std::string_view::npos) require(pugi::xml_document().load_string(bytes.c_str()));
}

std::string state_of(fuzz::Engine_World& world) {
    std::string state;
    for (fuzz::Step& step : fuzz::parse_steps(state_requests)) {
        auto response = world.send(std::move(step.request));
        require(response.has_value());
        state += std::to_string(response->status) + without_ids(fuzz::bytes_of(*response)) + "\n";
    }
    return state;
}

}  // namespace

std::vector<std::string> seeds() { return fuzz::contract_blocks(); }

void run_target(std::string_view bytes) {
    const base::Temporary_Folder folder("fuzz", fuzz::memory_folder());
    fuzz::Memory_Store store(folder.path());
    std::string state;
    base::Time end;
    {
        fuzz::Engine_World world(store, folder.path());
        world.run(fuzz::parse_steps(bytes), check_format);
        state = state_of(world);
        end = world.loop.fake_clock.time;
    }
    fuzz::Engine_World restarted(store, folder.path(), end);
    const std::string read = state_of(restarted);
    if (read != state) std::fprintf(stderr, "before:\n%s\nafter a restart:\n%s\n", state.c_str(), read.c_str());
    require(read == state);
}
