// Requests of the Query protocol: the forms of IAM and STS.
#include "model_input.hpp"

using namespace osbot_aws;

namespace {

void read_forms(std::string_view bytes) {
    for (const fuzz::Step& step : fuzz::parse_steps(bytes))
        for (const aws::Service* service : {&aws::iam_model(), &aws::sts_model()})
            (void)fuzz::read_request(*service, step.request);
}

}  // namespace

std::vector<std::string> seeds() {
    auto all = fuzz::contract_blocks_of(aws::iam_model());
    for (std::string& block : fuzz::contract_blocks_of(aws::sts_model())) all.push_back(std::move(block));
    std::string tags = "POST / Action=TagRole&RoleName=r";
    for (int number = 1; number <= 2000; ++number) tags += "&Tags.member." + std::to_string(number) + ".Key=k";
    all.push_back(tags);
    return all;
}

void run_target(std::string_view bytes) {
    read_forms(bytes);
    require_linear_time(bytes, [](std::string_view fields) {
        std::string form = "POST / Action=TagRole&RoleName=r&";
        std::ranges::replace_copy(fields, std::back_inserter(form), '\n', '&');
        read_forms(form);
    });
}
