#include <iostream>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

using namespace osbot_aws;

Json greeting(const Json& event, const Context&) { return "Hello, " + event.value("name", "world") + "!"; }

int main() {
    Deploy_Lambda deploy{handler<greeting>};
    if (!deploy.deploy()) {
        std::cerr << deploy.last_error() << '\n';
        return 1;
    }
    std::cout << deploy.invoke({{"name", "Ada"}}) << '\n'
              << "CodeSize " << deploy.info().at("Configuration").at("CodeSize") << '\n';
}
