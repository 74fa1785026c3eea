// Requests of REST-XML, the protocol of S3: path, host name, query, headers and document.
#include "model_input.hpp"

using namespace osbot_aws;

std::vector<std::string> seeds() {
    auto all = fuzz::contract_blocks_of(aws::s3_model());
    all.push_back("POST /bucket?delete <Delete>" + repeated(1100, "<Object><Key>k</Key></Object>") + "</Delete>");
    all.push_back("PUT /bucket?tagging " + nested(1100, "<Tagging>", "</Tagging>"));
    return all;
}

void run_target(std::string_view bytes) {
    for (const fuzz::Step& step : fuzz::parse_steps(bytes)) (void)fuzz::read_request(aws::s3_model(), step.request);
}
