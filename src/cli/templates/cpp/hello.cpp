#include "hello.hpp"

#include <iostream>

osbot_aws::Json hello(const osbot_aws::Json& event, const osbot_aws::Context& context) {
    const std::string name = event.value("name", "world");
    std::cout << "greeting " << name << " in request " << context.request_id << '\n';  // goes to the function's log
    return {{"greeting", "Hello, " + name + "!"}};
}
