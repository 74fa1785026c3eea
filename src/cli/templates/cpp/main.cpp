// The program deploys itself and calls the deployed function. Inside Lambda, the first line of main serves the
// function.
#include <iostream>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "hello.hpp"

int main() {
    osbot_aws::Deploy_Lambda deploy{osbot_aws::handler<hello>};
    if (!deploy.print_progress().deploy()) {
        std::cerr << deploy.last_error() << '\n';
        return 1;
    }
    std::cout << deploy.invoke({{"name", "Ada"}}) << '\n';
}
