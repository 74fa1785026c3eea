// [start program]
#include <iostream>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

using namespace osbot_aws;

Json hello(const Json& event, const Context&) { return "Hello, " + event.value("name", "world") + "!"; }

int main() {
    Deploy_Lambda deploy{handler<hello>};
    if (!deploy.deploy()) return std::cerr << deploy.last_error() << '\n', 1;
    std::cout << deploy.invoke({{"name", "Ada"}}) << '\n';
}
// [end program]
