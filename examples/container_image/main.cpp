// A C++ handler that runs as a container image. The same program is the content of the image and deploys the image.
// run.sh builds the image and imports it before it runs this program.
// [start all]
#include <iostream>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

using namespace osbot_aws;

Json hello(const Json& event, const Context&) { return "Hello from an image, " + event.value("name", "world") + "!"; }

int main() {
    Deploy_Lambda deploy{handler<hello>, {.lambda_name = "hello_image"}};
    deploy.set_container_image("123456789012.dkr.ecr.us-east-1.amazonaws.com/hello-image:latest");
    if (!deploy.deploy()) {
        std::cerr << deploy.last_error() << '\n';
        return 1;
    }
    std::cout << deploy.invoke({{"name", "Ada"}}) << '\n';
}
// [end all]
