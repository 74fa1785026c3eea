// A function that streams its response through its URL. docs/guide/08 quotes it.
// [start program]
#include <iostream>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

using namespace osbot_aws;

void count_up(std::string_view, const Context&, Response_Writer& response) {
    response.http(200, {{"Content-Type", "text/plain"}});
    for (int number = 1; number <= 3; ++number) response.write(std::to_string(number) + '\n');
}

int main() {
    Deploy_Lambda deploy{handler<count_up>};
    if (!deploy.deploy()) return std::cerr << deploy.last_error() << '\n', 1;
    deploy.lambda_function().function_url_create_with_public_access("RESPONSE_STREAM");
    std::cout << "curl -N " << deploy.function_url() << '\n';
}
// [end program]
