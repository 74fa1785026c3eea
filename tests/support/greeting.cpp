// A C++ function for tests of `osbot deploy --watch`, which change the greeting in the executable instead of compiling
// it again.
#include <osbot_aws/deploy/Deploy_Lambda.hpp>

using namespace osbot_aws;

// A variable, because compilers split short constant strings into operands of instructions. It is not static, because
// they would treat a static variable that is never written like a constant.
extern char greeting[];
char greeting[] = "Hello, ";

Json greet(const Json& event, const Context&) { return greeting + event.value("name", "world") + "!"; }

int main() {
    Deploy_Lambda deploy{handler<greet>};
    return deploy.deploy() ? 0 : 1;
}
