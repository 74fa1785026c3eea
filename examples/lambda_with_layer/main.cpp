// Publishes a PyPI package as a layer and runs a function that imports it.
// This is the seed's complete example "Lambda with Layers".
// [start program]
#include <iostream>

#include <osbot_aws/aws/iam/IAM_Role.hpp>
#include <osbot_aws/aws/lambda_/Lambda.hpp>
#include <osbot_aws/aws/lambda_/Lambda_Layer.hpp>

using namespace osbot_aws;

int main(int argc, char** argv) {
    // Create layer from pip package
    Lambda_Layer layer("requests-layer");
    const Status layer_status = layer.create_from_pip("requests");
    if (!layer_status) {
        std::cout << layer_status.error << '\n';
        return 1;
    }

    // Create Lambda with layer
    Lambda lambda_func("my-function");
    lambda_func.folder_code = argc > 1 ? argv[1] : "examples/lambda_with_layer/code";
    lambda_func.handler = "versions.run";
    lambda_func.role = IAM_Role("my-lambda-role").create_for_lambda().role_arn;
    lambda_func.add_layer(layer.arn_latest());

    const Status status = lambda_func.update();
    if (!status) {
        std::cout << status.error << '\n';
        return 1;
    }
    std::cout << "Response: " << lambda_func.invoke() << '\n';
}
// [end program]
